/* random.c - a balancer that draws lots, heavier endpoints having more of them. */
#include <weir/plugin.h>

#include <stdlib.h>

#include "plugins/random/draw.h"

static bool build(const struct weir_here *here, const struct weir_endpoint *endpoints,
		  uint32_t count, void **table, struct weir_error *error)
{
	uint32_t *weights = calloc((size_t)count + 1, sizeof(*weights));
	struct draw *draw = malloc(draw_size(count));

	(void)here;
	if (weights == NULL || draw == NULL) {
		free(weights);
		free(draw);
		return weir_fail(error, "out of memory");
	}
	for (uint32_t i = 0; i < count; i++)
		weights[i] = endpoints[i].weight > 0 ? endpoints[i].weight : 1;
	draw_init(draw, weights, count);
	free(weights);
	*table = draw;
	return true;
}

static bool usable(const void *pick, uint32_t i)
{
	return weir_pick_usable(pick, i);
}

static uint32_t weight(const void *pick, uint32_t i)
{
	return weir_pick_weight(pick, i);
}

static uint64_t dice(const void *pick)
{
	(void)pick;
	return weir_dice();
}

static uint32_t pick_one(const struct weir_here *here, const void *table, struct weir_pick *pick)
{
	struct lot_ask ask = { usable, weight, dice, pick };

	(void)here;
	return draw_usable(table, &ask);
}

static const struct weir_balancer balancer =
	WEIR_BALANCER(.build = build, .table_free = free, .pick = pick_one);

WEIR_PLUGIN(random,
	.version = "1.0",
	.summary = "an endpoint by lot, in proportion to its weight",
	.balancer = &balancer);
