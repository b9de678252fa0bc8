/* fiber.c - the life of a fiber: it starts, runs, parks, is woken, and ends. */
#include "config.h"

#include "core/fiber/fiber.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/fiber/checkers.h"
#include "core/fiber/inside.h"
#include "core/fiber/wait.h"

/* What a fiber may do before it lets others run. */
enum { WORK_BYTES = 262144, WORK_OPERATIONS = 64, WORK_SHIFT = 24 };

void fiber_abort(const char *why)
{
	fprintf(stderr, "fiber: %s\n", why);
	abort();
}

struct fiber *fiber_self(void)
{
	return self_here();
}

/* Starting and ending ------------------------------------------------------ */

/* One who waits in fiber_join(), on its own stack. */
struct joiner {
	struct list link;
	struct fiber *fiber;
	bool done;
};

static void wake_joiners(struct fiber *f)
{
	struct list *item;

	while ((item = list_pop_front(&f->joiners)) != NULL) {
		struct joiner *j = container_of(item, struct joiner, link);

		j->done = true;
		fiber_wake(j->fiber);
	}
}

/* Still on the fiber's stack; nobody takes it from the pool before the loop goes on. */
static void end(struct fiber *f)
{
	struct loop *l = f->loop;

	if (unlikely(f->deadline != NULL))
		fiber_abort("a fiber ended inside a deadline scope that it never left");
	if (unlikely(!list_empty(&f->joiners)))
		wake_joiners(f);
	f->generation++;
	f->state = FIBER_IDLE;
	l->fibers--;
	fiber_pool_return(l, f);
	checkers_leave(NULL, &l->side);
	switch_stacks(&f->side.pointer, l->side.pointer);
	abort();
}

static void begin(void *arg)
{
	struct fiber *f = arg;

	checkers_arrive(&f->side, &f->loop->side);
	f->run(f->arg);
	end(f);
}

struct fiber *fiber_start(struct loop *l, void (*run)(void *arg), void *arg)
{
	struct fiber *f;

	if (l->fibers >= l->limits.most)
		return NULL;
	f = fiber_pool_take(l);
	if (f == NULL)
		return NULL;
	l->fibers++;
	f->run = run;
	f->arg = arg;
	f->local = NULL;
	f->deadline = NULL;
	f->shield = 0;
	f->work = 0;
	f->cancelled = false;
	f->ended = REASON_NONE;
	f->side.pointer = switch_prepare(f->stack.base, f->stack.top, begin, f);
	checkers_begin(&f->side, f->stack.base, f->stack.top);
	f->state = FIBER_RUNNABLE;
	f->cause = WAKE_EVENT;
	list_push_back(&l->runnable, &f->link);
	return f;
}

void fiber_run(struct loop *l, struct fiber *f)
{
	f->state = FIBER_RUNNING;
	l->running = f;
	side_switch(&l->side, &f->side);
	l->running = NULL;
	if (f->state == FIBER_IDLE)
		checkers_end(&f->side);
}

/* Parking and waking ------------------------------------------------------- */

static void may_not_park(const struct loop *l)
{
	if (l == NULL || l->running == NULL)
		fiber_abort("only a fiber may wait, and this is none");
	if (l->no_wait > 0)
		fiber_abort("a wait inside a section that may not wait");
	fiber_abort("a wait without a deadline scope around it");
}

/* The timer must be there at `until` or before. */
static void arm(struct fiber *f, uint64_t until)
{
	if (until != CLOCK_NEVER)
		timer_set(&f->loop->timers, &f->timer, until);
}

enum wake fiber_park(void)
{
	struct loop *l = loop_here;
	struct fiber *f = l != NULL ? l->running : NULL;
	uint64_t until;

	if (unlikely(f == NULL || f->deadline == NULL || l->no_wait > 0))
		may_not_park(l);
	if (unlikely(fiber_cancelled(f)))
		return WAKE_CANCEL;
	until = f->deadline->tightest;
	if (unlikely(until <= l->now)) {
		f->ended = f->deadline->tightest_reason;
		return WAKE_DEADLINE;
	}
	if (unlikely(f->timer.at == 0 || f->timer.at > until))
		arm(f, until);

