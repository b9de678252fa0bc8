/* draw.c - a lot, in proportion to weights. */
#include "plugins/random/draw.h"

enum { LOTS = 8 };

size_t draw_size(uint32_t count)
{
	return sizeof(struct draw) + count * sizeof(uint64_t);
}

void draw_init(struct draw *d, const uint32_t *weights, uint32_t count)
{
	uint64_t sum = 0;

	d->count = count;
	for (uint32_t i = 0; i < count; i++)
		d->upto[i] = sum += weights[i];
}

uint32_t draw_at(const struct draw *d, uint64_t dice)
{
	uint64_t lot = lot_below(dice, d->upto[d->count - 1]);
	uint32_t low = 0, high = d->count - 1;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (lot < d->upto[middle])
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static uint64_t whole_weight(const struct draw *d, uint32_t i)
{
	return d->upto[i] - (i > 0 ? d->upto[i - 1] : 0);
}

/* One that starts slowly takes only a part of its lots. */
static bool takes_it(const struct draw *d, const struct lot_ask *ask, uint32_t i)
{
	uint64_t whole = 1000 * whole_weight(d, i), now = ask->weight(ask->arg, i);

	return now >= whole || lot_below(ask->dice(ask->arg), whole) < now;
}

uint32_t draw_usable(const struct draw *d, const struct lot_ask *ask)
{
	for (int lot = 0; lot < LOTS && d->count > 0; lot++) {
		uint32_t i = draw_at(d, ask->dice(ask->arg));

		if (ask->usable(ask->arg, i) && takes_it(d, ask, i))
			return i;
	}
	return lot_among_all(ask, d->count, LOT_NONE);
}
