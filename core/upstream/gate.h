/* gate.h - a limit that all workers share, with a bounded queue of fibers before it. */
#ifndef CORE_UPSTREAM_GATE_H
#define CORE_UPSTREAM_GATE_H

#include <stdatomic.h>

#include "core/fiber/worker.h"

/* Permits are handed on: who leaves while others wait passes the permit to one of them, on its own
 * worker or by letter to another, and newcomers go behind those who wait. So the number of holders
 * never exceeds the limit, and nobody is overtaken for ever. */
struct gate_lane {
	_Alignas(64) struct list waiting;	/* struct gate_ticket, oldest first; this worker's own */
	_Atomic uint32_t count;			/* of them, for other workers to see */
	_Atomic uint32_t granted;		/* permits on their way here */
	struct letter letter;
	struct gate *gate;
	struct loop *loop;
	uint32_t place;
};

struct gate {
	_Atomic uint32_t limit, queue;		/* may change while it is in use */
	_Alignas(64) _Atomic uint32_t held;
	_Atomic uint32_t waiting;		/* on all workers */
	_Atomic uint32_t turn;			/* whose waiter is next */
	uint32_t lane_count;
	struct gate_lane *lanes;		/* by the worker's place */
};

/* On the stack of a fiber that waits. */
struct gate_ticket {
	struct list link;
	struct fiber *fiber;
	bool granted, dismissed;
};

/* Gives a gate with a lane for each loop, or NULL. Nobody holds, waits or is written to when it is freed. */
struct gate *gate_new(struct loop *const *loops, uint32_t count);
void gate_free(struct gate *g);

/* A limit that was raised lets waiters in. [control, whose place is the last] */
void gate_set(struct gate *g, uint32_t limit, uint32_t queue);

/* Takes a permit without waiting, unless others wait already. [any worker] */
bool gate_try(struct gate *g);

/* Waits for one until the running fiber's deadline. NONE, QUEUE_FULL, the reason of the deadline that
 * came first, or CLIENT_GONE when the fiber was cancelled. [the worker of this place] */
enum reason gate_enter(struct gate *g, uint32_t place);
void gate_leave(struct gate *g, uint32_t place);

/* gate_enter() in parts, for who waits for something else as well. Join: after a failed gate_try();
 * false when the queue is full. Wait: NONE when granted or dismissed. Dismiss: sends a waiter of the
 * same worker away without a permit. */
bool gate_join(struct gate *g, uint32_t place, struct gate_ticket *t);
enum reason gate_wait(struct gate *g, uint32_t place, struct gate_ticket *t);
void gate_dismiss(struct gate *g, uint32_t place, struct gate_ticket *t);

static inline uint32_t gate_waiting(const struct gate *g)
{
	return atomic_load_explicit(&g->waiting, memory_order_relaxed);
}

#endif
