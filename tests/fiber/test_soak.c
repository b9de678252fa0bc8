/* test_soak.c - everything at once: two workers, fibers that wait in all ways, and no mercy. */
#include "config.h"

#include "core/fiber/inside.h"
#include "core/fiber/worker.h"
#include "tests/fiber/story.h"

enum { WALKERS = 60, STEPS = 60 };

/* One of two workers that bother each other with letters. */
struct ward {
	struct worker worker;
	struct ward *other;
	struct wait_queue queue;
	struct timer tormentor;		/* wakes, calls and cancels at random */
	uint32_t walking;
	uint64_t cancelled, ended, events, posted, opened;
};

struct note {
	struct letter letter;
	struct ward *to;
};

static void note_opens(struct letter *l)
{
	struct note *n = container_of(l, struct note, letter);

	n->to->opened++;
	(void)wait_queue_wake_one(&n->to->queue);
	mem_free(n);
}

static void post_note(struct ward *w)
{
	struct note *n = mem_alloc(sizeof(*n));

	if (n == NULL)
		return;
	n->letter.open = note_opens;
	n->to = w->other;
	w->posted++;
	loop_post(&w->other->worker.loop, &n->letter);
}

static struct ward *ward_here(void)
{
	return worker_self()->slots[WORKER_PROXY];
}

static void count(struct ward *w, enum wake why)
{
	switch (why) {
	case WAKE_EVENT:
		w->events++;
		break;
	case WAKE_DEADLINE:
		w->ended++;
		if (deadline_ended() != REASON_TRY_TIMEOUT && deadline_ended() != REASON_TIMEOUT)
			fiber_abort("a wait ended by a scope that was never entered");
		break;
	case WAKE_CANCEL:
		w->cancelled++;
		break;
	}
}

/* What a walker may do ---------------------------------------------------------- */

static void child_waits(void *arg)
{
	struct deadline d;

	(void)arg;
	deadline_enter(&d, story_in(NS_LONG), REASON_TIMEOUT);
	while (fiber_park() == WAKE_EVENT)
		;
	deadline_leave(&d);
}

static enum wake cancels_and_joins(struct ward *w)
{
	struct fiber *child = fiber_start(&w->worker.loop, child_waits, NULL);
	struct deadline alone;
	uint64_t generation;

	if (child == NULL)
		return WAKE_EVENT;
	generation = child->generation;
	fiber_yield();
	fiber_cancel(child);
	deadline_enter_alone(&alone, story_in(NS_LONG), REASON_INTERNAL);
	if (!fiber_join(child, generation))
		fiber_abort("a child outlived its join");
	deadline_leave(&alone);
	return WAKE_EVENT;
}

static void adds_one(void *arg)
{
	(*(int *)arg)++;
}

static enum wake offloads(void)
{
	int before = 41;

	if (loop_offload(adds_one, &before) ? before != 42 : before != 41)
		fiber_abort("offloaded work was not done once");
	return WAKE_EVENT;
}

static enum wake does_something(struct ward *w)
{
	switch (rng_below(&w->worker.rng, 8)) {
	case 0:
		return fiber_park();
	case 1:
		return wait_sleep(rng_below(&w->worker.rng, 3 * NS_PER_MS));
	case 2:
		return wait_queue_park(&w->queue);
	case 3:
		return cancels_and_joins(w);
	case 4:
		return offloads();
	case 5:
		post_note(w);
		return WAKE_EVENT;
	case 6:
		fiber_shield();
		(void)wait_sleep(rng_below(&w->worker.rng, NS_PER_MS));
		fiber_unshield();
		return WAKE_EVENT;
	default:
		fiber_worked(fiber_self(), 100000);
		return WAKE_EVENT;
	}
}

static void walks(void *arg)
{
	struct ward *w = ward_here();
	struct deadline whole, step;

	(void)arg;
	deadline_enter(&whole, story_in(NS_PER_S), REASON_TIMEOUT);
	for (int i = 0; i < STEPS; i++) {
		deadline_enter(&step, story_in(rng_below(&w->worker.rng, 4 * NS_PER_MS)),
			       REASON_TRY_TIMEOUT);
		count(w, does_something(w));
		deadline_leave(&step);
		if (fiber_cancelled(fiber_self()))
			break;
	}
	deadline_leave(&whole);
	w->walking--;
}

/* The wards --------------------------------------------------------------------- */

static void torments(struct timer *t)
{
	struct ward *w = container_of(t, struct ward, tormentor);
	struct loop *l = &w->worker.loop;

	for (struct fiber *f = l->pool.made; f != NULL; f = f->made_before) {
		uint32_t dice = rng_below(&w->worker.rng, 64);

		if (dice == 0)
			fiber_cancel(f);
		else if (dice < 8)
			fiber_wake(f);
	}
	if (rng_below(&w->worker.rng, 8) == 0)
		wait_queue_wake_all(&w->queue);
	if (w->walking > 0)
		timer_set(&l->timers, t, l->now + NS_PER_MS);
	else
		loop_stop(l);
}

static void ward_begins(struct worker *worker)
{
	struct ward *w = ward_here();
	struct loop *l = &worker->loop;

	for (int i = 0; i < WALKERS; i++)
		if (fiber_start(l, walks, NULL) != NULL)
			w->walking++;
	timer_set(&l->timers, &w->tormentor, l->now + NS_PER_MS);
}

static void ward_prepare(struct ward *w, struct ward *other, uint32_t index)
{
	struct weir_error error = { .text = "" };

	*w = (struct ward){ .other = other };
	if (!worker_init(&w->worker, index, &(struct fiber_limits){ .warm = 4 }, &error))
		fail_msg("%s", error.text);
	rng_init_seed(&w->worker.rng, index + 1);
	wait_queue_init(&w->queue);
	timer_init(&w->tormentor, torments);
	w->worker.begin = ward_begins;
	w->worker.slots[WORKER_PROXY] = w;
}

/* Letters that came after a loop had stopped. */
static void ward_reads_on(struct ward *w)
{
	loop_turn(&w->worker.loop, 0);
}

static void nothing_is_lost_in_the_crowd(void **state)
{
	static struct ward a, b;

	(void)state;
	ward_prepare(&a, &b, 0);
	ward_prepare(&b, &a, 1);
	assert_true(worker_start(&a.worker, NULL));
	assert_true(worker_start(&b.worker, NULL));
	worker_join(&a.worker);
	worker_join(&b.worker);
	ward_reads_on(&a);
	ward_reads_on(&b);

	assert_int_equal(fiber_count(&a.worker.loop), 0);
	assert_int_equal(fiber_count(&b.worker.loop), 0);
	assert_true(list_empty(&a.queue.waiting) && list_empty(&b.queue.waiting));
	assert_true(a.opened == b.posted && b.opened == a.posted);
	assert_true(a.events > 0 && a.ended > 0 && a.cancelled > 0 && a.posted > 0);
	worker_fini(&a.worker);
	worker_fini(&b.worker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_lost_in_the_crowd),
	};

	return cmocka_run_group_tests_name("soak", tests, NULL, NULL);
}
