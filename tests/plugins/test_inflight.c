/* test_inflight.c - how many of each key are under way, and who waits. */
#include "tests/test.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "plugins/concurrency/inflight.h"

static struct inflight *table;
static uint64_t woken[16];
static unsigned woken_count;

static void wake(const uint64_t token[2])
{
	assert_int_equal(token[1], token[0] + 1);
	woken[woken_count++ % 16] = token[0];
}

static int open_table(void **state)
{
	(void)state;
	table = inflight_new(42);
	woken_count = 0;
	return table == NULL;
}

static int close_table(void **state)
{
	(void)state;
	assert_int_equal(inflight_keys(table), 0);	/* nothing is remembered of who has left */
	inflight_free(table);
	return 0;
}

static enum inflight_answer enters(struct inflight_guest *g, const char *key, uint32_t most,
				   uint32_t queue)
{
	static uint64_t number;

	*g = (struct inflight_guest){ .token = { number + 1, number + 2 } };
	number++;
	return inflight_enter(table, key, strlen(key), most, queue, g);
}

static void leaves(struct inflight_guest *g)
{
	inflight_leave(table, g, wake);
}

static void so_many_are_let_in_and_no_more(void **state)
{
	struct inflight_guest a, b, c;

	(void)state;
	assert_int_equal(enters(&a, "ada", 2, 0), INFLIGHT_IN);
	assert_int_equal(enters(&b, "ada", 2, 0), INFLIGHT_IN);
	assert_int_equal(enters(&c, "ada", 2, 0), INFLIGHT_FULL);
	leaves(&a);
	assert_int_equal(enters(&c, "ada", 2, 0), INFLIGHT_IN);
	leaves(&b);
	leaves(&c);
}

static void keys_do_not_disturb_each_other(void **state)
{
	struct inflight_guest a, b, none;

	(void)state;
	assert_int_equal(enters(&a, "ada", 1, 0), INFLIGHT_IN);
	assert_int_equal(enters(&b, "bob", 1, 0), INFLIGHT_IN);
	assert_int_equal(enters(&none, "", 1, 0), INFLIGHT_IN);
	assert_int_equal(inflight_keys(table), 3);
	leaves(&a);
	leaves(&b);
	leaves(&none);
}

static void leaving_twice_or_without_being_in_is_harmless(void **state)
{
	struct inflight_guest a, b;

	(void)state;
	assert_int_equal(enters(&a, "ada", 1, 0), INFLIGHT_IN);
	assert_int_equal(enters(&b, "ada", 1, 0), INFLIGHT_FULL);
	leaves(&b);
	assert_int_equal(enters(&b, "ada", 1, 0), INFLIGHT_FULL);
	leaves(&a);
	leaves(&a);
	assert_int_equal(enters(&a, "ada", 1, 0), INFLIGHT_IN);
	assert_int_equal(enters(&b, "ada", 1, 0), INFLIGHT_FULL);
	leaves(&a);
}

static void a_place_goes_to_the_one_who_waits_longest(void **state)
{
	struct inflight_guest a, b, c, late;

	(void)state;
	assert_int_equal(enters(&a, "ada", 1, 2), INFLIGHT_IN);
	assert_int_equal(enters(&b, "ada", 1, 2), INFLIGHT_WAIT);
	assert_int_equal(enters(&c, "ada", 1, 2), INFLIGHT_WAIT);
	assert_int_equal(enters(&late, "ada", 1, 2), INFLIGHT_FULL);

	leaves(&a);
	assert_int_equal(woken_count, 1);
	assert_int_equal(woken[0], b.token[0]);
	assert_true(inflight_settle(table, &b));
	assert_int_equal(enters(&late, "ada", 1, 2), INFLIGHT_WAIT);	/* behind c */
	leaves(&b);
	assert_int_equal(woken[1], c.token[0]);
	assert_true(inflight_settle(table, &c));
	leaves(&c);
	assert_true(inflight_settle(table, &late));
	leaves(&late);
}

