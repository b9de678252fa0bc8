/* choices.c - the least busy of a few that are drawn by lot. */
#include "plugins/least_request/choices.h"

enum { LOTS = 16 };

/* One that is not `other`, by weight: any, and then as often as its part of the heaviest. */
static uint32_t draw(const struct choices_ask *ask, uint32_t other)
{
	const struct lot_ask *l = &ask->lot;
	uint32_t among = other != LOT_NONE ? ask->count - 1 : ask->count;

	for (int lot = 0; lot < LOTS && among > 0; lot++) {
		uint32_t i = (uint32_t)lot_below(l->dice(l->arg), among);

		i += other != LOT_NONE && i >= other;
		if (!l->usable(l->arg, i))
			continue;
		if (lot_below(l->dice(l->arg), ask->heaviest) < l->weight(l->arg, i))
			return i;
	}
	return lot_among_all(l, ask->count, other);	/* few are usable */
}

/* a/weight(a) < b/weight(b), without dividing. */
static bool less_busy(const struct choices_ask *ask, uint32_t a, uint32_t b)
{
	const struct lot_ask *l = &ask->lot;

	return (uint64_t)ask->busy(l->arg, a) * l->weight(l->arg, b) <
	       (uint64_t)ask->busy(l->arg, b) * l->weight(l->arg, a);
}

uint32_t choices_pick(const struct choices_ask *ask)
{
	uint32_t best = draw(ask, LOT_NONE);

	for (uint32_t drawn = 1; drawn < ask->choices && best != LOT_NONE; drawn++) {
		uint32_t i = draw(ask, best);

		if (i == LOT_NONE)
			break;
		if (less_busy(ask, i, best))
			best = i;
	}
	return best;
}
