/* test_date.c - the one date that everybody sends. */
#include "core/http/date.h"
#include "tests/test.h"

static const struct {
	uint64_t seconds;
	const char *text;
} known[] = {
	{ 0, "Thu, 01 Jan 1970 00:00:00 GMT" },
	{ 784111777, "Sun, 06 Nov 1994 08:49:37 GMT" },
	{ 951782400, "Tue, 29 Feb 2000 00:00:00 GMT" },
	{ 1767225599, "Wed, 31 Dec 2025 23:59:59 GMT" },
	{ 4102444800, "Fri, 01 Jan 2100 00:00:00 GMT" },
	{ 253402300799, "Fri, 31 Dec 9999 23:59:59 GMT" },
};

static void known_seconds_are_known_dates(void **state)
{
	char text[HTTP_DATE_BYTES + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		text[HTTP_DATE_BYTES] = '!';
		http_date_write(text, known[i].seconds);
		assert_str(str_of(text, HTTP_DATE_BYTES), known[i].text);
		assert_int_equal(text[HTTP_DATE_BYTES], '!');
	}
}

static void known_dates_are_known_seconds(void **state)
{
	uint64_t seconds;

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		assert_true(http_date_parse(str_from(known[i].text), &seconds));
		assert_int_equal(seconds, known[i].seconds);
	}
}

static void what_was_written_is_read_again(void **state)
{
	uint64_t seconds, n = 1;
	char text[HTTP_DATE_BYTES];

	(void)state;
	for (int i = 0; i < 2000; i++) {
		n = n * 6364136223846793005u + 1442695040888963407u;
		http_date_write(text, n % 253402300800);
		assert_true(http_date_parse(str_of(text, sizeof(text)), &seconds));
		assert_int_equal(seconds, n % 253402300800);
	}
}

static void a_leap_second_is_the_one_after_it(void **state)
{
	uint64_t seconds;

	(void)state;
	assert_true(http_date_parse(STR("Sat, 31 Dec 2016 23:59:60 GMT"), &seconds));
	assert_int_equal(seconds, 1483228800);
}

static void other_forms_are_not_read(void **state)
{
	static const char *const bad[] = {
		"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
		"Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 GM",
		"Sun, 06 Nov 1994 08:49:37 GMTx", "Sun, 6 Nov 1994 08:49:37 GMT ",
		"Son, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nvo 1994 08:49:37 GMT",
		"Sun, 06 nov 1994 08:49:37 GMT", "Sun; 06 Nov 1994 08:49:37 GMT",
		"Sun, 06-Nov-1994 08:49:37 GMT", "Sun, 06 Nov 1994 08.49.37 GMT",
		"Sun, 06 Nov 1994T08:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov +994 08:49:37 GMT", "Sun, 06 Nov 1994 0x:49:37 GMT",
	};
	uint64_t seconds;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (http_date_parse(str_from(bad[i]), &seconds))
			fail_msg("\"%s\" was read", bad[i]);
}

static void days_and_hours_that_do_not_exist_are_not_read(void **state)
{
	static const char *const bad[] = {
		"Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 32 Jan 1994 08:49:37 GMT",
		"Sun, 31 Jun 1994 08:49:37 GMT", "Sun, 29 Feb 1995 08:49:37 GMT",
		"Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 23:60:00 GMT",
		"Sun, 06 Nov 1994 23:59:61 GMT", "Wed, 31 Dec 1969 23:59:59 GMT",
	};
	uint64_t seconds;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (http_date_parse(str_from(bad[i]), &seconds))
			fail_msg("\"%s\" was read", bad[i]);
}

/* At 08:49:37 of that day. */
static void retry_after_is_seconds_or_a_date(void **state)
{
	static const struct { const char *text; uint64_t ns; } cases[] = {
		{ "0", 0 }, { "7", 7 * NS_PER_S }, { "4294967294", 4294967294 * NS_PER_S },
		{ "4294967295", CLOCK_NEVER }, { "99999999999999999999", CLOCK_NEVER },
		{ "Sun, 06 Nov 1994 08:49:40 GMT", 3 * NS_PER_S },
		{ "Sun, 06 Nov 1994 08:49:37 GMT", 0 }, { "Sun, 06 Nov 1994 08:49:36 GMT", 0 },
		{ "Fri, 31 Dec 9999 23:59:59 GMT", CLOCK_NEVER }, { "soon", 0 }, { "-3", 0 }, { "3.5", 0 },
		{ "", 0 },
	};
	const uint64_t wall = 784111777 * NS_PER_S + 999999999;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_true(retry_after_parse(str_from(cases[i].text), wall) == cases[i].ns);
	assert_true(retry_after_parse(STR_ABSENT, wall) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_seconds_are_known_dates),
		cmocka_unit_test(known_dates_are_known_seconds),
		cmocka_unit_test(what_was_written_is_read_again),
		cmocka_unit_test(a_leap_second_is_the_one_after_it),
		cmocka_unit_test(other_forms_are_not_read),
		cmocka_unit_test(retry_after_is_seconds_or_a_date),
		cmocka_unit_test(days_and_hours_that_do_not_exist_are_not_read),
	};

	return cmocka_run_group_tests_name("date", tests, NULL, NULL);
}
