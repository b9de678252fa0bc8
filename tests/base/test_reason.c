/* test_reason.c - the table of reasons. */
#include "tests/test.h"

#include "core/base/reason.h"

#define EACH(why) for (enum reason why = REASON_NONE + 1; why < REASON_COUNT; why++)

static void every_word_finds_its_row_again(void **state)
{
	(void)state;
	EACH(why)
		assert_int_equal(reason_of_word(reason_row(why)->word), why);
	assert_int_equal(reason_of_word(STR("nonsense")), REASON_COUNT);
	assert_int_equal(reason_of_word(STR("")), REASON_COUNT);
}

/* They stand in headers, labels and configuration without quotes. */
static void words_are_lower_case_with_dashes(void **state)
{
	(void)state;
	EACH(why) {
		struct weir_str word = reason_row(why)->word;

		assert_true(word.len > 0);
		for (size_t i = 0; i < word.len; i++)
			assert_true((word.data[i] >= 'a' && word.data[i] <= 'z') ||
				    word.data[i] == '-');
	}
}

static void every_row_has_a_side_and_a_sentence(void **state)
{
	(void)state;
	EACH(why) {
		assert_int_not_equal(reason_row(why)->side, SIDE_NOBODY);
		assert_true(reason_side_word(reason_row(why)->side).len > 0);
		assert_true(reason_row(why)->sentence.len > 0);
	}
	assert_int_equal(reason_row(REASON_NONE)->word.len, 0);
}

static void the_status_says_whose_fault_it_is(void **state)
{
	(void)state;
	EACH(why) {
		const struct reason_row *row = reason_row(why);

		if (why == REASON_UPSTREAM_STATUS)
			assert_int_equal(row->status, 0);	/* it has its own */
		else
			assert_in_range(row->status, 400, 599);
		if (row->side == SIDE_UPSTREAM && row->status != 0)
			assert_in_range(row->status, 502, 504);
	}
}

static void only_the_upstream_side_is_tried_again(void **state)
{
	(void)state;
	EACH(why)
		if (reason_row(why)->retry != RETRY_NEVER)
			assert_int_equal(reason_row(why)->side, SIDE_UPSTREAM);
	/* Before anything was sent, and only then, any method may be repeated. */
	assert_int_equal(reason_row(REASON_CONNECT_REFUSED)->retry, RETRY_SAFE);
	assert_int_equal(reason_row(REASON_UPSTREAM_RESET)->retry, RETRY_IDEMP);
	assert_int_equal(reason_row(REASON_UPSTREAM_CUT)->retry, RETRY_NEVER);
}

static void groups_are_known(void **state)
{
	(void)state;
	assert_true(reason_group_exists(STR("connect")));
	assert_true(reason_group_exists(STR("timeout")));
	assert_false(reason_group_exists(STR("connec")));
	assert_false(reason_group_exists(STR("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_finds_its_row_again),
		cmocka_unit_test(words_are_lower_case_with_dashes),
		cmocka_unit_test(every_row_has_a_side_and_a_sentence),
		cmocka_unit_test(the_status_says_whose_fault_it_is),
		cmocka_unit_test(only_the_upstream_side_is_tried_again),
		cmocka_unit_test(groups_are_known),
	};

	return cmocka_run_group_tests_name("reason", tests, NULL, NULL);
}
