/* test_signals.c - signals are read, not caught; and a child of a parent leaves them to it. */
#include "core/weir/signals.h"

#include <signal.h>
#include <unistd.h>

#include "core/net/socket.h"
#include "tests/test.h"

static void one_that_was_ignored_arrives_nevertheless(void **state)
{
	int fd;

	(void)state;
	(void)signal(SIGHUP, SIG_IGN);
	fd = signals_open();
	assert_true(fd >= 0);
	assert_int_equal(signals_next(fd), 0);

	assert_int_equal(kill(getpid(), SIGHUP), 0);

	assert_int_equal(signals_next(fd), SIGHUP);
	assert_int_equal(signals_next(fd), 0);
	socket_close(fd);
	signals_reset();
}

static void a_broken_pipe_kills_nobody(void **state)
{
	int fd = signals_open(), ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);

	assert_int_equal(write(ends[1], "x", 1), -1);

	close(ends[1]);
	socket_close(fd);
	signals_reset();
}

static void in_a_child_only_the_parent_is_meant(void **state)
{
	(void)state;
	signals_ignore();

	assert_int_equal(kill(getpid(), SIGTERM), 0);
	assert_int_equal(kill(getpid(), SIGINT), 0);
	assert_int_equal(kill(getpid(), SIGHUP), 0);

	signals_reset();
	assert_ptr_equal(signal(SIGTERM, SIG_DFL), SIG_DFL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_was_ignored_arrives_nevertheless),
		cmocka_unit_test(a_broken_pipe_kills_nobody),
		cmocka_unit_test(in_a_child_only_the_parent_is_meant),
	};

	return cmocka_run_group_tests_name("signals", tests, NULL, NULL);
}
