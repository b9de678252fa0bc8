/* checkers.h - ASan, TSan and valgrind are told about stacks and switches; else it is nothing. */
#ifndef CORE_FIBER_CHECKERS_H
#define CORE_FIBER_CHECKERS_H

#include <stdbool.h>

#include "core/fiber/switch.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CHECKED_BY_ASAN 1
#elif __has_feature(thread_sanitizer)
#define CHECKED_BY_TSAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define CHECKED_BY_ASAN 1
#elif defined(__SANITIZE_THREAD__)
#define CHECKED_BY_TSAN 1
#endif

#ifdef CHECKED_BY_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef CHECKED_BY_TSAN
#include <sanitizer/tsan_interface.h>
#endif
#ifdef HAVE_VALGRIND_VALGRIND_H
#include <valgrind/valgrind.h>
#endif

/* Valgrind reads memory that it takes for readable, and knows nothing of a guard that is advice. */
static inline bool checkers_know_advice(void)
{
#ifdef HAVE_VALGRIND_VALGRIND_H
	return !RUNNING_ON_VALGRIND;
#else
	return true;
#endif
}

static inline unsigned checkers_stack_new(void *base, void *top)
{
#ifdef CHECKED_BY_ASAN
	ASAN_UNPOISON_MEMORY_REGION(base, (size_t)((char *)top - (char *)base));
#endif
#ifdef HAVE_VALGRIND_VALGRIND_H
	return (unsigned)VALGRIND_STACK_REGISTER(base, top);
#else
	(void)base, (void)top;
	return 0;
#endif
}

static inline void checkers_stack_gone(void *base, void *top, unsigned watch)
{
#ifdef CHECKED_BY_ASAN
	ASAN_UNPOISON_MEMORY_REGION(base, (size_t)((char *)top - (char *)base));
#endif
#ifdef HAVE_VALGRIND_VALGRIND_H
	VALGRIND_STACK_DEREGISTER(watch);
#endif
	(void)base, (void)top, (void)watch;
}

/* The thread's own stack stands behind `own` from now on. */
static inline void checkers_thread(struct side *own)
{
#ifdef CHECKED_BY_TSAN
	own->checker = __tsan_get_current_fiber();
#endif
	(void)own;
}

/* A life begins on a stack; the last one left its frames there without returning. */
static inline void checkers_begin(struct side *s, const void *base, const void *top)
{
	s->base = base;
	s->size = (size_t)((const char *)top - (const char *)base);
#ifdef CHECKED_BY_ASAN
	s->checker = NULL;
	ASAN_UNPOISON_MEMORY_REGION((const char *)top - 8192, 8192);
#endif
#ifdef CHECKED_BY_TSAN
	s->checker = __tsan_create_fiber(0);
#endif
}

/* The life that ran there is over, and we are on another stack. */
static inline void checkers_end(struct side *s)
{
#ifdef CHECKED_BY_TSAN
	__tsan_destroy_fiber(s->checker);
#endif
	s->checker = NULL;
}

/* About to switch; `from` NULL: nobody will come back to the stack that we leave. */
static inline void checkers_leave(struct side *from, const struct side *to)
{
#ifdef CHECKED_BY_ASAN
	__sanitizer_start_switch_fiber(from != NULL ? &from->checker : NULL, to->base, to->size);
#endif
#ifdef CHECKED_BY_TSAN
	__tsan_switch_to_fiber(to->checker, 0);
#endif
	(void)from, (void)to;
}

/* Switched: we are on `here` and came from `there`. */
static inline void checkers_arrive(struct side *here, struct side *there)
{
#ifdef CHECKED_BY_ASAN
	__sanitizer_finish_switch_fiber(here->checker, &there->base, &there->size);
#endif
	(void)here, (void)there;
}

/* The whole of a switch between two sides. */
static inline void side_switch(struct side *from, struct side *to)
{
	checkers_leave(from, to);
	switch_stacks(&from->pointer, to->pointer);
	checkers_arrive(from, to);
}

#endif
