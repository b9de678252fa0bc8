/* round.h - asks every worker for something, and waits until all have done it. */
#ifndef CORE_WEIR_ROUND_H
#define CORE_WEIR_ROUND_H

#include "core/plugin/crew.h"

/* Runs fn(worker, arg) on each worker's own thread, at the end of a turn; the running fiber of control
 * waits for all. False when one of them gave false. `error` gets the first sentence. fn must not wait. */
bool round_run(const struct crew *crew,
	       bool (*fn)(struct worker *w, void *arg, struct weir_error *error), void *arg,
	       struct weir_error *error);

/* Makes sure that the next round needs no memory: before anything is committed. False: out of memory. */
bool round_reserve(const struct crew *crew, struct weir_error *error);
void round_end(void);		/* when the process ends */

#endif
