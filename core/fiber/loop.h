/* loop.h - one turn: mark all events, run what is runnable, flush what is dirty, then timers and mail. */
#ifndef CORE_FIBER_LOOP_H
#define CORE_FIBER_LOOP_H

#include <stdatomic.h>
#include <weir/error.h>

#include "core/fiber/fiber.h"
#include "core/fiber/poller.h"
#include "core/fiber/timer.h"

/* Work put off to the end of the turn; once per turn however often it is asked for. */
struct task {
	struct list link;
	void (*run)(struct task *t);
};

/* A message to another thread's loop. Owned by the receiver once posted; `open` runs on its loop. */
struct letter {
	struct letter *next;
	void (*open)(struct letter *l);
};

struct loop {
	struct poller poller;
	struct timer_wheel timers;
	struct list runnable;		/* struct fiber */
	struct list dirty;		/* struct task: flushed once per turn */
	struct fiber *running;
	void *switch_back;		/* the loop's own stack, while a fiber runs */
	void *switch_data;
	uint64_t now;			/* monotonic ns, read once per turn */
	uint64_t wall;			/* ns since 1970, likewise */
	uint64_t turns;			/* watched by the watchdog */
	struct fiber_limits limits;
	struct list idle_fibers;	/* newest first */
	uint32_t fibers, idle_count;
	uint32_t no_wait;		/* depth of no-wait sections */
	_Atomic(struct letter *) mail;	/* newest first; taken whole */
	struct source mail_source;	/* an eventfd */
	atomic_bool asleep;		/* true while in, or about to go into, the poller's wait */
	atomic_bool stopping;
	_Atomic(uint64_t) beat;		/* copy of turns for other threads */
	void *owner;			/* whoever made the loop */
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

/* Any thread. Never fails and never waits; letters of one sender arrive in order. */
void loop_post(struct loop *l, struct letter *letter);

/* Runs fn(arg) on a helper thread while the running fiber waits, shielded, until it has returned:
 * files, PEM, getaddrinfo, fsync. False when no helper can be had. Bounded: 8 threads in all. */
bool loop_offload(void (*fn)(void *arg), void *arg);

#endif
