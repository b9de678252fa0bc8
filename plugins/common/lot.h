/* lot.h - one of several, drawn by lot in proportion to their weights. */
#ifndef PLUGINS_COMMON_LOT_H
#define PLUGINS_COMMON_LOT_H

#include <stdbool.h>
#include <stdint.h>

#define LOT_NONE UINT32_MAX

struct lot_ask {
	bool (*usable)(const void *arg, uint32_t i);
	uint32_t (*weight)(const void *arg, uint32_t i);	/* now; not 0 */
	uint64_t (*dice)(const void *arg);			/* 64 random bits */
	const void *arg;
};

/* 0 .. n-1 from 64 random bits, without a division. */
static inline uint64_t lot_below(uint64_t dice, uint64_t n)
{
	return (uint64_t)((unsigned __int128)dice * n >> 64);
}

/* One of the usable that is not `other` (LOT_NONE: any), in one pass over all: each replaces the one
 * before as often as its part of the sum. LOT_NONE when there is none. */
static inline uint32_t lot_among_all(const struct lot_ask *ask, uint32_t count, uint32_t other)
{
	uint32_t chosen = LOT_NONE;
	uint64_t sum = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t weight;

		if (i == other || !ask->usable(ask->arg, i))
			continue;
		weight = ask->weight(ask->arg, i);
		sum += weight;
		if (lot_below(ask->dice(ask->arg), sum) < weight)
			chosen = i;
	}
	return chosen;
}

#endif
