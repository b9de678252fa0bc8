/* average.h - how slow one is of late: a moving average that rises at once and falls with time. */
#ifndef PLUGINS_LATENCY_AVERAGE_H
#define PLUGINS_LATENCY_AVERAGE_H

#include <stdbool.h>
#include <stdint.h>

/* Peak EWMA. Zeroed: nothing is known. */
struct average {
	uint64_t cost;		/* ns, as of `at` */
	uint64_t at;		/* monotonic ns */
};

/* A measurement. A slow one counts whole at once; fast ones pull it down over `decay` ns. */
void average_add(struct average *a, uint64_t now, uint64_t decay, uint64_t latency);

/* A failed try says nothing of speed, however fast it failed: it counts as slow. */
void average_failed(struct average *a, uint64_t now, uint64_t decay, uint64_t latency);

/* What it is worth by now: what is old fades, so that a slow one is tried again. */
uint64_t average_now(const struct average *a, uint64_t now, uint64_t decay);

/* How dear one more request is: the average times the requests that then wait there, for its
 * weight. One that is not known and idle is cheap; one not known and busy waits for its first
 * answer. */
struct load {
	uint64_t cost;		/* average_now() */
	uint32_t busy;
	uint32_t weight;	/* not 0 */
};
bool load_less(const struct load *a, const struct load *b);

/* Two lists of names (hashes), each ascending: for every one of the new that is in the old,
 * copies what was learnt. `order` gives the place of the i-th smallest. */
struct names {
	uint32_t count;
	const uint64_t *hash;	/* ascending */
	const uint32_t *order;
};
void averages_carry(const struct names *to, struct average *into, const struct names *from,
		    const struct average *old);

#endif
