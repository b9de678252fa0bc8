/* test_gate.c - a limit that workers share. */
#include "config.h"

#include <unistd.h>

#include "core/upstream/gate.h"
#include "tests/upstream/story.h"

struct scene {
	struct story story;
	struct gate *gate;
};

/* A fiber that wants to come in. */
struct visitor {
	struct scene *scene;
	uint32_t place;
	uint64_t patience;
	enum reason why;
	bool came, leaves;
	struct fiber *fiber;
};

static int begin(void **state)
{
	struct scene *s = test_calloc(1, sizeof(*s));
	struct loop *loops[3];

	story_begin(&s->story);
	loops[0] = &s->story.workers[0].loop;
	loops[1] = &s->story.workers[1].loop;
	loops[2] = &s->story.control.loop;
	s->gate = gate_new(loops, 3);
	gate_set(s->gate, 1, 2);
	*state = s;
	return 0;
}

static int end(void **state)
{
	struct scene *s = *state;

	assert_int_equal(atomic_load(&s->gate->held), 0);
	assert_int_equal(gate_waiting(s->gate), 0);
	story_end(&s->story);
	gate_free(s->gate);
	test_free(s);
	return 0;
}

static void visit(void *arg)
{
	struct visitor *v = arg;
	struct deadline d;

	deadline_enter(&d, clock_after(clock_now(), v->patience), REASON_QUEUE_SLOW);
	v->why = gate_enter(v->scene->gate, v->place);
	deadline_leave(&d);
	v->came = true;
	if (v->leaves && v->why == REASON_NONE)
		gate_leave(v->scene->gate, v->place);
}

static struct visitor visitor_of(struct scene *s, uint32_t place)
{
	return (struct visitor){ .scene = s, .place = place, .patience = 60 * NS_PER_S };
}

static void comes(struct visitor *v)
{
	struct story *story = &v->scene->story;

	v->fiber = fiber_start(&story->workers[v->place].loop, visit, v);
	story_turns(story, 0);
}

static bool has_come(void *arg)
{
	return ((struct visitor *)arg)->came;
}

static void up_to_the_limit_nobody_waits(void **state)
{
	struct scene *s = *state;

	assert_true(gate_try(s->gate));
	assert_false(gate_try(s->gate));
	gate_leave(s->gate, 0);
	assert_true(gate_try(s->gate));
	gate_leave(s->gate, 0);
}

static void the_queue_is_bounded(void **state)
{
	struct scene *s = *state;
	struct visitor v[4];

	for (int i = 0; i < 4; i++) {
		v[i] = visitor_of(s, 0);
		v[i].leaves = i > 0;
		comes(&v[i]);
	}

	assert_true(v[0].came);
	assert_false(v[1].came);
	assert_false(v[2].came);
	assert_true(v[3].came);
	assert_int_equal(v[3].why, REASON_QUEUE_FULL);
	gate_leave(s->gate, 0);
	story_turns(&s->story, 0);
	assert_true(v[1].came && v[1].why == REASON_NONE);
	assert_true(v[2].came && v[2].why == REASON_NONE);
}

static void who_leaves_lets_the_oldest_in(void **state)
{
	struct scene *s = *state;
	struct visitor first = visitor_of(s, 0), second = visitor_of(s, 0);

	assert_true(gate_try(s->gate));
	comes(&first);
	comes(&second);
	gate_leave(s->gate, 0);
	story_turns(&s->story, 0);

	assert_true(first.came);
	assert_false(second.came);
	assert_int_equal(atomic_load(&s->gate->held), 1);
	gate_leave(s->gate, 0);
	story_turns(&s->story, 0);
	gate_leave(s->gate, 0);
}

static void a_leave_on_one_worker_wakes_a_waiter_of_another(void **state)
{
	struct scene *s = *state;
	struct visitor v = visitor_of(s, 1);

	v.leaves = true;
	assert_true(gate_try(s->gate));
	comes(&v);
	assert_false(v.came);
	gate_leave(s->gate, 0);
	story_turns(&s->story, 0);

	assert_true(v.came);
	assert_int_equal(v.why, REASON_NONE);
}

