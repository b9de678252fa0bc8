/* switch_ucontext.c - the switch for every other machine: correct, with two system calls each. */
#include "config.h"

#include "core/fiber/switch.h"

#ifdef SWITCH_UCONTEXT
#include <stdint.h>
#include <stdlib.h>
#include <ucontext.h>

void switch_stacks(void **save, void *to)
{
	ucontext_t here;

	*save = &here;
	if (swapcontext(&here, to) != 0)
		abort();
}

/* What a new stack begins with, kept at its top. */
struct first {
	ucontext_t context;
	void (*begin)(void *arg);
	void *arg;
};

/* makecontext() hands over ints only: a pointer travels in two of them. */
static void enter(unsigned high, unsigned low)
{
	struct first *first = (struct first *)((uintptr_t)((uint64_t)high << 32 | low));

	first->begin(first->arg);
	abort();
}

void *switch_prepare(void *base, void *top, void (*begin)(void *arg), void *arg)
{
	uintptr_t at = ((uintptr_t)top - sizeof(struct first)) & ~(uintptr_t)63;
	struct first *first = (struct first *)at;

	if (getcontext(&first->context) != 0)
		abort();
	first->begin = begin;
	first->arg = arg;
	first->context.uc_stack.ss_sp = base;
	first->context.uc_stack.ss_size = at - (uintptr_t)base;
	first->context.uc_link = NULL;
	makecontext(&first->context, (void (*)(void))(uintptr_t)enter, 2,
		    (unsigned)((uint64_t)at >> 32), (unsigned)at);
	return &first->context;
}
#else
typedef int switch_is_in_assembly;
#endif
