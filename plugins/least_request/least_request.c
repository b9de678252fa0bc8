/* least_request.c - a balancer that takes the less busy of two endpoints drawn by lot. */
#include <weir/plugin.h>

#include <stdlib.h>

#include "plugins/least_request/choices.h"

struct least {
	uint32_t choices;
};

/* Shared by all workers. */
struct table {
	uint32_t heaviest;	/* in thousandths */
};

static bool build(const struct weir_here *here, const struct weir_endpoint *endpoints,
		  uint32_t count, void **table, struct weir_error *error)
{
	struct table *t = malloc(sizeof(*t));

	(void)here;
	if (t == NULL)
		return weir_fail(error, "out of memory");
	t->heaviest = 1000;
	for (uint32_t i = 0; i < count; i++)
		if (1000 * endpoints[i].weight > t->heaviest)
			t->heaviest = 1000 * endpoints[i].weight;
	*table = t;
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

static uint32_t busy(const void *pick, uint32_t i)
{
	return weir_pick_in_flight(pick, i);
}

static uint64_t dice(const void *pick)
{
	(void)pick;
	return weir_dice();
}

static uint32_t pick_one(const struct weir_here *here, const void *table, struct weir_pick *pick)
{
	const struct least *least = here->self;
	const struct table *t = table;
	struct choices_ask ask = {
		.lot = { usable, weight, dice, pick }, .busy = busy,
		.count = pick->count, .heaviest = t->heaviest, .choices = least->choices,
	};

	return choices_pick(&ask);
}

static bool least_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct least *least = calloc(1, sizeof(*least));

	if (least == NULL)
		return weir_fail(error, "out of memory");
	least->choices = (uint32_t)weir_option_integer(setup, "choices");
	*self = least;
	return true;
}

static const struct weir_option options[] = {
	{ .name = "choices", .type = WEIR_INTEGER, .fallback = "2", .min = 2, .max = 16,
	  .about = "how many endpoints are compared" },
	{ 0 }
};

static const struct weir_balancer balancer =
	WEIR_BALANCER(.build = build, .table_free = free, .pick = pick_one);

WEIR_PLUGIN(least_request,
	.version = "1.0",
	.summary = "the less busy of two endpoints drawn by lot",
	.options = options,
	.open = least_open, .close = free,
	.balancer = &balancer);
