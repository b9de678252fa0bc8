/* test_message.c - methods and statuses. */
#include "core/http/message.h"
#include "tests/test.h"

static void methods_have_numbers_and_only_in_capitals(void **state)
{
	(void)state;
	for (enum method m = METHOD_GET; m <= METHOD_PATCH; m++)
		assert_int_equal(method_of(method_text(m)), m);
	assert_int_equal(method_of(STR("get")), METHOD_OTHER);
	assert_int_equal(method_of(STR("GETT")), METHOD_OTHER);
	assert_int_equal(method_of(STR("PURGE")), METHOD_OTHER);
	assert_int_equal(method_of(STR("PUX")), METHOD_OTHER);
	assert_int_equal(method_of(STR("")), METHOD_OTHER);
	assert_true(method_text(METHOD_OTHER).data == NULL);
}

static void only_what_may_be_repeated_is_idempotent(void **state)
{
	(void)state;
	assert_true(method_idempotent(METHOD_GET) && method_idempotent(METHOD_HEAD));
	assert_true(method_idempotent(METHOD_PUT) && method_idempotent(METHOD_DELETE));
	assert_true(method_idempotent(METHOD_OPTIONS) && method_idempotent(METHOD_TRACE));
	assert_false(method_idempotent(METHOD_POST) || method_idempotent(METHOD_PATCH));
	assert_false(method_idempotent(METHOD_CONNECT) || method_idempotent(METHOD_OTHER));
}

static void every_status_that_weir_makes_has_a_phrase(void **state)
{
	(void)state;
	for (int why = 0; why < REASON_COUNT; why++) {
		unsigned status = reason_row((enum reason)why)->status;

		if (status != 0 && status != 499 && status_phrase(status).len == 0)
			fail_msg("no phrase for %u", status);
	}
	assert_str(status_phrase(404), "Not Found");
	assert_str(status_phrase(599), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(methods_have_numbers_and_only_in_capitals),
		cmocka_unit_test(only_what_may_be_repeated_is_idempotent),
		cmocka_unit_test(every_status_that_weir_makes_has_a_phrase),
	};

	return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
