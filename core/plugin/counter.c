/* counter.c - the counters of plugins. */
#include "config.h"

#include "core/plugin/counter.h"

#include "core/base/mem.h"
#include "core/base/tally.h"
#include "core/plugin/life.h"

struct weir_counter *counter_open(struct setup_life *setup, struct weir_str name)
{
	struct use_life *life = container_of(setup, struct use_life, setup);
	const struct board_name full = { life->use.kind->name, life->use.name, life->use.path };

	if (life->board == NULL)
		life->board = board_open(&full, life->use.places);
	if (life->board == NULL)
		return NULL;
	return (struct weir_counter *)(void *)board_tally(life->board, name);
}

void counters_close(struct use_life *life)
{
	board_close(life->board);
	life->board = NULL;
}

void counters_visit(const struct weir_use *use,
		    void (*visit)(void *arg, struct weir_str name, uint64_t n), void *arg)
{
	board_visit(use->life->board, visit, arg);
}

static struct weir_counter *open_of(const struct weir_setup *setup, struct weir_str name)
{
	struct setup_life *life = setup->life;

	return life->counter_open != NULL ? life->counter_open(life, name) : NULL;
}

static void add(struct weir_counter *counter, uint64_t n)
{
	tally_add((struct tally *)(void *)counter, n);
}

void counter_fill_host(struct weir_host *host)
{
	host->counter_open = open_of;
	host->counter_add = add;
}
