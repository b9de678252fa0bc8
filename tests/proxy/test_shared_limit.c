/* test_shared_limit.c - a number that all workers count together. */
#include "tests/test.h"

#include <pthread.h>

#include "core/proxy/shared_limit.h"

static void a_new_one_has_no_limit(void **state)
{
	struct shared_limit *l = shared_limit_new();

	(void)state;
	assert_non_null(l);
	assert_true(shared_limit_has_room(l));
	for (int i = 0; i < 1000; i++)
		assert_true(shared_limit_enter(l));
	shared_limit_unref(l);
}

static void nobody_counts_where_there_is_none(void **state)
{
	(void)state;
	assert_true(shared_limit_has_room(NULL));
	shared_limit_unref(NULL);
}

/* Whoever was told so leaves as well. */
static void one_too_many_is_told_so_and_counted_all_the_same(void **state)
{
	struct shared_limit *l = shared_limit_new();

	(void)state;
	atomic_store(&l->most, 2);
	assert_true(shared_limit_enter(l));
	assert_true(shared_limit_has_room(l));
	assert_true(shared_limit_enter(l));
	assert_false(shared_limit_has_room(l));
	assert_false(shared_limit_enter(l));
	assert_int_equal(atomic_load(&l->now), 3);

	shared_limit_leave(l);
	assert_false(shared_limit_has_room(l));
	shared_limit_leave(l);
	assert_true(shared_limit_has_room(l));
	shared_limit_unref(l);
}

/* A reload may make it narrower than what is there. */
static void a_narrower_limit_holds_for_who_comes_next(void **state)
{
	struct shared_limit *l = shared_limit_new();

	(void)state;
	assert_true(shared_limit_enter(l));
	assert_true(shared_limit_enter(l));
	atomic_store(&l->most, 1);
	shared_limit_leave(l);

	assert_false(shared_limit_has_room(l));
	shared_limit_leave(l);
	assert_true(shared_limit_has_room(l));
	shared_limit_unref(l);
}

enum { CROWD = 4, TIMES = 20000, MOST = 3 };

struct crowd {
	struct shared_limit *limit;
	_Atomic uint32_t inside, worst;
};

static void *come_and_go(void *arg)
{
	struct crowd *c = arg;

	for (int i = 0; i < TIMES; i++) {
		if (shared_limit_enter(c->limit)) {
			uint32_t n = atomic_fetch_add(&c->inside, 1) + 1, worst = atomic_load(&c->worst);

			while (n > worst && !atomic_compare_exchange_weak(&c->worst, &worst, n))
				continue;
			atomic_fetch_sub(&c->inside, 1);
		}
		shared_limit_leave(c->limit);
	}
	shared_limit_unref(c->limit);
	return NULL;
}

static void of_a_crowd_never_more_than_the_limit_are_inside(void **state)
{
	struct crowd c = { .limit = shared_limit_new() };
	struct shared_limit *l = c.limit;
	pthread_t threads[CROWD];

	(void)state;
	atomic_store(&l->most, MOST);
	atomic_store(&l->refs, CROWD + 1);
	for (int i = 0; i < CROWD; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, &c), 0);
	for (int i = 0; i < CROWD; i++)
		pthread_join(threads[i], NULL);

	assert_true(atomic_load(&c.worst) >= 1 && atomic_load(&c.worst) <= MOST);
	assert_int_equal(atomic_load(&l->now), 0);
	assert_int_equal(atomic_load(&l->refs), 1);	/* the last one frees it */
	shared_limit_unref(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_one_has_no_limit),
		cmocka_unit_test(nobody_counts_where_there_is_none),
		cmocka_unit_test(one_too_many_is_told_so_and_counted_all_the_same),
		cmocka_unit_test(a_narrower_limit_holds_for_who_comes_next),
		cmocka_unit_test(of_a_crowd_never_more_than_the_limit_are_inside),
	};

	return cmocka_run_group_tests_name("shared_limit", tests, NULL, NULL);
}
