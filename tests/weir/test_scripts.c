/* test_scripts.c - Lua policies are found by name, and shared while their text is the same. */
#include "core/weir/scripts.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/weir/offline.h"
#include "tests/test.h"

#define REPLY(text) "local policy = {}\nfunction policy.request(req) req:reply(200, '" text "') end\n" \
	"return policy\n"
#define MINIMAL "listen: 127.0.0.1:1\nroutes: [{redirect: {path: /a}}]\n"

static char folder[32];

/* One configuration with its scripts, as a reload makes it. */
struct reading {
	struct registry *registry;
	struct conf *conf;
	struct diagnostics d;
	struct script_set *set;
	struct weir_error error;
};

static struct reading first, second;

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

/* `more`: what stands in `lua:` beside the path, and behind it. */
static void reads(struct reading *r, const char *more)
{
	char text[512];

	(void)snprintf(text, sizeof(text), "lua: {path: [%s]%s\n" MINIMAL, folder, more);
	diagnostics_init(&r->d);
	r->registry = registry_new();
	assert_non_null(r->registry);
	if (!conf_load_text("w.yaml", str_from(text), &r->conf, &r->d))
		fail_msg("%s", r->d.count > 0 ? r->d.items[0].text : "no words");
	r->set = scripts_begin(r->registry, r->conf);
	assert_non_null(r->set);
}

static void forgets(struct reading *r)
{
	scripts_release(r->set);
	registry_free(r->registry);
	conf_free(r->conf);
	diagnostics_fini(&r->d);
	*r = (struct reading){ .set = NULL };
}

static const struct kind *finds(struct reading *r, const char *name)
{
	r->error.text[0] = '\0';
	return registry_find(r->registry, str_from(name), &r->error);
}

