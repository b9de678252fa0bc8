/* inside.h - what the files of this floor know of each other; nobody else includes it. */
#ifndef CORE_FIBER_INSIDE_H
#define CORE_FIBER_INSIDE_H

#include <stdnoreturn.h>

#include "core/fiber/loop.h"

/* The loop that turns on this thread, or NULL. */
extern __thread struct loop *loop_here;

/* fiber_self(), for this floor. */
static inline struct fiber *self_here(void)
{
	return loop_here != NULL ? loop_here->running : NULL;
}

/* A promise was broken: says which, and aborts. */
noreturn void fiber_abort(const char *why);

/* Runs it until it parks, yields or ends. From the loop's own stack only. */
void fiber_run(struct loop *l, struct fiber *f);

/* Its deadline may be due. */
void fiber_timer_fired(struct timer *t);

void fiber_pool_init(struct fiber_pool *p);
/* Lends a fiber with a stack, or NULL. */
struct fiber *fiber_pool_take(struct loop *l);
void fiber_pool_return(struct loop *l, struct fiber *f);
void fiber_pool_fini(struct loop *l);

bool mailbox_open(struct loop *l, struct weir_error *error);
void mailbox_close(struct loop *l);
/* Opens all letters that have come. */
void mailbox_read(struct loop *l);
/* True when nobody has written since: the loop may sleep, and the next letter wakes it. */
bool mailbox_sleep(struct loop *l);
void mailbox_awake(struct loop *l);

#endif
