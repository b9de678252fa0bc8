/* vitals.h - what only a worker can say about itself: looked up every few seconds. */
#ifndef CORE_TELEMETRY_VITALS_H
#define CORE_TELEMETRY_VITALS_H

#include "core/fiber/loop.h"
#include "core/telemetry/stats.h"

/* Lives in its owner; both are lent until vitals_stop(). [worker] */
struct vitals {
	struct timer timer;
	struct loop *loop;
	struct stats *stats;
};

#define VITALS_EVERY (5 * NS_PER_S)

void vitals_start(struct vitals *v, struct loop *loop, struct stats *stats);
void vitals_stop(struct vitals *v);	/* harmless when it was not started (zeroed) */

#endif
