/* switch.h - from one stack to another: the few instructions under all waiting. */
#ifndef CORE_FIBER_SWITCH_H
#define CORE_FIBER_SWITCH_H

/* Which of the three: assembly where it was written, ucontext elsewhere or when asked for. */
#if defined(FIBER_UCONTEXT)
#define SWITCH_UCONTEXT 1
#elif defined(__x86_64__) && !defined(__ILP32__)
#define SWITCH_X86_64 1
#elif defined(__aarch64__) && !defined(__ILP32__)
#define SWITCH_AARCH64 1
#else
#define SWITCH_UCONTEXT 1
#endif

#ifndef __ASSEMBLER__
#include <stddef.h>

/* A stack that stands still, and what is needed to go on with it. */
struct side {
	void *pointer;		/* its stack pointer; with ucontext, the context on it */
	void *checker;		/* ASan's fake stack, or TSan's fiber */
	const void *base;	/* ASan wants to know where a stack lies */
	size_t size;
};

/* Keeps the callee-saved registers on this stack, its pointer in *save, and goes on with `to`.
 * The modes of the floating point unit (mxcsr, x87 control word, fpcr) are left alone:
 * nobody here changes them, and loading them costs as much as all the rest. */
void switch_stacks(void **save, void *to);

/* Gives the pointer that makes the first switch call begin(arg) on [base, top).
 * `begin` never returns. */
void *switch_prepare(void *base, void *top, void (*begin)(void *arg), void *arg);

#if defined(SWITCH_X86_64) || defined(SWITCH_AARCH64)
void switch_entry(void);	/* in assembly: where a prepared stack begins */
#endif
#endif

#endif