static void newcomers_go_behind_those_who_wait(void **state)
{
	struct scene *s = *state;
	struct visitor v = visitor_of(s, 1);

	v.leaves = true;
	assert_true(gate_try(s->gate));
	comes(&v);
	gate_leave(s->gate, 0);		/* the permit is on its way to worker 1 */

	assert_false(gate_try(s->gate));
	story_turns(&s->story, 0);
	assert_true(v.came);
	assert_true(gate_try(s->gate));
	gate_leave(s->gate, 0);
}

static void the_deadline_of_the_wait_is_its_reason(void **state)
{
	struct scene *s = *state;
	struct visitor v = visitor_of(s, 0);

	v.patience = 2 * NS_PER_MS;
	assert_true(gate_try(s->gate));
	comes(&v);
	story_until(&s->story, has_come, &v);

	assert_int_equal(v.why, REASON_QUEUE_SLOW);
	gate_leave(s->gate, 0);
}

static void a_permit_for_one_who_was_cancelled_goes_on_to_the_next(void **state)
{
	struct scene *s = *state;
	struct visitor gone = visitor_of(s, 1), next = visitor_of(s, 0);

	next.leaves = true;
	assert_true(gate_try(s->gate));
	comes(&gone);
	comes(&next);
	/* The permit is granted to `gone` in the same turn in which it is cancelled. */
	fiber_cancel(gone.fiber);
	gate_leave(s->gate, 1);
	story_turns(&s->story, 0);

	assert_int_equal(gone.why, REASON_CLIENT_GONE);
	assert_true(next.came);
	assert_int_equal(next.why, REASON_NONE);
}

static void a_permit_that_finds_nobody_is_given_back(void **state)
{
	struct scene *s = *state;
	struct visitor v = visitor_of(s, 1);

	assert_true(gate_try(s->gate));
	comes(&v);
	gate_leave(s->gate, 0);		/* by letter to worker 1 */
	fiber_cancel(v.fiber);		/* which turns before it opens the letter */
	story_turns(&s->story, 0);

	assert_int_equal(v.why, REASON_CLIENT_GONE);
	assert_true(gate_try(s->gate));
	gate_leave(s->gate, 0);
}

static void a_raised_limit_lets_waiters_in(void **state)
{
	struct scene *s = *state;
	struct visitor a = visitor_of(s, 0), b = visitor_of(s, 1);

	a.leaves = b.leaves = true;
	assert_true(gate_try(s->gate));
	comes(&a);
	comes(&b);
	gate_set(s->gate, 3, 2);
	story_turns(&s->story, 0);

	assert_true(a.came && b.came);
	gate_leave(s->gate, 0);
}

static void a_lowered_limit_is_reached_by_leaving(void **state)
{
	struct scene *s = *state;
	struct visitor v = visitor_of(s, 0);

	v.leaves = true;
	gate_set(s->gate, 3, 2);
	assert_true(gate_try(s->gate) && gate_try(s->gate) && gate_try(s->gate));
	gate_set(s->gate, 1, 2);
	comes(&v);
	gate_leave(s->gate, 0);
	gate_leave(s->gate, 0);
	story_turns(&s->story, 0);
	assert_false(v.came);
	assert_int_equal(atomic_load(&s->gate->held), 1);
	gate_leave(s->gate, 0);
	story_turns(&s->story, 0);

	assert_true(v.came);
}

/* Many threads ---------------------------------------------------------------- */

enum { CROWD_WORKERS = 3, CROWD_FIBERS = 20, CROWD_ROUNDS = 100, CROWD_LIMIT = 4 };

struct crowd {
	struct worker workers[CROWD_WORKERS];
	struct gate *gate;
	_Atomic uint32_t inside, most, done, refused;
};

struct member {
	struct crowd *crowd;
	uint32_t place;
};

