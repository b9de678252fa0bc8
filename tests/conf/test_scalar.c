/* test_scalar.c - numbers and their units. */
#include "tests/test.h"

#include "core/base/clock.h"
#include "core/conf/option.h"

static struct conf_value value;
static struct weir_error error;

static bool reads_row(const struct weir_option *row, const char *text)
{
	value = (struct conf_value){ 0 };
	error.text[0] = '\0';
	return scalar_read(row, row->type, str_from(text), &value, &error);
}

static bool reads(enum weir_option_type type, const char *text)
{
	struct weir_option row = { .name = "x", .type = type };

	return reads_row(&row, text);
}

static void assert_no(enum weir_option_type type, const char *text, const char *sentence)
{
	assert_false(reads(type, text));
	assert_string_equal(error.text, sentence);
}

static void durations_carry_units(void **state)
{
	static const struct { const char *text; uint64_t ns; } good[] = {
		{ "250ms", 250 * NS_PER_MS }, { "3s", 3 * NS_PER_S }, { "1m", 60 * NS_PER_S },
		{ "2h", 7200 * NS_PER_S }, { "0s", 0 }, { "1.5s", 1500 * NS_PER_MS },
		{ "1m30s", 90 * NS_PER_S }, { "10us", 10000 }, { "1d", 86400 * NS_PER_S },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(reads(WEIR_DURATION, good[i].text));
		assert_true(value.whole == good[i].ns);
	}
}

static void a_bare_number_is_shown_how_to_write_it(void **state)
{
	(void)state;
	assert_no(WEIR_DURATION, "3", "\"3\" has no unit; write 3s for example");
	assert_no(WEIR_DURATION, "0", "\"0\" has no unit; write 0s for example");
	assert_no(WEIR_SIZE, "64", "\"64\" has no unit; write 64k for example");
	assert_no(WEIR_RATE, "100", "\"100\" has no unit; write 100/s for example");
	assert_no(WEIR_SHARE, "10", "\"10\" has no unit; write 10% for example");
}

static void what_is_no_duration_is_refused(void **state)
{
	(void)state;
	assert_no(WEIR_DURATION, "soon",
		  "\"soon\" is not a duration such as 250ms, 3s or 1m");
	assert_no(WEIR_DURATION, "3S", "\"3S\" has an unknown unit; expected a duration such as "
		  "250ms, 3s or 1m");
	assert_no(WEIR_DURATION, "-3s", "\"-3s\" is not a duration such as 250ms, 3s or 1m");
	assert_no(WEIR_DURATION, "1s2m", "\"1s2m\" is not a duration such as 250ms, 3s or 1m");
	assert_no(WEIR_DURATION, "", "\"\" is not a duration such as 250ms, 3s or 1m");
	assert_no(WEIR_DURATION, "4000d", "\"4000d\" is longer than ten years");
	assert_no(WEIR_DURATION, "none", "\"none\" is not a duration such as 250ms, 3s or 1m");
}

static void sizes_count_in_1024s(void **state)
{
	(void)state;
	assert_true(reads(WEIR_SIZE, "512b") && value.whole == 512);
	assert_true(reads(WEIR_SIZE, "64k") && value.whole == 65536);
	assert_true(reads(WEIR_SIZE, "8m") && value.whole == 8388608);
	assert_true(reads(WEIR_SIZE, "1.5g") && value.whole == 1610612736);
	assert_no(WEIR_SIZE, "64KiB", "\"64KiB\" has an unknown unit; expected a size such as "
		  "512b, 64k or 8m");
	assert_no(WEIR_SIZE, "9999999999g", "9999999999g is larger than any memory");
}

static void rates_are_per_second(void **state)
{
	(void)state;
	assert_true(reads(WEIR_RATE, "100/s") && value.number == 100);
	assert_true(reads(WEIR_RATE, "30/m") && value.number == 0.5);
	assert_true(reads(WEIR_RATE, "3600/h") && value.number == 1);
	assert_no(WEIR_RATE, "0/s", "a rate is above 0, got 0/s");
	assert_no(WEIR_RATE, "1/week", "\"1/week\" has an unknown unit; expected a rate such as "
		  "100/s or 10/m");
	assert_no(WEIR_RATE, "/s", "\"/s\" is not a rate such as 100/s or 10/m");
}

static void shares_are_parts_of_the_whole(void **state)
{
	(void)state;
	assert_true(reads(WEIR_SHARE, "10%") && value.number == 0.1);
	assert_true(reads(WEIR_SHARE, "0%") && value.number == 0);
	assert_true(reads(WEIR_SHARE, "100%") && value.number == 1);
	assert_no(WEIR_SHARE, "101%",
		  "101% is more than the whole; expected a share such as 10%");
	assert_no(WEIR_SHARE, "10%x", "\"10%x\" is not a share such as 10%");
}

static void only_true_and_false_are_booleans(void **state)
{
	static const char *const others[] = { "yes", "no", "on", "off", "y", "n", "True", "FALSE",
					      "1", "" };

	(void)state;
	assert_true(reads(WEIR_BOOLEAN, "true") && value.boolean);
	assert_true(reads(WEIR_BOOLEAN, "false") && !value.boolean);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(reads(WEIR_BOOLEAN, others[i]));
	assert_no(WEIR_BOOLEAN, "yes", "\"yes\" is neither true nor false; write true or false");
}

