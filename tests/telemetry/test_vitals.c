/* test_vitals.c - what only a worker can say about itself. */
#include "tests/test.h"

#include "core/base/clock.h"
#include "core/fiber/wait.h"
#include "core/telemetry/vitals.h"

static void touch(void *arg)
{
	volatile char deep[100000];
	struct deadline d;

	(void)arg;
	for (size_t i = 0; i < sizeof(deep); i += 4096)
		deep[i] = 1;
	deadline_enter(&d, CLOCK_NEVER, REASON_TIMEOUT);
	(void)fiber_park();
	deadline_leave(&d);
}

/* As if that much time had passed. */
static void later(struct loop *l, uint64_t span)
{
	timer_wheel_advance(&l->timers, loop_now(l) + span);
}

static void fibers_and_their_stacks_are_looked_up(void **state)
{
	struct fiber_limits limits = { .most = 10 };
	struct vitals v = { .loop = NULL };
	struct weir_error error = { "" };
	struct loop loop;
	struct fiber *f;
	struct stats s;

	(void)state;
	stats_init(&s);
	assert_true(loop_init(&loop, &limits, &error));
	vitals_start(&v, &loop, &s);
	f = fiber_start(&loop, touch, NULL);
	loop_turn(&loop, 0);
	assert_int_equal(gauge_read(&s.fibers), 0);

	later(&loop, VITALS_EVERY + NS_PER_S);
	assert_int_equal(gauge_read(&s.fibers), 1);
	assert_true(gauge_read(&s.stack_high_water) >= 100000);
	assert_true(timer_is_set(&v.timer));

	vitals_stop(&v);
	vitals_stop(&v);
	assert_false(timer_is_set(&v.timer));
	fiber_wake(f);
	loop_turn(&loop, 0);
	loop_fini(&loop);
	stats_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fibers_and_their_stacks_are_looked_up),
	};

	return cmocka_run_group_tests_name("vitals", tests, NULL, NULL);
}
