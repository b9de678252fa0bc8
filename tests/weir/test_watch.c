/* test_watch.c - a change of a file is noticed however it is made, and once. */
#include "tests/test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/weir/links.h"
#include "core/weir/watch.h"

static struct fixture {
	char folder[64], file[128];
	struct loop loop;
	struct watch watch;
	unsigned changes;
} f;

static char *path(const char *name)
{
	static char rooms[4][128];
	static unsigned next;
	char *room = rooms[next++ % 4];

	snprintf(room, sizeof(rooms[0]), "%s/%s", f.folder, name);
	return room;
}

static void write_file(const char *to, const char *text)
{
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void on_change(struct watch *w)
{
	assert_ptr_equal(w->owner, &f);
	f.changes++;
}

static int begin(void **state)
{
	struct weir_error error = { "" };

	(void)state;
	f = (struct fixture){ .folder = "/tmp/weir-watch-XXXXXX" };
	assert_non_null(mkdtemp(f.folder));
	snprintf(f.file, sizeof(f.file), "%s/weir.yaml", f.folder);
	write_file(f.file, "one");
	assert_true(loop_init(&f.loop, NULL, &error));
	watch_init(&f.watch, &f.loop, on_change, &f);
	return 0;
}

static int end(void **state)
{
	char command[128];

	(void)state;
	watch_fini(&f.watch);
	loop_fini(&f.loop);
	snprintf(command, sizeof(command), "rm -rf %s", f.folder);
	assert_int_equal(system(command), 0);
	return 0;
}

static void watch_one(const char *name)
{
	const char *const names[] = { name };

	assert_true(watch_set(&f.watch, names, 1, 0));
}

static void run_for(uint64_t span)
{
	for (uint64_t until = clock_now() + span; clock_now() < until;)
		loop_turn(&f.loop, 20 * NS_PER_MS);
}

static void run_until_changed(unsigned changes)
{
	for (uint64_t until = clock_now() + 10 * NS_PER_S;
	     f.changes < changes && clock_now() < until;)
		loop_turn(&f.loop, 20 * NS_PER_MS);
	assert_int_equal(f.changes, changes);
}

static void writing_in_place_is_noticed_once(void **state)
{
	(void)state;
	watch_one(f.file);

	write_file(f.file, "two");
	run_until_changed(1);
	run_for(500 * NS_PER_MS);

	assert_int_equal(f.changes, 1);
}

static void replacing_is_noticed_again_and_again(void **state)
{
	(void)state;
	watch_one(f.file);

	for (unsigned i = 1; i <= 3; i++) {
		write_file(path("new"), "next");
		assert_int_equal(rename(path("new"), f.file), 0);
		run_until_changed(i);
	}
}

static void removing_and_creating_are_noticed(void **state)
{
	(void)state;
	watch_one(f.file);

	assert_int_equal(unlink(f.file), 0);
	run_until_changed(1);
	write_file(f.file, "back");
	run_until_changed(2);
}

static void another_file_in_the_folder_is_not_our_business(void **state)
{
	(void)state;
	watch_one(f.file);

	write_file(path("log"), "line");
	run_for(600 * NS_PER_MS);

	assert_int_equal(f.changes, 0);
}

/* weir.yaml -> ..data/weir.yaml, ..data -> version-1, and then ..data is swapped. */
static void a_swapped_link_of_a_mounted_volume_is_noticed(void **state)
{
	(void)state;
	assert_int_equal(mkdir(path("version-1"), 0755), 0);
	assert_int_equal(mkdir(path("version-2"), 0755), 0);
	write_file(path("version-1/weir.yaml"), "one");
	write_file(path("version-2/weir.yaml"), "two");
	assert_int_equal(symlink("version-1", path("..data")), 0);
	assert_int_equal(unlink(f.file), 0);
	assert_int_equal(symlink("..data/weir.yaml", f.file), 0);
	watch_one(f.file);

	assert_int_equal(symlink("version-2", path("..tmp")), 0);
	assert_int_equal(rename(path("..tmp"), path("..data")), 0);
	run_until_changed(1);

	write_file(path("version-2/weir.yaml"), "three");
	run_until_changed(2);
}

static void a_file_that_appears_later_is_noticed(void **state)
{
	(void)state;
	watch_one(path("sub/late.yaml"));

	assert_int_equal(mkdir(path("sub"), 0755), 0);
	run_for(400 * NS_PER_MS);
	write_file(path("sub/late.yaml"), "here");

	run_until_changed(1);
}

static void a_folder_changes_with_its_entries(void **state)
{
	(void)state;
	assert_int_equal(mkdir(path("conf.d"), 0755), 0);
	watch_one(path("conf.d"));

	write_file(path("conf.d/10.yaml"), "x");

	run_until_changed(1);
}

static void a_flurry_is_one_change(void **state)
{
	unsigned pauses = 0;

	(void)state;
	watch_one(f.file);

	for (int i = 0; i < 20; i++) {
		uint64_t began = clock_now();

		write_file(f.file, i % 2 == 0 ? "even" : "odd!");
		loop_turn(&f.loop, NS_PER_MS);
		pauses += clock_now() - began > 100 * NS_PER_MS;	/* a busy machine: it may be two */
	}
	for (uint64_t until = clock_now() + 20 * NS_PER_S; f.changes == 0 && clock_now() < until;)
		loop_turn(&f.loop, 20 * NS_PER_MS);
	run_for(600 * NS_PER_MS);

	assert_in_range(f.changes, 1, 1 + pauses);
}

static void what_changed_while_it_was_read_is_reported(void **state)
{
	const char *const names[] = { f.file };
	uint64_t read_at = clock_wall();

	(void)state;
	write_file(f.file, "two");
	assert_true(watch_set(&f.watch, names, 1, read_at));
	run_until_changed(1);

	assert_true(watch_set(&f.watch, names, 1, clock_wall() + NS_PER_S));
	run_for(500 * NS_PER_MS);
	assert_int_equal(f.changes, 1);
}

static void without_inotify_it_looks_by_itself(void **state)
{
	struct rlimit old, tight;
	int highest = dup(0);

	(void)state;
	close(highest);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	tight = old;
	tight.rlim_cur = (rlim_t)highest;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	watch_one(f.file);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(f.watch.source.fd, -1);

	write_file(f.file, "two");

	run_until_changed(1);
}

static char seen[1024];

static bool note(void *arg, const char *folder)
{
	size_t used = strlen(seen);

	(void)arg;
	snprintf(seen + used, sizeof(seen) - used, "%s;", folder + strlen(f.folder));
	return true;
}

static void every_folder_that_decides_is_visited(void **state)
{
	(void)state;
	assert_int_equal(mkdir(path("a"), 0755), 0);
	assert_int_equal(mkdir(path("b"), 0755), 0);
	write_file(path("b/file"), "x");
	assert_int_equal(symlink("../b", path("a/link")), 0);
	seen[0] = '\0';

	assert_true(links_walk(path("a/link/file"), note, NULL));

	assert_string_equal(seen, "/a;/a/../b;");
}

static void a_ring_of_links_ends(void **state)
{
	(void)state;
	assert_int_equal(symlink("ring", path("ring")), 0);
	seen[0] = '\0';

	assert_true(links_walk(path("ring"), note, NULL));
}

int main(void)
{
#define watching(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		watching(writing_in_place_is_noticed_once),
		watching(replacing_is_noticed_again_and_again),
		watching(removing_and_creating_are_noticed),
		watching(another_file_in_the_folder_is_not_our_business),
		watching(a_swapped_link_of_a_mounted_volume_is_noticed),
		watching(a_file_that_appears_later_is_noticed),
		watching(a_folder_changes_with_its_entries),
		watching(a_flurry_is_one_change),
		watching(what_changed_while_it_was_read_is_reported),
		watching(without_inotify_it_looks_by_itself),
		watching(every_folder_that_decides_is_visited),
		watching(a_ring_of_links_ends),
	};

	return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
