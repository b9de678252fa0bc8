/* ring_hash.c - a balancer that gives the same key the same endpoint. */
#include <weir/plugin.h>

#include <stdlib.h>

#include "plugins/ring_hash/ring.h"

struct ring_hash {
	const struct weir_key *key;
	uint32_t points, size;
	bool spread;		/* what has no key goes anywhere */
};

static bool build(const struct weir_here *here, const struct weir_endpoint *endpoints,
		  uint32_t count, void **table, struct weir_error *error)
{
	const struct ring_hash *h = here->self;
	struct ring_member *members = calloc((size_t)count + 1, sizeof(*members));
	struct ring *ring;

	if (members == NULL)
		return weir_fail(error, "out of memory");
	for (uint32_t i = 0; i < count; i++) {
		struct weir_str name = weir_str_present(endpoints[i].id) ? endpoints[i].id
									 : endpoints[i].address;

		members[i] = (struct ring_member){ name.data, name.len, endpoints[i].weight };
		if (members[i].weight == 0)
			members[i].weight = 1;
	}
	ring = ring_new(members, count, h->points, h->size);
	free(members);
	if (ring == NULL)
		return weir_fail(error, "no memory for a ring of %u endpoints", count);
	*table = ring;
	return true;
}

static void table_free(void *table)
{
	ring_free(table);
}

static bool usable(const void *pick, uint32_t i)
{
	return weir_pick_usable(pick, i);
}

static uint32_t pick_one(const struct weir_here *here, const void *table, struct weir_pick *pick)
{
	const struct ring_hash *h = here->self;
	struct ring_ask ask = { usable, pick };
	uint64_t hash = 0;

	if (!weir_pick_key(pick, h->key, &hash) && h->spread)
		hash = weir_dice();
	return ring_find(table, hash, &ask);
}

static bool ring_hash_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct ring_hash *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return weir_fail(error, "out of memory");
	h->key = weir_option_key(setup, "key");
	h->points = (uint32_t)weir_option_integer(setup, "points");
	h->size = (uint32_t)weir_option_integer(setup, "size");
	h->spread = weir_str_eq(weir_option_text(setup, "missing"), WEIR_STR("spread"));
	*self = h;
	return true;
}

static const char *const missing[] = { "together", "spread", NULL };

static const struct weir_option options[] = {
	{ .name = "key", .type = WEIR_KEY, .required = true, .bare = true,
	  .about = "what must be the same to come to the same endpoint" },
	{ .name = "missing", .type = WEIR_CHOICE, .choices = missing, .fallback = "together",
	  .about = "requests of which a part of the key is missing: one key of their own, or anywhere" },
	{ .name = "points", .type = WEIR_INTEGER, .fallback = "160", .min = 1, .max = 4096,
	  .about = "on the ring for each unit of weight; more: a more even share" },
	{ .name = "size", .type = WEIR_INTEGER, .fallback = "262144", .min = 1024, .max = 4194304,
	  .about = "the most points in all; 12 bytes each" },
	{ 0 }
};

static const struct weir_balancer balancer =
	WEIR_BALANCER(.build = build, .table_free = table_free, .pick = pick_one);

WEIR_PLUGIN(ring_hash,
	.version = "1.0",
	.summary = "the same key to the same endpoint; few keys move when endpoints change",
	.options = options,
	.open = ring_hash_open, .close = free,
	.balancer = &balancer);
