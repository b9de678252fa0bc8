/* test_tally.c - what plugins count: known by name, added to by many. */
#include "tests/test.h"

#include <pthread.h>

#include "core/base/tally.h"

static const struct board_name here = { { "limit", 5 }, { "api", 3 }, { "route r, policy 1", 17 } };

static void a_counter_counts(void **state)
{
	struct board *b = board_open(&here, 2);
	struct tally *passed = board_tally(b, STR("passed")), *refused = board_tally(b, STR("refused"));

	(void)state;
	tally_add(passed, 2);
	tally_add(passed, 3);
	tally_add(refused, 1);
	tally_add(NULL, 1);

	assert_int_equal(tally_read(passed), 5);
	assert_int_equal(tally_read(refused), 1);
	assert_ptr_equal(board_tally(b, STR("passed")), passed);
	board_close(b);
}

static void a_board_goes_on_while_anybody_has_it_open(void **state)
{
	struct board *b = board_open(&here, 2), *again;

	(void)state;
	tally_add(board_tally(b, STR("passed")), 7);
	again = board_open(&here, 2);
	board_close(b);
	assert_int_equal(tally_read(board_tally(again, STR("passed"))), 7);

	board_close(again);
	b = board_open(&here, 2);
	assert_int_equal(tally_read(board_tally(b, STR("passed"))), 0);
	board_close(b);
	board_close(NULL);
}

static void no_board_has_more_counters_than_a_line_has_room(void **state)
{
	struct board *b = board_open(&here, 2);
	char word[] = "a";

	(void)state;
	for (unsigned i = 0; i < TALLIES_MOST; i++, word[0]++)
		assert_non_null(board_tally(b, str_from(word)));
	assert_null(board_tally(b, str_from(word)));
	assert_non_null(board_tally(b, STR("a")));
	board_close(b);
}

static void *count_many(void *arg)
{
	for (unsigned i = 0; i < 20000; i++)
		tally_add(arg, 1);
	return NULL;
}

static void no_count_is_lost(void **state)
{
	struct board *b = board_open(&here, 2);	/* fewer lines than threads */
	struct tally *t = board_tally(b, STR("passed"));
	pthread_t threads[4];

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count_many, t), 0);
	for (unsigned i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);

	assert_int_equal(tally_read(t), 80000);
	board_close(b);
}

static void note(void *arg, const struct board_name *board, struct weir_str word, uint64_t n)
{
	char *text = arg;
	size_t len = strlen(text);

	(void)snprintf(text + len, 256 - len, "%.*s/%.*s/%.*s/%.*s=%u;", STR_ARG(board->plugin),
		       STR_ARG(board->use), STR_ARG(board->place), STR_ARG(word), (unsigned)n);
}

static void note_word(void *arg, struct weir_str word, uint64_t n)
{
	char *text = arg;
	size_t len = strlen(text);

	(void)snprintf(text + len, 256 - len, "%.*s=%u;", STR_ARG(word), (unsigned)n);
}

static void all_can_be_looked_at(void **state)
{
	struct board *b = board_open(&here, 2);
	char text[256] = "";

	(void)state;
	tally_add(board_tally(b, STR("passed")), 2);
	tally_add(board_tally(b, STR("refused")), 1);
	tallies_visit(note, text);

	board_visit(b, note_word, text);
	board_visit(NULL, note_word, text);

	assert_string_equal(text, "limit/api/route r, policy 1/passed=2;"
			    "limit/api/route r, policy 1/refused=1;passed=2;refused=1;");
	board_close(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_counter_counts),
		cmocka_unit_test(a_board_goes_on_while_anybody_has_it_open),
		cmocka_unit_test(no_board_has_more_counters_than_a_line_has_room),
		cmocka_unit_test(no_count_is_lost),
		cmocka_unit_test(all_can_be_looked_at),
	};

	return cmocka_run_group_tests_name("tally", tests, NULL, NULL);
}
