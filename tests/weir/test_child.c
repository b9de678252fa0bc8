/* test_child.c - a child is executed with what belongs to it, told what it has room for, and ended. */
#include "core/weir/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/net/socket.h"
#include "tests/test.h"

static struct child child;
static int other = -1;			/* the child's end, when the test plays it */

static int end(void **state)
{
	(void)state;
	if (child.pid > 0) {
		(void)kill(child.pid, SIGKILL);
		(void)waitpid(child.pid, NULL, 0);
	}
	if (child.pid != 0)
		child_forget(&child);
	child.pid = 0;
	socket_close(other);
	other = -1;
	return 0;
}

/* In the process that was spawned ------------------------------------------------ */

/* Tells what it is like there: its arguments, and what a child should not see. */
static int describe(int argc, char **argv)
{
	const char *fd = getenv("WEIR_CONTROL");
	struct message m;
	sigset_t mask;

	if (fd == NULL || argc < 3)
		return 2;
	message_init(&m, MESSAGE_FAILED);
	(void)sigprocmask(SIG_SETMASK, NULL, &mask);
	(void)snprintf(m.text.text, sizeof(m.text.text), "%s %s%s%s%s", argv[2],
		       getenv("NOTIFY_SOCKET") != NULL ? "NOTIFY_SOCKET " : "",
		       getenv("LISTEN_FDS") != NULL ? "LISTEN_FDS " : "",
		       getenv("WEIR_HANDOVER") != NULL ? "WEIR_HANDOVER " : "",
		       sigismember(&mask, SIGTERM) != 0 ? "blocked " : "");
	return message_send(atoi(fd), &m) == MESSAGE_OK ? 7 : 3;
}

/* -------------------------------------------------------------------------------- */

static bool spawn(int image, const char *path)
{
	static char *argv[] = { (char *)"weir", (char *)"child", (char *)"as told", NULL };
	struct child_plan plan = { .image = image, .path = path, .argv = argv };
	struct weir_error error = { "" };

	return child_spawn(&child, &plan, BIRTH_HANDOVER, &error);
}

static struct message heard(void)
{
	struct pollfd p = { .fd = child.fd, .events = POLLIN };
	struct message m;

	assert_int_equal(poll(&p, 1, 20000), 1);
	assert_int_equal(message_receive(child.fd, &m), MESSAGE_OK);
	return m;
}

/* Its exit status, or 128 and the signal; `how` gets the words. */
static int dies(char *how, size_t room)
{
	int status;

	assert_int_equal(waitpid(child.pid, &status, 0), child.pid);
	child.pid = -1;
	child_describe_end(status, how, room);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void it_gets_its_end_and_nothing_that_is_the_parents(void **state)
{
	sigset_t term, before;
	struct message m;
	char how[128];

	(void)state;
	assert_int_equal(setenv("NOTIFY_SOCKET", "@nobody", 1), 0);
	assert_int_equal(setenv("LISTEN_FDS", "3", 1), 0);
	assert_int_equal(setenv("WEIR_HANDOVER", "weir 1", 1), 0);
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &term, &before);

	assert_true(spawn(-1, "/proc/self/exe"));

	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	m = heard();
	assert_string_equal(m.text.text, "as told ");
	assert_int_equal(dies(how, sizeof(how)), 7);
	assert_string_equal(how, "exited with 7");
	assert_int_equal(child.state, CHILD_STARTING);
	assert_int_equal(child.birth, BIRTH_HANDOVER);
	assert_true(fcntl(child.fd, F_GETFD) & FD_CLOEXEC);
	assert_non_null(getenv("NOTIFY_SOCKET"));	/* only the child's was changed */
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("WEIR_HANDOVER");
}

/* So that both are of one build, also when the file on disk was replaced meanwhile. */
static void the_image_is_executed_and_not_what_lies_at_the_path(void **state)
{
	int image = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	char how[128];

	(void)state;
	assert_true(image >= 0);

	assert_true(spawn(image, "/nowhere/at/all"));

	assert_string_equal(heard().text.text, "as told ");
	assert_int_equal(dies(how, sizeof(how)), 7);
	close(image);
}

static void what_cannot_be_executed_exits_with_127(void **state)
{
	char how[128];

	(void)state;
	assert_true(spawn(-1, "/nowhere/at/all"));

	assert_int_equal(dies(how, sizeof(how)), 127);
	assert_string_equal(how, "exited with 127");
}

static void without_descriptors_there_is_a_sentence_and_no_child(void **state)
{
	struct child_plan plan = { .image = -1, .path = "/proc/self/exe" };
	struct weir_error error = { "" };
	struct rlimit before, none;
	bool spawned;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){ 0, before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);

	spawned = child_spawn(&child, &plan, BIRTH_FIRST, &error);

	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_false(spawned);
	assert_int_equal(child.pid, 0);
	assert_non_null(strstr(error.text, "cannot make a socketpair"));
}

