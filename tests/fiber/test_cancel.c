/* test_cancel.c - cancellation in every kind of wait, shields, and joining. */
#include "config.h"

#include <stdatomic.h>

#include "tests/fiber/story.h"

/* One that waits in some way and tells how its waits ended. */
struct waiter {
	enum wake (*wait)(struct waiter *w);
	struct wait_queue queue;
	struct fiber *child;
	uint64_t generation;
	bool joined;
	enum wake first, second;
	bool over;
};

static void waits_twice(void *arg)
{
	struct waiter *w = arg;
	struct deadline d;

	deadline_enter(&d, story_in(NS_LONG), REASON_TIMEOUT);
	w->first = w->wait(w);
	w->second = fiber_park();
	deadline_leave(&d);
	w->over = true;
}

static enum wake by_parking(struct waiter *w)
{
	(void)w;
	return fiber_park();
}

static enum wake by_sleeping(struct waiter *w)
{
	(void)w;
	return wait_sleep(NS_LONG / 2);
}

static enum wake by_queueing(struct waiter *w)
{
	return wait_queue_park(&w->queue);
}

static struct fiber *start_waiter(struct loop *l, struct waiter *w,
				  enum wake (*wait)(struct waiter *w))
{
	*w = (struct waiter){ .wait = wait, .first = WAKE_EVENT, .second = WAKE_EVENT };
	wait_queue_init(&w->queue);
	return fiber_start(l, waits_twice, w);
}

static void cancelling_ends_this_wait_and_all_later_ones(void **state)
{
	enum wake (*const kinds[])(struct waiter *) = { by_parking, by_sleeping, by_queueing };
	struct loop loop, *l = story_begins(&loop);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct waiter w;
		struct fiber *f = start_waiter(l, &w, kinds[i]);

		story_goes_on(l);
		assert_false(w.over);
		fiber_cancel(f);
		story_goes_on(l);

		assert_true(w.over);
		assert_int_equal(w.first, WAKE_CANCEL);
		assert_int_equal(w.second, WAKE_CANCEL);
		assert_true(list_empty(&w.queue.waiting));
	}
	story_ends(l);
}

static void one_cancelled_before_it_ran_does_not_wait(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct waiter w;

	(void)state;
	fiber_cancel(start_waiter(l, &w, by_parking));
	loop_turn(l, 0);

	assert_true(w.over);
	assert_int_equal(w.first, WAKE_CANCEL);
	story_ends(l);
}

static void cancellation_outweighs_the_event_that_came_with_it(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct waiter w;
	struct fiber *f = start_waiter(l, &w, by_parking);

	(void)state;
	story_goes_on(l);
	fiber_wake(f);
	fiber_cancel(f);
	story_goes_on(l);

	assert_int_equal(w.first, WAKE_CANCEL);
	story_ends(l);
}

/* Shields -------------------------------------------------------------------- */

static enum wake by_parking_shielded(struct waiter *w)
{
	enum wake why;

	(void)w;
	fiber_shield();
	fiber_shield();
	why = fiber_park();
	fiber_unshield();
	if (fiber_cancelled(fiber_self()))
		why = WAKE_CANCEL;	/* one shield is still up */
	fiber_unshield();
	return why;
}

static void a_shield_keeps_cancellation_back_until_it_is_down(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct waiter w;
	struct fiber *f = start_waiter(l, &w, by_parking_shielded);

	(void)state;
	story_goes_on(l);
	fiber_cancel(f);
	story_goes_on(l);
	assert_false(w.over);
	assert_false(fiber_cancelled(f));

	fiber_wake(f);
	story_goes_on(l);

	assert_true(w.over);
	assert_int_equal(w.first, WAKE_EVENT);
	assert_int_equal(w.second, WAKE_CANCEL);
	story_ends(l);
}

/* Joining -------------------------------------------------------------------- */

static void parks_until_woken(void *arg)
{
	struct deadline d;

	(void)arg;
	deadline_enter(&d, CLOCK_NEVER, REASON_NONE);
	(void)fiber_park();
	deadline_leave(&d);
}

static enum wake by_joining(struct waiter *w)
{
	w->joined = fiber_join(w->child, w->generation);
	return WAKE_EVENT;
}

static struct fiber *start_joiner(struct loop *l, struct waiter *w,
				  enum wake (*wait)(struct waiter *w))
{
	struct fiber *f = start_waiter(l, w, wait);

	w->child = fiber_start(l, parks_until_woken, NULL);
	w->generation = w->child->generation;
	return f;
}

