/* test_str.c - slices of bytes. */
#include "tests/test.h"

#include "core/base/mem.h"

static void numbers_are_whole_or_refused(void **state)
{
	uint64_t n = 0;

	(void)state;
	assert_true(str_to_u64(STR("18446744073709551615"), &n));
	assert_true(n == UINT64_MAX);
	assert_false(str_to_u64(STR("18446744073709551616"), &n));
	assert_false(str_to_u64(STR("99999999999999999999999"), &n));
	assert_false(str_to_u64(STR("+1"), &n));
	assert_false(str_to_u64(STR("-1"), &n));
	assert_false(str_to_u64(STR("1 "), &n));
	assert_false(str_to_u64(STR(""), &n));
	assert_false(str_to_u64(STR_ABSENT, &n));
	assert_true(n == UINT64_MAX);
}

static void hexadecimal_numbers_too(void **state)
{
	uint64_t n = 0;

	(void)state;
	assert_true(str_hex_to_u64(STR("fFfFfFfFfFfFfFfF"), &n));
	assert_true(n == UINT64_MAX);
	assert_true(str_hex_to_u64(STR("00000000000000000001a"), &n));
	assert_true(n == 0x1a);
	assert_false(str_hex_to_u64(STR("10000000000000000"), &n));
	assert_false(str_hex_to_u64(STR("0x1"), &n));
	assert_false(str_hex_to_u64(STR("g"), &n));
	assert_false(str_hex_to_u64(STR(""), &n));
}

static void decimals_are_plain(void **state)
{
	double x = 0;

	(void)state;
	assert_true(str_to_double(STR("-12.5"), &x));
	assert_true(x == -12.5);
	assert_true(str_to_double(STR("7"), &x));
	assert_true(x == 7);
	assert_false(str_to_double(STR("1e3"), &x));
	assert_false(str_to_double(STR("nan"), &x));
	assert_false(str_to_double(STR("1.2.3"), &x));
	assert_false(str_to_double(STR("-"), &x));
	assert_false(str_to_double(STR("."), &x));
	assert_false(str_to_double(STR(""), &x));
	assert_false(str_to_double(STR("1-2"), &x));
}

static void one_swap_is_one_edit(void **state)
{
	(void)state;
	assert_int_equal(str_distance(STR("lisetn"), STR("listen")), 1);
	assert_int_equal(str_distance(STR("route"), STR("routes")), 1);
	assert_int_equal(str_distance(STR("abc"), STR("")), 3);
	assert_int_equal(str_distance(STR("abc"), STR("abc")), 0);
	assert_int_equal(str_distance(STR("kitten"), STR("sitting")), 3);
}

static void parts_are_taken_off_the_front(void **state)
{
	struct weir_str rest = STR("a, b,,c"), part;

	(void)state;
	assert_true(str_next(&rest, ',', &part));
	assert_str(part, "a");
	assert_true(str_next(&rest, ',', &part));
	assert_str(part, "b");
	assert_true(str_next(&rest, ',', &part));
	assert_str(part, "");
	assert_true(str_next(&rest, ',', &part));
	assert_str(part, "c");
	assert_false(str_next(&rest, ',', &part));
}

static void a_separator_at_the_end_gives_an_empty_part(void **state)
{
	struct weir_str rest = STR("a,"), part;

	(void)state;
	assert_true(str_next(&rest, ',', &part));
	assert_true(str_next(&rest, ',', &part));
	assert_str(part, "");
	assert_false(str_next(&rest, ',', &part));
	rest = STR_ABSENT;
	assert_false(str_next(&rest, ',', &part));
}

static void case_is_ignored_where_http_ignores_it(void **state)
{
	(void)state;
	assert_true(str_eq_nocase(STR("Content-Length"), STR("content-LENGTH")));
	assert_false(str_eq_nocase(STR("a"), STR("ab")));
	assert_false(str_eq_nocase(STR("@"), STR("`")));	/* 0x40 and 0x60 */
	assert_true(str_starts_nocase(STR("Bearer x"), STR("bearer ")));
	assert_false(str_starts(STR("Bearer x"), STR("bearer ")));
}

