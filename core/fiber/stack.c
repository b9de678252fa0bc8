/* stack.c - mapping stacks with a guard below them. */
#include "config.h"

#include "core/fiber/stack.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/fiber/checkers.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102	/* Linux 6.13: a guard that is no mapping of its own */
#endif

enum guard_kind { GUARD_UNKNOWN, GUARD_ADVICE, GUARD_MAPPING };

/* Found out at the first stack and the same for all. */
static atomic_int guard_kind = GUARD_UNKNOWN;

/* Some layers between us and the kernel take unknown advice for success: ask the kernel to
 * read a path there and see whether it can. */
static bool faults(const char *address)
{
	return access(address, F_OK) != 0 && errno == EFAULT;
}

static bool guard_by_advice(char *low)
{
	return madvise(low, STACK_GUARD, MADV_GUARD_INSTALL) == 0;
}

static bool guard_by_mapping(char *low)
{
	return mprotect(low, STACK_GUARD, PROT_NONE) == 0;
}

/* A guard made by mprotect splits the mapping: two for each stack, and a process may
 * have 65,530 of them. So advice is preferred where there is such advice. */
static bool guard_below(char *low)
{
	int kind = atomic_load_explicit(&guard_kind, memory_order_relaxed);

	if (kind == GUARD_UNKNOWN) {
		kind = checkers_know_advice() && guard_by_advice(low) && faults(low) ?
			GUARD_ADVICE : GUARD_MAPPING;
		atomic_store_explicit(&guard_kind, kind, memory_order_relaxed);
		if (kind == GUARD_ADVICE)
			return true;
	}
	return kind == GUARD_ADVICE ? guard_by_advice(low) : guard_by_mapping(low);
}

bool stack_map(struct stack *s, size_t size)
{
	char *low = mmap(NULL, STACK_GUARD + size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);

	if (low == MAP_FAILED)
		return false;
	/* Where huge pages are on for everybody, one touched page would cost 2 MiB. */
	(void)madvise(low, STACK_GUARD + size, MADV_NOHUGEPAGE);
	if (!guard_below(low)) {
		int why = errno;

		(void)munmap(low, STACK_GUARD + size);
		errno = why;
		return false;
	}
	s->base = low + STACK_GUARD;
	s->top = s->base + size;
	s->watch = checkers_stack_new(s->base, s->top);
	return true;
}

void stack_unmap(struct stack *s)
{
	if (!stack_is_mapped(s))
		return;
	checkers_stack_gone(s->base, s->top, s->watch);
	(void)munmap(s->base - STACK_GUARD, (size_t)(s->top - s->base) + STACK_GUARD);
	*s = (struct stack){ 0 };
}

size_t stack_touched(const struct stack *s)
{
	enum { AT_ONCE = 256 };
	unsigned char present[AT_ONCE];
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (!stack_is_mapped(s))
		return 0;
	for (char *at = s->base; at < s->top;) {
		size_t pages = (size_t)(s->top - at) / page;

		if (pages > AT_ONCE)
			pages = AT_ONCE;
		if (pages == 0 || mincore(at, pages * page, present) != 0)
			return 0;
		for (size_t i = 0; i < pages; i++)
			if (present[i] & 1)
				return (size_t)(s->top - at) - i * page;
		at += pages * page;
	}
	return 0;
}

bool stack_guards(const struct stack *s, const void *address)
{
	uintptr_t at = (uintptr_t)address, base = (uintptr_t)s->base;

	return stack_is_mapped(s) && at < base && at >= base - STACK_GUARD;
}
