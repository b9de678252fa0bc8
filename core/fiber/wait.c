/* wait.c - deadlines that nest, and the plain waits. */
#include "config.h"

#include "core/fiber/wait.h"

#include "core/fiber/inside.h"

/* Deadlines ---------------------------------------------------------------- */

/* When both come at the same time it is the outer one that ended: a new try would be vain. */
static void tighten(struct deadline *d)
{
	const struct deadline *outer = d->alone ? NULL : d->outer;

	if (outer != NULL && outer->tightest <= d->at) {
		d->tightest = outer->tightest;
		d->tightest_reason = outer->tightest_reason;
	} else {
		d->tightest = d->at;
		d->tightest_reason = d->reason;
	}
}

static void enter(struct deadline *d, uint64_t at, enum reason reason, bool alone)
{
	struct fiber *f = self_here();

	if (f == NULL)
		fiber_abort("a deadline scope outside of any fiber");
	d->outer = f->deadline;
	d->at = at;
	d->reason = reason;
	d->alone = alone;
	tighten(d);
	f->deadline = d;
}

void deadline_enter(struct deadline *d, uint64_t at, enum reason reason)
{
	enter(d, at, reason, false);
}

void deadline_enter_alone(struct deadline *d, uint64_t at, enum reason reason)
{
	enter(d, at, reason, true);
}

/* Only the innermost: those inside have copied what was the tightest. */
static struct fiber *whose_innermost(const struct deadline *d)
{
	struct fiber *f = self_here();

	if (f == NULL || f->deadline != d)
		fiber_abort("a deadline scope was moved or left that is not the innermost");
	return f;
}

void deadline_move(struct deadline *d, uint64_t at)
{
	(void)whose_innermost(d);
	d->at = at;
	tighten(d);
}

void deadline_leave(struct deadline *d)
{
	whose_innermost(d)->deadline = d->outer;
}

enum reason deadline_ended(void)
{
	return self_here()->ended;
}

bool deadline_due(void)
{
	const struct fiber *f = self_here();

	return f->deadline != NULL && f->deadline->tightest <= f->loop->now;
}

/* Sleeping ----------------------------------------------------------------- */

enum wake wait_until(uint64_t at)
{
	struct deadline nap;
	enum wake why;
	bool mine;

	deadline_enter(&nap, at, REASON_NONE);
	mine = nap.outer == NULL || at < nap.outer->tightest;
	do {
		why = fiber_park();
	} while (why == WAKE_EVENT);
	deadline_leave(&nap);
	return why == WAKE_DEADLINE && mine ? WAKE_EVENT : why;
}

enum wake wait_sleep(uint64_t span_ns)
{
	return wait_until(clock_after(loop_here->now, span_ns));
}

/* Queues ------------------------------------------------------------------- */

enum called { CALLED_NOT, CALLED_ALONE, CALLED_WITH_ALL };

struct wait_entry {
	struct list link;
	struct fiber *fiber;
	enum called called;
};

void wait_queue_init(struct wait_queue *q)
{
	list_init(&q->waiting);
}

enum wake wait_queue_park(struct wait_queue *q)
{
	struct wait_entry me = { .fiber = self_here() };
	enum wake why = WAKE_EVENT;

	list_push_back(&q->waiting, &me.link);
	while (me.called == CALLED_NOT && why == WAKE_EVENT)
		why = fiber_park();
	list_remove(&me.link);
	if (me.called == CALLED_NOT)
		return why;
	if (why != WAKE_CANCEL)
		return WAKE_EVENT;
	/* What it was called for would be lost with it. */
	if (me.called == CALLED_ALONE)
		(void)wait_queue_wake_one(q);
	return WAKE_CANCEL;
}

static bool call_first(struct wait_queue *q, enum called how)
{
	struct list *first = list_pop_front(&q->waiting);
	struct wait_entry *entry;

	if (first == NULL)
		return false;
	entry = container_of(first, struct wait_entry, link);
	entry->called = how;
	fiber_wake(entry->fiber);
	return true;
}

bool wait_queue_wake_one(struct wait_queue *q)
{
	return call_first(q, CALLED_ALONE);
}

void wait_queue_wake_all(struct wait_queue *q)
{
	while (call_first(q, CALLED_WITH_ALL))
		;
}
