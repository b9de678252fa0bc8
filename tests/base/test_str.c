/* test_str.c - slices of bytes. */
#include "tests/test.h"

static void numbers_are_whole_or_refused(void **state)
{
	uint64_t n = 0;

	(void)state;
	assert_true(str_to_u64(STR("18446744073709551615"), &n));
	assert_true(n == UINT64_MAX);
	assert_false(str_to_u64(STR("18446744073709551616"), &n));
	assert_false(str_to_u64(STR("+1"), &n));
	assert_false(str_to_u64(STR("1 "), &n));
	assert_false(str_to_u64(STR(""), &n));
}

static void one_swap_is_one_edit(void **state)
{
	(void)state;
	assert_int_equal(str_distance(STR("lisetn"), STR("listen")), 1);
	assert_int_equal(str_distance(STR("route"), STR("routes")), 1);
	assert_int_equal(str_distance(STR("abc"), STR("")), 3);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_whole_or_refused),
		cmocka_unit_test(one_swap_is_one_edit),
		cmocka_unit_test(parts_are_taken_off_the_front),
	};

	return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