static void who_gives_up_waiting_is_out_of_the_queue(void **state)
{
	struct inflight_guest a, b, c, d;

	(void)state;
	assert_int_equal(enters(&a, "ada", 1, 3), INFLIGHT_IN);
	assert_int_equal(enters(&b, "ada", 1, 3), INFLIGHT_WAIT);
	assert_int_equal(enters(&c, "ada", 1, 3), INFLIGHT_WAIT);
	assert_int_equal(enters(&d, "ada", 1, 3), INFLIGHT_WAIT);
	assert_false(inflight_settle(table, &d));	/* the last, the first, the only one */
	assert_false(inflight_settle(table, &b));
	leaves(&b);

	leaves(&a);
	assert_int_equal(woken_count, 1);
	assert_int_equal(woken[0], c.token[0]);
	assert_true(inflight_settle(table, &c));
	leaves(&c);
}

/* The place was handed over in the moment in which he gave up: it is his to give back. */
static void a_place_that_came_too_late_is_given_back(void **state)
{
	struct inflight_guest a, b, c;

	(void)state;
	assert_int_equal(enters(&a, "ada", 1, 2), INFLIGHT_IN);
	assert_int_equal(enters(&b, "ada", 1, 2), INFLIGHT_WAIT);
	assert_int_equal(enters(&c, "ada", 1, 2), INFLIGHT_WAIT);
	leaves(&a);
	assert_true(inflight_settle(table, &b));
	leaves(&b);
	assert_int_equal(woken[1], c.token[0]);
	assert_true(inflight_settle(table, &c));
	leaves(&c);
}

static void a_raised_limit_lets_in_more_than_one(void **state)
{
	struct inflight_guest a, b, c, d;

	(void)state;
	assert_int_equal(enters(&a, "ada", 1, 9), INFLIGHT_IN);
	assert_int_equal(enters(&b, "ada", 3, 9), INFLIGHT_IN);		/* a reload has come between */
	assert_int_equal(enters(&c, "ada", 1, 9), INFLIGHT_WAIT);	/* of the configuration before */
	assert_int_equal(enters(&d, "ada", 3, 9), INFLIGHT_WAIT);
	leaves(&a);
	assert_int_equal(woken_count, 0);	/* one is in, and c was told one */
	leaves(&b);
	assert_int_equal(woken_count, 2);
	assert_true(inflight_settle(table, &c));
	assert_true(inflight_settle(table, &d));
	leaves(&c);
	leaves(&d);
}

/* Many threads ---------------------------------------------------------------- */

enum { THREADS = 6, ROUNDS = 3000, MOST = 3 };

static _Atomic int inside, seen_most, refused;
static _Atomic uint64_t bells[THREADS];

static void ring(const uint64_t token[2])
{
	bells[token[0]] = 1;
}

static void stay(void)
{
	int now = ++inside, most = seen_most;

	while (now > most && !atomic_compare_exchange_weak(&seen_most, &most, now))
		;
	sched_yield();
	inside--;
}

static void *come_and_go(void *arg)
{
	uint64_t number = (uint64_t)(uintptr_t)arg;

	for (int i = 0; i < ROUNDS; i++) {
		struct inflight_guest g = { .token = { number, number } };
		int patience = i % 50;

		bells[number] = 0;
		switch (inflight_enter(table, "k", 1, MOST, i % 3 != 0 ? THREADS : 0, &g)) {
		case INFLIGHT_IN:
			stay();
			break;
		case INFLIGHT_WAIT:
			while (bells[number] == 0 && patience-- > 0)
				sched_yield();
			if (inflight_settle(table, &g))
				stay();
			break;
		default:
			refused++;
		}
		inflight_leave(table, &g, ring);
	}
	return NULL;
}

static void never_more_are_in_than_may_be(void **state)
{
	pthread_t threads[THREADS];

	(void)state;
	inside = seen_most = refused = 0;
	for (uintptr_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, (void *)i), 0);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);

	assert_in_range(seen_most, 1, MOST);
	assert_int_equal(inside, 0);
}

#define table_test(name) cmocka_unit_test_setup_teardown(name, open_table, close_table)

int main(void)
{
	const struct CMUnitTest tests[] = {
		table_test(so_many_are_let_in_and_no_more),
		table_test(keys_do_not_disturb_each_other),
		table_test(leaving_twice_or_without_being_in_is_harmless),
		table_test(a_place_goes_to_the_one_who_waits_longest),
		table_test(who_gives_up_waiting_is_out_of_the_queue),
		table_test(a_place_that_came_too_late_is_given_back),
		table_test(a_raised_limit_lets_in_more_than_one),
		table_test(never_more_are_in_than_may_be),
	};

	return cmocka_run_group_tests_name("inflight", tests, NULL, NULL);
}
