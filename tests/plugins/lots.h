/* lots.h - a made-up set of endpoints for the tests of balancers. */
#ifndef TESTS_PLUGINS_LOTS_H
#define TESTS_PLUGINS_LOTS_H

#include "core/base/rng.h"

enum { LOTS_MOST = 16 };

/* Members are 0 .. LOTS_MOST-1; the dice are the same in every run. */
struct lots {
	struct rng rng;
	uint32_t weights[LOTS_MOST];	/* in thousandths, as they are now */
	uint32_t busy[LOTS_MOST];
	bool out[LOTS_MOST];
	uint32_t got[LOTS_MOST];
};

static inline bool lots_usable(const void *arg, uint32_t i)
{
	return !((const struct lots *)arg)->out[i];
}

static inline uint32_t lots_weight(const void *arg, uint32_t i)
{
	return ((const struct lots *)arg)->weights[i];
}

static inline uint32_t lots_busy(const void *arg, uint32_t i)
{
	return ((const struct lots *)arg)->busy[i];
}

static inline uint64_t lots_dice(const void *arg)
{
	struct lots *lots = (struct lots *)(uintptr_t)arg;

	return rng_next(&lots->rng);
}

static inline void lots_begin(struct lots *lots)
{
	memset(lots, 0, sizeof(*lots));
	rng_init_seed(&lots->rng, 42);
	for (uint32_t i = 0; i < LOTS_MOST; i++)
		lots->weights[i] = 1000;
}

#endif
