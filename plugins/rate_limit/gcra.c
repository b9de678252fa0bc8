/* gcra.c - the arithmetic of a rate. */
#include "plugins/rate_limit/gcra.h"

struct gcra gcra_of(double rate, uint64_t burst)
{
	static const uint64_t longest = UINT64_C(1) << 60;	/* 36 years: sums stay far from the end */
	double interval = 1e9 / rate + 0.5;
	struct gcra g;

	g.interval = interval < 1 ? 1 : interval > (double)longest ? longest : (uint64_t)interval;
	if (burst < 1)
		burst = 1;
	g.depth = burst > longest / g.interval ? longest : g.interval * burst;
	return g;
}

/* Further away than the bucket is deep is a point that another limit has set, before a reload: then one
 * more passes now, and from there it goes on. A little further may be a worker whose clock is older. */
uint64_t gcra_until_full(const struct gcra *limit, uint64_t now, uint64_t full_at)
{
	const uint64_t older_clock = 1000000000;
	uint64_t until = full_at > now ? full_at - now : 0;

	if (until > limit->depth + older_clock)
		return limit->depth - limit->interval;
	return until < limit->depth ? until : limit->depth;
}

uint64_t gcra_left(const struct gcra *limit, uint64_t now, uint64_t full_at)
{
	return (limit->depth - gcra_until_full(limit, now, full_at)) / limit->interval;
}

static uint64_t wait_for(const struct gcra *limit, uint64_t now, uint64_t full_at)
{
	uint64_t next = gcra_until_full(limit, now, full_at) + limit->interval;

	return next > limit->depth ? next - limit->depth : 0;
}

bool gcra_take(const struct gcra *limits, unsigned count, uint64_t now, uint64_t *full_at,
	       uint64_t *wait)
{
	*wait = 0;
	for (unsigned i = 0; i < count; i++) {
		uint64_t one = wait_for(&limits[i], now, full_at[i]);

		if (one > *wait)
			*wait = one;
	}
	if (*wait > 0)
		return false;
	for (unsigned i = 0; i < count; i++)
		full_at[i] = now + gcra_until_full(&limits[i], now, full_at[i]) +
			     limits[i].interval;
	return true;
}
