/* round_robin.c - a balancer that gives each endpoint its turn, heavier ones more often. */
#include <weir/plugin.h>

#include <stdlib.h>

#include "plugins/round_robin/turns.h"

/* Shared by all workers. */
struct table {
	uint32_t count;
	uint32_t weights[];
};

static bool build(const struct weir_here *here, const struct weir_endpoint *endpoints,
		  uint32_t count, void **table, struct weir_error *error)
{
	struct table *t = malloc(sizeof(*t) + count * sizeof(t->weights[0]));

	(void)here;
	if (t == NULL)
		return weir_fail(error, "out of memory");
	t->count = count;
	for (uint32_t i = 0; i < count; i++)
		t->weights[i] = 1000 * (endpoints[i].weight > 0 ? endpoints[i].weight : 1);
	*table = t;
	return true;
}

static size_t state_size(const struct weir_here *here, const void *table, uint32_t count)
{
	(void)here, (void)table;
	return turns_size(count);
}

/* Every worker begins elsewhere: the first requests of many workers do not meet at one endpoint. */
static void state_init(const struct weir_here *here, const void *table, void *state,
		       uint32_t count, uint64_t dice)
{
	const struct table *t = table;

	(void)here;
	turns_init(state, t->weights, count, dice);
}

struct round {
	const struct weir_pick *pick;
	const struct table *table;
};

static bool usable(const void *round, uint32_t i)
{
	return weir_pick_usable(((const struct round *)round)->pick, i);
}

/* Its next turn is set by its weight of now: one that starts slowly would still be waiting for
 * it when it has long been warm, so no step is longer than ten. */
static uint32_t weight(const void *round, uint32_t i)
{
	const struct round *r = round;
	uint32_t now = weir_pick_weight(r->pick, i), least = r->table->weights[i] / 10;

	return now > least ? now : least;
}

static uint32_t pick_one(const struct weir_here *here, const void *table, struct weir_pick *pick)
{
	struct round round = { pick, table };
	struct turns_ask ask = { usable, weight, &round };

	(void)here;
	return turns_pick(pick->state, &ask);
}

static const struct weir_balancer balancer = WEIR_BALANCER(
	.build = build, .table_free = free,
	.state_size = state_size, .state_init = state_init,
	.pick = pick_one);

WEIR_PLUGIN(round_robin,
	.version = "1.0",
	.summary = "each endpoint in its turn, in proportion to its weight",
	.balancer = &balancer);
