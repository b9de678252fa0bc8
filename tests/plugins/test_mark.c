/* test_mark.c - whether a file is still the same, and who tells. */
#include "tests/test.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugins/file/mark.h"

static char *home;

static const char *path(const char *name)
{
	static char text[4][512];
	static unsigned next;

	next = (next + 1) % 4;
	snprintf(text[next], sizeof(text[next]), "%s/%s", home, name);
	return text[next];
}

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(path(name), "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* What has been told by now; the kernel queues it before the call that caused it returns. */
static bool told(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	bool there = poll(&p, 1, 0) > 0;

	(void)mark_drain(fd);
	return there;
}

static void a_replaced_file_has_another_mark(void **state)
{
	struct mark before, after;

	(void)state;
	write_file("a", "one");
	before = mark_of(path("a"));
	after = mark_of(path("a"));
	assert_true(mark_same(&before, &after));

	write_file("a.new", "two");
	assert_int_equal(rename(path("a.new"), path("a")), 0);
	after = mark_of(path("a"));
	assert_false(mark_same(&before, &after));

	assert_int_equal(unlink(path("a")), 0);
	after = mark_of(path("a"));
	assert_false(mark_same(&before, &after));
	assert_true(mark_same(&after, &(struct mark){ 0 }));
}

static void replacing_and_rewriting_are_told(void **state)
{
	int fd;

	(void)state;
	write_file("b", "one");
	fd = mark_watch(path("b"));
	assert_true(fd >= 0);
	assert_false(told(fd));

	write_file("b", "two");
	assert_true(told(fd));
	write_file("b.new", "three");
	(void)told(fd);
	assert_int_equal(rename(path("b.new"), path("b")), 0);
	assert_true(told(fd));
	assert_int_equal(unlink(path("b")), 0);
	assert_true(told(fd));
	(void)close(fd);
}

/* As orchestrators mount volumes: file -> ..data/file, ..data -> ..1, and ..data is swapped. */
static void a_swapped_link_in_the_middle_is_told(void **state)
{
	struct mark before, after;
	int fd;

	(void)state;
	assert_int_equal(mkdir(path("mount"), 0700), 0);
	assert_int_equal(mkdir(path("mount/..1"), 0700), 0);
	assert_int_equal(mkdir(path("mount/..2"), 0700), 0);
	write_file("mount/..1/f", "one");
	write_file("mount/..2/f", "two");
	assert_int_equal(symlink("..1", path("mount/..data")), 0);
	assert_int_equal(symlink("..data/f", path("mount/f")), 0);
	before = mark_of(path("mount/f"));
	fd = mark_watch(path("mount/f"));
	assert_false(told(fd));

	assert_int_equal(symlink("..2", path("mount/..data_tmp")), 0);
	(void)told(fd);
	assert_int_equal(rename(path("mount/..data_tmp"), path("mount/..data")), 0);

	assert_true(told(fd));
	after = mark_of(path("mount/f"));
	assert_false(mark_same(&before, &after));
	(void)close(fd);
}

static void a_file_behind_a_link_elsewhere_is_watched(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(mkdir(path("x"), 0700), 0);
	write_file("x/real", "one");
	assert_int_equal(symlink("x/real", path("link")), 0);
	fd = mark_watch(path("link"));
	assert_false(told(fd));
	write_file("x/real", "two");
	assert_true(told(fd));
	(void)close(fd);
}

static void a_ring_of_links_ends(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(symlink("r2", path("r1")), 0);
	assert_int_equal(symlink("r1", path("r2")), 0);
	fd = mark_watch(path("r1"));
	assert_true(fd >= 0);
	(void)close(fd);
}

/* Half a file is not taken for one. */
static void what_is_only_begun_is_not_whole(void **state)
{
	FILE *f;
	int fd;

	(void)state;
	fd = mark_watch(path("half"));
	f = fopen(path("half"), "w");
	assert_non_null(f);
	assert_false(mark_drain(fd));
	fputs("x", f);
	assert_int_equal(fflush(f), 0);
	assert_false(mark_drain(fd));
	assert_int_equal(fclose(f), 0);
	assert_true(mark_drain(fd));
	(void)close(fd);
}

/* It may come later: the folder is watched. */
static void a_file_that_is_not_there_is_waited_for(void **state)
{
	int fd;

	(void)state;
	fd = mark_watch(path("later"));
	assert_true(fd >= 0);
	write_file("later", "x");
	assert_true(told(fd));
	(void)close(fd);
}

static int make_home(void **state)
{
	static char template[] = "/tmp/weir-mark-XXXXXX";

	(void)state;
	home = mkdtemp(template);
	return home == NULL;
}

static int clear_home(void **state)
{
	char command[600];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", home);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_replaced_file_has_another_mark),
		cmocka_unit_test(replacing_and_rewriting_are_told),
		cmocka_unit_test(a_swapped_link_in_the_middle_is_told),
		cmocka_unit_test(a_file_behind_a_link_elsewhere_is_watched),
		cmocka_unit_test(a_ring_of_links_ends),
		cmocka_unit_test(what_is_only_begun_is_not_whole),
		cmocka_unit_test(a_file_that_is_not_there_is_waited_for),
	};

	return cmocka_run_group_tests_name("mark", tests, make_home, clear_home);
}
