/* test_parent.c - the parent keeps its sockets whatever happens to its child. */
#include "tests/test.h"

#include <signal.h>
#include <stdlib.h>
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

static void term_drains_the_child_and_exits_with_0(void **state)
{
	(void)state;
	house_build(&house, "");
	house_open(&house);

	house_signal(&house, SIGTERM);

	assert_int_equal(house_exit(&house), 0);
}

static void a_request_under_way_is_finished_before_the_end(void **state)
{
	struct greeting g;
	char answer[8] = "";
	int fd;

	(void)state;
	house_build(&house, "");
	house_start(&house);
	fd = visit(&house.address, &g);

	house_signal(&house, SIGTERM);
	assert_int_equal(send(fd, "word", 4, MSG_NOSIGNAL), 4);

	assert_int_equal(read(fd, answer, sizeof(answer)), 5);
	close(fd);
	assert_int_equal(house_exit(&house), 0);
}

static void kill_9_of_the_child_refuses_no_new_connection(void **state)
{
	struct crowd crowd[2];
	struct crowd_count n[2];
	struct greeting g;

	(void)state;
	house_build(&house, "");
	house_open(&house);
	crowd_start(&crowd[0], &house);
	crowd_start(&crowd[1], &house);

	g = ask(&house);
	for (int i = 0; i < 4; i++) {
		usleep(50000);		/* so that it has something to do */
		assert_int_equal(kill(g.pid, SIGKILL), 0);
		g = ask_after(&house, g.pid);
	}
	n[0] = crowd_stop(&crowd[0]);
	n[1] = crowd_stop(&crowd[1]);

	assert_string_equal(g.birth, "restart");
	assert_int_equal(n[0].refused + n[1].refused, 0);
	assert_true(n[0].visits + n[1].visits > 10);
	/* Only those that the dead children had already taken. */
	assert_in_range(n[0].lost + n[1].lost, 0, 8);
}

static void a_crash_is_told_with_its_signal(void **state)
{
	pid_t old;

	(void)state;
	house_build(&house, "");
	house_open(&house);
	old = ask(&house).pid;

	tell(&house, "crash");

	(void)ask_after(&house, old);
	house_says(&house, "was killed by signal 11 (Segmentation fault)");
}

static void a_child_that_just_exits_is_replaced_as_well(void **state)
{
	pid_t old;

	(void)state;
	house_build(&house, "");
	house_open(&house);
	old = ask(&house).pid;

	tell(&house, "exit");

	(void)ask_after(&house, old);
	house_says(&house, "exited with 0");
}

static void a_child_that_is_silent_is_replaced(void **state)
{
	pid_t old;

	(void)state;
	house_build(&house, "");
	house_open(&house);
	old = ask(&house).pid;

	tell(&house, "hang");

	(void)ask_after(&house, old);
	house_says(&house, "has not been heard of for 1 s");
	wait_gone(old);
}

static void a_stuck_worker_is_named_and_the_child_replaced(void **state)
{
	pid_t old;

	(void)state;
	house_build(&house, "");
	house_open(&house);
	old = ask(&house).pid;

	tell(&house, "stuck");

	(void)ask_after(&house, old);
	house_says(&house, "worker 1 of child");
	house_says(&house, "has been stuck for 60.0 s");
}

static void a_child_that_talks_nonsense_is_replaced(void **state)
{
	pid_t old;

	(void)state;
	house_build(&house, "");
	house_open(&house);
	old = ask(&house).pid;

	tell(&house, "junk");

	(void)ask_after(&house, old);
	house_says(&house, "something that is no message");
}

static void a_start_that_fails_ends_it_with_the_reason(void **state)
{
	(void)state;
	house_build(&house, "fail the file has no routes\n");
	house_start(&house);

	assert_int_equal(house_exit(&house), 1);
	house_says(&house, "cannot start");
	house_says(&house, "the file has no routes");
}

static void a_start_that_crashes_ends_it(void **state)
{
	(void)state;
	house_build(&house, "die\n");
	house_start(&house);

	assert_int_equal(house_exit(&house), 1);
	house_says(&house, "was killed by signal 6");
}

static void a_start_that_takes_too_long_ends_it(void **state)
{
	(void)state;
	house_build(&house, "dawdle\n");
	house_start(&house);

	assert_int_equal(house_exit(&house), 1);
	house_says(&house, "it did not become ready in time");
}

static void an_address_in_use_is_said(void **state)
{
	struct house other;

	(void)state;
	house_build(&house, "");
	house_open(&house);
	house_build(&other, "");
	other.address = house.address;
	house_write(&other, "version one\n");

	house_start(&other);

	assert_int_equal(house_exit(&other), 1);
	house_says(&other, "another program listens there");
	house_raze(&other);
}

static void a_failing_restart_is_tried_again_until_it_works(void **state)
{
	pid_t old;

	(void)state;
	house_build(&house, "");
	house_open(&house);
	old = ask(&house).pid;

	house_write(&house, "fail broken on disk\n");
	assert_int_equal(kill(old, SIGKILL), 0);
	house_says(&house, "broken on disk; another is started");
	house_write(&house, "version mended\n");

	assert_string_equal(ask_after(&house, old).version, "mended");
}

static void hup_reloads(void **state)
{
	pid_t old;

	(void)state;
	house_build(&house, "");
	house_open(&house);
	old = ask(&house).pid;

	house_write(&house, "version two\n");
	house_signal(&house, SIGHUP);

	while (strcmp(ask(&house).version, "two") != 0)
		usleep(1000);
	assert_int_equal(ask(&house).pid, old);
}