static void integers_are_whole_and_plain(void **state)
{
	(void)state;
	assert_true(reads(WEIR_INTEGER, "-5") && value.integer == -5);
	assert_true(reads(WEIR_INTEGER, "0") && value.integer == 0);
	assert_true(reads(WEIR_INTEGER, "9223372036854775807") && value.integer == INT64_MAX);
	assert_no(WEIR_INTEGER, "9223372036854775808",
		  "\"9223372036854775808\" is not a whole number");
	assert_no(WEIR_INTEGER, "0777",
		  "\"0777\" begins with a zero; write the number without it");
	assert_no(WEIR_INTEGER, "0x10", "\"0x10\" is not a whole number");
	assert_no(WEIR_INTEGER, "1_000", "\"1_000\" is not a whole number");
	assert_no(WEIR_INTEGER, "1.5", "\"1.5\" is not a whole number");
	assert_no(WEIR_INTEGER, "-", "\"-\" is not a whole number");
}

static void numbers_have_at_most_one_point(void **state)
{
	(void)state;
	assert_true(reads(WEIR_NUMBER, "1.25") && value.number == 1.25);
	assert_true(reads(WEIR_NUMBER, "-2") && value.number == -2);
	assert_no(WEIR_NUMBER, "1.2.3", "\"1.2.3\" is not a number");
	assert_no(WEIR_NUMBER, "1e5", "\"1e5\" is not a number");
	assert_no(WEIR_NUMBER, "nan", "\"nan\" is not a number");
}

static void ranges_are_kept_and_told(void **state)
{
	const struct weir_option row = { .type = WEIR_INTEGER, .min = 1, .max = 10 };
	const struct weir_option span = { .type = WEIR_DURATION, .min = 0.01, .max = 3600 };
	const struct weir_option size = { .type = WEIR_SIZE, .min = 1024, .max = 1048576 };
	const struct weir_option open = { .type = WEIR_INTEGER, .min = 5 };

	(void)state;
	assert_true(reads_row(&row, "1") && reads_row(&row, "10"));
	assert_false(reads_row(&row, "0"));
	assert_string_equal(error.text, "0 is too small; expected a whole number from 1 to 10");
	assert_false(reads_row(&row, "11"));
	assert_string_equal(error.text, "11 is too large; expected a whole number from 1 to 10");
	assert_false(reads_row(&span, "5ms"));
	assert_string_equal(error.text, "5ms is too small; expected a duration such as 250ms, 3s "
					"or 1m from 10ms to 1h");
	assert_false(reads_row(&size, "2m"));
	assert_string_equal(error.text, "2m is too large; expected a size such as 512b, 64k or 8m "
					"from 1k to 1m");
	assert_false(reads_row(&open, "4"));
	assert_string_equal(error.text, "4 is too small; expected a whole number of at least 5");
}

static void none_is_no_limit_where_it_is_allowed(void **state)
{
	const struct weir_option span = { .type = WEIR_DURATION, .none_is_allowed = true };
	const struct weir_option count = { .type = WEIR_INTEGER, .none_is_allowed = true };

	(void)state;
	assert_true(reads_row(&span, "none") && value.none && value.whole == UINT64_MAX);
	assert_true(reads_row(&count, "none") && value.none && value.integer == INT64_MAX);
	assert_false(reads_row(&span, "never"));
	assert_string_equal(error.text, "\"never\" is not a duration such as 250ms, 3s or 1m, or "
			    "none");
}

static void choices_are_listed_and_the_nearest_is_named(void **state)
{
	static const char *const choices[] = { "info", "debug", "error", NULL };
	const struct weir_option row = { .type = WEIR_CHOICE, .choices = choices };

	(void)state;
	assert_true(reads_row(&row, "debug"));
	assert_str(value.text, "debug");
	assert_false(reads_row(&row, "debgu"));
	assert_string_equal(error.text, "\"debgu\" is not one of info, debug or error; did you "
					"mean \"debug\"?");
	assert_false(reads_row(&row, "loud"));
	assert_string_equal(error.text, "\"loud\" is not one of info, debug or error");
}

static void what_is_quoted_is_short_and_printable(void **state)
{
	char text[200];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[3] = '\n';
	text[199] = '\0';
	assert_false(reads(WEIR_INTEGER, text));
	assert_string_equal(error.text, "\"aaa?aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\" "
					"is not a whole number");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_carry_units),
		cmocka_unit_test(a_bare_number_is_shown_how_to_write_it),
		cmocka_unit_test(what_is_no_duration_is_refused),
		cmocka_unit_test(sizes_count_in_1024s),
		cmocka_unit_test(rates_are_per_second),
		cmocka_unit_test(shares_are_parts_of_the_whole),
		cmocka_unit_test(only_true_and_false_are_booleans),
		cmocka_unit_test(integers_are_whole_and_plain),
		cmocka_unit_test(numbers_have_at_most_one_point),
		cmocka_unit_test(ranges_are_kept_and_told),
		cmocka_unit_test(none_is_no_limit_where_it_is_allowed),
		cmocka_unit_test(choices_are_listed_and_the_nearest_is_named),
		cmocka_unit_test(what_is_quoted_is_short_and_printable),
	};

	return cmocka_run_group_tests_name("scalar", tests, NULL, NULL);
}
