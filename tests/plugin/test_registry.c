/* test_registry.c - real files: what can be loaded, and what is said of what cannot. */
#include "core/plugin/registry.h"
#include "core/plugin/window.h"
#include "tests/plugin/folder.h"

/* Where the build has put them; the tests run in the build folder. */
#define GOOD "tests/plugins"
#define BAD "tests/plugins/bad"

static struct registry *registry;
static struct weir_error error;

static int start(void **state)
{
	const struct weir_str path[] = { STR(GOOD), STR(BAD) };

	(void)state;
	setenv("WEIR_PLUGIN_DIR", "/nonexistent", 1);
	registry = registry_new();
	error.text[0] = '\0';
	return registry == NULL || !registry_set_path(registry, path, 2);
}

static int stop(void **state)
{
	(void)state;
	registry_free(registry);
	return 0;
}

static void refused(const char *name, const char *sentence)
{
	error.text[0] = '\0';
	assert_null(registry_find(registry, str_from(name), &error));
	if (strstr(error.text, sentence) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error.text, sentence);
}

static void stamp_is_loaded_with_all_that_it_is(void **state)
{
	const struct kind *kind = registry_find(registry, STR("stamp"), &error);

	(void)state;
	assert_non_null(kind);
	assert_str(kind->name, "stamp");
	assert_str(kind->file, GOOD "/stamp.so");
	assert_string_equal(kind->plugin.summary, "sets a header on every answer");
	assert_string_equal(kind->plugin.options[0].name, "name");
	assert_true(kind->plugin.options[0].required);
	assert_non_null(kind->plugin.policy->on_response);
	assert_null(kind->plugin.policy->on_request);
	assert_ptr_equal(*kind->plugin.host, window_table());
}

static void a_plugin_is_loaded_once(void **state)
{
	(void)state;
	assert_ptr_equal(registry_find(registry, STR("stamp"), &error),
			 registry_find(registry, STR("stamp"), &error));
}

static void a_frozen_plugin_of_the_first_day_is_loaded(void **state)
{
	const struct kind *kind = registry_find(registry, STR("first"), &error);

	(void)state;
	if (kind == NULL)
		fail_msg("%s", error.text);
	assert_string_equal(kind->plugin.options[0].fallback, "day");
	assert_non_null(kind->plugin.policy->on_response);
}

static void the_bad_ones_say_why(void **state)
{
	(void)state;
	refused("nobody", BAD "/nobody.so is no plugin of Weir: it does not export `weir_plugin`; end "
		"its main file with WEIR_PLUGIN(nobody, ...)");
	refused("elder", BAD "/elder.so cannot be used: it was built for plugin API 0, and this Weir has "
		"1; build it again with the headers of this Weir");
	refused("younger", BAD "/younger.so cannot be used: it was built for plugin API 1.999, and this "
		"Weir has 1.0; use a newer Weir, or build it with -DWEIR_API_MINOR=0");
	refused("misnamed", BAD "/misnamed.so calls itself `somebody_else`; file, descriptor and the word "
		"in the configuration must be one name");
	refused("idle", BAD "/idle.so cannot be used: it plays no role");
	refused("badoptions", BAD "/badoptions.so cannot be used: its option `colour` is a choice of "
		"nothing");
	refused("lost", BAD "/lost.so cannot be loaded: undefined symbol: nowhere_to_be_found");
	refused("stamb", "there is no plugin \"stamb\"; looked for stamb.so in " GOOD ", " BAD
		", /nonexistent; did you mean \"stamp\"?");
}

static void what_is_no_library_says_so(void **state)
{
	struct folder f;
	struct weir_str path;

	(void)state;
	folder_make(&f);
	folder_write(&f, "text.so", "this is no library");
	path = str_from(f.path);
	assert_true(registry_set_path(registry, &path, 1));
	refused("text", "text.so cannot be loaded: file too short");
	folder_clear(&f);
}