	f->state = FIBER_PARKED;
	side_switch(&f->side, &l->side);

	f->work = 0;
	if (unlikely(fiber_cancelled(f)))
		return WAKE_CANCEL;
	if (unlikely(f->cause == WAKE_DEADLINE))
		f->ended = f->deadline->tightest_reason;
	return (enum wake)f->cause;
}

static void make_runnable(struct fiber *f, enum wake cause)
{
	f->state = FIBER_RUNNABLE;
	f->cause = (uint8_t)cause;
	list_push_back(&f->loop->runnable, &f->link);
}

void fiber_wake(struct fiber *f)
{
	if (f->state == FIBER_PARKED)
		make_runnable(f, WAKE_EVENT);
}

void fiber_cancel(struct fiber *f)
{
	if (f->state == FIBER_IDLE)
		return;
	f->cancelled = true;
	if (f->state == FIBER_PARKED && f->shield == 0)
		make_runnable(f, WAKE_CANCEL);
}

/* The fiber may wait for something else by now, or run another life: only its present
 * deadline counts. One that does not wait sets the timer anew when it does. */
void fiber_timer_fired(struct timer *t)
{
	struct fiber *f = container_of(t, struct fiber, timer);

	if (f->state != FIBER_PARKED)
		return;
	if (f->deadline->tightest <= f->loop->now)
		make_runnable(f, WAKE_DEADLINE);
	else
		arm(f, f->deadline->tightest);
}

void fiber_yield(void)
{
	struct loop *l = loop_here;
	struct fiber *f = l != NULL ? l->running : NULL;

	if (unlikely(f == NULL || l->no_wait > 0))
		may_not_park(l);
	f->work = 0;
	f->state = FIBER_RUNNABLE;
	list_push_back(&l->yielded, &f->link);
	side_switch(&f->side, &l->side);
}

void fiber_gate(void)
{
	struct loop *l = loop_here;
	struct fiber *f = l != NULL ? l->running : NULL;

	if (f == NULL || l->no_wait > 0 || list_empty(&l->runnable))
		return;
	f->state = FIBER_RUNNABLE;
	list_push_back(&l->gated, &f->link);
	l->at_gate++;
	side_switch(&f->side, &l->side);
}

void fiber_worked(struct fiber *f, size_t bytes)
{
	if (bytes > WORK_BYTES)
		bytes = WORK_BYTES;
	f->work += (uint32_t)bytes + (1u << WORK_SHIFT);
	if ((f->work & ((1u << WORK_SHIFT) - 1)) >= WORK_BYTES ||
	    f->work >> WORK_SHIFT >= WORK_OPERATIONS)
		fiber_yield();
}

/* Sections ----------------------------------------------------------------- */

void fiber_shield(void)
{
	self_here()->shield++;
}

void fiber_unshield(void)
{
	struct fiber *f = self_here();

	if (f->shield == 0)
		fiber_abort("fiber_unshield() without its fiber_shield()");
	f->shield--;
}

void fiber_no_wait_begin(void)
{
	if (loop_here != NULL)
		loop_here->no_wait++;
}

void fiber_no_wait_end(void)
{
	if (loop_here == NULL)
		return;
	if (loop_here->no_wait == 0)
		fiber_abort("fiber_no_wait_end() without its fiber_no_wait_begin()");
	loop_here->no_wait--;
}

bool fiber_join(struct fiber *f, uint64_t generation)
{
	struct joiner me = { .fiber = self_here() };
	enum wake why = WAKE_EVENT;

	if (f->generation != generation)
		return true;
	list_push_back(&f->joiners, &me.link);
	fiber_shield();
	while (!me.done && why == WAKE_EVENT)
		why = fiber_park();
	fiber_unshield();
	list_remove(&me.link);
	return me.done;
}

uint32_t fiber_count(const struct loop *l)
{
	return l->fibers;
}
