/* test_stack.c - stacks, their guards, the pool of them, and how deep they were used. */
#include "config.h"

#include "core/fiber/stack.h"
#include "core/fiber/worker.h"
#include "tests/fiber/story.h"

static size_t page(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static void a_stack_is_touched_from_its_top_down(void **state)
{
	struct stack s = { 0 };

	(void)state;
	assert_int_equal(stack_touched(&s), 0);
	assert_true(stack_map(&s, STACK_DEFAULT));
	assert_int_equal(s.top - s.base, STACK_DEFAULT);
	assert_int_equal(stack_touched(&s), 0);

	s.top[-1] = 1;
	assert_int_equal(stack_touched(&s), page());
	s.top[-300000] = 1;
	assert_true(stack_touched(&s) >= 300000 && stack_touched(&s) < 300000 + page());
	*s.base = 1;
	assert_int_equal(stack_touched(&s), STACK_DEFAULT);

	stack_unmap(&s);
	assert_false(stack_is_mapped(&s));
	stack_unmap(&s);
}

static volatile char *volatile touched;

static void act_touches(void)
{
	*touched = 1;
}

static bool kills_who_touches(char *address)
{
	char said[8192];
	int status;

	touched = address;
	status = story_of_a_child(act_touches, said, sizeof(said));
	return WIFSIGNALED(status) || WEXITSTATUS(status) != 0;
}

static void below_it_lies_a_guard(void **state)
{
	struct stack s = { 0 };

	(void)state;
	assert_true(stack_map(&s, 65536));
	assert_true(stack_guards(&s, s.base - 1));
	assert_true(stack_guards(&s, s.base - STACK_GUARD));
	assert_false(stack_guards(&s, s.base));
	assert_false(stack_guards(&s, s.base - STACK_GUARD - 1));
	assert_true(kills_who_touches(s.base - 1));
	assert_true(kills_who_touches(s.base - STACK_GUARD));
	assert_false(kills_who_touches(s.base));
	stack_unmap(&s);
	assert_false(stack_guards(&s, NULL));
}

/* Overflow -------------------------------------------------------------------- */

static volatile int depth_wanted;

static __attribute__((noinline)) int goes_down(int depth)
{
	char room[1024];
	int below = 0;

	room[0] = (char)depth;
	if (depth < depth_wanted)
		below = goes_down(depth + 1);
	__asm__ volatile("" : : "r"(room) : "memory");	/* the frame is needed until here */
	return below + room[0];
}

static void goes_too_deep(void *arg)
{
	(void)arg;
	depth_wanted = 1000000;
	(void)goes_down(0);
}

static void act_goes_too_deep(void)
{
	struct loop l;

	(void)loop_init(&l, &(struct fiber_limits){ .stack = 131072 }, NULL);
	if (!fiber_guard_install())
		return;
	fiber_start(&l, goes_too_deep, NULL);
	loop_turn(&l, 0);
}

static void worker_goes_too_deep(struct worker *w)
{
	fiber_start(&w->loop, goes_too_deep, NULL);
}

static void act_goes_too_deep_on_a_worker(void)
{
	static struct worker w;

	(void)worker_init(&w, 0, NULL, NULL);
	w.begin = worker_goes_too_deep;
	if (worker_start(&w, NULL))
		worker_join(&w);
}

static void an_overflow_is_named_with_its_fiber_and_what_to_do(void **state)
{
	(void)state;
	child_aborts_saying(act_goes_too_deep, "fiber stack overflow: fiber at 0x");
	child_aborts_saying(act_goes_too_deep, "(128 KiB); raise `fiber_stack`\n");
	child_aborts_saying(act_goes_too_deep_on_a_worker, "(1024 KiB); raise `fiber_stack`\n");
}

static void writes_to_nowhere(void *arg)
{
	(void)arg;
	touched = (volatile char *)64;
	act_touches();
}

static void act_writes_to_nowhere(void)
{
	struct loop l;

	(void)loop_init(&l, NULL, NULL);
	if (!fiber_guard_install())
		return;
	fiber_start(&l, writes_to_nowhere, NULL);
	loop_turn(&l, 0);
}

static void another_fault_is_not_taken_for_an_overflow(void **state)
{
	char said[8192];
	int status = story_of_a_child(act_writes_to_nowhere, said, sizeof(said));

	(void)state;
	assert_null(strstr(said, "fiber stack overflow"));
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
}

static void the_guard_may_be_installed_twice_and_removed(void **state)
{
	(void)state;
	assert_true(fiber_guard_install());
	assert_true(fiber_guard_install());
	fiber_guard_remove();
	fiber_guard_remove();
}

/* Many ------------------------------------------------------------------------- */

static void parks(void *arg)
{
	struct deadline d;
	int *woken = arg;

	deadline_enter(&d, story_in(NS_LONG), REASON_TIMEOUT);
	if (fiber_park() == WAKE_EVENT)
		(*woken)++;
	deadline_leave(&d);
}

static void wake_everyone(struct loop *l)
{
	for (struct fiber *f = l->pool.made; f != NULL; f = f->made_before)
		fiber_wake(f);
}

static void over_the_ceiling_there_is_no_fiber(void **state)
{
	struct loop loop, *l = story_begins_with(&loop, &(struct fiber_limits){ .most = 3 });
	int woken = 0;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_non_null(fiber_start(l, parks, &woken));
	assert_null(fiber_start(l, parks, &woken));
	story_goes_on(l);
	assert_null(fiber_start(l, parks, &woken));

	wake_everyone(l);
	story_goes_on(l);
	assert_int_equal(fiber_count(l), 0);
	assert_non_null(fiber_start(l, parks, &woken));
	story_goes_on(l);
	wake_everyone(l);
	story_ends(l);
	assert_int_equal(woken, 4);
}

static void ten_thousand_fibers_wait_at_once(void **state)
{
#ifdef CHECKED_BY_TSAN
	enum { MANY = 4000 };	/* its own threads are at most 8128 */
#else
	enum { MANY = 10000 };
#endif
	struct loop loop, *l = story_begins(&loop);
	int woken = 0;

	(void)state;
	for (int i = 0; i < MANY; i++)
		assert_non_null(fiber_start(l, parks, &woken));
	while (!list_empty(&l->runnable))
		loop_turn(l, 0);
	assert_int_equal(fiber_count(l), MANY);
	assert_int_equal(woken, 0);

	wake_everyone(l);
	story_ends(l);
	assert_int_equal(woken, MANY);
}

/* The pool --------------------------------------------------------------------- */

static uint32_t with_a_stack(const struct loop *l)
{
	uint32_t count = 0;

	for (const struct fiber *f = l->pool.made; f != NULL; f = f->made_before)
		if (stack_is_mapped(&f->stack))
			count++;
	return count;
}

/* The test says when it is time to look, not the clock. */
static void hold_the_clock(struct loop *l)
{
	if (timer_is_set(&l->pool.look))
		timer_set(&l->timers, &l->pool.look, clock_after(l->now, NS_LONG));
}

static void run_at_once(struct loop *l, int count, int *woken)
{
	for (int i = 0; i < count; i++)
		assert_non_null(fiber_start(l, parks, woken));
	story_goes_on(l);
	wake_everyone(l);
	story_goes_on(l);
	assert_int_equal(fiber_count(l), 0);
	hold_the_clock(l);
}

/* As if it were time again to look for cold ones. */
static void look_for_cold_ones(struct loop *l)
{
	if (!timer_is_set(&l->pool.look))
		return;
	timer_clear(&l->timers, &l->pool.look);
	l->pool.look.fire(&l->pool.look);
	hold_the_clock(l);
}

static void cold_stacks_are_given_back_and_warm_ones_stay(void **state)
{
	struct loop loop, *l = story_begins_with(&loop, &(struct fiber_limits){ .warm = 10 });
	int woken = 0;

	(void)state;
	run_at_once(l, 300, &woken);
	assert_int_equal(with_a_stack(l), 300);

	for (int i = 0; i < 20; i++) {
		run_at_once(l, 20, &woken);
		look_for_cold_ones(l);
	}
	assert_int_equal(with_a_stack(l), 30);
	for (int i = 0; i < 5; i++)
		look_for_cold_ones(l);

	assert_false(timer_is_set(&l->pool.look));
	assert_int_equal(with_a_stack(l), 10);
	assert_int_equal(l->pool.count, 10);
	run_at_once(l, 300, &woken);
	assert_int_equal(woken, 1000);
	assert_int_equal(with_a_stack(l), 300);
	story_ends(l);
}

static void stacks_in_use_are_not_cold(void **state)
{
	struct loop loop, *l = story_begins_with(&loop, &(struct fiber_limits){ .warm = 10 });
	int woken = 0;

	(void)state;
	run_at_once(l, 100, &woken);
	for (int i = 0; i < 20; i++) {
		run_at_once(l, 80, &woken);
		look_for_cold_ones(l);
	}
	assert_int_equal(with_a_stack(l), 90);
	story_ends(l);
}

static void goes_down_some_way(void *arg)
{
	depth_wanted = *(int *)arg;
	(void)goes_down(0);
}

static void the_high_water_mark_is_remembered_when_the_stack_is_given_back(void **state)
{
	struct loop loop, *l = story_begins_with(&loop, &(struct fiber_limits){ .warm = 1 });
	int deep = 200, shallow = 1;
	size_t mark;

	(void)state;
	fiber_start(l, goes_down_some_way, &deep);	/* ends first: will be the coldest */
	for (int i = 0; i < 4; i++)
		fiber_start(l, goes_down_some_way, &shallow);
	story_goes_on(l);
	for (int i = 0; i < 10; i++)
		look_for_cold_ones(l);
	assert_int_equal(with_a_stack(l), 1);

	mark = fiber_high_water(l);
	assert_true(mark >= 200 * 1024);
	assert_true(mark < STACK_DEFAULT);
	loop_fini(l);
}

static void the_deepest_of_many_is_found_in_turn(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	int deep = 300, woken = 0;
	size_t mark = 0;

	(void)state;
	fiber_start(l, goes_down_some_way, &deep);
	run_at_once(l, 600, &woken);
	for (int i = 0; i < 3; i++)
		mark = fiber_high_water(l);
	assert_true(mark >= 300 * 1024);
	story_ends(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stack_is_touched_from_its_top_down),
		cmocka_unit_test(below_it_lies_a_guard),
		cmocka_unit_test(an_overflow_is_named_with_its_fiber_and_what_to_do),
		cmocka_unit_test(another_fault_is_not_taken_for_an_overflow),
		cmocka_unit_test(the_guard_may_be_installed_twice_and_removed),
		cmocka_unit_test(over_the_ceiling_there_is_no_fiber),
		cmocka_unit_test(ten_thousand_fibers_wait_at_once),
		cmocka_unit_test(cold_stacks_are_given_back_and_warm_ones_stay),
		cmocka_unit_test(stacks_in_use_are_not_cold),
		cmocka_unit_test(the_high_water_mark_is_remembered_when_the_stack_is_given_back),
		cmocka_unit_test(the_deepest_of_many_is_found_in_turn),
	};

	return cmocka_run_group_tests_name("stack", tests, NULL, NULL);
}
