/* turns.h - whose turn it is, when each has turns in proportion to its weight, evenly spread. */
#ifndef PLUGINS_ROUND_ROBIN_TURNS_H
#define PLUGINS_ROUND_ROBIN_TURNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TURNS_NONE UINT32_MAX

/* Each has a time at which its next turn comes; the earliest goes, and its next turn is one
 * step later: the heavier, the shorter the step. One that may not go misses its turn and keeps
 * its rhythm, so that its share is spread over all others and not given to its neighbour. */
struct turn {
	uint64_t next;		/* compared modulo 2^64 */
	uint32_t index;
};

struct turns {
	uint32_t count;
	struct turn heap[];	/* the earliest first */
};

size_t turns_size(uint32_t count);

/* Begins at a random moment; `weights` has `count` numbers, none of them 0. */
void turns_init(struct turns *t, const uint32_t *weights, uint32_t count, uint64_t dice);

/* What the turns depend on from pick to pick. */
struct turns_ask {
	bool (*usable)(const void *arg, uint32_t i);
	uint32_t (*weight)(const void *arg, uint32_t i);	/* as it is now; not 0 */
	const void *arg;
};

/* The one whose turn it is among those that are usable, or TURNS_NONE. */
uint32_t turns_pick(struct turns *t, const struct turns_ask *ask);

#endif
