/* worker.h - one thread, one loop, and everything that a request needs close at hand. */
#ifndef CORE_FIBER_WORKER_H
#define CORE_FIBER_WORKER_H

#include <pthread.h>

#include "core/base/rng.h"
#include "core/base/slab.h"
#include "core/fiber/loop.h"

/* What upper floors keep per worker; the worker knows the numbers, not what is in them. */
enum worker_slot {
	WORKER_NET,
	WORKER_CODEC,
	WORKER_UPSTREAM,
	WORKER_TELEMETRY,
	WORKER_SCRIPT,
	WORKER_PLUGIN,
	WORKER_PROXY,
	WORKER_SLOTS
};

enum { WORKER_BUFFER = 16384 };	/* bytes of a receive buffer */

/* Workers share nothing on the request path. The control thread has one of these as well. */
struct worker {
	struct loop loop;
	uint32_t index;			/* 0 .. workers-1; UINT32_MAX: the control thread */
	pthread_t thread;
	bool started;
	struct rng rng;
	struct slab chunks;		/* ARENA_CHUNK bytes: exchange arenas */
	struct slab buffers;		/* WORKER_BUFFER bytes: receive buffers */
	void *slots[WORKER_SLOTS];
	struct slab *cooled[8];		/* see worker_cools() */
	uint32_t cooled_count;
	size_t freed;			/* bytes that the heap may give back to the kernel */
	void (*begin)(struct worker *w);	/* runs on the thread before the first turn */
	void (*end)(struct worker *w);		/* and after the last */
	char name[16];			/* of the thread, as ps shows it */
};

bool worker_init(struct worker *w, uint32_t index, const struct fiber_limits *limits,
		 struct weir_error *error);
void worker_fini(struct worker *w);

/* Runs its loop on a new thread. */
bool worker_start(struct worker *w, struct weir_error *error);
void worker_join(struct worker *w);				/* after loop_stop() */
/* Binds the calling thread: for the control thread, which is already there. */
void worker_run_here(struct worker *w);

/* After a peak the slab gives back what it does not need. It lives as long as the worker's loop turns. */
void worker_cools(struct worker *w, struct slab *s);

struct worker *worker_self(void);	/* NULL on other threads */

#endif
