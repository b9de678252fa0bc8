/* test_fiber.c - fibers start, wait, are woken and cancelled, and end. */
#include "config.h"

#include "tests/fiber/story.h"

/* What a fiber tells about itself. */
struct witness {
	struct fiber *fiber;
	int steps;
	enum wake last;
	bool told;
};

static void steps_once(void *arg)
{
	struct witness *w = arg;

	w->fiber = fiber_self();
	w->steps++;
}

static void parks_once(void *arg)
{
	struct witness *w = arg;
	struct deadline d;

	w->fiber = fiber_self();
	w->steps = 1;
	deadline_enter(&d, clock_after(loop_now(loop_self()), NS_LONG), REASON_TIMEOUT);
	w->last = fiber_park();
	deadline_leave(&d);
	w->steps = 2;
}

static void a_started_fiber_runs_when_the_loop_comes_to_it(void **state)
{
	struct loop loop, *l = story_begin(&loop);
	struct witness w = { 0 };
	struct fiber *f;

	(void)state;
	f = fiber_start(l, steps_once, &w);
	assert_non_null(f);
	assert_int_equal(w.steps, 0);
	assert_int_equal(fiber_count(l), 1);

	loop_turn(l, NS_LONG);

	assert_int_equal(w.steps, 1);
	assert_ptr_equal(w.fiber, f);
	assert_int_equal(fiber_count(l), 0);
	assert_null(fiber_self());
	loop_fini(l);
}

static void a_parked_fiber_is_woken_with_an_event(void **state)
{
	struct loop loop, *l = story_begin(&loop);
	struct witness w = { 0 };
	struct fiber *f = fiber_start(l, parks_once, &w);

	(void)state;
	story_goes_on(l);
	assert_int_equal(w.steps, 1);

	fiber_wake(f);
	fiber_wake(f);
	assert_int_equal(w.steps, 1);
	story_goes_on(l);

	assert_int_equal(w.steps, 2);
	assert_int_equal(w.last, WAKE_EVENT);
	loop_fini(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_started_fiber_runs_when_the_loop_comes_to_it),
		cmocka_unit_test(a_parked_fiber_is_woken_with_an_event),
	};

	return cmocka_run_group_tests_name("fiber", tests, NULL, NULL);
}
