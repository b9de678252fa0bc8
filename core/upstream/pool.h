/* pool.h - this worker's connections to one endpoint: lent, kept while idle, closed when stale. */
#ifndef CORE_UPSTREAM_POOL_H
#define CORE_UPSTREAM_POOL_H

#include "core/net/transport.h"
#include "core/upstream/service.h"

/* A pool lends connections. A lease ends with pool_return(), or with pool_discard() when the connection
 * is no longer fit to be used again. An idle connection holds no buffer, and an event on it, bytes
 * or a FIN, closes it at once. When its endpoint has left, what is idle is closed, leases finish,
 * and the last pin home frees the pool. */
struct pool {
	struct endpoint *ep;		/* ref held */
	struct worker *worker;
	struct list idle;		/* newest first: warm ones are reused, cold ones age out */
	struct list wanting;		/* fibers that wait for a connection: struct pool_want */
	struct timer expiry;		/* when the oldest idle one has idled enough */
	uint32_t idle_count, leased;
	uint32_t pins;			/* picks that name the endpoint */
};

/* One connection to an endpoint. */
struct upstream {
	struct transport transport;
	struct list link;		/* in pool->idle */
	struct pool *pool;
	struct endpoint *ep;
	struct service *svc;		/* ref held: whose limits and times it keeps */
	uint64_t idle_since;		/* monotonic ns */
	uint32_t uses;			/* exchanges that it began; 1: it is new */
	bool counted;			/* holds a permit of the service's connections */
};

/* A connection of the pool, newest first, or a new one: `uses` tells. A request that is not
 * `repeatable` gets a kept one only if it idled for less than a second or a look at the socket finds it
 * alive. `ep` was picked and is still pinned. May wait: for one of the service's `connections`, and
 * for the dial. NONE, CONNECT_REFUSED, CONNECT_TIMEOUT, CONNECT_FAILED, QUEUE_FULL, QUEUE_SLOW,
 * OUT_OF_MEMORY, the reason of an outer deadline, CLIENT_GONE when the fiber was cancelled.
 * The transport's owner is nobody: set it, it is cleared at return. [worker] */
enum reason pool_lease(struct service *svc, struct worker *w, struct endpoint *ep, bool repeatable,
		       struct upstream **out);

/* Only when both messages ended exactly and nothing was left over. [worker] */
void pool_return(struct upstream *up);
/* Closes it; NULL is fine. [worker] */
void pool_discard(struct upstream *up);

/* Was it used before: may a failure be the fault of its age (UPSTREAM_STALE)? */
static inline bool upstream_is_reused(const struct upstream *up)
{
	return up->uses > 1;
}

#endif
