/* pen.h - one thread's way into a sink: its ring, and who frees it. */
#ifndef CORE_BASE_PEN_H
#define CORE_BASE_PEN_H

#include "core/base/ring.h"

/* A pen belongs to the thread that writes with it, and its ring's other end to the log thread.
 * Whoever of the two is the last to let go of it frees it. */
enum pen_state { PEN_OPEN, PEN_LEFT /* by its thread */, PEN_ORPHAN /* by the log thread */ };

struct pen {
	struct ring ring;
	struct pen *next;
	_Atomic(enum pen_state) state;
	uint64_t dropped_seen;		/* the log thread's */
};

/* Those of one sink. New ones stand in `incoming` until the log thread has come by. */
struct pens {
	_Atomic(struct pen *) incoming;
	struct pen *known;		/* the log thread's */
};

/* Any thread. NULL: out of memory. */
struct pen *pens_join(struct pens *ps, size_t room);

/* The rest of it is for the log thread. */
void pens_welcome(struct pens *ps);
bool pens_quiet(struct pens *ps);	/* no line waits, and none has been left */
/* Frees those left and empty; gives how many lines were dropped since it was last asked. */
uint64_t pens_tidy(struct pens *ps);
void pens_let_go(struct pens *ps);	/* of all of them: the sink ends */

#endif
