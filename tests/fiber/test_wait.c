/* test_wait.c - deadlines that nest, sleeping, and queues. */
#include "config.h"

#include "tests/fiber/story.h"

/* Runs `run` on a fiber until it has ended. */
static void on_a_fiber(struct loop *l, void (*run)(void *arg), void *arg)
{
	assert_non_null(fiber_start(l, run, arg));
	while (fiber_count(l) > 0)
		loop_turn(l, NS_LONG);
}

/* Deadlines ------------------------------------------------------------------ */

struct nested {
	uint64_t outer, inner;
	enum wake why;
	enum reason ended;
	uint64_t waited_until;
};

static void waits_within_two(void *arg)
{
	struct nested *n = arg;
	struct deadline exchange, try;

	deadline_enter(&exchange, story_in(n->outer), REASON_TIMEOUT);
	deadline_enter(&try, story_in(n->inner), REASON_TRY_TIMEOUT);
	n->why = fiber_park();
	n->ended = deadline_ended();
	n->waited_until = clock_now();
	deadline_leave(&try);
	deadline_leave(&exchange);
}

static enum reason ended_by(uint64_t outer, uint64_t inner)
{
	struct loop loop, *l = story_begins(&loop);
	struct nested n = { .outer = outer, .inner = inner };
	uint64_t begun = l->now, tightest = outer < inner ? outer : inner;

	on_a_fiber(l, waits_within_two, &n);
	assert_int_equal(n.why, WAKE_DEADLINE);
	assert_true(n.waited_until >= clock_after(begun, tightest));
	story_ends(l);
	return n.ended;
}

static void the_tightest_scope_ends_the_wait_and_is_named(void **state)
{
	(void)state;
	assert_int_equal(ended_by(NS_LONG, NS_SHORT), REASON_TRY_TIMEOUT);
	assert_int_equal(ended_by(NS_SHORT, NS_LONG), REASON_TIMEOUT);
	assert_int_equal(ended_by(NS_SHORT, NS_SHORT), REASON_TIMEOUT);
	assert_int_equal(ended_by(NS_SHORT, CLOCK_NEVER), REASON_TIMEOUT);
	assert_int_equal(ended_by(CLOCK_NEVER, NS_SHORT), REASON_TRY_TIMEOUT);
}

static void a_deadline_in_the_past_does_not_let_it_park(void **state)
{
	(void)state;
	assert_int_equal(ended_by(0, NS_LONG), REASON_TIMEOUT);
	assert_int_equal(ended_by(NS_LONG, 0), REASON_TRY_TIMEOUT);
}

static void meets_what_is_due(void *arg)
{
	bool *ok = arg;
	struct deadline d, inner;

	*ok = !deadline_due();
	deadline_enter(&d, story_in(NS_LONG), REASON_TIMEOUT);
	*ok = *ok && !deadline_due();
	deadline_enter(&inner, story_in(0), REASON_TRY_TIMEOUT);
	*ok = *ok && deadline_due();
	deadline_leave(&inner);
	*ok = *ok && !deadline_due();
	deadline_leave(&d);
}

static void a_deadline_is_due_until_its_scope_is_left(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	bool ok = false;

	(void)state;
	on_a_fiber(l, meets_what_is_due, &ok);
	assert_true(ok);
	story_ends(l);
}

struct moved {
	struct fiber *fiber;
	uint64_t first_timer, second_timer, third_timer;
	enum reason ended;
};

static void moves_its_deadline(void *arg)
{
	struct moved *m = arg;
	struct deadline outer, d;

	m->fiber = fiber_self();
	deadline_enter(&outer, story_in(2 * NS_LONG), REASON_TIMEOUT);
	deadline_enter(&d, story_in(NS_LONG), REASON_TRY_TIMEOUT);
	(void)fiber_park();
	m->first_timer = m->fiber->timer.at;
	deadline_move(&d, story_in(4 * NS_LONG));
	(void)fiber_park();
	m->second_timer = m->fiber->timer.at;
	deadline_move(&d, story_in(NS_SHORT));
	(void)fiber_park();
	m->ended = deadline_ended();
	deadline_leave(&d);
	deadline_leave(&outer);
}

