/* gcra.h - the arithmetic of a rate: GCRA, a leaky bucket that is one point in time. Pure. */
#ifndef RATE_LIMIT_GCRA_H
#define RATE_LIMIT_GCRA_H

#include <stdbool.h>
#include <stdint.h>

/* All times are nanoseconds. What is remembered of a key is when its bucket will be full again
 * (`full_at`; 0 or in the past: it is full now). A request moves that point by `interval`, and
 * may not move it further than `depth` from now. Nothing has to be counted up, reset or
 * refilled, and two who agree on the point agree on everything. */
struct gcra {
	uint64_t interval;	/* between two requests, at the rate */
	uint64_t depth;		/* interval times burst */
};

/* `burst` requests at once, from then on `rate` a second. */
struct gcra gcra_of(double rate, uint64_t burst);

/* One request against several limits: passes if all of them let it, and then moves each point;
 * otherwise moves none, and *wait is how long until it would pass if nobody else came. */
bool gcra_take(const struct gcra *limits, unsigned count, uint64_t now, uint64_t *full_at,
	       uint64_t *wait);

/* How many would still pass at once. */
uint64_t gcra_left(const struct gcra *limit, uint64_t now, uint64_t full_at);
/* How long until it is full. */
uint64_t gcra_until_full(const struct gcra *limit, uint64_t now, uint64_t full_at);

#endif
