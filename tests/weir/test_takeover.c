/* test_takeover.c - SIGUSR2 replaces the program under its clients, or says why not. */
#include "tests/test.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/weir/takeover.h"
#include "tests/weir/house.h"
#include "tests/weir/toy.h"

static struct house house;

static int raze(void **state)
{
	(void)state;
	house_raze(&house);
	return 0;
}

/* The inode of the program that this process executes. */
static uint64_t program_of(pid_t pid)
{
	struct stat about = { 0 };
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	assert_int_equal(stat(path, &about), 0);
	return about.st_ino;
}

static void write_image(const char *text)
{
	char fresh[128];
	FILE *f;

	snprintf(fresh, sizeof(fresh), "%s.new", house.image);
	f = fopen(fresh, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(fresh, 0755), 0);
	assert_int_equal(rename(fresh, house.image), 0);
}

static void the_new_image_takes_over_without_a_lost_request(void **state)
{
	struct crowd crowd;
	struct crowd_count n;
	struct greeting g;
	uint64_t program;
	pid_t old;

	(void)state;
	house_build(&house, "");
	house_open(&house);
	old = ask(&house).pid;
	program = program_of(house.pid);
	crowd_start(&crowd, &house);

	copy_file("/proc/self/exe", house.image);
	house_signal(&house, SIGUSR2);
	g = ask_after(&house, old);
	wait_gone(old);
	n = crowd_stop(&crowd);

	assert_string_equal(g.birth, "handover");
	assert_true(program_of(house.pid) != program);
	assert_true(program_of(g.pid) == program_of(house.pid));
	assert_int_equal(n.refused, 0);
	assert_int_equal(n.lost, 0);
	assert_true(n.visits > 10);
}

static void it_can_be_done_again_and_again(void **state)
{
	pid_t child;

	(void)state;
	house_build(&house, "");
	house_open(&house);

	for (int i = 0; i < 4; i++) {
		child = ask(&house).pid;
		house_signal(&house, SIGUSR2);
		(void)ask_after(&house, child);
		wait_gone(child);
	}

	house_signal(&house, SIGTERM);
	assert_int_equal(house_exit(&house), 0);
}

static void the_old_child_keeps_its_clients_until_they_leave(void **state)
{
	struct greeting old;
	char answer[8];
	int fd;

	(void)state;
	house_build(&house, "");
	house_open(&house);
	fd = visit(&house.address, &old);

	house_signal(&house, SIGUSR2);
	(void)ask_after(&house, old.pid);
	house_says(&house, "finishes its requests and ends");

	assert_int_equal(send(fd, "word", 4, MSG_NOSIGNAL), 4);
	assert_int_equal(read(fd, answer, sizeof(answer)), 5);
	close(fd);
	wait_gone(old.pid);
}

static void the_child_that_followed_is_watched_as_well(void **state)
{
	struct greeting g;
	pid_t old;

	(void)state;
	house_build(&house, "");
	house_open(&house);
	old = ask(&house).pid;
	house_signal(&house, SIGUSR2);
	g = ask_after(&house, old);
	wait_gone(old);

	assert_int_equal(kill(g.pid, SIGKILL), 0);

	g = ask_after(&house, g.pid);
	assert_string_equal(g.birth, "restart");
}

static void what_was_kept_passes_on(void **state)
{
	pid_t old;

	(void)state;
	house_build(&house, "");
	house_open(&house);
	tell(&house, "keep treasure");
	old = ask(&house).pid;

	house_signal(&house, SIGUSR2);

	assert_string_equal(ask_after(&house, old).kept, "treasure");
}

/* The old parent and the old child go on; `why` is in the log. */
static void goes_on(const char *why)
{
	pid_t old = ask(&house).pid;
	uint64_t program = program_of(house.pid);

	house_signal(&house, SIGUSR2);
	house_says(&house, "cannot take over");
	house_says(&house, why);

	assert_int_equal(ask(&house).pid, old);
	assert_true(program_of(house.pid) == program);
}

static void an_image_that_is_gone_changes_nothing(void **state)
{
	(void)state;
	house_build(&house, "");
	house_open(&house);
	assert_int_equal(unlink(house.image), 0);

	goes_on("No such file");
}

static void an_image_that_cannot_be_executed_changes_nothing(void **state)
{
	(void)state;
	house_build(&house, "");
	house_open(&house);
	write_image("\x7f" "ELF, but only so far");

	goes_on("exited with 127");
	house_says(&house, "Exec format error");
}

static void an_image_that_crashes_changes_nothing(void **state)
{
	(void)state;
	house_build(&house, "");
	house_open(&house);
	write_image("#!/bin/sh\nkill -SEGV $$\n");

	goes_on("was killed by signal 11");
}

static void an_image_that_is_something_else_changes_nothing(void **state)
{
	(void)state;
	house_build(&house, "");
	house_open(&house);
	write_image("#!/bin/sh\nexit 0\n");

	goes_on("it is no Weir that knows how");
}

