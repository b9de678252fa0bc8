/* test_reload.c - reloads follow each other, and one that fails leaves what is there. */
#include "core/weir/reload.h"

#include "tests/weir/living.h"

#define PLAIN "listen: {edge: {address: \"%1\"}}\nroutes: [{redirect: {path: /there, status: 302}}]\n"

static void reload_once(struct living *l)
{
	living_write(l, "listen: {edge: {address: \"%1\"}}\n"
		     "routes: [{redirect: {path: /there, status: 308}}]\n");
	SEES(l, living_visit(&l->at[0]) == 302);
	reload_begin(&l->g);
	SEES(l, l->g.busy != NULL);
	COMES(l, l->g.busy == NULL);
	SEES(l, l->g.snapshot->generation == 2);
	SEES(l, living_visit(&l->at[0]) == 308);
}

static void it_puts_the_file_in_force(void **state)
{
	(void)state;
	assert_int_equal(living_run(PLAIN, reload_once), 0);
}

/* The file is read on another thread, whose answer this thread has not seen yet. */
static void ask_meanwhile(struct living *l)
{
	reload_begin(&l->g);
	fiber_yield();
	reload_begin(&l->g);
	reload_begin(&l->g);
	SEES(l, l->g.reload_again);
	COMES(l, l->g.busy == NULL);
	SEES(l, l->g.snapshot->generation == 3);
}

static void those_that_are_asked_for_meanwhile_are_one_that_follows(void **state)
{
	(void)state;
	assert_int_equal(living_run(PLAIN, ask_meanwhile), 0);
}

static void fail_once(struct living *l)
{
	struct snapshot *before = l->g.snapshot;
	struct diagnostics d;

	diagnostics_init(&d);
	living_write(l, "listen: {edge: {address: \"%1\"}}\nroutes: nonsense\n");
	SEES(l, !reload_now(&l->g, &d));
	SEES(l, d.errors > 0);
	SEES(l, l->g.snapshot == before);
	diagnostics_fini(&d);
	diagnostics_init(&d);
	living_write(l, PLAIN);
	SEES(l, reload_now(&l->g, &d));
	SEES(l, d.errors == 0);
	diagnostics_fini(&d);
}

static void one_that_fails_leaves_what_is_there_and_the_next_may_work(void **state)
{
	(void)state;
	assert_int_equal(living_run(PLAIN, fail_once), 0);
}

static void take_turns(struct living *l)
{
	struct diagnostics d;

	diagnostics_init(&d);
	reload_begin(&l->g);
	SEES(l, reload_in_turn(&l->g, &d));
	SEES(l, l->g.snapshot->generation == 3);
	SEES(l, l->g.busy == NULL);
	diagnostics_fini(&d);
}

static void who_waits_for_the_answer_waits_for_its_turn(void **state)
{
	(void)state;
	assert_int_equal(living_run(PLAIN, take_turns), 0);
}

static void be_ready(void *arg)
{
	struct living *l = arg;

	atomic_store(&l->g.phase, PHASE_READY);
}

static void come_early(struct living *l)
{
	struct diagnostics d;

	diagnostics_init(&d);
	atomic_store(&l->g.phase, PHASE_STARTING);
	SEES(l, fiber_start(&l->g.control.loop, be_ready, l) != NULL);
	SEES(l, reload_in_turn(&l->g, &d));
	SEES(l, l->g.snapshot->generation == 2);
	diagnostics_fini(&d);
}

static void who_asks_before_the_first_is_in_force_waits_for_it(void **state)
{
	(void)state;
	assert_int_equal(living_run(PLAIN, come_early), 0);
}

static void drain_first(struct living *l)
{
	struct diagnostics d;

	diagnostics_init(&d);
	drain_begin(&l->g);
	reload_begin(&l->g);
	SEES(l, l->g.busy == NULL);
	SEES(l, !reload_in_turn(&l->g, &d));
	SEES(l, l->g.snapshot->generation == 1);
	diagnostics_fini(&d);
}

static void there_is_none_while_it_drains(void **state)
{
	(void)state;
	assert_int_equal(living_run(PLAIN, drain_first), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_puts_the_file_in_force),
		cmocka_unit_test(those_that_are_asked_for_meanwhile_are_one_that_follows),
		cmocka_unit_test(one_that_fails_leaves_what_is_there_and_the_next_may_work),
		cmocka_unit_test(who_waits_for_the_answer_waits_for_its_turn),
		cmocka_unit_test(who_asks_before_the_first_is_in_force_waits_for_it),
		cmocka_unit_test(there_is_none_while_it_drains),
	};

	return cmocka_run_group_tests_name("reload", tests, NULL, NULL);
}
