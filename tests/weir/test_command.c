/* test_command.c - the command line is read by the tables, and what is wrong with it is said. */
#include "tests/test.h"

#include <weir/error.h>

#include "core/base/clock.h"
#include "core/weir/commands.h"

static const struct command_option options[] = {
	{ "config", 'c', "FILE", "the file" },
	{ "workers", 0, "N", "how many" },
	{ "wait", 0, "TIME", "how long" },
	{ "header", 'H', "TEXT", "may be repeated" },
	{ "quiet", 'q', NULL, "a switch" },
	{ "verbose", 'v', NULL, "another" },
	{ NULL, 0, NULL, NULL }
};

static const struct command command = {
	.name = "toy", .summary = "Plays", .arguments = "METHOD URL", .least = 1, .most = 2,
	.options = options, .required = "config",
};

static struct command_line line;
static struct weir_error error;

static bool reads(char *words)
{
	static char *argv[32];
	int argc = 0;

	for (char *word = strtok(words, " "); word != NULL; word = strtok(NULL, " "))
		argv[argc++] = word;
	line = (struct command_line){ .command = &command };
	error.text[0] = '\0';
	return command_read(&line, argc, argv, &error);
}

static const char *refusal(char *words)
{
	assert_false(reads(words));
	return error.text;
}

#define READS(text) reads((char[]){ text })
#define REFUSAL(text) refusal((char[]){ text })

static void options_come_in_every_usual_spelling(void **state)
{
	(void)state;
	assert_true(READS("-c a GET"));
	assert_string_equal(command_value(&line, "config"), "a");
	assert_true(READS("-ca GET"));
	assert_string_equal(command_value(&line, "config"), "a");
	assert_true(READS("--config a GET"));
	assert_string_equal(command_value(&line, "config"), "a");
	assert_true(READS("GET --config=a"));
	assert_string_equal(command_value(&line, "config"), "a");
	assert_true(READS("-qvc a GET /"));
	assert_true(command_has(&line, "quiet") && command_has(&line, "verbose"));
	assert_string_equal(line.arguments[1], "/");
}

static void the_last_of_several_counts_and_all_can_be_read(void **state)
{
	uint32_t at = 0;

	(void)state;
	assert_true(READS("-c a -H x -H y -c b GET"));

	assert_string_equal(command_value(&line, "config"), "b");
	assert_string_equal(command_each(&line, "header", &at), "x");
	assert_string_equal(command_each(&line, "header", &at), "y");
	assert_null(command_each(&line, "header", &at));
}

static void after_two_dashes_all_is_argument(void **state)
{
	(void)state;
	assert_true(READS("-c a -- -q --x"));
	assert_string_equal(line.arguments[0], "-q");
	assert_false(command_has(&line, "quiet"));
}

static void a_slip_is_answered_with_a_guess(void **state)
{
	(void)state;
	assert_non_null(strstr(REFUSAL("--confg a GET"), "did you mean --config?"));
	assert_non_null(strstr(REFUSAL("--wrokers=3 GET"), "did you mean --workers?"));
	assert_non_null(strstr(REFUSAL("--something-else"), "see weir toy --help"));
	assert_non_null(strstr(REFUSAL("-x"), "no option -x"));
}

static void what_is_missing_is_said(void **state)
{
	(void)state;
	assert_non_null(strstr(REFUSAL("GET"), "wants -c FILE"));
	assert_non_null(strstr(REFUSAL("-c a"), "wants METHOD URL"));
	assert_non_null(strstr(REFUSAL("GET --config"), "--config needs a value"));
	assert_non_null(strstr(REFUSAL("GET -c"), "-c needs a value"));
}

static void what_is_too_much_is_said(void **state)
{
	(void)state;
	assert_non_null(strstr(REFUSAL("-c a GET / x"), "\"x\" is one word too many"));
	assert_non_null(strstr(REFUSAL("-c a --quiet=1 GET"), "takes no value"));
}

static void numbers_and_times_are_checked(void **state)
{
	uint64_t n = 7, ns = 9;

	(void)state;
	assert_true(READS("-c a GET"));
	assert_true(command_number(&line, "workers", 1, 8, &n));
	assert_int_equal(n, 7);
	assert_true(READS("-c a --workers 3 --wait 250ms GET"));
	assert_true(command_number(&line, "workers", 1, 8, &n));
	assert_int_equal(n, 3);
	assert_true(command_duration(&line, "wait", &ns));
	assert_true(ns == 250 * NS_PER_MS);
	assert_true(READS("-c a --workers 9 --wait 10 GET"));
	assert_false(command_number(&line, "workers", 1, 8, &n));
	assert_false(command_duration(&line, "wait", &ns));
	assert_true(READS("-c a --wait none GET"));
	assert_true(command_duration(&line, "wait", &ns));
	assert_true(ns == 0);
	assert_true(READS("-c a --wait 99999999999999999999s GET"));
	assert_false(command_duration(&line, "wait", &ns));
}

static int main_with(const char *one, const char *two)
{
	char *argv[] = { (char *)"weir", (char *)one, (char *)two, NULL };

	return command_main(one == NULL ? 1 : two == NULL ? 2 : 3, argv);
}

static void a_command_that_is_not_there_is_misuse(void **state)
{
	(void)state;
	assert_int_equal(main_with(NULL, NULL), COMMAND_MISUSED);
	assert_int_equal(main_with("rnu", NULL), COMMAND_MISUSED);
	assert_int_equal(main_with("run", NULL), COMMAND_MISUSED);
	assert_int_equal(main_with("help", "rnu"), COMMAND_MISUSED);
}

static void help_and_version_are_no_misuse(void **state)
{
	(void)state;
	assert_int_equal(main_with("--help", NULL), 0);
	assert_int_equal(main_with("help", "run"), 0);
	assert_int_equal(main_with("run", "--help"), 0);
	assert_int_equal(main_with("version", NULL), 0);
	assert_int_equal(main_with("--version", NULL), 0);
}

static void every_command_is_complete(void **state)
{
	(void)state;
	for (int i = 0; commands[i] != NULL; i++) {
		const struct command *c = commands[i];

		assert_non_null(c->run);
		assert_non_null(c->summary);
		assert_true(c->summary[strlen(c->summary) - 1] != '.');
		assert_true(c->most == 0 || c->arguments != NULL);
		for (const struct command_option *o = c->options; o != NULL && o->name; o++)
			assert_non_null(o->about);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_come_in_every_usual_spelling),
		cmocka_unit_test(the_last_of_several_counts_and_all_can_be_read),
		cmocka_unit_test(after_two_dashes_all_is_argument),
		cmocka_unit_test(a_slip_is_answered_with_a_guess),
		cmocka_unit_test(what_is_missing_is_said),
		cmocka_unit_test(what_is_too_much_is_said),
		cmocka_unit_test(numbers_and_times_are_checked),
		cmocka_unit_test(a_command_that_is_not_there_is_misuse),
		cmocka_unit_test(help_and_version_are_no_misuse),
		cmocka_unit_test(every_command_is_complete),
	};

	return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
