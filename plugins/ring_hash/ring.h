/* ring.h - a hash ring: the same key finds the same one, and few keys move when one comes or
 * goes. */
#ifndef PLUGINS_RING_HASH_RING_H
#define PLUGINS_RING_HASH_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RING_NONE UINT32_MAX

/* Each member has points on a circle of 2^64, in proportion to its weight; a key belongs to the
 * first point at or after its hash. A member's points depend on its name, its weight and
 * nothing else. */
struct ring {
	uint32_t members, count;
	uint32_t *owner;	/* of each point */
	uint64_t at[];		/* where it lies, ascending */
};

struct ring_member {
	const char *name;
	size_t len;
	uint32_t weight;	/* not 0 */
};

/* `points` for each unit of weight, but at most `most` in all: then each has fewer, in
 * proportion, at least one. NULL when out of memory. */
struct ring *ring_new(const struct ring_member *members, uint32_t count, uint32_t points,
		      uint32_t most);
void ring_free(struct ring *r);

struct ring_ask {
	bool (*usable)(const void *arg, uint32_t i);
	const void *arg;
};

/* The owner of the key; when that may not be used, the next along the circle. RING_NONE: none
 * may. */
uint32_t ring_find(const struct ring *r, uint64_t hash, const struct ring_ask *ask);

#endif
