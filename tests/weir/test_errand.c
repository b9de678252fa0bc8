/* test_errand.c - another thread has something done on control, and is told when it cannot be. */
#include "core/weir/errand.h"

#include <sched.h>

#include "tests/plugin/crewed.h"

static struct gateway g;
static atomic_bool began, released;

struct chore {
	struct worker *where;
	bool on_a_fiber, ran;
};

static void begin_with(const struct fiber_limits *limits)
{
	struct weir_error error = { "" };

	g = (struct gateway){ .phase = PHASE_READY };
	atomic_store(&began, false);
	atomic_store(&released, false);
	list_init(&g.errands);
	pthread_mutex_init(&g.lock, NULL);
	assert_true(worker_init(&g.control, UINT32_MAX, limits, &error));
	assert_true(worker_start(&g.control, &error));
}

static int begin(void **state)
{
	(void)state;
	begin_with(NULL);
	return 0;
}

static int end(void **state)
{
	(void)state;
	if (g.control.started)
		crewed_stop(&g.control);
	worker_fini(&g.control);
	pthread_mutex_destroy(&g.lock);
	return 0;
}

static void look(void *arg)
{
	struct chore *t = arg;
	struct deadline d;

	deadline_enter(&d, clock_after(loop_now(&g.control.loop), 20 * NS_PER_S), REASON_NONE);
	(void)wait_sleep(NS_PER_MS);
	deadline_leave(&d);
	t->where = worker_self();
	t->on_a_fiber = fiber_self() != NULL;
	t->ran = true;
}

static void it_runs_on_a_fiber_of_control_while_the_caller_waits(void **state)
{
	struct weir_error error = { "" };
	struct chore t = { 0 };

	(void)state;
	assert_true(errand_run(&g, look, &t, &error));

	assert_true(t.ran);
	assert_ptr_equal(t.where, &g.control);
	assert_true(t.on_a_fiber);
}

static void when_the_gateway_has_stopped_it_is_not_run(void **state)
{
	struct weir_error error = { "" };
	struct chore t = { 0 };

	(void)state;
	atomic_store(&g.phase, PHASE_STOPPED);

	assert_false(errand_run(&g, look, &t, &error));
	assert_false(t.ran);
	assert_string_equal(error.text, "Weir is stopping");
}

static void while_the_gateway_drains_it_is_run(void **state)
{
	struct chore t = { 0 };

	(void)state;
	atomic_store(&g.phase, PHASE_DRAINING);

	assert_true(errand_run(&g, look, &t, NULL));
	assert_true(t.ran);
}

static void after_the_end_none_is_taken(void **state)
{
	struct weir_error error = { "" };
	struct chore t = { 0 };

	(void)state;
	errands_end(&g);

	assert_false(errand_run(&g, look, &t, &error));
	assert_false(t.ran);
	assert_string_equal(error.text, "Weir is stopping");
}

static void wait_for_release(void *arg)
{
	struct chore *t = arg;
	struct deadline d;

	deadline_enter(&d, clock_after(loop_now(&g.control.loop), 20 * NS_PER_S), REASON_NONE);
	atomic_store(&began, true);
	while (!atomic_load(&released) && wait_sleep(NS_PER_MS) == WAKE_EVENT)
		;
	deadline_leave(&d);
	t->ran = true;
}

static void *run_waiting(void *arg)
{
	return (void *)(uintptr_t)errand_run(&g, wait_for_release, arg, NULL);
}

static void release_and_wait(void *arg)
{
	bool *ended = arg;

	while (g.errands_running == 0)
		(void)wait_sleep(NS_PER_MS);
	atomic_store(&released, true);
	errands_wait(&g);
	*ended = g.errands_running == 0;
}

static void those_that_run_are_waited_for(void **state)
{
	struct chore t = { 0 };
	pthread_t other;
	void *ok;
	bool ended = false;

	(void)state;
	assert_int_equal(pthread_create(&other, NULL, run_waiting, &t), 0);
	crewed_do(&g.control, release_and_wait, &ended);

	assert_true(ended);
	assert_int_equal(pthread_join(other, &ok), 0);
	assert_non_null(ok);
	assert_true(t.ran);
}

static void without_a_fiber_to_spare_it_says_that_weir_is_too_busy(void **state)
{
	const struct fiber_limits one = { .most = 1 };
	struct weir_error error = { "" };
	struct chore first = { 0 }, second = { 0 };
	pthread_t other;
	void *ok;

	(void)end(state);
	begin_with(&one);
	assert_int_equal(pthread_create(&other, NULL, run_waiting, &first), 0);
	while (!atomic_load(&began))
		sched_yield();

	assert_false(errand_run(&g, look, &second, &error));
	assert_false(second.ran);
	assert_string_equal(error.text, "Weir is too busy to do this now; try again");
	atomic_store(&released, true);
	assert_int_equal(pthread_join(other, &ok), 0);
	assert_true(first.ran);
}

static bool somebody_waits(void)
{
	bool any;

	pthread_mutex_lock(&g.lock);
	any = !list_empty(&g.errands);
	pthread_mutex_unlock(&g.lock);
	return any;
}

static void who_waits_when_the_loop_has_ended_is_told_so(void **state)
{
	struct chore t = { 0 };
	pthread_t other;
	void *ok;

	(void)state;
	crewed_stop(&g.control);
	g.control.started = false;
	assert_int_equal(pthread_create(&other, NULL, run_waiting, &t), 0);
	while (!somebody_waits())
		sched_yield();

	errands_end(&g);

	assert_int_equal(pthread_join(other, &ok), 0);
	assert_null(ok);
	assert_false(t.ran);
}

int main(void)
{
#define crewed(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		crewed(it_runs_on_a_fiber_of_control_while_the_caller_waits),
		crewed(when_the_gateway_has_stopped_it_is_not_run),
		crewed(while_the_gateway_drains_it_is_run),
		crewed(after_the_end_none_is_taken),
		crewed(those_that_run_are_waited_for),
		crewed(without_a_fiber_to_spare_it_says_that_weir_is_too_busy),
		crewed(who_waits_when_the_loop_has_ended_is_told_so),
	};

	return cmocka_run_group_tests_name("errand", tests, NULL, NULL);
}
