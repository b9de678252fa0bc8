/* switch.c - how a new stack looks before its first switch, for the two written in assembly. */
#include "config.h"

#include "core/fiber/switch.h"

#include <stdint.h>
#include <string.h>

#if defined(SWITCH_X86_64)
/* As switch_stacks() leaves it: r15 r14 r13 r12 rbx rbp and where to go on. The entry
 * calls r13 with r12; a zero rbp ends a walk along the frames. */
enum { WORDS = 7, ARG = 3, BEGIN = 2, GO_ON = 6 };
#elif defined(SWITCH_AARCH64)
/* x19 to x30 and d8 to d15. The entry calls x20 with x19; a zero x29 ends a walk. */
enum { WORDS = 20, ARG = 0, BEGIN = 1, GO_ON = 11 };
#endif

#ifndef SWITCH_UCONTEXT
void *switch_prepare(void *base, void *top, void (*begin)(void *arg), void *arg)
{
	uintptr_t *frame = (uintptr_t *)((uintptr_t)top & ~(uintptr_t)15) - WORDS;

	(void)base;
	memset(frame, 0, WORDS * sizeof(*frame));
	frame[ARG] = (uintptr_t)arg;
	frame[BEGIN] = (uintptr_t)begin;
	frame[GO_ON] = (uintptr_t)switch_entry;
	return frame;
}
#endif
