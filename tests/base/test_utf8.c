/* test_utf8.c - one UTF-8 sequence at a time. */
#include "tests/test.h"

#include "core/base/utf8.h"

static void every_code_point_is_valid_but_surrogates(void **state)
{
	(void)state;
	for (uint32_t c = 0; c < 0x110000; c++) {
		char at[4];
		unsigned n;

		if (c < 0x80) {
			at[0] = (char)c;
			n = 1;
		} else if (c < 0x800) {
			at[0] = (char)(0xc0 | c >> 6);
			n = 2;
		} else if (c < 0x10000) {
			at[0] = (char)(0xe0 | c >> 12);
			n = 3;
		} else {
			at[0] = (char)(0xf0 | c >> 18);
			n = 4;
		}
		for (unsigned i = 1; i < n; i++)
			at[i] = (char)(0x80 | (c >> 6 * (n - 1 - i) & 0x3f));
		if (c >= 0xd800 && c < 0xe000)
			assert_int_equal(utf8_step(str_of(at, n)), 0);
		else
			assert_int_equal(utf8_step(str_of(at, n)), n);
	}
}

static void what_is_not_valid_is_refused(void **state)
{
	const struct weir_str bad[] = {
		STR("\x80"), STR("\xbf"), STR("\xc0\x80"), STR("\xc1\xbf"), STR("\xc2"),
		STR("\xc2 "), STR("\xe0\x80\x80"), STR("\xe0\x9f\xbf"), STR("\xed\xa0\x80"),
		STR("\xe2\x82"), STR("\xf0\x80\x80\x80"), STR("\xf4\x90\x80\x80"),
		STR("\xf5\x80\x80\x80"), STR("\xff"), STR("\xf0\x9f\x98"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(utf8_step(bad[i]), 0);
		assert_false(utf8_valid(bad[i]));
	}
	assert_int_equal(utf8_step(STR("")), 0);
	assert_true(utf8_valid(STR("")));
	assert_true(utf8_valid(STR("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80")));
}

/* Unicode 3.9: as much as could have begun a sequence is one mistake. */
static void a_mistake_ends_where_a_sequence_could_begin(void **state)
{
	(void)state;
	assert_int_equal(utf8_bad_step(STR("\xf0\x9f\x98x")), 3);
	assert_int_equal(utf8_bad_step(STR("\xe2\x82")), 2);
	assert_int_equal(utf8_bad_step(STR("\xe0\x80\x80")), 1);
	assert_int_equal(utf8_bad_step(STR("\xff\xff")), 1);
	assert_int_equal(utf8_bad_step(STR("\xc2\xc2\x80")), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_point_is_valid_but_surrogates),
		cmocka_unit_test(what_is_not_valid_is_refused),
		cmocka_unit_test(a_mistake_ends_where_a_sequence_could_begin),
	};

	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
