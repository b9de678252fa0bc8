/* pool.h - this worker's connections to one endpoint: lent, kept while idle, closed when stale. */
#ifndef CORE_UPSTREAM_POOL_H
#define CORE_UPSTREAM_POOL_H

#include "core/net/transport.h"
#include "core/upstream/service.h"

struct pool;

/* One connection to an endpoint, lent by this worker's pool of it. A lease ends with pool_return(), or
 * with pool_discard() when the connection is no longer fit to be used again. While it is idle
 * it holds no buffer, and an event on it, bytes or a FIN, closes it at once. */
struct upstream {
	struct transport transport;
	struct endpoint *ep;
	uint32_t uses;			/* exchanges that it began; 1: it is new */
	uint64_t connected, secured;	/* when, monotonic ns; secured 0: no TLS */

	/* The pool's. */
	struct pool *pool;
	uint64_t identity;		/* of the TLS client that made it; 0: plain */
	struct service *svc;		/* while it is lent: whose times it keeps */
	struct gate *gate;		/* whose permit it holds, or NULL */
	struct list link;		/* among the idle of its pool */
	struct list kin;		/* among all idle ones of its roster on this worker */
	uint64_t idle_since;		/* monotonic ns */
};

/* Which kept connections are lent without a look at the socket, which costs a system call. */
enum trust {
	TRUST_ALL,		/* another try may follow: a connection that has died costs little */
	TRUST_YOUNG,		/* those that idled for less than a second */
	TRUST_NONE,		/* one has just turned out to be dead */
};

/* A connection of the pool, newest first, or a new one: `uses` tells. `ep` was picked and is still held
 * by its ask. May wait: for one of the service's `connections`, and for the dial. NONE, CONNECT_REFUSED,
 * CONNECT_TIMEOUT, CONNECT_FAILED, QUEUE_FULL, QUEUE_SLOW, OVERLOADED (no descriptor or port left),
 * OUT_OF_MEMORY, the reason of an outer deadline, CLIENT_GONE when the fiber was cancelled.
 * The transport's owner is nobody: set it; it is cleared at the end of the lease. [worker] */
enum reason pool_lease(struct service *svc, struct worker *w, struct endpoint *ep, enum trust trust,
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
