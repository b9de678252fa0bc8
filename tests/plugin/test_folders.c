/* test_folders.c - where plugins lie, and what is said when they do not. */
#include "core/base/mem.h"
#include "core/plugin/folders.h"
#include "tests/plugin/folder.h"

struct world {
	struct folder a, b, built_in;
	struct folders folders;
	struct weir_error error;
};

static int start(void **state)
{
	static struct world w;
	struct weir_str paths[2];

	w = (struct world){ .error = { "" } };
	folder_make(&w.a);
	folder_make(&w.b);
	folder_make(&w.built_in);
	setenv("WEIR_PLUGIN_DIR", w.built_in.path, 1);
	paths[0] = str_from(w.a.path);
	paths[1] = str_from(w.b.path);
	assert_true(folders_set(&w.folders, paths, 2));
	*state = &w;
	return 0;
}

static int stop(void **state)
{
	struct world *w = *state;

	folders_fini(&w->folders);
	folder_clear(&w->a);
	folder_clear(&w->b);
	folder_clear(&w->built_in);
	return 0;
}

static void finds(struct world *w, const char *name, const struct folder *where, const char *file)
{
	char *path = folders_find(&w->folders, str_from(name), &w->error);

	assert_non_null(path);
	assert_string_equal(path, folder_path(where, file).text);
	mem_free(path);
}

static void a_file_or_a_folder_of_that_name(void **state)
{
	struct world *w = *state;

	folder_write(&w->b, "one.so", "");
	folder_add_folder(&w->built_in, "two");
	folder_write(&w->built_in, "two/two.so", "");
	finds(w, "one", &w->b, "one.so");
	finds(w, "two", &w->built_in, "two/two.so");
}

static void a_missing_one_says_where_it_was_looked_for(void **state)
{
	struct world *w = *state;
	char wanted[512];

	assert_null(folders_find(&w->folders, STR("stamp"), &w->error));
	snprintf(wanted, sizeof(wanted), "there is no plugin \"stamp\"; looked for stamp.so in %s, %s, "
		 "%s; add its folder to plugins.path", w->a.path, w->b.path, w->built_in.path);
	assert_string_equal(w->error.text, wanted);
}

static void a_near_name_is_suggested(void **state)
{
	struct world *w = *state;

	folder_write(&w->b, "stamp.so", "");
	folder_write(&w->b, "ring_hash.so", "");
	assert_null(folders_find(&w->folders, STR("stmap"), &w->error));
	assert_non_null(strstr(w->error.text, "; did you mean \"stamp\"?"));
}

static void nothing_far_is_suggested(void **state)
{
	struct world *w = *state;

	folder_write(&w->b, "file.so", "");
	assert_null(folders_find(&w->folders, STR("jwt"), &w->error));
	assert_null(strstr(w->error.text, "did you mean"));
}

/* A folder, say. */
static void what_is_there_but_no_file_is_not_suggested(void **state)
{
	struct world *w = *state;

	folder_add_folder(&w->b, "stamp.so");
	assert_null(folders_find(&w->folders, STR("stamp"), &w->error));
	assert_null(strstr(w->error.text, "did you mean"));
}

static void two_of_a_name_are_refused(void **state)
{
	struct world *w = *state;

	folder_write(&w->a, "stamp.so", "");
	folder_write(&w->built_in, "stamp.so", "");
	assert_null(folders_find(&w->folders, STR("stamp"), &w->error));
	assert_non_null(strstr(w->error.text, folder_path(&w->a, "stamp.so").text));
	assert_non_null(strstr(w->error.text, folder_path(&w->built_in, "stamp.so").text));
	assert_non_null(strstr(w->error.text, "keep one of them"));
}

static void one_file_by_two_ways_is_one(void **state)
{
	struct world *w = *state;

	folder_write(&w->a, "stamp.so", "");
	assert_int_equal(symlink(folder_path(&w->a, "stamp.so").text,
				 folder_path(&w->b, "stamp.so").text), 0);
	finds(w, "stamp", &w->a, "stamp.so");
}

static void a_name_cannot_leave_its_folder(void **state)
{
	struct world *w = *state;

	assert_null(folders_find(&w->folders, STR("../stamp"), &w->error));
	assert_string_equal(w->error.text, "\"../stamp\" is no name for a plugin: a-z first, then a-z "
			    "0-9 _");
}

static void collect(void *arg, struct weir_str name)
{
	char *text = arg;
	size_t len = strlen(text);

	snprintf(text + len, 100 - len, "%.*s ", STR_ARG(name));
}

static void all_are_seen_once(void **state)
{
	struct world *w = *state;
	char names[100] = "";

	folder_write(&w->a, "one.so", "");
	folder_write(&w->b, "one.so", "");
	folder_add_folder(&w->b, "two");
	folder_write(&w->b, "two/two.so", "");
	folder_add_folder(&w->b, "three");
	folder_write(&w->b, "README.md", "");
	folder_write(&w->b, "Not-A-Name.so", "");
	folders_visit(&w->folders, collect, names);
	assert_string_equal(names, "one two ");
}

static void without_a_variable_there_is_a_built_in_folder(void **state)
{
	char *path;

	(void)state;
	unsetenv("WEIR_PLUGIN_DIR");
	path = folders_built_in();
	assert_non_null(path);
	assert_true(path[0] == '/');
	mem_free(path);
}

#define in_folders(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_folders(a_file_or_a_folder_of_that_name),
		in_folders(a_missing_one_says_where_it_was_looked_for),
		in_folders(a_near_name_is_suggested),
		in_folders(nothing_far_is_suggested),
		in_folders(what_is_there_but_no_file_is_not_suggested),
		in_folders(two_of_a_name_are_refused),
		in_folders(one_file_by_two_ways_is_one),
		in_folders(a_name_cannot_leave_its_folder),
		in_folders(all_are_seen_once),
		in_folders(without_a_variable_there_is_a_built_in_folder),
	};

	return cmocka_run_group_tests_name("folders", tests, NULL, NULL);
}