static void moving_a_deadline_later_does_not_touch_the_wheel(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct moved m = { 0 };
	struct fiber *f = fiber_start(l, moves_its_deadline, &m);

	(void)state;
	story_goes_on(l);
	fiber_wake(f);
	story_goes_on(l);
	assert_true(m.first_timer != 0);
	assert_int_equal(f->deadline->tightest_reason, REASON_TIMEOUT);
	fiber_wake(f);
	story_goes_on(l);
	while (fiber_count(l) > 0)
		loop_turn(l, NS_LONG);

	assert_true(m.second_timer == m.first_timer);
	assert_int_equal(m.ended, REASON_TRY_TIMEOUT);
	story_ends(l);
}

static void parks_for(void *arg)
{
	const uint64_t *span = arg;
	struct deadline d;

	deadline_enter(&d, story_in(*span), REASON_TIMEOUT);
	(void)fiber_park();
	deadline_leave(&d);
}

static void a_timer_of_a_former_life_is_ignored(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	uint64_t brief = 100 * NS_SHORT, lasting = NS_LONG;
	struct fiber *f = fiber_start(l, parks_for, &brief);
	uint64_t left_behind;

	(void)state;
	story_goes_on(l);
	fiber_wake(f);
	story_goes_on(l);
	left_behind = f->timer.at;
	assert_true(left_behind != 0);

	assert_ptr_equal(fiber_start(l, parks_for, &lasting), f);
	story_goes_on(l);
	while (f->timer.at == left_behind)
		loop_turn(l, NS_LONG);

	assert_int_equal(f->state, FIBER_PARKED);
	assert_true(f->timer.at == f->deadline->tightest);
	fiber_wake(f);
	story_ends(l);
}

/* Sleeping ------------------------------------------------------------------- */

struct nap {
	uint64_t span, scope;
	enum wake why;
	uint64_t slept;
};

static void naps(void *arg)
{
	struct nap *n = arg;
	struct deadline d;
	uint64_t begun = loop_now(loop_self());

	deadline_enter(&d, story_in(n->scope), REASON_TIMEOUT);
	n->why = wait_sleep(n->span);
	n->slept = clock_now() - begun;
	deadline_leave(&d);
}

static void who_sleeps_wakes_in_time(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct nap n = { .span = NS_SHORT, .scope = NS_LONG };

	(void)state;
	on_a_fiber(l, naps, &n);
	assert_int_equal(n.why, WAKE_EVENT);
	assert_true(n.slept >= NS_SHORT);
	story_ends(l);
}

static void a_scope_around_ends_the_sleep(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct nap longer = { .span = NS_LONG, .scope = NS_SHORT };
	struct nap equal = { .span = NS_SHORT, .scope = NS_SHORT };

	(void)state;
	on_a_fiber(l, naps, &longer);
	assert_int_equal(longer.why, WAKE_DEADLINE);
	on_a_fiber(l, naps, &equal);
	assert_int_equal(equal.why, WAKE_DEADLINE);
	story_ends(l);
}

static void a_stray_wake_does_not_end_the_sleep(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct nap n = { .span = NS_SHORT, .scope = NS_LONG };
	struct fiber *f = fiber_start(l, naps, &n);

	(void)state;
	loop_turn(l, 0);
	fiber_wake(f);
	story_ends(l);

	assert_int_equal(n.why, WAKE_EVENT);
	assert_true(n.slept >= NS_SHORT);
}

static void sleeps_until_the_past(void *arg)
{
	*(enum wake *)arg = wait_until(1);
}

static void the_past_has_come_already(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	enum wake why = WAKE_CANCEL;

	(void)state;
	fiber_start(l, sleeps_until_the_past, &why);
	loop_turn(l, 0);
	assert_int_equal(why, WAKE_EVENT);
	story_ends(l);
}

/* Queues --------------------------------------------------------------------- */

struct queue_story {
	struct wait_queue queue;
	char said[16];
	int len;
};

struct guest {
	struct queue_story *story;
	struct fiber *fiber;
	char name;
	uint64_t patience;
	enum wake why;
};

