/* stack.h - the memory a fiber runs on: mapped, guarded, and given back when cold. */
#ifndef CORE_FIBER_STACK_H
#define CORE_FIBER_STACK_H

#include <stdbool.h>
#include <stddef.h>

/* Pages are touched as the stack grows, so a mapped stack that is little used costs little.
 * Below `base` lies a guard of STACK_GUARD bytes that faults when touched. */
struct stack {
	char *base, *top;	/* [base, top) may be used; both NULL: no stack */
	unsigned watch;		/* valgrind's number for it */
};

/* Wide enough that one large frame does not step over it. */
enum { STACK_GUARD = 65536, STACK_DEFAULT = 1048576 };

/* `size` is a multiple of the page. False without memory or mappings, with errno. */
bool stack_map(struct stack *s, size_t size);
/* Gives everything back, page tables included. Harmless when it is not mapped. */
void stack_unmap(struct stack *s);

static inline bool stack_is_mapped(const struct stack *s)
{
	return s->base != NULL;
}

/* Bytes from the top down to the deepest page that was ever touched. */
size_t stack_touched(const struct stack *s);
/* True when `address` lies in its guard. */
bool stack_guards(const struct stack *s, const void *address);

#endif