static int enter(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/weir-scripts-XXXXXX");
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int leave(void **state)
{
	char command[64];

	(void)state;
	(void)unsetenv("WEIR_LUA_DIR");
	if (second.registry != NULL)
		forgets(&second);
	if (first.registry != NULL)
		forgets(&first);
	(void)snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static void a_script_is_found_by_its_name_as_a_policy(void **state)
{
	const struct kind *kind;

	(void)state;
	write_file("greet.lua", "-- greet.lua - says hello.\n" REPLY("hello"));
	reads(&first, "}");

	kind = finds(&first, "greet");

	if (kind == NULL)
		fail_msg("%s", first.error.text);
	assert_str(kind->name, "greet");
	assert_true(kind_has(kind, AS_POLICY));
	assert_false(kind_has(kind, AS_BALANCER));
	assert_ptr_equal(finds(&first, "greet"), kind);
	assert_non_null(strstr(kind->file.data, "/greet.lua"));
}

/* Plays those that come with Weir. */
static void write_built_in(const char *summary)
{
	char path[64], text[256];

	(void)snprintf(path, sizeof(path), "%s/own", folder);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(setenv("WEIR_LUA_DIR", path, 1), 0);
	(void)snprintf(text, sizeof(text), "-- canary.lua - %s\n%s", summary, REPLY("c"));
	write_file("own/canary.lua", text);
}

static void the_policies_that_come_with_weir_are_found_without_a_path(void **state)
{
	(void)state;
	write_built_in("comes with Weir.");
	diagnostics_init(&first.d);
	first.registry = registry_new();
	first.set = scripts_begin(first.registry, NULL);

	assert_non_null(finds(&first, "canary"));
	assert_null(finds(&first, "carnary"));
	assert_non_null(strstr(first.error.text, "carnary"));
}

static void the_first_folder_goes_before_those_that_come_with_weir(void **state)
{
	(void)state;
	write_built_in("comes with Weir.");
	write_file("canary.lua", "-- canary.lua - another one.\n" REPLY("mine"));
	reads(&first, "}");

	assert_string_equal(finds(&first, "canary")->plugin.summary, "another one.");
}

/* So its uses are carried over a reload, with what they have learnt. */
static void the_same_text_is_the_same_script(void **state)
{
	const struct kind *kind;

	(void)state;
	write_file("greet.lua", REPLY("hello"));
	reads(&first, "}");
	kind = finds(&first, "greet");
	assert_non_null(kind);

	reads(&second, "}");

	assert_ptr_equal(finds(&second, "greet"), kind);
	forgets(&first);
	assert_ptr_equal(finds(&second, "greet"), kind);	/* the second holds it as well */
}

static void another_text_is_another_script_and_both_live(void **state)
{
	const struct kind *one, *two;

	(void)state;
	write_file("greet.lua", REPLY("hello"));
	reads(&first, "}");
	one = finds(&first, "greet");
	write_file("greet.lua", REPLY("hello again"));
	reads(&second, "}");
	two = finds(&second, "greet");

	assert_non_null(one);
	assert_non_null(two);
	assert_ptr_not_equal(one, two);
	assert_ptr_equal(finds(&first, "greet"), one);
	assert_str(one->name, "greet");
}

/* Its time or memory is another: it has to be told. */
static void under_other_rules_it_is_another_script(void **state)
{
	const struct kind *one;

	(void)state;
	write_file("greet.lua", REPLY("hello"));
	reads(&first, ", time: 50ms}");
	one = finds(&first, "greet");
	reads(&second, ", time: 60ms}");

	assert_non_null(one);
	assert_ptr_not_equal(finds(&second, "greet"), one);
}

static void a_module_that_has_changed_makes_another_script(void **state)
{
	const struct kind *one;

	(void)state;
	write_file("word.lua", "return 'hello'");
	write_file("greet.lua", "local word = require('word')\n" REPLY("hello"));
	reads(&first, "}");
	one = finds(&first, "greet");
	assert_non_null(one);
	write_file("word.lua", "return 'hi'");
	reads(&second, "}");

	assert_ptr_not_equal(finds(&second, "greet"), one);
}

static void a_script_that_is_broken_says_where(void **state)
{
	(void)state;
	write_file("greet.lua", "local policy = {}\nfunction\n");
	reads(&first, "}");

	assert_null(finds(&first, "greet"));
	assert_non_null(strstr(first.error.text, "greet.lua:3: "));
}

/* It would overflow in the middle of a request. */
static void on_a_small_stack_no_script_is_taken(void **state)
{
	(void)state;
	write_file("greet.lua", REPLY("hello"));
	reads(&first, "}\nfiber_stack: 256k");

	assert_null(finds(&first, "greet"));
	assert_non_null(strstr(first.error.text, "needs `fiber_stack: 1m` or more, and it is 256k"));
}

static void every_file_that_was_read_is_a_source(void **state)
{
	struct arena arena;
	struct sources sources = { .arena = &arena };

	(void)state;
	arena_init(&arena, NULL, 1 << 20);
	write_file("word.lua", "return 'hello'");
	write_file("greet.lua", "local word = require('word')\n" REPLY("hello"));
	write_file("other.lua", REPLY("nobody asks"));
	reads(&first, "}");
	assert_non_null(finds(&first, "greet"));

	assert_true(scripts_note_files(first.set, &sources));

	assert_int_equal(sources.count, 2);
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(sources.items[i].kind, SOURCE_NAMED);
		assert_null(strstr(sources.items[i].path, "other.lua"));
	}
	arena_reset(&arena);
}

static char seen[1024], complained[1024];

static void see(void *arg, const struct kind *kind)
{
	size_t used = strlen(seen);

	(void)arg;
	if (strncmp(kind->file.data, folder, strlen(folder)) == 0)
		(void)snprintf(seen + used, sizeof(seen) - used, "%.*s ", STR_ARG(kind->name));
}

static void complain(void *arg, const char *sentence)
{
	size_t used = strlen(complained);

	(void)arg;
	(void)snprintf(complained + used, sizeof(complained) - used, "%s\n", sentence);
}

static void all_are_shown_by_name_without_tests_and_what_is_no_name(void **state)
{
	(void)state;
	write_file("zeta.lua", REPLY("z"));
	write_file("alpha.lua", REPLY("a"));
	write_file("alpha_test.lua", "return {}");
	write_file("ab_test.lua", REPLY("no test of anything"));
	write_file("Not a Name.lua", REPLY("n"));
	write_file("notes.txt", "");
	write_file("broken.lua", "return {");
	seen[0] = complained[0] = '\0';
	reads(&first, "}");

	registry_load_all(first.registry, complain, NULL);
	registry_visit(first.registry, see, NULL);

	assert_string_equal(seen, "ab_test alpha zeta ");
	assert_non_null(strstr(complained, "broken.lua:1: "));
	assert_null(strstr(complained, "Not a Name"));
	assert_null(strstr(complained, "alpha_test"));
}

int main(void)
{
#define there(f) cmocka_unit_test_setup_teardown(f, enter, leave)
	const struct CMUnitTest tests[] = {
		there(a_script_is_found_by_its_name_as_a_policy),
		there(the_policies_that_come_with_weir_are_found_without_a_path),
		there(the_first_folder_goes_before_those_that_come_with_weir),
		there(the_same_text_is_the_same_script),
		there(another_text_is_another_script_and_both_live),
		there(under_other_rules_it_is_another_script),
		there(a_module_that_has_changed_makes_another_script),
		there(a_script_that_is_broken_says_where),
		there(on_a_small_stack_no_script_is_taken),
		there(every_file_that_was_read_is_a_source),
		there(all_are_shown_by_name_without_tests_and_what_is_no_name),
	};

	return cmocka_run_group_tests_name("scripts", tests, NULL, NULL);
}