static void a_new_child_that_fails_leaves_the_old_one_serving(void **state)
{
	pid_t old;

	(void)state;
	house_build(&house, "");
	house_open(&house);
	old = ask(&house).pid;

	house_write(&house, "fail the new version does not like the file\n");
	house_signal(&house, SIGUSR2);
	house_says(&house, "the new version does not like the file; the one that served before goes on");

	assert_int_equal(ask(&house).pid, old);
}

static void after_a_failed_handover_the_next_one_works(void **state)
{
	pid_t old;

	(void)state;
	house_build(&house, "");
	house_open(&house);
	old = ask(&house).pid;
	house_write(&house, "die\n");
	house_signal(&house, SIGUSR2);
	house_says(&house, "the one that served before goes on");

	house_write(&house, "version better\n");
	house_signal(&house, SIGUSR2);

	assert_string_equal(ask_after(&house, old).version, "better");
	wait_gone(old);
}

static void a_crash_of_the_old_child_during_a_failed_handover_is_mended(void **state)
{
	pid_t old;

	(void)state;
	house_build(&house, "");
	house_open(&house);
	old = ask(&house).pid;
	house_write(&house, "dawdle\n");
	house_signal(&house, SIGUSR2);
	house_says(&house, "handing over");

	assert_int_equal(kill(old, SIGKILL), 0);
	house_write(&house, "version mended\n");

	/* The one that dawdles is given up in time, and another reads the file as it is then. */
	assert_string_equal(ask_after(&house, old).version, "mended");
}

static void a_reload_during_a_handover_is_not_lost(void **state)
{
	pid_t old;

	(void)state;
	house_build(&house, "");
	house_open(&house);
	old = ask(&house).pid;
	house_write(&house, "fail not yet\n");
	house_signal(&house, SIGUSR2);
	house_signal(&house, SIGHUP);
	house_says(&house, "the one that served before goes on");
	house_write(&house, "version two\n");
	house_signal(&house, SIGHUP);

	while (strcmp(ask(&house).version, "two") != 0)
		usleep(1000);
	assert_int_equal(ask(&house).pid, old);
}

static void sockets_of_every_kind_pass_on(void **state)
{
	struct address added;
	struct greeting g;
	char lines[512];
	pid_t old;

	(void)state;
	house_build(&house, "");
	snprintf(lines, sizeof(lines), "unix:%s/with space.sock", house.folder);
	assert_true(address_parse(&added, str_from(lines), NULL));
	snprintf(lines, sizeof(lines), "unix:@%s", house.folder);
	assert_true(address_parse(&added, str_from(lines), NULL));
	snprintf(lines, sizeof(lines), "listen abstract %s 2\nversion one\n", added.text);
	house_write(&house, lines);
	house_open(&house);
	close(visit(&added, &g));
	old = g.pid;

	house_signal(&house, SIGUSR2);
	(void)ask_after(&house, old);
	wait_gone(old);

	close(visit(&added, &g));
	assert_int_not_equal(g.pid, old);
}

static void an_address_that_the_new_child_does_not_want_is_closed(void **state)
{
	struct address added;
	struct greeting g;
	char lines[512];
	int fd;

	(void)state;
	house_build(&house, "");
	snprintf(lines, sizeof(lines), "unix:@%s", house.folder);
	assert_true(address_parse(&added, str_from(lines), NULL));
	snprintf(lines, sizeof(lines), "listen added %s 2\nversion one\n", added.text);
	house_write(&house, lines);
	house_open(&house);
	close(visit(&added, &g));

	house_write(&house, "version two\n");
	house_signal(&house, SIGUSR2);
	(void)ask_after(&house, g.pid);
	wait_gone(g.pid);

	house_says(&house, "is in no configuration any more");
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, &added.any, added.len), -1);
	close(fd);
}

int main(int argc, char **argv)
{
#define story(f) cmocka_unit_test_teardown(f, raze)
	const struct CMUnitTest tests[] = {
		story(the_new_image_takes_over_without_a_lost_request),
		story(it_can_be_done_again_and_again),
		story(the_old_child_keeps_its_clients_until_they_leave),
		story(the_child_that_followed_is_watched_as_well),
		story(what_was_kept_passes_on),
		story(an_image_that_is_gone_changes_nothing),
		story(an_image_that_cannot_be_executed_changes_nothing),
		story(an_image_that_crashes_changes_nothing),
		story(an_image_that_is_something_else_changes_nothing),
		story(a_new_child_that_fails_leaves_the_old_one_serving),
		story(after_a_failed_handover_the_next_one_works),
		story(a_crash_of_the_old_child_during_a_failed_handover_is_mended),
		story(a_reload_during_a_handover_is_not_lost),
		story(sockets_of_every_kind_pass_on),
		story(an_address_that_the_new_child_does_not_want_is_closed),
	};

	if (takeover_answer())
		return 0;
	if (argc > 1 && strcmp(argv[1], "toy") == 0)
		return toy_main(argc, argv);
	return cmocka_run_group_tests_name("takeover", tests, NULL, NULL);
}
