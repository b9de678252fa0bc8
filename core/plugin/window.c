/* window.c - the host table, and what in it is nobody else's. */
#include "config.h"

#include "core/plugin/window.h"

#include "core/base/log.h"
#include "core/fiber/fiber.h"
#include "core/fiber/worker.h"
#include "core/plugin/cell.h"
#include "core/plugin/counter.h"
#include "core/plugin/setup.h"
#include "core/plugin/store.h"
#include "core/plugin/ticket.h"
#include "core/plugin/uses.h"
#include "core/plugin/waits.h"

static struct window_bridge bridge;

void window_set_bridge(const struct window_bridge *b)
{
	bridge = *b;
}

struct hold_list *window_holds(struct weir_exchange *ex)
{
	const struct fiber *self = fiber_self();

	if (ex != NULL)
		return bridge.holds != NULL ? bridge.holds(ex) : NULL;
	return self != NULL && self->local != NULL ? &((struct errand *)self->local)->holds : NULL;
}

struct arena *window_arena(struct weir_exchange *ex)
{
	return ex != NULL && bridge.arena != NULL ? bridge.arena(ex) : NULL;
}

/* Any thread --------------------------------------------------------------- */

static uint64_t now(void)
{
	const struct worker *w = worker_self();

	return w != NULL ? w->loop.now : clock_now();
}

static uint64_t wall(void)
{
	const struct worker *w = worker_self();

	return w != NULL ? w->loop.wall : clock_wall();
}

static uint64_t dice(void)
{
	static __thread struct rng own;
	static __thread bool ready;
	struct worker *w = worker_self();

	if (w != NULL)
		return rng_next(&w->rng);
	if (!ready)
		rng_init(&own);
	ready = true;
	return rng_next(&own);
}

struct weir_host *window_table(void)
{
	static struct weir_host table;

	if (table.size != 0)
		return &table;
	table = window_empty;
	table.now = now;
	table.wall = wall;
	table.dice = dice;
	setup_fill_host(&table);
	cell_fill_host(&table);
	ticket_fill_host(&table);
	counter_fill_host(&table);
	store_fill_host(&table);
	waits_fill_host(&table);
	uses_fill_host(&table);
	return &table;
}