static void beginnings_ends_and_places(void **state)
{
	(void)state;
	assert_true(str_starts(STR("abc"), STR("ab")));
	assert_true(str_starts(STR("abc"), STR("")));
	assert_false(str_starts(STR("a"), STR("ab")));
	assert_true(str_ends(STR("x.customs.example"), STR(".example")));
	assert_false(str_ends(STR("e"), STR(".e")));
	assert_int_equal(str_find(STR("a:b:c"), ':'), 1);
	assert_int_equal(str_find(STR("abc"), ':'), 3);
	assert_int_equal(str_find(STR_ABSENT, ':'), 0);
	assert_int_equal(str_find_str(STR("hello"), STR("lo")), 3);
	assert_int_equal(str_find_str(STR("hello"), STR("lox")), 5);
	assert_int_equal(str_find_str(STR_ABSENT, STR("x")), 0);
}

static void cutting_never_leaves_the_slice(void **state)
{
	(void)state;
	assert_str(str_skip(STR("abc"), 1), "bc");
	assert_str(str_skip(STR("abc"), 9), "");
	assert_str(str_head(STR("abc"), 2), "ab");
	assert_str(str_head(STR("abc"), 9), "abc");
	assert_null(str_skip(STR_ABSENT, 3).data);
	assert_str(str_trim(STR(" \t a b \t")), "a b");
	assert_str(str_trim(STR("  ")), "");
}

static void shorter_comes_first(void **state)
{
	(void)state;
	assert_true(str_compare(STR("a"), STR("b")) < 0);
	assert_true(str_compare(STR("a"), STR("aa")) < 0);
	assert_true(str_compare(STR("b"), STR("aa")) > 0);
	assert_int_equal(str_compare(STR("a"), STR("a")), 0);
	assert_int_equal(str_compare(STR_ABSENT, STR("")), 0);
	assert_true(str_compare(STR("\xff"), STR("a")) > 0);	/* bytes are unsigned */
}

static void numbers_are_written_back(void **state)
{
	char text[20];

	(void)state;
	assert_str(str_between(text, str_put_u64(text, 0)), "0");
	assert_str(str_between(text, str_put_u64(text, 1234567890)), "1234567890");
	assert_str(str_between(text, str_put_u64(text, UINT64_MAX)), "18446744073709551615");
}

static void a_copy_is_ended_by_nul(void **state)
{
	char *copy = str_dup(str_of("abcdef", 3)), *empty = str_dup(STR_ABSENT);

	(void)state;
	assert_string_equal(copy, "abc");
	assert_string_equal(empty, "");
	mem_free(copy);
	mem_free(empty);
}

static void secrets_are_equal_only_when_they_are(void **state)
{
	(void)state;
	assert_true(weir_same_secret(STR("s3cret"), STR("s3cret")));
	assert_false(weir_same_secret(STR("s3cret"), STR("s3cres")));
	assert_false(weir_same_secret(STR("s3cret"), STR("s3cret2")));
	assert_false(weir_same_secret(STR_ABSENT, STR_ABSENT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_whole_or_refused),
		cmocka_unit_test(hexadecimal_numbers_too),
		cmocka_unit_test(decimals_are_plain),
		cmocka_unit_test(one_swap_is_one_edit),
		cmocka_unit_test(parts_are_taken_off_the_front),
		cmocka_unit_test(a_separator_at_the_end_gives_an_empty_part),
		cmocka_unit_test(case_is_ignored_where_http_ignores_it),
		cmocka_unit_test(beginnings_ends_and_places),
		cmocka_unit_test(cutting_never_leaves_the_slice),
		cmocka_unit_test(shorter_comes_first),
		cmocka_unit_test(numbers_are_written_back),
		cmocka_unit_test(a_copy_is_ended_by_nul),
		cmocka_unit_test(secrets_are_equal_only_when_they_are),
	};

	return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
