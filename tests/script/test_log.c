/* test_log.c - how many lines a script may log. */
#include "core/script/log.h"

#include "core/base/clock.h"
#include "tests/test.h"

static uint64_t take_many(struct log_meter *m, uint64_t now, uint64_t wanted)
{
	uint64_t got = 0, dropped;

	for (uint64_t i = 0; i < wanted; i++)
		got += log_meter_take(m, now, &dropped);
	return got;
}

static void a_million_lines_at_once_are_a_hundred(void **state)
{
	struct log_meter m = { 0 };

	(void)state;
	assert_int_equal(take_many(&m, 5 * NS_PER_S, 1000000), LOG_LINES_AT_ONCE);
}

static void the_next_line_says_how_many_were_lost(void **state)
{
	struct log_meter m = { 0 };
	uint64_t dropped = 7;

	(void)state;
	take_many(&m, NS_PER_S, LOG_LINES_AT_ONCE + 42);
	assert_true(log_meter_take(&m, 2 * NS_PER_S, &dropped));
	assert_int_equal(dropped, 42);
	assert_true(log_meter_take(&m, 2 * NS_PER_S, &dropped));
	assert_int_equal(dropped, 0);
}

static void lines_come_back_one_by_one(void **state)
{
	struct log_meter m = { 0 };
	uint64_t now = NS_PER_S, each = NS_PER_S / LOG_LINES_PER_SECOND, got = 0;

	(void)state;
	take_many(&m, now, 1000);
	for (int i = 0; i < 300; i++)
		got += take_many(&m, now += each / 3, 5);
	assert_in_range(got, 99, 100);
	assert_int_equal(take_many(&m, now + 3600 * NS_PER_S, 1000), LOG_LINES_AT_ONCE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_million_lines_at_once_are_a_hundred),
		cmocka_unit_test(the_next_line_says_how_many_were_lost),
		cmocka_unit_test(lines_come_back_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
