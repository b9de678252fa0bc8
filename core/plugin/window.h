/* window.h - the host table: everything a plugin can call, put together floor by floor. */
#ifndef CORE_PLUGIN_WINDOW_H
#define CORE_PLUGIN_WINDOW_H

#include <weir/host.h>

#include "core/plugin/hold.h"

/* How this floor reaches into an exchange, whose shape it does not know. */
struct window_bridge {
	struct hold_list *(*holds)(struct weir_exchange *ex);
	struct arena *(*arena)(struct weir_exchange *ex);
};

/* Gives the one table. At first every member answers politely that there is nothing (absent,
 * false, WEIR_NOT_HERE); this floor fills in options, cells, tickets, log, time, dice and the
 * plain waits; upper floors put in the rest at boot, before the first plugin is loaded. */
struct weir_host *window_table(void);

/* That polite table, with nothing filled in. */
extern const struct weir_host window_empty;

/* Set at boot by the floor that has exchanges. */
void window_set_bridge(const struct window_bridge *bridge);
/* The holds and the arena of `ex`, or with NULL those of the errand that the running fiber
 * does. NULL when there is neither. */
struct hold_list *window_holds(struct weir_exchange *ex);
struct arena *window_arena(struct weir_exchange *ex);

#endif