static void usr1_reopens_the_logs(void **state)
{
	(void)state;
	house_build(&house, "");
	house_open(&house);

	house_signal(&house, SIGUSR1);

	while (strcmp(ask(&house).version, "reopened") != 0)
		usleep(1000);
}

static void a_listener_that_a_reload_added_outlives_the_child(void **state)
{
	struct address unix_address;
	struct greeting g;
	char lines[512];
	pid_t old;

	(void)state;
	house_build(&house, "");
	house_open(&house);
	snprintf(lines, sizeof(lines), "unix:%s/added.sock", house.folder);
	assert_true(address_parse(&unix_address, str_from(lines), NULL));
	snprintf(lines, sizeof(lines), "listen added %s 2\nversion two\n", unix_address.text);
	house_write(&house, lines);

	house_signal(&house, SIGHUP);
	close(visit(&unix_address, &g));
	old = g.pid;
	assert_int_equal(kill(old, SIGKILL), 0);

	close(visit(&unix_address, &g));
	assert_int_not_equal(g.pid, old);
}

static void a_listener_that_is_given_up_is_closed_in_the_parent(void **state)
{
	struct address added = { 0 };
	struct greeting g;
	char lines[512];

	(void)state;
	house_build(&house, "");
	snprintf(lines, sizeof(lines), "unix:@%s", house.folder);
	assert_true(address_parse(&added, str_from(lines), NULL));
	snprintf(lines, sizeof(lines), "listen added %s 1\nversion one\n", added.text);
	house_write(&house, lines);
	house_open(&house);
	close(visit(&added, &g));

	tell(&house, "gone added");

	for (;;) {
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		bool refused = connect(fd, &added.any, added.len) != 0;

		close(fd);
		if (refused)
			break;
		usleep(1000);
	}
}

static void what_a_child_leaves_reaches_the_next(void **state)
{
	pid_t old;

	(void)state;
	house_build(&house, "");
	house_open(&house);
	assert_string_equal(ask(&house).kept, "nothing");

	tell(&house, "keep treasure");
	old = ask(&house).pid;
	assert_int_equal(kill(old, SIGKILL), 0);

	assert_string_equal(ask_after(&house, old).kept, "treasure");
}

static void a_child_that_drains_by_itself_ends_the_parent(void **state)
{
	(void)state;
	house_build(&house, "");
	house_open(&house);

	tell(&house, "drain");

	assert_int_equal(house_exit(&house), 0);
}

static void int_twice_exits_at_once(void **state)
{
	pid_t child;

	(void)state;
	house_build(&house, "stay\n");
	house_open(&house);
	child = ask(&house).pid;

	house_signal(&house, SIGINT);
	usleep(50000);		/* so that the two are not one */
	house_signal(&house, SIGINT);

	assert_int_equal(house_exit(&house), 130);
	wait_gone(child);
}

static void a_child_that_does_not_end_is_killed(void **state)
{
	(void)state;
	house_build(&house, "stay\n");
	house_open(&house);

	house_signal(&house, SIGTERM);

	assert_int_equal(house_exit(&house), 1);
	house_says(&house, "does not end; it is killed");
}

static void a_child_whose_parent_is_killed_drains(void **state)
{
	pid_t child;

	(void)state;
	house_build(&house, "");
	house_open(&house);
	child = ask(&house).pid;

	house_signal(&house, SIGKILL);

	assert_int_equal(house_exit(&house), 128 + SIGKILL);
	wait_gone(child);
	house_says(&house, "the parent process is gone");
}

static void the_service_managers_signal_to_all_does_no_harm(void **state)
{
	pid_t child;

	(void)state;
	house_build(&house, "");
	house_open(&house);
	child = ask(&house).pid;

	assert_int_equal(kill(child, SIGTERM), 0);
	assert_int_equal(kill(child, SIGINT), 0);
	assert_int_equal(kill(child, SIGHUP), 0);
	assert_int_equal(ask(&house).pid, child);

	house_signal(&house, SIGTERM);
	assert_int_equal(house_exit(&house), 0);
}

int main(int argc, char **argv)
{
#define story(f) cmocka_unit_test_teardown(f, raze)
	const struct CMUnitTest tests[] = {
		story(term_drains_the_child_and_exits_with_0),
		story(a_request_under_way_is_finished_before_the_end),
		story(kill_9_of_the_child_refuses_no_new_connection),
		story(a_crash_is_told_with_its_signal),
		story(a_child_that_just_exits_is_replaced_as_well),
		story(a_child_that_is_silent_is_replaced),
		story(a_stuck_worker_is_named_and_the_child_replaced),
		story(a_child_that_talks_nonsense_is_replaced),
		story(a_start_that_fails_ends_it_with_the_reason),
		story(a_start_that_crashes_ends_it),
		story(a_start_that_takes_too_long_ends_it),
		story(an_address_in_use_is_said),
		story(a_failing_restart_is_tried_again_until_it_works),
		story(hup_reloads),
		story(usr1_reopens_the_logs),
		story(a_listener_that_a_reload_added_outlives_the_child),
		story(a_listener_that_is_given_up_is_closed_in_the_parent),
		story(what_a_child_leaves_reaches_the_next),
		story(a_child_that_drains_by_itself_ends_the_parent),
		story(int_twice_exits_at_once),
		story(a_child_that_does_not_end_is_killed),
		story(a_child_whose_parent_is_killed_drains),
		story(the_service_managers_signal_to_all_does_no_harm),
	};

	if (takeover_answer())
		return 0;
	if (argc > 1 && strcmp(argv[1], "toy") == 0)
		return toy_main(argc, argv);
	return cmocka_run_group_tests_name("parent", tests, NULL, NULL);
}
