/* test_examples.c - what stands in conf/ does as it says: good/ and examples/ load, bad/ is
 * refused with the words beside it. */
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/conf/loading.h"

struct names {
	char at[64][64];
	size_t count;
};

static int by_bytes(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* All that end with .yaml in the folder, which becomes the one we are in. */
static struct names enter(const char *folder)
{
	const char *source = getenv("WEIR_SOURCE");
	struct names names = { .count = 0 };
	const struct dirent *entry;
	char path[1024];
	DIR *dir;

	(void)snprintf(path, sizeof(path), "%s/conf/%s", source != NULL ? source : ".", folder);
	assert_int_equal(chdir(path), 0);
	dir = opendir(".");
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (!str_ends(str_from(entry->d_name), STR(".yaml")))
			continue;
		assert_true(names.count < 64 && strlen(entry->d_name) < 64);
		strcpy(names.at[names.count++], entry->d_name);
	}
	closedir(dir);
	qsort(names.at, names.count, sizeof(names.at[0]), by_bytes);
	return names;
}

static void leave(char *back)
{
	assert_int_equal(chdir(back), 0);
	free(back);
}

static void assert_all_load(const char *folder, size_t at_least)
{
	char *back = getcwd(NULL, 0);
	struct names names = enter(folder);

	assert_true(names.count >= at_least);
	for (size_t i = 0; i < names.count; i++) {
		struct loaded l = load_file(names.at[i]);

		if (!l.fine || l.said.data[0] != '\0')
			fail_msg("conf/%s/%s: %s", folder, names.at[i], l.said.data);
		unload(&l);
	}
	leave(back);
}

static void examples_load_without_a_word(void **state)
{
	(void)state;
	assert_all_load("examples", 6);
}

static void good_ones_load_without_a_word(void **state)
{
	(void)state;
	assert_all_load("good", 8);
}

static struct weir_str expected(const char *name, struct buffer *into)
{
	char path[128];
	FILE *file;
	size_t n;

	(void)snprintf(path, sizeof(path), "%.*s.expect", (int)(strlen(name) - 5), name);
	file = fopen(path, "r");
	if (file == NULL)
		fail_msg("conf/bad/%s is missing", path);
	assert_true(buffer_reserve(into, 32768));
	n = fread(into->data, 1, 32768, file);
	fclose(file);
	into->end = n;
	return buffer_str(into);
}

static void bad_ones_are_refused_with_the_words_beside_them(void **state)
{
	char *back = getcwd(NULL, 0);
	struct names names = enter("bad");

	(void)state;
	unsetenv("WEIR_EXAMPLE_UNSET");
	assert_true(names.count >= 15);
	for (size_t i = 0; i < names.count; i++) {
		struct loaded l = load_file(names.at[i]);
		struct buffer want;

		buffer_init(&want, 65536);
		assert_false(l.fine);
		if (!str_eq(expected(names.at[i], &want), str_from(l.said.data)))
			fail_msg("conf/bad/%s says\n%s\ninstead of\n%.*s", names.at[i], l.said.data,
				 STR_ARG(buffer_str(&want)));
		buffer_fini(&want);
		unload(&l);
	}
	leave(back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples_load_without_a_word),
		cmocka_unit_test(good_ones_load_without_a_word),
		cmocka_unit_test(bad_ones_are_refused_with_the_words_beside_them),
	};

	return cmocka_run_group_tests_name("examples", tests, NULL, NULL);
}
