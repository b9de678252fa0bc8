/* average.c - how slow one is of late: a moving average that rises at once and falls with time. */
#include "plugins/latency/average.h"

static const uint64_t FAILED_LEAST = 50000000;		/* ns: a failure is at least so slow */
static const uint64_t LONGEST = 600000000000;		/* ns: beyond it numbers mean nothing */
static const uint64_t UNKNOWN_BUSY = 1000000000;	/* ns: of one that has not yet answered */

/* part/whole of n, for n below 2^43 and without overflow. */
static uint64_t share(uint64_t n, uint64_t part, uint64_t whole)
{
	return (uint64_t)((unsigned __int128)n * part / whole);
}

uint64_t average_now(const struct average *a, uint64_t now, uint64_t decay)
{
	uint64_t age = now > a->at ? now - a->at : 0;

	return a->at == 0 ? 0 : share(a->cost, decay, decay + age);
}

void average_add(struct average *a, uint64_t now, uint64_t decay, uint64_t latency)
{
	uint64_t age = now > a->at ? now - a->at : 0, weight;

	latency = latency < LONGEST ? latency : LONGEST;
	if (a->at == 0 || latency >= a->cost) {
		a->cost = latency;
	} else {
		/* A burst of answers in one instant must not count for nothing. */
		weight = age > decay / 64 ? age : decay / 64;
		a->cost -= share(a->cost - latency, weight, decay + weight);
	}
	a->at = now > 0 ? now : 1;
}

void average_failed(struct average *a, uint64_t now, uint64_t decay, uint64_t latency)
{
	uint64_t worse = 2 * average_now(a, now, decay);

	if (worse < FAILED_LEAST)
		worse = FAILED_LEAST;
	average_add(a, now, decay, latency > worse ? latency : worse);
}

static unsigned __int128 price(const struct load *l)
{
	uint64_t cost = l->cost;

	if (cost == 0 && l->busy > 0)
		cost = UNKNOWN_BUSY;
	return (unsigned __int128)(cost + 1) * (l->busy + 1);
}

bool load_less(const struct load *a, const struct load *b)
{
	return price(a) * b->weight < price(b) * a->weight;
}

void averages_carry(const struct names *to, struct average *into, const struct names *from,
		    const struct average *old)
{
	uint32_t k = 0;

	for (uint32_t i = 0; i < to->count; i++) {
		while (k < from->count && from->hash[k] < to->hash[i])
			k++;
		if (k < from->count && from->hash[k] == to->hash[i])
			into[to->order[i]] = old[from->order[k]];
	}
}
