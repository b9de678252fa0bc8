/* test_average.c - how slow one is of late. */
#include "tests/test.h"

#include "plugins/latency/average.h"

#define MS 1000000ull
#define S 1000000000ull

static const uint64_t DECAY = 10 * S;

static void the_first_measurement_is_the_average(void **state)
{
	struct average a = { 0 };

	(void)state;
	assert_int_equal(average_now(&a, 5 * S, DECAY), 0);
	average_add(&a, 5 * S, DECAY, 30 * MS);
	assert_int_equal(average_now(&a, 5 * S, DECAY), 30 * MS);
}

static void a_slow_answer_counts_whole_at_once(void **state)
{
	struct average a = { 0 };

	(void)state;
	for (uint64_t i = 1; i <= 100; i++)
		average_add(&a, i * 10 * MS, DECAY, 5 * MS);
	average_add(&a, 1 * S + 10 * MS, DECAY, 800 * MS);
	assert_int_equal(average_now(&a, 1 * S + 10 * MS, DECAY), 800 * MS);
}

static void fast_answers_pull_it_down_over_time(void **state)
{
	struct average a = { 0 };
	uint64_t before;

	(void)state;
	average_add(&a, 1 * S, DECAY, 800 * MS);
	average_add(&a, 1 * S + 10 * MS, DECAY, 5 * MS);
	before = average_now(&a, 1 * S + 10 * MS, DECAY);
	assert_in_range(before, 700 * MS, 799 * MS);
	for (uint64_t i = 1; i <= 100; i++)
		average_add(&a, 1 * S + i * 100 * MS, DECAY, 5 * MS);
	assert_in_range(average_now(&a, 11 * S, DECAY), 5 * MS, 300 * MS);
}

static void what_is_old_fades(void **state)
{
	struct average a = { 0 };

	(void)state;
	average_add(&a, 1 * S, DECAY, 800 * MS);
	assert_int_equal(average_now(&a, 11 * S, DECAY), 400 * MS);
	assert_in_range(average_now(&a, 1000 * S, DECAY), 1 * MS, 10 * MS);
}

/* A refused connection fails in microseconds; nobody should run there for that. */
static void a_fast_failure_is_not_fast(void **state)
{
	struct average a = { 0 };

	(void)state;
	average_failed(&a, 1 * S, DECAY, 50000);
	assert_int_equal(average_now(&a, 1 * S, DECAY), 50 * MS);
	average_failed(&a, 1 * S, DECAY, 50000);
	assert_int_equal(average_now(&a, 1 * S, DECAY), 100 * MS);
}

static void numbers_stay_in_bounds(void **state)
{
	struct average a = { 0 };

	(void)state;
	average_add(&a, 1 * S, DECAY, UINT64_MAX);
	for (int i = 0; i < 100; i++)
		average_failed(&a, 1 * S, DECAY, UINT64_MAX);
	assert_int_equal(average_now(&a, 1 * S, DECAY), 600 * S);
	average_add(&a, 0, DECAY, 5 * MS);	/* a clock that goes back is not believed */
	assert_in_range(average_now(&a, 1 * S, DECAY), 0, 600 * S);
}

static bool less(struct load a, struct load b)
{
	return load_less(&a, &b) && !load_less(&b, &a);
}

static void the_cheaper_one_is_less(void **state)
{
	(void)state;
	assert_true(less((struct load){ 5 * MS, 0, 1000 }, (struct load){ 9 * MS, 0, 1000 }));
	assert_true(less((struct load){ 9 * MS, 0, 1000 }, (struct load){ 5 * MS, 1, 1000 }));
	assert_true(less((struct load){ 9 * MS, 0, 2000 }, (struct load){ 5 * MS, 0, 1000 }));
	assert_true(less((struct load){ 0, 0, 1000 }, (struct load){ 5 * MS, 0, 1000 }));
	assert_true(less((struct load){ 5 * MS, 9, 1000 }, (struct load){ 0, 1, 1000 }));
}

static void what_was_learnt_finds_its_name_again(void **state)
{
	static const uint64_t old_hash[] = { 10, 20, 30 }, new_hash[] = { 5, 20, 30, 40 };
	static const uint32_t old_order[] = { 2, 0, 1 }, new_order[] = { 3, 1, 0, 2 };
	const struct average old[] = { { 200, 1 }, { 300, 1 }, { 100, 1 } };
	struct average now[4] = { { 0 } };
	struct names from = { 3, old_hash, old_order }, to = { 4, new_hash, new_order };

	(void)state;
	averages_carry(&to, now, &from, old);
	assert_int_equal(now[1].cost, 200);	/* 20 */
	assert_int_equal(now[0].cost, 300);	/* 30 */
	assert_int_equal(now[3].at, 0);		/* 5: new */
	assert_int_equal(now[2].at, 0);		/* 40: new */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_measurement_is_the_average),
		cmocka_unit_test(a_slow_answer_counts_whole_at_once),
		cmocka_unit_test(fast_answers_pull_it_down_over_time),
		cmocka_unit_test(what_is_old_fades),
		cmocka_unit_test(a_fast_failure_is_not_fast),
		cmocka_unit_test(numbers_stay_in_bounds),
		cmocka_unit_test(the_cheaper_one_is_less),
		cmocka_unit_test(what_was_learnt_finds_its_name_again),
	};

	return cmocka_run_group_tests_name("average", tests, NULL, NULL);
}
