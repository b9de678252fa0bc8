/* hold.h - what a plugin holds on behalf of one exchange, and what must be let go when it ends. */
#ifndef CORE_PLUGIN_HOLD_H
#define CORE_PLUGIN_HOLD_H

#include <stddef.h>

#include "core/base/arena.h"

struct weir_exchange;

/* One thing held: a pinned value, a ticket. Lives in the arena of the exchange. */
struct hold {
	struct hold *next;
	void (*drop)(struct hold *h);
};

/* In each exchange, and in each fiber of control that runs a plugin. Zeroed: nothing is held. */
struct hold_list {
	struct hold *first;	/* newest first */
};

/* Lets everything go. Exchanges call it in finish, before their arena ends, on their own thread;
 * harmless when nothing is held. */
void holds_drop(struct hold_list *list);

/* A fiber of control that runs a plugin without an exchange. fiber->local points to it. */
struct errand {
	struct hold_list holds;
	struct arena arena;	/* reset when nothing is held any more; on the heap */
};

/* Makes the running fiber an errand, and ends it. The struct lives on the fiber's stack. */
void errand_begin(struct errand *e);
void errand_end(struct errand *e);

#endif
