/* loop.h - a turn: mark all events, run what is runnable, flush what is dirty, timers, mail. */
#ifndef CORE_FIBER_LOOP_H
#define CORE_FIBER_LOOP_H

#include <stdatomic.h>
#include <weir/error.h>

#include "core/base/clock.h"
#include "core/fiber/fiber.h"
#include "core/fiber/poller.h"
#include "core/fiber/timer.h"

/* Work put off to the end of the turn; once per turn however often it is asked for. */
struct task {
	struct list link;
	void (*run)(struct task *t);
};

/* A message to another thread's loop. Once posted the receiver owns it; `open` runs on its loop. */
struct letter {
	struct letter *next;
	void (*open)(struct letter *l);
};

/* Fibers that have ended, for the next ones to run on. */
struct fiber_pool {
	struct list warm;	/* with a stack, newest first */
	struct list bare;	/* their stacks were given back */
	uint32_t count;		/* of the warm */
	uint32_t low;		/* the fewest since the last look: so many are cold */
	struct timer look;
	struct fiber *made;	/* all, by made_before */
	size_t high_water;	/* bytes of the deepest stack that was measured */
	const struct fiber *measured;	/* the last one */
};

struct loop {
	struct poller poller;
	struct timer_wheel timers;
	struct list runnable;		/* struct fiber */
	struct list yielded;		/* those that run again in the next turn */
	struct list gated;		/* those that wait for the others before they send */
	uint32_t at_gate;
	struct list dirty;		/* struct task: flushed once per turn */
	struct fiber *running;
	struct side side;		/* the loop's own stack, while a fiber runs */
	uint64_t now;			/* monotonic ns, read once per turn, when the wait is over */
	uint64_t wall;			/* ns since 1970, likewise */
	uint64_t turns;			/* watched by the watchdog */
	struct fiber_limits limits;
	struct fiber_pool pool;
	uint32_t fibers;		/* alive */
	uint32_t no_wait;		/* depth of no-wait sections */
	_Atomic(struct letter *) mail;	/* newest first; taken whole */
	struct source mail_source;	/* an eventfd */
	_Atomic(uint32_t) posting;	/* threads inside loop_post() */
	atomic_bool asleep;		/* in, or about to go into, the poller's wait */
	atomic_bool stopping;
	_Atomic(uint64_t) beat;		/* copy of turns for other threads: one that is
					 * neither asleep nor beats hangs */
	void *owner;			/* whoever made the loop */
	/* Asked twice a second after a peak, when cold stacks are given back: gives back what else is
	 * cold; true: ask again. Or NULL. */
	bool (*cool)(struct loop *l);
};

bool loop_init(struct loop *l, const struct fiber_limits *limits, struct weir_error *error);
void loop_fini(struct loop *l);		/* no fiber may be alive */

/* Turns until loop_stop(). Binds the loop to this thread: loop_self() is it meanwhile. */
void loop_run(struct loop *l);
/* One turn that waits at most `max_wait_ns`. */
void loop_turn(struct loop *l, uint64_t max_wait_ns);
void loop_stop(struct loop *l);		/* any thread */
struct loop *loop_self(void);

static inline uint64_t loop_now(const struct loop *l)
{
	return l->now;
}

/* Puts a task at the end of this turn; harmless when it is there already. */
void loop_dirty(struct loop *l, struct task *t);
void task_init(struct task *t, void (*run)(struct task *t));

/* Any thread, while the loop lives. Never fails and never waits; letters of one sender arrive in
 * order. Those that come after loop_run() has ended are not opened. */
void loop_post(struct loop *l, struct letter *letter);

/* Runs fn(arg) on a helper thread while the running fiber waits, shielded, until it has returned:
 * files, PEM, fsync. Bounded: 8 threads in all, shared by all loops. False, and `fn`
 * never runs, when no helper can be had or none was free before the innermost deadline. Once it
 * runs no deadline ends the wait, for `arg` is in use. */
bool loop_offload(void (*fn)(void *arg), void *arg);

#endif