/* A process that does nothing; the test has its end. */
static void begin_idle(void)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	child = (struct child){ .fd = pair[0], .state = CHILD_SERVING, .end_by = CLOCK_NEVER };
	other = pair[1];
	child.pid = fork();
	assert_true(child.pid >= 0);
	while (child.pid == 0)
		(void)pause();
}

/* Its queue is full: it does not read. Gives the number of messages in it. */
static unsigned fill(void)
{
	struct message m;
	unsigned count = 0;

	message_init(&m, MESSAGE_WELCOME);
	while (message_send(child.fd, &m) == MESSAGE_OK)
		count++;
	return count;
}

static void a_command_without_room_is_sent_when_there_is_some(void **state)
{
	struct message m;
	unsigned count;

	(void)state;
	begin_idle();
	count = fill();
	child_command(&child, MESSAGE_RELOAD);
	child_command(&child, MESSAGE_REOPEN);
	child_command(&child, MESSAGE_RELOAD);		/* once is enough */
	assert_int_not_equal(child.todo, 0);
	while (count-- > 0)
		assert_int_equal(message_receive(other, &m), MESSAGE_OK);

	child_flush(&child);

	assert_int_equal(child.todo, 0);
	assert_int_equal(message_receive(other, &m), MESSAGE_OK);
	assert_int_equal(m.head.type, MESSAGE_RELOAD);
	assert_int_equal(message_receive(other, &m), MESSAGE_OK);
	assert_int_equal(m.head.type, MESSAGE_REOPEN);
	assert_int_equal(message_receive(other, &m), MESSAGE_NONE);
}

static void one_that_does_not_take_what_it_asked_for_is_killed(void **state)
{
	struct message m;
	char how[128];

	(void)state;
	begin_idle();
	(void)fill();
	message_init(&m, MESSAGE_WELCOME);

	child_send(&child, &m);

	assert_int_equal(child.state, CHILD_ENDING);
	assert_int_equal(dies(how, sizeof(how)), 128 + SIGKILL);
	assert_string_equal(how, "was killed by signal 9 (Killed)");
}

static void to_drain_it_has_the_time_it_asked_for_and_a_little_more(void **state)
{
	struct message m;
	uint64_t by;

	(void)state;
	begin_idle();
	child.stop_ms = 30000;

	child_drain(&child);

	by = child.end_by;
	assert_int_equal(child.state, CHILD_DRAINING);
	assert_true(by > clock_now() + 30 * NS_PER_S && by < clock_now() + 60 * NS_PER_S);
	assert_int_equal(message_receive(other, &m), MESSAGE_OK);
	assert_int_equal(m.head.type, MESSAGE_DRAIN);

	child_drain(&child);	/* its time does not begin anew */
	assert_true(child.end_by == by);
	assert_int_equal(message_receive(other, &m), MESSAGE_NONE);
}

static void aborting_ends_even_one_that_is_stopped(void **state)
{
	char how[128];

	(void)state;
	begin_idle();
	assert_int_equal(kill(child.pid, SIGSTOP), 0);

	child_abort(&child);

	assert_int_equal(child.state, CHILD_ENDING);
	assert_true(child.end_by < CLOCK_NEVER);
	assert_int_equal(dies(how, sizeof(how)), 128 + SIGABRT);
	assert_non_null(strstr(how, "was killed by signal 6 (Aborted)"));
}

static void after_its_death_nothing_is_left_of_it(void **state)
{
	struct message m;

	(void)state;
	begin_idle();
	child_kill(&child);
	assert_int_equal(waitpid(child.pid, NULL, 0), child.pid);

	child_forget(&child);

	assert_int_equal(child.state, CHILD_NONE);
	assert_int_equal(child.fd, -1);
	assert_int_equal(message_receive(other, &m), MESSAGE_END);
}

int main(int argc, char **argv)
{
#define ended(f) cmocka_unit_test_teardown(f, end)
	const struct CMUnitTest tests[] = {
		ended(it_gets_its_end_and_nothing_that_is_the_parents),
		ended(the_image_is_executed_and_not_what_lies_at_the_path),
		ended(what_cannot_be_executed_exits_with_127),
		ended(without_descriptors_there_is_a_sentence_and_no_child),
		ended(a_command_without_room_is_sent_when_there_is_some),
		ended(one_that_does_not_take_what_it_asked_for_is_killed),
		ended(to_drain_it_has_the_time_it_asked_for_and_a_little_more),
		ended(aborting_ends_even_one_that_is_stopped),
		ended(after_its_death_nothing_is_left_of_it),
	};

	if (argc > 1 && strcmp(argv[1], "child") == 0)
		return describe(argc, argv);
	return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}
