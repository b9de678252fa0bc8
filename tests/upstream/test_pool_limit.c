/* test_pool_limit.c - a service that may have only so many connections. */
#include "config.h"

#include "tests/upstream/pool_scene.h"

static int begin(void **state)
{
	struct service_settings settings = { .limits = { .connections = 1, .queue = 4 },
					     .timeouts.queue = 60 * NS_PER_S };

	*state = scene_new(&settings);
	return 0;
}

static void over_the_limit_one_waits_for_a_return(void **state)
{
	struct scene *s = *state;
	struct upstream *up = leases(s, TRUST_ALL);
	struct lease l = { .trust = TRUST_ALL };

	begins(s, &l);
	assert_false(l.done);
	pool_return(up);
	story_until(&s->story, is_done, &l);

	assert_ptr_equal(l.up, up);
	assert_int_equal(counted(s, SERVICE_DIALS), 1);
	assert_int_equal(atomic_load(&s->svc->connections->held), 1);
	pool_discard(l.up);
	assert_int_equal(atomic_load(&s->svc->connections->held), 0);
}

static void after_a_discard_the_waiter_dials(void **state)
{
	struct scene *s = *state;
	struct upstream *up = leases(s, TRUST_ALL);
	struct lease l = { .trust = TRUST_ALL };

	begins(s, &l);
	pool_discard(up);
	story_until(&s->story, is_done, &l);

	assert_int_equal(l.why, REASON_NONE);
	assert_int_equal(l.up->uses, 1);
	assert_int_equal(counted(s, SERVICE_DIALS), 2);
	pool_discard(l.up);
}

static void the_queue_for_connections_is_bounded(void **state)
{
	struct scene *s = *state;
	struct upstream *up = leases(s, TRUST_ALL);
	struct lease l[6] = { 0 };

	for (int i = 0; i < 6; i++)
		begins(s, &l[i]);
	assert_false(l[3].done);
	assert_true(l[4].done && l[4].why == REASON_QUEUE_FULL);
	pool_discard(up);
	for (int i = 0; i < 4; i++) {
		story_until(&s->story, is_done, &l[i]);
		assert_int_equal(l[i].why, REASON_NONE);
		pool_discard(l[i].up);
	}
}

static void a_wait_that_is_cancelled_leaves_no_trace(void **state)
{
	struct scene *s = *state;
	struct upstream *up = leases(s, TRUST_ALL);
	struct lease l = { .trust = TRUST_ALL };

	begins(s, &l);
	fiber_cancel(l.fiber);
	story_until(&s->story, is_done, &l);

	assert_int_equal(l.why, REASON_CLIENT_GONE);
	pool_return(up);
	assert_int_equal(idle_of(s), 1);
	assert_int_equal(gate_waiting(s->svc->connections), 0);
}

struct elsewhere {
	struct scene *scene;
	struct pick_ask ask;
	struct lease lease;
};

/* On worker 1: its own pool, the same limit. */
static void begins_elsewhere(struct scene *s, struct elsewhere *e)
{
	struct worker *w = &s->story.workers[1];
	struct endpoint *ep;

	e->ask.repeatable = true;
	assert_int_equal(service_pick(s->svc, w, &e->ask, &ep), REASON_NONE);
	e->lease = (struct lease){ .scene = s, .worker = w, .trust = TRUST_ALL };
	e->lease.fiber = fiber_start(&w->loop, lease, &e->lease);
	story_turns(&s->story, 0);
}

static void an_idle_connection_gives_way_to_another_worker(void **state)
{
	struct scene *s = *state;
	struct elsewhere e = { .scene = s };

	pool_return(leases(s, TRUST_ALL));
	begins_elsewhere(s, &e);
	story_until(&s->story, is_done, &e.lease);

	assert_int_equal(e.lease.why, REASON_NONE);
	assert_int_equal(idle_of(s), 0);
	assert_int_equal(atomic_load(&s->svc->connections->held), 1);
	pool_discard(e.lease.up);
	pick_end(&e.ask);
}

static void a_returned_connection_gives_way_to_another_worker(void **state)
{
	struct scene *s = *state;
	struct upstream *up = leases(s, TRUST_ALL);
	struct elsewhere e = { .scene = s };

	begins_elsewhere(s, &e);
	assert_false(e.lease.done);
	pool_return(up);
	story_until(&s->story, is_done, &e.lease);

	assert_int_equal(e.lease.why, REASON_NONE);
	pool_discard(e.lease.up);
	pick_end(&e.ask);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(over_the_limit_one_waits_for_a_return),
		TEST(after_a_discard_the_waiter_dials),
		TEST(the_queue_for_connections_is_bounded),
		TEST(a_wait_that_is_cancelled_leaves_no_trace),
		TEST(an_idle_connection_gives_way_to_another_worker),
		TEST(a_returned_connection_gives_way_to_another_worker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
