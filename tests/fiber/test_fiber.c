/* test_fiber.c - fibers start, park, are woken, yield, and end. */
#include "config.h"

#include <execinfo.h>

#include "tests/fiber/story.h"

/* What a fiber tells about itself. */
struct witness {
	int steps;
	enum wake last;
	struct fiber *fiber;
	void *found;
};

static void steps_once(void *arg)
{
	struct witness *w = arg;

	w->fiber = fiber_self();
	w->found = w->fiber->local;
	w->fiber->local = w;
	w->steps++;
}

static void parks_once(void *arg)
{
	struct witness *w = arg;
	struct deadline d;

	w->steps = 1;
	deadline_enter(&d, story_in(NS_LONG), REASON_TIMEOUT);
	w->last = fiber_park();
	deadline_leave(&d);
	w->steps = 2;
}

static void a_started_fiber_runs_when_the_loop_comes_to_it(void **state)
{
	struct loop loop, *l = story_begins(&loop);
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
	story_ends(l);
}

static void a_parked_fiber_is_woken_with_an_event(void **state)
{
	struct loop loop, *l = story_begins(&loop);
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
	story_ends(l);
}

static void waking_one_that_is_not_parked_is_harmless(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct witness w = { 0 };
	struct fiber *f = fiber_start(l, parks_once, &w);

	(void)state;
	fiber_wake(f);
	story_goes_on(l);
	assert_int_equal(w.steps, 1);

	fiber_wake(f);
	story_goes_on(l);
	fiber_wake(f);
	story_goes_on(l);

	assert_int_equal(w.steps, 2);
	story_ends(l);
}

static void the_newest_idle_fiber_is_used_again_and_is_as_new(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct witness first = { 0 }, second = { 0 };
	struct fiber *f = fiber_start(l, steps_once, &first);
	uint64_t generation = f->generation;

	(void)state;
	story_goes_on(l);
	assert_true(f->generation > generation);

	fiber_cancel(f);
	assert_ptr_equal(fiber_start(l, steps_once, &second), f);
	story_goes_on(l);

	assert_null(second.found);
	assert_false(f->cancelled);
	story_ends(l);
}

/* Order ---------------------------------------------------------------------- */

struct order {
	char said[128];
	int len;
	struct fiber *sleeper;
	struct loop *loop;
};

static void sleeper_speaks(void *arg)
{
	struct order *o = arg;
	struct deadline d;

	deadline_enter(&d, CLOCK_NEVER, REASON_NONE);
	(void)fiber_park();
	deadline_leave(&d);
	o->said[o->len++] = 's';
}

static void waker_speaks(void *arg)
{
	struct order *o = arg;

	fiber_wake(o->sleeper);
	o->said[o->len++] = 'w';
}

static void yielder_speaks(void *arg)
{
	struct order *o = arg;

	o->said[o->len++] = 'y';
	fiber_yield();
	o->said[o->len++] = 'Y';
}

static void the_woken_run_in_the_same_turn_and_who_yields_in_the_next(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct order o = { .loop = l };

	(void)state;
	o.sleeper = fiber_start(l, sleeper_speaks, &o);
	story_goes_on(l);

	fiber_start(l, yielder_speaks, &o);
	fiber_start(l, waker_speaks, &o);
	loop_turn(l, NS_LONG);
	assert_string_equal(o.said, "yws");

	loop_turn(l, NS_LONG);
	assert_string_equal(o.said, "ywsY");
	story_ends(l);
}

static void gate_speaks(void *arg)
{
	struct order *o = arg;

	o->said[o->len++] = 'g';
	fiber_gate();
	o->said[o->len++] = 'G';
}

static void at_the_gate_they_wait_for_each_other_within_the_turn(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct order o = { .loop = l };

	(void)state;
	o.sleeper = fiber_start(l, gate_speaks, &o);
	fiber_start(l, gate_speaks, &o);
	fiber_start(l, gate_speaks, &o);
	fiber_cancel(o.sleeper);
	loop_turn(l, NS_LONG);
	assert_string_equal(o.said, "gggGGG");	/* the last one found nobody to wait for */
	story_ends(l);
}

static void the_gate_opens_for_every_32(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct order o = { .loop = l };
	const char *first;

	(void)state;
	for (int i = 0; i < 40; i++)
		fiber_start(l, gate_speaks, &o);
	loop_turn(l, NS_LONG);
	first = strchr(o.said, 'G');
	assert_non_null(first);
	assert_int_equal(first - o.said, 32);
	assert_int_equal(o.len, 80);
	story_ends(l);
}

struct player {
	struct fiber *other;
	uint64_t strokes;
	bool over;
};

static void plays(void *arg)
{
	struct player *p = arg;
	struct deadline d;

	deadline_enter(&d, CLOCK_NEVER, REASON_NONE);
	while (!p->over) {
		p->strokes++;
		fiber_wake(p->other);
		(void)fiber_park();
	}
	fiber_wake(p->other);
	deadline_leave(&d);
}

static void two_who_wake_each_other_for_ever_do_not_hold_up_the_turn(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct player a = { 0 }, b = { 0 };

	(void)state;
	b.other = fiber_start(l, plays, &a);
	a.other = fiber_start(l, plays, &b);

	loop_turn(l, NS_LONG);
	assert_true(a.strokes > 1);
	loop_turn(l, NS_LONG);

	a.over = b.over = true;
	story_ends(l);
}

/* Long work ------------------------------------------------------------------ */

struct worked {
	size_t bytes;
	int times, done;
};

