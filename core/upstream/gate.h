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
	struct worker *worker;
};

struct gate {
	_Atomic uint32_t limit, queue;		/* may change while it is in use */
	_Alignas(64) _Atomic uint32_t held;
	_Atomic uint32_t waiting;		/* on all workers */
	uint32_t lane_count;
	struct gate_lane *lanes;		/* by the worker's place */
	void (*wanted)(struct gate *g, uint32_t place);	/* somebody begins to wait; may be NULL */
	void *owner;
};

/* On the stack of a fiber that waits. */
struct gate_ticket {
	struct list link;
	struct fiber *fiber;
	bool granted;
};

bool gate_init(struct gate *g, struct worker *const *workers, uint32_t count);
void gate_fini(struct gate *g);		/* nobody holds or waits, no letter is under way */

/* Takes a permit without waiting. */
bool gate_try(struct gate *g);
/* Waits for one until the running fiber's deadline. NONE, QUEUE_FULL, the reason of the deadline that
 * came first, or CLIENT_GONE when the fiber was cancelled. [the worker of this place] */
enum reason gate_enter(struct gate *g, uint32_t place);
void gate_leave(struct gate *g, uint32_t place);

static inline bool gate_is_wanted(struct gate *g)
{
	return atomic_load_explicit(&g->waiting, memory_order_relaxed) > 0;
}

#endif
