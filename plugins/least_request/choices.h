/* choices.h - the least busy of a few that are drawn by lot. */
#ifndef PLUGINS_LEAST_REQUEST_CHOICES_H
#define PLUGINS_LEAST_REQUEST_CHOICES_H

#include "plugins/common/lot.h"

struct choices_ask {
	struct lot_ask lot;
	uint32_t (*busy)(const void *arg, uint32_t i);	/* requests under way; `arg` is the lot's */
	uint32_t count;
	uint32_t heaviest;	/* no weight is above it */
	uint32_t choices;	/* how many are drawn: 2 is nearly as good as all of them */
};

/* Draws `choices` ones, none twice in a row, each as likely as its weight, and gives the one
 * with the fewest requests for its weight; the first of equals, so that idle ones are taken by
 * weight. Looking at all would send every worker to the same one. LOT_NONE when none is
 * usable. */
uint32_t choices_pick(const struct choices_ask *ask);

#endif