static void stands_in_line(void *arg)
{
	struct guest *g = arg;
	struct deadline d;

	deadline_enter(&d, story_in(g->patience), REASON_TIMEOUT);
	g->why = wait_queue_park(&g->story->queue);
	deadline_leave(&d);
	g->story->said[g->story->len++] = g->name;
}

static void guests_come(struct loop *l, struct queue_story *q, struct guest *g, int count)
{
	*q = (struct queue_story){ .len = 0 };
	wait_queue_init(&q->queue);
	for (int i = 0; i < count; i++) {
		g[i] = (struct guest){ .story = q, .name = (char)('a' + i), .patience = NS_LONG };
		g[i].fiber = fiber_start(l, stands_in_line, &g[i]);
	}
	story_goes_on(l);
}

static void first_come_is_first_woken(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct queue_story q;
	struct guest g[4];

	(void)state;
	guests_come(l, &q, g, 4);
	assert_true(wait_queue_wake_one(&q.queue));
	story_goes_on(l);
	assert_string_equal(q.said, "a");

	wait_queue_wake_all(&q.queue);
	story_goes_on(l);
	assert_string_equal(q.said, "abcd");
	assert_false(wait_queue_wake_one(&q.queue));
	story_ends(l);
}

static void a_stray_wake_does_not_jump_the_queue(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct queue_story q;
	struct guest g[1];

	(void)state;
	guests_come(l, &q, g, 1);
	fiber_wake(g[0].fiber);
	story_goes_on(l);
	assert_string_equal(q.said, "");

	wait_queue_wake_all(&q.queue);
	story_ends(l);
	assert_int_equal(g[0].why, WAKE_EVENT);
}

static void a_cancelled_guest_passes_on_what_it_was_called_for(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct queue_story q;
	struct guest g[3];

	(void)state;
	guests_come(l, &q, g, 3);
	assert_true(wait_queue_wake_one(&q.queue));
	fiber_cancel(g[0].fiber);
	story_goes_on(l);

	assert_string_equal(q.said, "ab");
	assert_int_equal(g[0].why, WAKE_CANCEL);
	assert_int_equal(g[1].why, WAKE_EVENT);
	wait_queue_wake_all(&q.queue);
	story_ends(l);
}

static void a_guest_whose_patience_ends_leaves_the_line(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct queue_story q;
	struct guest g[2];

	(void)state;
	guests_come(l, &q, g, 0);
	g[0] = (struct guest){ .story = &q, .name = 'a', .patience = NS_SHORT };
	g[1] = (struct guest){ .story = &q, .name = 'b', .patience = NS_LONG };
	fiber_start(l, stands_in_line, &g[0]);
	fiber_start(l, stands_in_line, &g[1]);
	while (q.len == 0)
		loop_turn(l, NS_LONG);
	assert_int_equal(g[0].why, WAKE_DEADLINE);

	assert_true(wait_queue_wake_one(&q.queue));
	story_ends(l);
	assert_string_equal(q.said, "ab");
	assert_int_equal(g[1].why, WAKE_EVENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tightest_scope_ends_the_wait_and_is_named),
		cmocka_unit_test(a_deadline_in_the_past_does_not_let_it_park),
		cmocka_unit_test(a_deadline_is_due_until_its_scope_is_left),
		cmocka_unit_test(moving_a_deadline_later_does_not_touch_the_wheel),
		cmocka_unit_test(a_timer_of_a_former_life_is_ignored),
		cmocka_unit_test(who_sleeps_wakes_in_time),
		cmocka_unit_test(a_scope_around_ends_the_sleep),
		cmocka_unit_test(a_stray_wake_does_not_end_the_sleep),
		cmocka_unit_test(the_past_has_come_already),
		cmocka_unit_test(first_come_is_first_woken),
		cmocka_unit_test(a_stray_wake_does_not_jump_the_queue),
		cmocka_unit_test(a_cancelled_guest_passes_on_what_it_was_called_for),
		cmocka_unit_test(a_guest_whose_patience_ends_leaves_the_line),
	};

	return cmocka_run_group_tests_name("wait", tests, NULL, NULL);
}
