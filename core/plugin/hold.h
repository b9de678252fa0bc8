/* hold.h - what a plugin holds on behalf of one exchange, and what must be let go when it ends. */
#ifndef CORE_PLUGIN_HOLD_H
#define CORE_PLUGIN_HOLD_H

#include "core/base/arena.h"

/* One thing held: a pinned value, a ticket. Stands first in what holds it. */
struct hold {
	struct hold *next;
	void (*drop)(struct hold *h);
	bool heap;		/* freed when dropped; otherwise it lies in the exchange's arena */
};

/* In each exchange, and in each fiber of control that runs a plugin. Zeroed: nothing is held. One
 * thread. */
struct hold_list {
	struct hold *first;	/* newest first */
};

/* Gives room for a hold in the arena, or with NULL on the heap, and puts it into the list. NULL
 * when there is none. `size` is that of the whole, which begins with the hold. */
void *hold_new(struct hold_list *list, struct arena *arena, size_t size,
	       void (*drop)(struct hold *h));
/* Takes it out without dropping it; its room is done with. */
void hold_forget(struct hold_list *list, struct hold *h);

/* Lets everything go. Exchanges call it in finish, before their arena ends, on their own thread. */
void holds_drop(struct hold_list *list);

/* A fiber of control that runs a plugin without an exchange; fiber->local points to it. The struct
 * lives on the fiber's own stack, between these two. */
struct errand {
	struct hold_list holds;
};

void errand_begin(struct errand *e);
void errand_end(struct errand *e);

#endif
