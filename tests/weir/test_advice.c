/* test_advice.c - each reason comes with something to do. */
#include "tests/test.h"

#include "core/weir/advice.h"

static void every_reason_has_advice_that_ends_as_a_sentence(void **state)
{
	(void)state;
	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
		struct weir_str text = advice_on((enum reason)i);

		if (!str_ends(text, STR(".")))
			fail_msg("%.*s has no advice", STR_ARG(reason_row((enum reason)i)->word));
	}
}

/* It stands in a cell of a Markdown table. */
static void advice_holds_nothing_that_breaks_a_table(void **state)
{
	(void)state;
	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
		struct weir_str text = advice_on((enum reason)i);

		assert_true(str_find(text, '|') == text.len);
		assert_true(str_find(text, '\n') == text.len);
	}
}

static void what_is_no_reason_has_no_advice(void **state)
{
	(void)state;

	assert_int_equal(advice_on(REASON_NONE).len, 0);
	assert_int_equal(advice_on(REASON_COUNT).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_has_advice_that_ends_as_a_sentence),
		cmocka_unit_test(advice_holds_nothing_that_breaks_a_table),
		cmocka_unit_test(what_is_no_reason_has_no_advice),
	};

	return cmocka_run_group_tests_name("advice", tests, NULL, NULL);
}