static void a_plugin_stands_only_where_it_has_a_role(void **state)
{
	(void)state;
	assert_non_null(registry_find_role(registry, STR("stamp"), AS_POLICY, &error));
	assert_null(registry_find_role(registry, STR("stamp"), AS_BALANCER, &error));
	assert_string_equal(error.text, "the plugin \"stamp\" cannot stand here: this place wants a "
			    "plugin of the role balancer, and it is one of policy");
}

static char said[2048];

static void say(void *arg, const char *sentence)
{
	(void)arg;
	strcat(said, sentence);
	strcat(said, "\n");
}

static void count(void *arg, const struct kind *kind)
{
	strcat(arg, kind->plugin.name);
	strcat(arg, " ");
}

static void all_that_is_there_is_listed_by_name(void **state)
{
	char names[200] = "";

	(void)state;
	said[0] = '\0';
	registry_load_all(registry, say, NULL);
	registry_visit(registry, count, names);
	assert_string_equal(names, "alarm first learner rude stamp stuck tour waiter ");
	assert_non_null(strstr(said, "nobody.so is no plugin of Weir"));
	assert_non_null(strstr(said, "elder.so cannot be used"));
}

static void a_file_that_changed_is_told_and_not_taken(void **state)
{
	const struct kind *before;
	struct folder f;
	struct weir_str path;

	(void)state;
	folder_make(&f);
	folder_copy(&f, GOOD "/stamp.so", "stamp.so");
	path = str_from(f.path);
	assert_true(registry_set_path(registry, &path, 1));
	before = registry_find(registry, STR("stamp"), &error);
	assert_non_null(before);
	said[0] = '\0';
	registry_changed(registry, say, NULL);
	assert_string_equal(said, "");

	folder_copy(&f, GOOD "/stamp.so", "new.so");
	assert_int_equal(rename(folder_path(&f, "new.so").text, folder_path(&f, "stamp.so").text), 0);
	registry_changed(registry, say, NULL);
	assert_non_null(strstr(said, "the plugin \"stamp\" has changed on disk"));
	assert_non_null(strstr(said, "until SIGUSR2 or a restart"));
	assert_ptr_equal(registry_find(registry, STR("stamp"), &error), before);

	said[0] = '\0';
	assert_int_equal(unlink(folder_path(&f, "stamp.so").text), 0);
	registry_changed(registry, say, NULL);
	assert_non_null(strstr(said, "which is gone"));
	folder_clear(&f);
}

static const struct weir_host *own_slot;

static enum weir_verdict next(const struct weir_here *here, struct weir_exchange *ex)
{
	(void)here, (void)ex;
	return WEIR_NEXT;
}

static void a_plugin_may_be_part_of_the_program(void **state)
{
	static const struct weir_policy policy = WEIR_POLICY(.on_request = next);
	static const struct weir_plugin own = {
		.size = sizeof(own), .major = WEIR_API_MAJOR, .host = &own_slot,
		.option_size = sizeof(struct weir_option), .name = "own", .policy = &policy,
	};
	const struct kind *kind;

	(void)state;
	assert_true(registry_add(registry, &own, &error));
	kind = registry_find(registry, STR("own"), &error);
	assert_non_null(kind);
	assert_null(kind->file.data);
	assert_ptr_equal(own_slot, window_table());
	assert_false(registry_add(registry, &own, &error));
	assert_string_equal(error.text, "there is a plugin \"own\" already");
}

#define with_registry(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_registry(stamp_is_loaded_with_all_that_it_is),
		with_registry(a_plugin_is_loaded_once),
		with_registry(a_frozen_plugin_of_the_first_day_is_loaded),
		with_registry(the_bad_ones_say_why),
		with_registry(what_is_no_library_says_so),
		with_registry(a_plugin_stands_only_where_it_has_a_role),
		with_registry(all_that_is_there_is_listed_by_name),
		with_registry(a_file_that_changed_is_told_and_not_taken),
		with_registry(a_plugin_may_be_part_of_the_program),
	};

	return cmocka_run_group_tests_name("registry", tests, NULL, NULL);
}