static void note_most(struct crowd *c, uint32_t n)
{
	uint32_t most = atomic_load(&c->most);

	while (n > most && !atomic_compare_exchange_weak(&c->most, &most, n))
		;
}

static void comes_and_goes(void *arg)
{
	struct member *m = arg;
	struct crowd *c = m->crowd;
	struct deadline d;

	for (int i = 0; i < CROWD_ROUNDS; i++) {
		deadline_enter(&d, clock_after(clock_now(), i % 10 == 9 ? 1 : 60 * NS_PER_S),
			       REASON_QUEUE_SLOW);
		if (gate_enter(c->gate, m->place) == REASON_NONE) {
			note_most(c, atomic_fetch_add(&c->inside, 1) + 1);
			fiber_yield();
			atomic_fetch_sub(&c->inside, 1);
			gate_leave(c->gate, m->place);
		} else {
			atomic_fetch_add(&c->refused, 1);
			fiber_yield();
		}
		deadline_leave(&d);
	}
	atomic_fetch_add(&c->done, 1);
}

static void a_crowd_on_three_threads_never_exceeds_the_limit(void **state)
{
	static struct crowd c;
	static struct member members[CROWD_WORKERS];
	struct weir_error error = { .text = "" };
	struct loop *loops[CROWD_WORKERS];

	(void)state;
	for (uint32_t i = 0; i < CROWD_WORKERS; i++) {
		assert_true(worker_init(&c.workers[i], i, NULL, &error));
		loops[i] = &c.workers[i].loop;
		members[i] = (struct member){ &c, i };
	}
	c.gate = gate_new(loops, CROWD_WORKERS);
	gate_set(c.gate, CROWD_LIMIT, CROWD_WORKERS * CROWD_FIBERS);
	for (int i = 0; i < CROWD_WORKERS * CROWD_FIBERS; i++)
		assert_non_null(fiber_start(loops[i % CROWD_WORKERS], comes_and_goes,
					    &members[i % CROWD_WORKERS]));
	for (uint32_t i = 0; i < CROWD_WORKERS; i++)
		assert_true(worker_start(&c.workers[i], &error));
	while (atomic_load(&c.done) < CROWD_WORKERS * CROWD_FIBERS)
		usleep(1000);
	for (uint32_t i = 0; i < CROWD_WORKERS; i++)
		loop_stop(loops[i]);
	for (uint32_t i = 0; i < CROWD_WORKERS; i++)
		worker_join(&c.workers[i]);

	assert_in_range(atomic_load(&c.most), 1, CROWD_LIMIT);
	assert_int_equal(gate_waiting(c.gate), 0);
	assert_int_equal(atomic_load(&c.gate->held), 0);
	for (uint32_t i = 0; i < CROWD_WORKERS; i++)
		worker_fini(&c.workers[i]);
	gate_free(c.gate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(up_to_the_limit_nobody_waits, begin, end),
		cmocka_unit_test_setup_teardown(the_queue_is_bounded, begin, end),
		cmocka_unit_test_setup_teardown(who_leaves_lets_the_oldest_in, begin, end),
		cmocka_unit_test_setup_teardown(a_leave_on_one_worker_wakes_a_waiter_of_another,
						begin, end),
		cmocka_unit_test_setup_teardown(newcomers_go_behind_those_who_wait, begin, end),
		cmocka_unit_test_setup_teardown(the_deadline_of_the_wait_is_its_reason, begin, end),
		cmocka_unit_test_setup_teardown(
			a_permit_for_one_who_was_cancelled_goes_on_to_the_next, begin, end),
		cmocka_unit_test_setup_teardown(a_permit_that_finds_nobody_is_given_back, begin,
						end),
		cmocka_unit_test_setup_teardown(a_raised_limit_lets_waiters_in, begin, end),
		cmocka_unit_test_setup_teardown(a_lowered_limit_is_reached_by_leaving, begin, end),
		cmocka_unit_test(a_crowd_on_three_threads_never_exceeds_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
