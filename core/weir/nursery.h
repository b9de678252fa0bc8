/* nursery.h - the parent's children: who starts, who serves, who drains, and who follows whom. */
#ifndef CORE_WEIR_NURSERY_H
#define CORE_WEIR_NURSERY_H

#include "core/weir/parent.h"

#define for_each_child(c, p) \
	for (struct child *c = (p)->children; c < (p)->children + CHILDREN_MOST; c++)

/* Starts a child when one is due. */
void nursery_tend(struct parent *p);
/* Reads what this child has to say. */
void nursery_hear(struct parent *p, struct child *c);
/* Takes in the dead: ours, and as process 1 also those of others. */
void nursery_reap(struct parent *p);
/* Counts silence, and ends those whose time is up. */
void nursery_tick(struct parent *p, uint64_t now);
/* When the next of these has something to do. */
uint64_t nursery_next(const struct parent *p);

void nursery_reload(struct parent *p);
void nursery_reopen(struct parent *p);
void nursery_stop(struct parent *p);		/* all drain; the parent ends with the last */
void nursery_kill(struct parent *p);		/* at once */

struct child *nursery_find(struct parent *p, enum child_state state);	/* the first, or NULL */
bool nursery_empty(const struct parent *p);
/* Puts a child in from the handover; false when there is no room. */
bool nursery_adopt(struct parent *p, pid_t pid, int fd, enum child_state state, uint32_t stop_ms);

#endif
