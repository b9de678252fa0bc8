/* test_links.c - every folder that decides where a path leads is visited, and no other. */
#include "core/weir/links.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/test.h"

static char folder[] = "/tmp/weir-links-XXXXXX";
static char before[PATH_MAX];		/* where this process worked */
static char visited[8192];		/* relative to the folder, a space behind each */
static unsigned visits, most;

static int enter(void **state)
{
	static char made[sizeof(folder)];

	(void)state;
	memcpy(made, folder, sizeof(folder));
	if (mkdtemp(made) == NULL || getcwd(before, sizeof(before)) == NULL)
		return -1;
	/* /tmp itself may be a link */
	return chdir(made);
}

static int leave(void **state)
{
	char command[PATH_MAX + 16], here[PATH_MAX];

	(void)state;
	if (getcwd(here, sizeof(here)) == NULL || chdir(before) != 0)
		return -1;
	(void)snprintf(command, sizeof(command), "rm -r '%s'", here);
	return system(command);
}

static bool visit(void *arg, const char *path)
{
	char here[PATH_MAX];
	size_t len, used = strlen(visited);

	(void)arg;
	if (getcwd(here, sizeof(here)) == NULL)
		return false;
	len = strlen(here);
	if (strncmp(path, here, len) == 0)
		path = path[len] == '\0' ? "." : path + len + 1;
	(void)snprintf(visited + used, sizeof(visited) - used, "%s ", path);
	return ++visits != most;
}

/* The folders on the way of this path. */
static const char *walk(const char *path)
{
	visited[0] = '\0';
	visits = most = 0;
	assert_true(links_walk(path, visit, NULL));
	return visited;
}

static void make_file(const char *path)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	fclose(f);
}

static void make_folder(const char *path)
{
	assert_int_equal(mkdir(path, 0755), 0);
}

static void make_link(const char *to, const char *path)
{
	assert_int_equal(symlink(to, path), 0);
}

static void of_a_plain_file_it_is_its_folder(void **state)
{
	char whole[PATH_MAX], here[PATH_MAX];

	(void)state;
	make_folder("a");
	make_folder("a/b");
	make_file("a/b/c");
	assert_non_null(getcwd(here, sizeof(here)));
	(void)snprintf(whole, sizeof(whole), "%.4000s/a/b/c", here);

	assert_string_equal(walk("a/b/c"), "a/b ");
	assert_string_equal(walk(whole), "a/b ");
	assert_string_equal(walk("a//b///c"), "a//b ");
}

static void of_a_folder_it_is_the_one_around_it_and_itself(void **state)
{
	(void)state;
	make_folder("a");

	assert_string_equal(walk("a"), ". a ");
	assert_string_equal(walk("/"), "/ ");
}

static void a_link_counts_where_it_stands_and_where_it_leads(void **state)
{
	(void)state;
	make_folder("a");
	make_folder("b");
	make_file("b/file");
	make_link("../b/file", "a/link");

	assert_string_equal(walk("a/link"), "a a/../b ");
}

/* As a mounted volume has it: file -> ..data/file, ..data -> ..2026, and one rename changes both. */
static void the_links_of_a_mounted_volume_are_all_seen(void **state)
{
	(void)state;
	make_folder("v");
	make_folder("v/..2026");
	make_file("v/..2026/file");
	make_link("..2026", "v/..data");
	make_link("..data/file", "v/file");

	assert_string_equal(walk("v/file"), "v v v/..2026 ");
}

static void an_absolute_link_begins_anew(void **state)
{
	char to[PATH_MAX], here[PATH_MAX];

	(void)state;
	make_folder("a");
	make_folder("b");
	make_file("b/file");
	assert_non_null(getcwd(here, sizeof(here)));
	(void)snprintf(to, sizeof(to), "%.4000s/b", here);
	make_link(to, "a/link");

	assert_string_equal(walk("a/link/file"), "a b ");
}

static void where_the_path_breaks_off_is_the_last_folder_there_is(void **state)
{
	(void)state;
	make_folder("a");
	make_link("nowhere/at/all", "a/dead");

	assert_string_equal(walk("a/b/c/d"), "a ");
	assert_string_equal(walk("a/dead"), "a a ");
}

static void a_ring_of_links_is_walked_for_a_while_and_left(void **state)
{
	(void)state;
	make_link("other", "one");
	make_link("one", "other");

	assert_non_null(strstr(walk("one"), ". . . "));
	assert_true(visits > 30 && visits < 60);
}

static void it_ends_as_soon_as_the_visitor_says_so(void **state)
{
	(void)state;
	make_folder("a");
	make_link("a", "one");
	visited[0] = '\0';
	visits = 0;
	most = 1;

	assert_false(links_walk("one", visit, NULL));

	assert_int_equal(visits, 1);
}

static void a_path_longer_than_any_is_refused(void **state)
{
	static char path[PATH_MAX + 10];

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	visits = most = 0;

	assert_false(links_walk(path, visit, NULL));
	path[0] = '/';
	assert_false(links_walk(path, visit, NULL));

	assert_int_equal(visits, 0);
}

static void a_link_that_makes_it_too_long_ends_the_walk(void **state)
{
	static char far[PATH_MAX], path[PATH_MAX];

	(void)state;
	memset(far, 'x', 3000);
	make_link(far, "link");
	(void)snprintf(path, sizeof(path), "link/%.2000s", far);

	assert_string_equal(walk(path), ". ");
}

int main(void)
{
#define there(f) cmocka_unit_test_setup_teardown(f, enter, leave)
	const struct CMUnitTest tests[] = {
		there(of_a_plain_file_it_is_its_folder),
		there(of_a_folder_it_is_the_one_around_it_and_itself),
		there(a_link_counts_where_it_stands_and_where_it_leads),
		there(the_links_of_a_mounted_volume_are_all_seen),
		there(an_absolute_link_begins_anew),
		there(where_the_path_breaks_off_is_the_last_folder_there_is),
		there(a_ring_of_links_is_walked_for_a_while_and_left),
		there(it_ends_as_soon_as_the_visitor_says_so),
		there(a_path_longer_than_any_is_refused),
		there(a_link_that_makes_it_too_long_ends_the_walk),
	};

	return cmocka_run_group_tests_name("links", tests, NULL, NULL);
}
