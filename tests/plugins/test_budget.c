/* test_budget.c - how many retries may be made. */
#include "tests/test.h"

#include "plugins/standard/budget.h"

#define MS 1000000ull
#define S 1000000000ull

static unsigned take_all(struct budget *b, uint64_t now, double share, double always)
{
	unsigned taken = 0;

	while (taken < 100000 && budget_take(b, now, share, always))
		taken++;
	return taken;
}

static void retries_are_a_share_of_the_requests(void **state)
{
	struct budget b = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		budget_request(&b, 100 * S);
	assert_int_equal(take_all(&b, 100 * S, 0.2, 0), 200);
}

static void a_few_are_always_there(void **state)
{
	struct budget b = { 0 };

	(void)state;
	assert_int_equal(take_all(&b, 100 * S, 0.2, 3), 30);	/* ten seconds' worth */
	assert_int_equal(take_all(&b, 100 * S, 0, 0), 0);
}

static void requests_count_for_ten_seconds(void **state)
{
	struct budget b = { 0 };

	(void)state;
	for (int i = 0; i < 100; i++)
		budget_request(&b, 100 * S);
	assert_int_equal(take_all(&b, 109 * S, 0.2, 0), 20);
	assert_int_equal(take_all(&b, 110 * S, 0.2, 0), 0);
	for (int i = 0; i < 100; i++)
		budget_request(&b, 1000 * S);
	assert_int_equal(take_all(&b, 1000 * S, 0.2, 0), 20);
}

static void retries_of_old_seconds_are_forgotten(void **state)
{
	struct budget b = { 0 };

	(void)state;
	assert_int_equal(take_all(&b, 100 * S, 0, 1), 10);
	assert_int_equal(take_all(&b, 105 * S, 0, 1), 0);
	assert_int_equal(take_all(&b, 110 * S, 0, 1), 10);
}

static void a_budget_of_all_lets_every_request_retry_once(void **state)
{
	struct budget b = { 0 };

	(void)state;
	for (int i = 0; i < 50; i++)
		budget_request(&b, 100 * S);
	assert_int_equal(take_all(&b, 100 * S, 1, 0), 50);
}

static void pauses_double_up_to_the_most(void **state)
{
	(void)state;
	assert_int_equal(backoff(1, 25 * MS, 250 * MS, UINT64_MAX), 25 * MS);
	assert_int_equal(backoff(2, 25 * MS, 250 * MS, UINT64_MAX), 50 * MS);
	assert_int_equal(backoff(4, 25 * MS, 250 * MS, UINT64_MAX), 200 * MS);
	assert_int_equal(backoff(5, 25 * MS, 250 * MS, UINT64_MAX), 250 * MS);
	assert_int_equal(backoff(UINT32_MAX, 25 * MS, 250 * MS, UINT64_MAX), 250 * MS);
}

static void pauses_are_anything_below(void **state)
{
	(void)state;
	assert_int_equal(backoff(3, 25 * MS, 250 * MS, 0), 0);
	assert_in_range(backoff(3, 25 * MS, 250 * MS, UINT64_MAX / 2), 49 * MS, 51 * MS);
	assert_int_equal(backoff(3, 0, 0, UINT64_MAX), 0);
	assert_true(backoff(60, 1, UINT64_MAX - 1, UINT64_MAX) > 1ull << 58);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(retries_are_a_share_of_the_requests),
		cmocka_unit_test(a_few_are_always_there),
		cmocka_unit_test(requests_count_for_ten_seconds),
		cmocka_unit_test(retries_of_old_seconds_are_forgotten),
		cmocka_unit_test(a_budget_of_all_lets_every_request_retry_once),
		cmocka_unit_test(pauses_double_up_to_the_most),
		cmocka_unit_test(pauses_are_anything_below),
	};

	return cmocka_run_group_tests_name("budget", tests, NULL, NULL);
}
