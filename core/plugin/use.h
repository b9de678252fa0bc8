/* use.h - one use of a plugin in the configuration: what a hook call needs, and who is to blame. */
#ifndef CORE_PLUGIN_USE_H
#define CORE_PLUGIN_USE_H

#include <stdatomic.h>
#include <weir/plugin.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/plugin/crew.h"
#include "core/plugin/role.h"

struct kind;
struct use_life;

/* A use on one worker. The counters have one writer, that worker, and may be read on any thread. */
struct use_here {
	void *worker;			/* from worker_open */
	bool open;
	_Atomic uint64_t calls, refused, failed;
	_Atomic uint64_t timed, timed_ns;	/* one call in USE_TIMED is timed, waits included */
} __attribute__((aligned(64)));

enum { USE_TIMED = 32 };

/* Snapshots hold uses; a use whose place and options are unchanged is held by the next one too.
 * Constant from uses_take() on, but for `here`. All vtables are of full size; only that of its
 * role is there. */
struct weir_use {
	const struct kind *kind;
	enum role role;
	const struct weir_policy *policy;
	const struct weir_balancer *balancer;
	const struct weir_discovery *discovery;
	const struct weir_retry *retry;
	const struct weir_tracer *tracer;
	void *self;
	uint32_t exchange_size;		/* zeroed bytes it wants of each exchange */
	uint32_t places;		/* of `here` */
	struct use_here *here;		/* by crew_place() */
	struct weir_str name;		/* `as`, or else the plugin's */
	struct weir_str path;		/* its place as words: "route tariff, policy 2" */
	struct weir_str place;		/* file:line:column */
	struct use_life *life;		/* of uses.c */
};

static inline struct use_here *use_at(const struct weir_use *use, const struct worker *w)
{
	return &use->here[crew_place(use->places, w)];
}

/* What a hook is given. `scratch`: the exchange's bytes of this use, or NULL. [worker, control] */
static inline struct weir_here use_here(const struct weir_use *use, const struct worker *w,
					void *scratch)
{
	return (struct weir_here){ .size = sizeof(struct weir_here), .self = use->self,
				   .worker = use_at(use, w)->worker, .exchange = scratch,
				   .use = use };
}

static inline void use_add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
			      memory_order_relaxed);
}

/* Around each hook of a policy: counts the call, and times some. Gives what use_leave() wants. */
static inline uint64_t use_enter(struct use_here *at)
{
	uint64_t calls = atomic_load_explicit(&at->calls, memory_order_relaxed);

	atomic_store_explicit(&at->calls, calls + 1, memory_order_relaxed);
	return calls % USE_TIMED == 0 ? clock_now() : 0;
}

static inline void use_leave(struct use_here *at, uint64_t entered, enum weir_verdict verdict)
{
	if (unlikely(entered != 0)) {
		use_add(&at->timed, 1);
		use_add(&at->timed_ns, clock_now() - entered);
	}
	if (verdict == WEIR_NEXT)
		return;
	if (verdict == WEIR_REFUSED)
		use_add(&at->refused, 1);
	else if (verdict == WEIR_FAILED)
		use_add(&at->failed, 1);
}

/* The sums over all workers. [any thread] */
struct use_totals {
	uint64_t calls, refused, failed, timed, timed_ns;
};
struct use_totals use_totals(const struct weir_use *use);

/* Endpoints as the plugin that built this balancer knows them: rows of its own size. Gives
 * `rows` itself when the sizes agree, else a copy in the arena; NULL when out of memory. [any
 * thread] */
const struct weir_endpoint *use_endpoints(const struct weir_use *use, struct arena *arena,
					  const struct weir_endpoint *rows, uint32_t count);

/* The other way: the row at `at` of those that a plugin has published. */
struct weir_endpoint endpoint_given(const struct weir_endpoint *rows, size_t row_size, uint32_t at);

#endif