static void works(void *arg)
{
	struct worked *w = arg;

	while (w->done < w->times) {
		w->done++;
		fiber_worked(fiber_self(), w->bytes);
	}
}

static int done_in_one_turn(size_t bytes)
{
	struct loop loop, *l = story_begins(&loop);
	struct worked w = { .bytes = bytes, .times = 1000 };
	int done;

	fiber_start(l, works, &w);
	loop_turn(l, NS_LONG);
	done = w.done;
	w.times = 0;
	story_ends(l);
	return done;
}

static void long_work_lets_others_run(void **state)
{
	(void)state;
	assert_int_equal(done_in_one_turn(0), 64);
	assert_int_equal(done_in_one_turn(4096), 64);
	assert_int_equal(done_in_one_turn(16384), 16);
	assert_int_equal(done_in_one_turn(262144), 1);
	assert_int_equal(done_in_one_turn(SIZE_MAX), 1);
}

/* Registers ------------------------------------------------------------------ */

struct sum {
	double d;
	long i;
	int rounds;
};

static void sums(void *arg)
{
	struct sum *s = arg;
	double d1 = s->d, d2 = s->d * 2, d3 = s->d * 3;
	long a = s->i, b = a * 2, c = a * 3, e = a * 5, g = a * 7;

	for (int i = 0; i < s->rounds; i++) {
		fiber_yield();
		d1 += 1, d2 += 2, d3 += 3;
		a += 1, b += 2, c += 3, e += 5, g += 7;
	}
	s->d = d1 + d2 + d3;
	s->i = a + b + c + e + g;
}

static void what_is_in_registers_survives_the_switch(void **state)
{
	enum { COUNT = 8, ROUNDS = 100 };
	struct loop loop, *l = story_begins(&loop);
	struct sum s[COUNT];

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		s[i] = (struct sum){ .d = i + 0.5, .i = i, .rounds = ROUNDS };
		fiber_start(l, sums, &s[i]);
	}
	story_ends(l);

	for (int i = 0; i < COUNT; i++) {
		assert_true(s[i].d == (i + 0.5 + ROUNDS) * 6);
		assert_int_equal(s[i].i, (i + ROUNDS) * 18);
	}
}

static __attribute__((noinline)) int frames_above(void)
{
	void *frames[64];

	return backtrace(frames, 64);
}

static void looks_back(void *arg)
{
	*(int *)arg = frames_above();
}

static void a_backtrace_ends_where_the_fiber_begins(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	int frames = 0;

	(void)state;
	fiber_start(l, looks_back, &frames);
	story_ends(l);
	assert_in_range(frames, 2, 10);
}

/* Promises ------------------------------------------------------------------- */

static void parks_bare(void *arg)
{
	(void)arg;
	(void)fiber_park();
}

static void parks_where_it_may_not(void *arg)
{
	struct deadline d;

	(void)arg;
	deadline_enter(&d, CLOCK_NEVER, REASON_NONE);
	fiber_no_wait_begin();
	fiber_no_wait_begin();
	fiber_no_wait_end();
	(void)fiber_park();
}

static void ends_within_a_scope(void *arg)
{
	struct deadline d;

	(void)arg;
	deadline_enter(&d, CLOCK_NEVER, REASON_NONE);
}

static void unshields_twice(void *arg)
{
	(void)arg;
	fiber_shield();
	fiber_unshield();
	fiber_unshield();
}

static void run_alone(void (*run)(void *arg))
{
	struct loop l;

	(void)loop_init(&l, NULL, NULL);
	fiber_start(&l, run, NULL);
	loop_turn(&l, 0);
}

static void act_parks_bare(void)
{
	run_alone(parks_bare);
}

static void act_parks_where_it_may_not(void)
{
	run_alone(parks_where_it_may_not);
}

static void act_ends_within_a_scope(void)
{
	run_alone(ends_within_a_scope);
}

static void act_unshields_twice(void)
{
	run_alone(unshields_twice);
}

static void act_parks_on_the_loop(void)
{
	(void)fiber_park();
}

static void a_broken_promise_aborts_with_a_sentence(void **state)
{
	(void)state;
	child_aborts_saying(act_parks_bare, "without a deadline scope");
	child_aborts_saying(act_parks_where_it_may_not, "may not wait");
	child_aborts_saying(act_parks_on_the_loop, "only a fiber may wait");
	child_aborts_saying(act_ends_within_a_scope, "never left");
	child_aborts_saying(act_unshields_twice, "without its fiber_shield()");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_started_fiber_runs_when_the_loop_comes_to_it),
		cmocka_unit_test(a_parked_fiber_is_woken_with_an_event),
		cmocka_unit_test(waking_one_that_is_not_parked_is_harmless),
		cmocka_unit_test(the_newest_idle_fiber_is_used_again_and_is_as_new),
		cmocka_unit_test(the_woken_run_in_the_same_turn_and_who_yields_in_the_next),
		cmocka_unit_test(at_the_gate_they_wait_for_each_other_within_the_turn),
		cmocka_unit_test(the_gate_opens_for_every_32),
		cmocka_unit_test(two_who_wake_each_other_for_ever_do_not_hold_up_the_turn),
		cmocka_unit_test(long_work_lets_others_run),
		cmocka_unit_test(what_is_in_registers_survives_the_switch),
		cmocka_unit_test(a_backtrace_ends_where_the_fiber_begins),
		cmocka_unit_test(a_broken_promise_aborts_with_a_sentence),
	};

	return cmocka_run_group_tests_name("fiber", tests, NULL, NULL);
}
