/* test_clock.c - time. */
#include "tests/test.h"

#include "core/base/clock.h"

static const char *utc(uint64_t s, unsigned ms)
{
	static char text[CLOCK_UTC_LEN + 1];

	*clock_put_utc(text, s * NS_PER_S + ms * NS_PER_MS) = '\0';
	return text;
}

static void moments_are_written_as_people_write_them(void **state)
{
	(void)state;
	assert_string_equal(utc(0, 0), "1970-01-01T00:00:00.000Z");
	assert_string_equal(utc(1795445201, 123), "2026-11-23T14:46:41.123Z");
	assert_string_equal(utc(951782399, 999), "2000-02-28T23:59:59.999Z");
	assert_string_equal(utc(951782400, 0), "2000-02-29T00:00:00.000Z");
	assert_string_equal(utc(4107542400, 0), "2100-03-01T00:00:00.000Z");
}

static void every_day_agrees_with_the_library(void **state)
{
	char want[32];

	(void)state;
	for (time_t day = 0; day < 365 * 150; day++) {
		time_t s = day * 86400 + 45296;
		struct tm tm;

		strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%S.000Z", gmtime_r(&s, &tm));
		assert_string_equal(utc((uint64_t)s, 0), want);
	}
}

static void never_stays_never(void **state)
{
	(void)state;
	assert_true(clock_after(5, 7) == 12);
	assert_true(clock_after(clock_now(), CLOCK_NEVER) == CLOCK_NEVER);
	assert_true(clock_after(CLOCK_NEVER, 1) == CLOCK_NEVER);
	assert_true(clock_after(CLOCK_NEVER - 1, 5) == CLOCK_NEVER);
}

static void the_clock_does_not_go_back(void **state)
{
	uint64_t before = clock_now();

	(void)state;
	assert_true(clock_now() >= before);
	assert_true(clock_wall() > 1700000000 * NS_PER_S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moments_are_written_as_people_write_them),
		cmocka_unit_test(every_day_agrees_with_the_library),
		cmocka_unit_test(never_stays_never),
		cmocka_unit_test(the_clock_does_not_go_back),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
