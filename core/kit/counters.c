/* counters.c - what plugins count, for the test to see. */
#include "core/kit/host_inside.h"

#include <stdatomic.h>

enum { COUNTERS_MOST = 8 };	/* of a use, as in the gateway */

struct weir_counter {
	struct weir_counter *next;
	struct weir_str name;
	_Atomic uint64_t n;
};

static uint32_t count_of(const struct weir_fake_use *use)
{
	uint32_t n = 0;

	for (const struct weir_counter *c = use->counters; c != NULL; c = c->next)
		n++;
	return n;
}

static struct weir_counter *find(const struct weir_fake_use *use, struct weir_str name)
{
	struct weir_counter *c = use->counters;

	while (c != NULL && !str_eq(c->name, name))
		c = c->next;
	return c;
}

struct weir_counter *fake_counter_open(struct setup_life *life, struct weir_str name)
{
	struct weir_fake_use *use = container_of(life, struct weir_fake_use, life);
	struct weir_counter *c = find(use, name);

	if (c != NULL || count_of(use) == COUNTERS_MOST)
		return c;
	c = fake_must(arena_zero(&use->arena, sizeof(*c)));
	c->name = fake_copy(&use->arena, name);
	c->next = use->counters;
	use->counters = c;
	return c;
}

static struct weir_counter *open_of(const struct weir_setup *setup, struct weir_str name)
{
	struct setup_life *life = setup->life;

	return life->counter_open != NULL ? life->counter_open(life, name) : NULL;
}

static void add(struct weir_counter *counter, uint64_t n)
{
	if (counter != NULL)
		atomic_fetch_add(&counter->n, n);
}

uint64_t weir_fake_counted(const struct weir_fake_use *use, const char *name)
{
	struct weir_counter *c = find(use, str_from(name));

	return c != NULL ? atomic_load(&c->n) : 0;
}

void fake_fill_counters(struct weir_host *host)
{
	host->counter_open = open_of;
	host->counter_add = add;
}
