/* latency.c - a balancer that takes the one of two endpoints that has answered faster of late. */
#include <weir/plugin.h>

#include <stdlib.h>

#include "plugins/latency/average.h"

struct latency {
	uint64_t decay;		/* ns */
};

/* Names of the endpoints, so that what a worker has learnt finds them in the next table. */
struct name {
	uint64_t hash;
	uint32_t place;
};

struct table {
	uint32_t count;
	uint32_t *order;
	uint64_t hash[];
};

static uint64_t hash_of(struct weir_str name)
{
	uint64_t h = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < name.len; i++)
		h = (h ^ (unsigned char)name.data[i]) * 0x100000001b3ull;
	return h;
}

static int by_hash(const void *a, const void *b)
{
	const struct name *x = a, *y = b;

	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

static void fill(struct table *t, struct name *names, const struct weir_endpoint *endpoints)
{
	for (uint32_t i = 0; i < t->count; i++) {
		struct weir_str id = endpoints[i].id;

		names[i].hash = hash_of(weir_str_present(id) ? id : endpoints[i].address);
		names[i].place = i;
	}
	qsort(names, t->count, sizeof(*names), by_hash);
	for (uint32_t i = 0; i < t->count; i++) {
		t->hash[i] = names[i].hash;
		t->order[i] = names[i].place;
	}
}

static bool build(const struct weir_here *here, const struct weir_endpoint *endpoints,
		  uint32_t count, void **table, struct weir_error *error)
{
	struct table *t = malloc(sizeof(*t) + count * (sizeof(uint64_t) + sizeof(uint32_t)));
	struct name *names = calloc((size_t)count + 1, sizeof(*names));

	(void)here;
	if (t == NULL || names == NULL) {
		free(t);
		free(names);
		return weir_fail(error, "out of memory");
	}
	t->count = count;
	t->order = (uint32_t *)(void *)&t->hash[count];
	fill(t, names, endpoints);
	free(names);
	*table = t;
	return true;
}

static size_t state_size(const struct weir_here *here, const void *table, uint32_t count)
{
	(void)here, (void)table;
	return count * sizeof(struct average);
}

static void state_carry(const struct weir_here *here, const void *table, void *state,
			const void *old_table, const void *old_state)
{
	const struct table *t = table, *old = old_table;
	struct names to = { t->count, t->hash, t->order };
	struct names from = { old->count, old->hash, old->order };

	(void)here;
	averages_carry(&to, state, &from, old_state);
}

/* Picking ------------------------------------------------------------------- */

static struct load load_of(const struct latency *l, const struct weir_pick *pick, uint32_t i)
{
	const struct average *averages = pick->state;

	return (struct load){ average_now(&averages[i], weir_now(), l->decay),
			      weir_pick_in_flight(pick, i), weir_pick_weight(pick, i) };
}

/* Any usable one but `other`, each as likely; WEIR_PICK_NONE when there is none. */
static uint32_t draw(const struct weir_pick *pick, uint32_t other)
{
	uint32_t start = (uint32_t)(((weir_dice() >> 32) * pick->count) >> 32);

	for (uint32_t step = 0; step < pick->count; step++) {
		uint32_t i = (start + step) % pick->count;

		if (i != other && weir_pick_usable(pick, i))
			return i;
	}
	return WEIR_PICK_NONE;
}

static uint32_t pick_one(const struct weir_here *here, const void *table, struct weir_pick *pick)
{
	uint32_t a = draw(pick, WEIR_PICK_NONE);
	uint32_t b = a != WEIR_PICK_NONE ? draw(pick, a) : WEIR_PICK_NONE;
	struct load first, second;

	(void)table;
	if (b == WEIR_PICK_NONE)
		return a;
	first = load_of(here->self, pick, a);
	second = load_of(here->self, pick, b);
	return load_less(&second, &first) ? b : a;
}

static void report(const struct weir_here *here, const void *table, void *state, uint32_t index,
		   uint64_t latency_ns, bool ok)
{
	const struct latency *l = here->self;
	struct average *averages = state;

	(void)table;
	if (ok)
		average_add(&averages[index], weir_now(), l->decay, latency_ns);
	else
		average_failed(&averages[index], weir_now(), l->decay, latency_ns);
}

static bool latency_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct latency *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return weir_fail(error, "out of memory");
	l->decay = weir_option_duration(setup, "decay");
	*self = l;
	return true;
}

static bool latency_check(const struct weir_setup *setup, struct weir_error *error)
{
	uint64_t decay = weir_option_duration(setup, "decay");

	if (decay < 1000000 || decay > 3600000000000)
		return weir_fail(error, "`decay` must be between 1ms and 1h");
	return true;
}

static const struct weir_option options[] = {
	{ .name = "decay", .type = WEIR_DURATION, .fallback = "10s",
	  .about = "how long what was measured counts" },
	{ 0 }
};

static const struct weir_balancer balancer = WEIR_BALANCER(
	.build = build, .table_free = free,
	.state_size = state_size, .state_carry = state_carry,
	.pick = pick_one, .report = report);

WEIR_PLUGIN(latency,
	.version = "1.0",
	.summary = "the faster of two endpoints drawn by lot",
	.options = options, .check = latency_check,
	.open = latency_open, .close = free,
	.balancer = &balancer);
