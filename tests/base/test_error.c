/* test_error.c - what went wrong, in words. */
#include "core/base/error.h"	/* before cmocka, which has a macro of the name `fail` */

#include "tests/test.h"

#undef fail

static void the_first_sentence_stays(void **state)
{
	struct weir_error e = { "" };

	(void)state;
	assert_false(fail(&e, "key must have %d bytes", 16));
	assert_false(fail(&e, "another"));
	assert_false(fail_memory(&e));
	assert_string_equal(e.text, "key must have 16 bytes");
}

static void nobody_need_listen(void **state)
{
	(void)state;
	assert_false(fail(NULL, "x"));
	assert_false(fail_memory(NULL));
	assert_false(fail_within(NULL, "x"));
}

static void where_it_was_stands_before_what_it_was(void **state)
{
	struct weir_error e = { "" };

	(void)state;
	fail(&e, "no such file");
	assert_false(fail_within(&e, "listener %s", "edge"));
	assert_string_equal(e.text, "listener edge: no such file");
}

static void a_long_sentence_is_cut(void **state)
{
	struct weir_error e = { "" };
	char longer[1000];

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';

	fail(&e, "%s", longer);
	assert_int_equal(strlen(e.text), WEIR_ERROR_ROOM - 1);
	fail_within(&e, "%s", longer);
	assert_int_equal(strlen(e.text), WEIR_ERROR_ROOM - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_sentence_stays),
		cmocka_unit_test(nobody_need_listen),
		cmocka_unit_test(where_it_was_stands_before_what_it_was),
		cmocka_unit_test(a_long_sentence_is_cut),
	};

	return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
