/* test_tested.c - a script passes when its own tests do, in a process of their own. */
#include "core/weir/tested.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/fiber/loop.h"
#include "core/fiber/wait.h"
#include "core/weir/commands.h"
#include "tests/test.h"

#define POLICY \
	"local policy, word = {}, require('word')\n" \
	"function policy.request(req) req:reply(200, word) end\n" \
	"return policy\n"

static char folder[32], script[64];
static struct weir_str folders[1];
static struct script_rules rules = { .folders = folders, .folder_count = 1, .time_ns = 100000000,
				     .memory = 8 << 20 };
static struct weir_error error;

static void write_file(const char *name, const char *text)
{
	char path[96];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int enter(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/weir-tested-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	(void)snprintf(script, sizeof(script), "%s/greet.lua", folder);
	folders[0] = str_from(folder);
	error.text[0] = '\0';
	write_file("greet.lua", POLICY);
	write_file("word.lua", "return 'hello'");
	return 0;
}

static int leave(void **state)
{
	char command[64];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

/* Its tests: one function. */
static void write_test(const char *body)
{
	char text[512];

	(void)snprintf(text, sizeof(text),
		       "local test = {}\nfunction test.greets(t)\n%s\nend\nreturn test\n", body);
	write_file("greet_test.lua", text);
}

static bool passes(void)
{
	return script_tested(script, &rules, &error);
}

static void without_tests_a_script_passes(void **state)
{
	(void)state;
	assert_true(passes());
	assert_string_equal(error.text, "");
}

static void with_tests_that_pass_it_passes(void **state)
{
	(void)state;
	write_test("local r = t:request{ path = '/' } t:equal(r.body, 'hello')");

	assert_true(passes());
}

static void a_test_that_fails_is_named_with_its_place_and_why(void **state)
{
	(void)state;
	write_test("local r = t:request{ path = '/' } t:equal(r.status, 404)");

	assert_false(passes());

	assert_non_null(strstr(error.text, "its test greets fails: "));
	assert_non_null(strstr(error.text, "greet_test.lua:3: "));
	assert_null(strchr(error.text, '\n'));
}

static void tests_that_cannot_be_read_say_which_file(void **state)
{
	(void)state;
	write_file("greet_test.lua", "return {");

	assert_false(passes());

	assert_non_null(strstr(error.text, "greet_test.lua"));
}

static void modules_are_found_in_the_folders_of_the_configuration(void **state)
{
	char far[] = "/tmp/weir-tested-XXXXXX", path[64], command[64];

	(void)state;
	assert_non_null(mkdtemp(far));
	(void)snprintf(path, sizeof(path), "../%s/word.lua", strrchr(far, '/') + 1);
	write_file(path, "return 'from afar'");
	(void)snprintf(path, sizeof(path), "%s/word.lua", folder);
	assert_int_equal(unlink(path), 0);
	write_test("t:equal(t:request{ path = '/' }.body, 'from afar')");

	assert_false(passes());
	folders[0] = str_from(far);
	assert_true(passes());

	(void)snprintf(command, sizeof(command), "rm -r %s", far);
	assert_int_equal(system(command), 0);
}

/* 200 million steps take longer than a millisecond on any machine. */
static void a_hook_has_the_time_that_the_configuration_gives(void **state)
{
	(void)state;
	write_file("greet.lua", "local policy = {}\nfunction policy.request(req)\n"
		   "local n = 0 for i = 1, 2e8 do n = n + i end req:reply(200, n) end\nreturn policy\n");
	write_test("t:equal(t:request{ path = '/' }.status, 200)");
	rules.time_ns = 1000000;

	assert_false(passes());

	rules.time_ns = 100000000;
	assert_non_null(strstr(error.text, "its test greets fails"));
}

/* What there is no room for is left out, but nothing waits for it to be read. */
static void tests_that_say_a_lot_are_read_to_their_end(void **state)
{
	(void)state;
	write_test("for i = 1, 100 do print(('y'):rep(4000)) end");
	assert_true(passes());

	write_test("for i = 1, 100 do print(('y'):rep(4000)) end t:equal(1, 2)");
	assert_false(passes());
	assert_non_null(strstr(error.text, "its test"));
}

static bool passed_on_fiber;

static void on_fiber(void *loop)
{
	struct deadline d;

	deadline_enter(&d, clock_after(clock_now(), 60 * NS_PER_S), REASON_NONE);
	passed_on_fiber = passes();
	deadline_leave(&d);
	loop_stop(loop);
}

static void on_a_fiber_it_is_the_same(void **state)
{
	struct loop loop;

	(void)state;
	write_test("t:equal(1, 1)");
	passed_on_fiber = false;
	assert_true(loop_init(&loop, NULL, &error));
	assert_non_null(fiber_start(&loop, on_fiber, &loop));

	loop_run(&loop);

	loop_fini(&loop);
	assert_true(passed_on_fiber);
}

/* As `weir test` it is started again: /proc/self/exe is this program. */
const struct command *const commands[] = { &command_test, NULL };

int main(int argc, char **argv)
{
#define there(f) cmocka_unit_test_setup_teardown(f, enter, leave)
	const struct CMUnitTest tests[] = {
		there(without_tests_a_script_passes),
		there(with_tests_that_pass_it_passes),
		there(a_test_that_fails_is_named_with_its_place_and_why),
		there(tests_that_cannot_be_read_say_which_file),
		there(modules_are_found_in_the_folders_of_the_configuration),
		there(a_hook_has_the_time_that_the_configuration_gives),
		there(tests_that_say_a_lot_are_read_to_their_end),
		there(on_a_fiber_it_is_the_same),
	};

	if (argc > 1 && strcmp(argv[1], "test") == 0)
		return command_main(argc, argv);
	return cmocka_run_group_tests_name("tested", tests, NULL, NULL);
}
