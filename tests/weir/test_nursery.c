/* test_nursery.c - the parent tells its children, counts their silence, and takes in the dead. */
#include "tests/weir/nursed.h"

static void reap(const struct child *c)
{
	siginfo_t info;

	assert_int_equal(waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOWAIT), 0);
	nursery_reap(&parent);
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
	const struct CMUnitTest tests[] = {
		NURSED(a_reload_is_for_the_one_that_serves),
		NURSED(during_a_handover_a_reload_is_put_off),
		NURSED(logs_are_opened_anew_by_all),
		NURSED(at_the_end_all_drain_and_none_follows),
		NURSED(one_that_is_silent_for_the_watchdogs_time_is_aborted),
		NURSED(when_the_parent_itself_did_not_run_silence_does_not_count),
		NURSED(the_first_crash_is_followed_at_once_and_the_next_ones_later),
		NURSED(a_first_start_that_fails_ends_the_parent),
		NURSED(a_handover_that_fails_leaves_the_one_that_serves),
	};

	return cmocka_run_group_tests_name("nursery", tests, NULL, NULL);
}
