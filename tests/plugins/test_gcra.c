/* test_gcra.c - the arithmetic of a rate. */
#include "tests/test.h"

#include "plugins/rate_limit/gcra.h"

#define MS UINT64_C(1000000)
#define S UINT64_C(1000000000)

static bool passes(const struct gcra *g, uint64_t now, uint64_t *full_at)
{
	uint64_t wait;

	return gcra_take(g, 1, now, full_at, &wait);
}

static unsigned pass_at_once(const struct gcra *g, uint64_t now, uint64_t *full_at)
{
	unsigned n = 0;

	while (n < 1000000 && passes(g, now, full_at))
		n++;
	return n;
}

static void the_burst_passes_at_once_and_no_more(void **state)
{
	struct gcra g = gcra_of(100, 20);
	uint64_t full_at = 0;

	(void)state;
	assert_int_equal(pass_at_once(&g, 50 * S, &full_at), 20);
	assert_false(passes(&g, 50 * S + 9 * MS, &full_at));
	assert_true(passes(&g, 50 * S + 10 * MS, &full_at));
	assert_false(passes(&g, 50 * S + 10 * MS, &full_at));
}

static void over_time_exactly_the_rate_passes(void **state)
{
	struct gcra g = gcra_of(1000, 50);
	uint64_t full_at = 0, now = 7 * S, passed = 0;

	(void)state;
	for (uint64_t end = now + 20 * S; now < end; now += 137 * 1000)	/* 7,300 a second ask */
		passed += passes(&g, now, &full_at);

	assert_in_range(passed, 20000 + 50 - 1, 20000 + 50);
}

static void slow_askers_are_never_refused(void **state)
{
	struct gcra g = gcra_of(10, 1);
	uint64_t full_at = 0;

	(void)state;
	for (uint64_t now = S; now < 100 * S; now += 100 * MS)
		assert_true(passes(&g, now, &full_at));
}

static void what_was_refused_does_not_count(void **state)
{
	struct gcra g = gcra_of(1, 1);
	uint64_t full_at = 0;

	(void)state;
	assert_true(passes(&g, 10 * S, &full_at));
	for (int i = 0; i < 1000; i++)
		assert_false(passes(&g, 10 * S + 500 * MS, &full_at));
	assert_true(passes(&g, 11 * S, &full_at));
}

static void the_wait_is_until_the_next_would_pass(void **state)
{
	struct gcra g = gcra_of(2, 3);
	uint64_t full_at = 0, wait;

	(void)state;
	assert_int_equal(pass_at_once(&g, S, &full_at), 3);
	assert_false(gcra_take(&g, 1, S + 100 * MS, &full_at, &wait));
	assert_int_equal(wait, 400 * MS);
	assert_false(passes(&g, S + 100 * MS + wait - 1, &full_at));
	assert_true(passes(&g, S + 100 * MS + wait, &full_at));
}

static void several_limits_let_pass_what_each_lets_pass(void **state)
{
	const struct gcra both[] = { gcra_of(10, 10), gcra_of(100 / 60.0, 100) };
	uint64_t full_at[2] = { 0, 0 }, wait = 0, passed = 0, now = S;

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_true(gcra_take(both, 2, now, full_at, &wait));
	assert_false(gcra_take(both, 2, now, full_at, &wait));	/* the first of them is spent */
	assert_in_range(wait, 99 * MS, 101 * MS);

	for (; now < 61 * S; now += 10 * MS)
		passed += gcra_take(both, 2, now, full_at, &wait);
	assert_in_range(passed + 10, 199, 201);		/* 100, and as many again in a minute */
}

static void what_one_limit_refuses_costs_the_others_nothing(void **state)
{
	const struct gcra both[] = { gcra_of(1, 1), gcra_of(1, 5) };
	uint64_t full_at[2] = { 0, 0 }, wait;

	(void)state;
	assert_true(gcra_take(both, 2, S, full_at, &wait));
	for (int i = 0; i < 10; i++)
		assert_false(gcra_take(both, 2, S, full_at, &wait));
	assert_int_equal(gcra_left(&both[1], S, full_at[1]), 4);
}

static void what_is_left_and_when_it_is_full(void **state)
{
	struct gcra g = gcra_of(100, 50);
	uint64_t full_at = 0;

	(void)state;
	assert_int_equal(gcra_left(&g, S, full_at), 50);
	assert_int_equal(gcra_until_full(&g, S, full_at), 0);
	for (int i = 0; i < 30; i++)
		assert_true(passes(&g, S, &full_at));
	assert_int_equal(gcra_left(&g, S, full_at), 20);
	assert_int_equal(gcra_until_full(&g, S, full_at), 300 * MS);
	assert_int_equal(gcra_left(&g, S + 300 * MS, full_at), 50);
}

/* At a reload: 1/h has become 100/s. */
static void a_limit_that_was_widened_locks_nobody_out(void **state)
{
	struct gcra before = gcra_of(1 / 3600.0, 1), after = gcra_of(100, 10);
	uint64_t full_at = 0;

	(void)state;
	assert_true(passes(&before, S, &full_at));
	assert_false(passes(&before, S + 60 * S, &full_at));
	assert_true(passes(&after, S + 10 * MS, &full_at));
}

/* Two workers read the clock at different moments of their turns. */
static void an_older_clock_lets_no_more_pass(void **state)
{
	struct gcra g = gcra_of(1000, 10);
	uint64_t full_at = 0, passed = 0;

	(void)state;
	for (uint64_t i = 0; i < 10000; i++)
		passed += passes(&g, 5 * S + i * 200000 - (i % 2) * 3 * MS, &full_at);

	assert_in_range(passed, 1980, 2010);	/* two seconds */
}

static void odd_rates_stay_within_bounds(void **state)
{
	static const double rates[] = { 1e-9, 1 / 86400.0, 0.1, 3, 1e6, 1e9, 1e12 };
	uint64_t full_at;

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		struct gcra g = gcra_of(rates[i], UINT32_MAX);

		full_at = 0;
		assert_true(g.interval > 0);
		assert_true(passes(&g, UINT64_C(1) << 61, &full_at));
		assert_true(gcra_left(&g, UINT64_C(1) << 61, full_at) < UINT32_MAX);
		g = gcra_of(rates[i], 0);	/* none at once would be none at all */
		full_at = 0;
		assert_true(passes(&g, S, &full_at));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_burst_passes_at_once_and_no_more),
		cmocka_unit_test(over_time_exactly_the_rate_passes),
		cmocka_unit_test(slow_askers_are_never_refused),
		cmocka_unit_test(what_was_refused_does_not_count),
		cmocka_unit_test(the_wait_is_until_the_next_would_pass),
		cmocka_unit_test(several_limits_let_pass_what_each_lets_pass),
		cmocka_unit_test(what_one_limit_refuses_costs_the_others_nothing),
		cmocka_unit_test(what_is_left_and_when_it_is_full),
		cmocka_unit_test(a_limit_that_was_widened_locks_nobody_out),
		cmocka_unit_test(an_older_clock_lets_no_more_pass),
		cmocka_unit_test(odd_rates_stay_within_bounds),
	};

	return cmocka_run_group_tests_name("gcra", tests, NULL, NULL);
}
