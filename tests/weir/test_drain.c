/* test_drain.c - stopping comes to its end, whatever else is under way. */
#include "core/weir/drain.h"

#include "core/weir/reload.h"
#include "tests/weir/living.h"

#define PLAIN "listen: {edge: {address: \"%1\"}}\nroutes: [{redirect: {path: /there, status: 302}}]\n"

static void ask_twice(struct living *l)
{
	drain_begin(&l->g);
	SEES(l, gateway_phase(&l->g) == PHASE_DRAINING);
	drain_begin(&l->g);
	drain_by_request(&l->g);
}

static void asking_twice_does_no_harm(void **state)
{
	(void)state;
	assert_int_equal(living_run(PLAIN, ask_twice), 0);
	assert_int_equal(gateway_phase(&living.g), PHASE_STOPPED);
}

static void reload_and_drain(struct living *l)
{
	reload_begin(&l->g);
	drain_begin(&l->g);
}

static void a_reload_under_way_ends_first(void **state)
{
	(void)state;
	assert_int_equal(living_run(PLAIN, reload_and_drain), 0);
	assert_int_equal(living.g.generation, 2);
	assert_int_equal(gateway_phase(&living.g), PHASE_STOPPED);
}

static int idle;

static void leave_one_idle(struct living *l)
{
	idle = living_connect(&l->at[0]);
	SEES(l, living_get(idle) == 302);
}

static void who_is_idle_is_let_go_and_newcomers_are_refused(void **state)
{
	int refused;

	(void)state;
	assert_int_equal(living_run(PLAIN, leave_one_idle), 0);

	assert_int_equal(living_get(idle), 0);
	refused = living_connect(&living.at[0]);
	assert_int_equal(refused, -1);
	close(idle);
}

static void what_it_may_take_grows_with_the_configuration(void **state)
{
	static struct gateway g;
	uint32_t least = drain_takes_ms(&g);

	(void)state;
	g.drain_time = 3 * NS_PER_S;
	g.stop_delay = 2 * NS_PER_S;
	assert_int_equal(drain_takes_ms(&g), least + 5000);
	g.flush_time = NS_PER_S;
	assert_int_equal(drain_takes_ms(&g), least + 6000);
	g.drain_time = UINT64_MAX - 1;
	assert_int_equal(drain_takes_ms(&g), UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asking_twice_does_no_harm),
		cmocka_unit_test(a_reload_under_way_ends_first),
		cmocka_unit_test(who_is_idle_is_let_go_and_newcomers_are_refused),
		cmocka_unit_test(what_it_may_take_grows_with_the_configuration),
	};

	return cmocka_run_group_tests_name("drain", tests, NULL, NULL);
}
