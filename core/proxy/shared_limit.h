/* shared_limit.h - a number that all workers count together: requests at work, connections. */
#ifndef CORE_PROXY_SHARED_LIMIT_H
#define CORE_PROXY_SHARED_LIMIT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One word on a cache line of its own. Those of listeners are referenced by what they count, which may
 * outlive the listener. Any thread. */
struct shared_limit {
	_Alignas(64) _Atomic uint32_t now;
	_Atomic uint32_t most;		/* UINT32_MAX: no limit */
	_Atomic uint32_t refs;
};

struct shared_limit *shared_limit_new(void);		/* without a limit; NULL: out of memory */
void shared_limit_unref(struct shared_limit *l);	/* NULL is fine */

/* Workers that ask at the same moment may each get a yes. NULL has room. */
static inline bool shared_limit_has_room(const struct shared_limit *l)
{
	return l == NULL || atomic_load_explicit(&l->now, memory_order_relaxed) <
				    atomic_load_explicit(&l->most, memory_order_relaxed);
}

/* Counts one; false when that is one too many (it is counted nevertheless). */
static inline bool shared_limit_enter(struct shared_limit *l)
{
	return atomic_fetch_add_explicit(&l->now, 1, memory_order_relaxed) <
	       atomic_load_explicit(&l->most, memory_order_relaxed);
}

static inline void shared_limit_leave(struct shared_limit *l)
{
	atomic_fetch_sub_explicit(&l->now, 1, memory_order_relaxed);
}

#endif
