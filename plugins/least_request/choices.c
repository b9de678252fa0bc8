/* choices.c - the least busy of a few that are drawn by lot. */
#include "plugins/least_request/choices.h"

enum { LOTS = 16 };

static uint64_t below(uint64_t dice, uint64_t n)
{
	return (uint64_t)((unsigned __int128)dice * n >> 64);
}

/* When the lots fall on nothing usable: by weight among all that are, in one pass. */
static uint32_t look_at_all(const struct choices_ask *ask, uint32_t other)
{
	uint32_t chosen = CHOICES_NONE;
	uint64_t sum = 0;

	for (uint32_t i = 0; i < ask->count; i++) {
		uint32_t weight;

		if (i == other || !ask->usable(ask->arg, i))
			continue;
		weight = ask->weight(ask->arg, i);
		sum += weight;
		if (below(ask->dice(ask->arg), sum) < weight)
			chosen = i;
	}
	return chosen;
}

/* One that is not `other`, by weight: any, and then as often as its part of the heaviest. */
static uint32_t draw(const struct choices_ask *ask, uint32_t other)
{
	uint32_t among = other != CHOICES_NONE ? ask->count - 1 : ask->count;

	for (int lot = 0; lot < LOTS && among > 0; lot++) {
		uint32_t i = (uint32_t)below(ask->dice(ask->arg), among);

		i += other != CHOICES_NONE && i >= other;
		if (!ask->usable(ask->arg, i))
			continue;
		if (below(ask->dice(ask->arg), ask->heaviest) < ask->weight(ask->arg, i))
			return i;
	}
	return look_at_all(ask, other);
}

/* a/weight(a) < b/weight(b), without dividing. */
static bool less_busy(const struct choices_ask *ask, uint32_t a, uint32_t b)
{
	return (uint64_t)ask->busy(ask->arg, a) * ask->weight(ask->arg, b) <
	       (uint64_t)ask->busy(ask->arg, b) * ask->weight(ask->arg, a);
}

uint32_t choices_pick(const struct choices_ask *ask)
{
	uint32_t best = draw(ask, CHOICES_NONE);

	for (uint32_t drawn = 1; drawn < ask->choices && best != CHOICES_NONE; drawn++) {
		uint32_t i = draw(ask, best);

		if (i == CHOICES_NONE)
			break;
		if (less_busy(ask, i, best))
			best = i;
	}
	return best;
}
