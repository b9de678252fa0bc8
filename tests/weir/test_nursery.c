/* test_nursery.c - the parent tells its children, counts their silence, and takes in the dead. */
#include "core/weir/nursery.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/net/socket.h"
#include "tests/test.h"

#define TICK NS_PER_S

static struct parent parent;
static int ends[CHILDREN_MOST];		/* the children's */

static int begin(void **state)
{
	(void)state;
	parent = (struct parent){ .kept = -1, .image = -1, .tick_every = TICK, .tick_at = TICK,
				  .options = { .watchdog = 3 * TICK, .start = 10 * NS_PER_S } };
	sockets_init(&parent.sockets);
	for (int i = 0; i < CHILDREN_MOST; i++) {
		parent.children[i].fd = -1;
		ends[i] = -1;
	}
	return 0;
}

static int end(void **state)
{
	(void)state;
	for (int i = 0; i < CHILDREN_MOST; i++) {
		struct child *c = &parent.children[i];

		if (c->state != CHILD_NONE) {
			(void)kill(c->pid, SIGKILL);
			(void)waitpid(c->pid, NULL, 0);
		}
		child_forget(c);
		socket_close(ends[i]);
	}
	sockets_fini(&parent.sockets);
	return 0;
}

/* A process that does nothing, or ends at once. */
static struct child *born(enum child_state state, bool stays)
{
	struct child *c = nursery_find(&parent, CHILD_NONE);
	int pair[2];

	assert_non_null(c);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	*c = (struct child){ .fd = pair[0], .state = state, .greeted = true, .started = clock_now(),
			     .ready = state == CHILD_STARTING ? 0 : clock_now(), .end_by = CLOCK_NEVER };
	ends[c - parent.children] = pair[1];
	c->pid = fork();
	assert_true(c->pid >= 0);
	while (c->pid == 0 && stays)
		(void)pause();
	if (c->pid == 0)
		_exit(1);
	parent.served = parent.served || state == CHILD_SERVING;
	return c;
}

static void reap(const struct child *c)
{
	siginfo_t info;

	assert_int_equal(waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOWAIT), 0);
	nursery_reap(&parent);
}

/* What this child is told next; 0: nothing. */
static int told(const struct child *c)
{
	struct message m;

	return message_receive(ends[c - parent.children], &m) == MESSAGE_OK ? m.head.type : 0;
}

static void a_reload_is_for_the_one_that_serves(void **state)
{
	struct child *drains = born(CHILD_DRAINING, true), *serves = born(CHILD_SERVING, true);

	(void)state;
	nursery_reload(&parent);

	assert_int_equal(told(serves), MESSAGE_RELOAD);
	assert_int_equal(told(drains), 0);
	assert_false(parent.reload);
}

static void during_a_handover_a_reload_is_put_off(void **state)
{
	struct child *serves = born(CHILD_SERVING, true);

	(void)state;
	(void)born(CHILD_STARTING, true);

	nursery_reload(&parent);

	assert_true(parent.reload);
	assert_int_equal(told(serves), 0);
}

static void logs_are_opened_anew_by_all(void **state)
{
	struct child *drains = born(CHILD_DRAINING, true), *serves = born(CHILD_SERVING, true);

	(void)state;
	nursery_reopen(&parent);

	assert_int_equal(told(serves), MESSAGE_REOPEN);
	assert_int_equal(told(drains), MESSAGE_REOPEN);
}

static void at_the_end_all_drain_and_none_follows(void **state)
{
	struct child *serves = born(CHILD_SERVING, true), *starts = born(CHILD_STARTING, true);

	(void)state;
	nursery_stop(&parent);

	assert_int_equal(told(serves), MESSAGE_DRAIN);
	assert_int_equal(told(starts), MESSAGE_DRAIN);
	assert_int_equal(serves->state, CHILD_DRAINING);
	nursery_tend(&parent);
	assert_null(nursery_find(&parent, CHILD_STARTING));
	nursery_reload(&parent);
	assert_int_equal(told(serves), 0);
}

static void one_that_is_silent_for_the_watchdogs_time_is_aborted(void **state)
{
	struct child *c = born(CHILD_SERVING, true);

	(void)state;
	nursery_tick(&parent, 1 * TICK);
	nursery_tick(&parent, 2 * TICK);
	c->beaten = true;
	nursery_tick(&parent, 3 * TICK);
	nursery_tick(&parent, 4 * TICK);
	nursery_tick(&parent, 5 * TICK);
	assert_int_equal(c->state, CHILD_SERVING);

	nursery_tick(&parent, 6 * TICK);

	assert_int_equal(c->state, CHILD_ENDING);
}

static void when_the_parent_itself_did_not_run_silence_does_not_count(void **state)
{
	struct child *c = born(CHILD_SERVING, true);

	(void)state;
	nursery_tick(&parent, 1 * TICK);
	nursery_tick(&parent, 2 * TICK);

	nursery_tick(&parent, 60 * TICK);

	assert_int_equal(c->state, CHILD_SERVING);
	nursery_tick(&parent, 61 * TICK);
	assert_int_equal(c->state, CHILD_ENDING);
}

static void the_first_crash_is_followed_at_once_and_the_next_ones_later(void **state)
{
	uint64_t before;

	(void)state;
	reap(born(CHILD_SERVING, false));
	assert_true(parent.restart_at <= clock_now());
	assert_int_equal(parent.crashes, 1);
	assert_true(nursery_empty(&parent));

	reap(born(CHILD_SERVING, false));
	before = clock_now();
	reap(born(CHILD_SERVING, false));

	assert_int_equal(parent.crashes, 3);
	assert_true(parent.restart_at >= before + 200 * NS_PER_MS);
	assert_int_equal(nursery_next(&parent), parent.tick_at < parent.restart_at ? parent.tick_at
										 : parent.restart_at);
	assert_int_equal(parent.status, 0);
}

static void a_first_start_that_fails_ends_the_parent(void **state)
{
	(void)state;
	reap(born(CHILD_STARTING, false));

	assert_true(parent.stopping);
	assert_int_equal(parent.status, 1);
}

static void a_handover_that_fails_leaves_the_one_that_serves(void **state)
{
	struct child *serves = born(CHILD_SERVING, true);

	(void)state;
	parent.reload = true;
	reap(born(CHILD_STARTING, false));

	assert_false(parent.stopping);
	assert_int_equal(serves->state, CHILD_SERVING);
	assert_int_equal(parent.crashes, 0);
	assert_int_equal(told(serves), MESSAGE_RELOAD);
}

int main(void)
{
#define nursed(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		nursed(a_reload_is_for_the_one_that_serves),
		nursed(during_a_handover_a_reload_is_put_off),
		nursed(logs_are_opened_anew_by_all),
		nursed(at_the_end_all_drain_and_none_follows),
		nursed(one_that_is_silent_for_the_watchdogs_time_is_aborted),
		nursed(when_the_parent_itself_did_not_run_silence_does_not_count),
		nursed(the_first_crash_is_followed_at_once_and_the_next_ones_later),
		nursed(a_first_start_that_fails_ends_the_parent),
		nursed(a_handover_that_fails_leaves_the_one_that_serves),
	};

	return cmocka_run_group_tests_name("nursery", tests, NULL, NULL);
}