static void joining_waits_for_the_end_even_when_cancelled(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct waiter w;
	struct fiber *f = start_joiner(l, &w, by_joining);

	(void)state;
	story_goes_on(l);
	fiber_cancel(f);
	story_goes_on(l);
	assert_false(w.over);

	fiber_cancel(w.child);
	story_goes_on(l);

	assert_true(w.joined);
	assert_int_equal(w.second, WAKE_CANCEL);
	story_ends(l);
}

static void joining_one_that_has_ended_does_not_wait(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct waiter w;

	(void)state;
	start_joiner(l, &w, by_joining);
	fiber_cancel(w.child);
	w.generation--;		/* a life before */
	loop_turn(l, 0);

	assert_true(w.joined);
	fiber_cancel(w.child);
	fiber_cancel(l->pool.made);
	for (struct fiber *f = l->pool.made; f != NULL; f = f->made_before)
		fiber_cancel(f);
	story_ends(l);
}

static enum wake by_joining_in_time(struct waiter *w)
{
	struct deadline d;

	deadline_enter(&d, story_in(NS_SHORT), REASON_TRY_TIMEOUT);
	w->joined = fiber_join(w->child, w->generation);
	deadline_leave(&d);
	return w->joined ? WAKE_EVENT : WAKE_DEADLINE;
}

static void joining_ends_with_its_deadline(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct waiter w;
	struct fiber *f = start_joiner(l, &w, by_joining_in_time);

	(void)state;
	while (w.first != WAKE_DEADLINE)
		loop_turn(l, NS_LONG);

	assert_false(w.joined);
	assert_true(list_empty(&w.child->joiners));
	fiber_cancel(w.child);
	fiber_cancel(f);
	story_ends(l);
}

/* As an attempt does it whose time is up: no scope around lets it wait any more. */
static enum wake by_joining_after_the_deadline(struct waiter *w)
{
	struct deadline past, alone;
	enum wake why;

	deadline_enter(&past, story_in(NS_SHORT), REASON_TRY_TIMEOUT);
	do {
		why = fiber_park();
	} while (why == WAKE_EVENT);
	fiber_cancel(w->child);
	deadline_enter_alone(&alone, story_in(NS_LONG), REASON_INTERNAL);
	w->joined = fiber_join(w->child, w->generation);
	deadline_leave(&alone);
	deadline_leave(&past);
	return why;
}

static void a_child_is_joined_after_the_deadline_that_ended_the_attempt(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct waiter w;
	struct fiber *f = start_joiner(l, &w, by_joining_after_the_deadline);

	(void)state;
	while (w.first != WAKE_DEADLINE)
		loop_turn(l, NS_LONG);

	assert_true(w.joined);
	fiber_cancel(f);
	story_ends(l);
}

/* Offload -------------------------------------------------------------------- */

static atomic_bool let_go;

static void blocks(void *arg)
{
	(void)arg;
	while (!atomic_load(&let_go))
		usleep(1000);
}

static enum wake by_offloading(struct waiter *w)
{
	w->joined = loop_offload(blocks, NULL);
	return WAKE_EVENT;
}

static void offloaded_work_is_waited_for_even_when_cancelled(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct waiter w;
	struct fiber *f = start_waiter(l, &w, by_offloading);

	(void)state;
	story_goes_on(l);
	fiber_cancel(f);
	story_goes_on(l);
	assert_false(w.over);

	atomic_store(&let_go, true);
	while (!w.over)
		loop_turn(l, NS_LONG);

	assert_true(w.joined);
	assert_int_equal(w.second, WAKE_CANCEL);
	story_ends(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cancelling_ends_this_wait_and_all_later_ones),
		cmocka_unit_test(one_cancelled_before_it_ran_does_not_wait),
		cmocka_unit_test(cancellation_outweighs_the_event_that_came_with_it),
		cmocka_unit_test(a_shield_keeps_cancellation_back_until_it_is_down),
		cmocka_unit_test(joining_waits_for_the_end_even_when_cancelled),
		cmocka_unit_test(joining_one_that_has_ended_does_not_wait),
		cmocka_unit_test(joining_ends_with_its_deadline),
		cmocka_unit_test(a_child_is_joined_after_the_deadline_that_ended_the_attempt),
		cmocka_unit_test(offloaded_work_is_waited_for_even_when_cancelled),
	};

	return cmocka_run_group_tests_name("cancel", tests, NULL, NULL);
}
