/* draw.h - a lot, in proportion to weights. */
#ifndef PLUGINS_RANDOM_DRAW_H
#define PLUGINS_RANDOM_DRAW_H

#include <stddef.h>

#include "plugins/common/lot.h"

/* Running totals of the weights: entry i is the sum of 0 .. i. */
struct draw {
	uint32_t count;
	uint64_t upto[];
};

size_t draw_size(uint32_t count);
void draw_init(struct draw *d, const uint32_t *weights, uint32_t count);

/* The one that `dice` (64 random bits) fall on. count must not be 0. */
uint32_t draw_at(const struct draw *d, uint64_t dice);

/* One that is usable, each as likely as its weight says, which now is in thousandths and at most 1000
 * times what it was made with; LOT_NONE when none is. Usually the first or second lot; when most are
 * out of use, one look at all of them. */
uint32_t draw_usable(const struct draw *d, const struct lot_ask *ask);

#endif
