/* pools.h - one worker's pools, as the other files of this floor see them. */
#ifndef CORE_UPSTREAM_POOLS_H
#define CORE_UPSTREAM_POOLS_H

#include "core/net/tls_client.h"
#include "core/upstream/pool.h"
#include "core/upstream/roster.h"

/* Made when this worker first picks the endpoint. When that has left its service, what is idle is
 * closed, leases finish, and the last pin home frees the pool. */
struct pool {
	struct endpoint *ep;		/* ref held */
	struct upstream_here *here;
	struct list idle;		/* newest first: warm ones are reused, cold ones age out */
	struct list wanting;		/* struct want: fibers that wait for a connection, oldest first */
	struct timer expiry;		/* when the oldest idle one has idled enough */
	uint64_t keepalive;		/* how long that is, ns */
	struct tls_memory memory;	/* of the last TLS connection, for the next */
	uint32_t idle_count, leased, wanting_count;
	uint32_t handed;		/* connections that went from lease to lease */
	uint32_t pins;			/* asks that name the endpoint */
};

/* The pool of it on this worker, which stays until the pin is taken off. NULL: out of memory. */
struct pool *pool_pin(struct worker *w, struct endpoint *ep);
void pool_unpin(struct worker *w, struct endpoint *ep);

/* The endpoint has left: closes what is idle, frees the pool if nobody needs it. No pool: nothing. */
void pool_retire(struct upstream_here *here, struct endpoint *ep);

/* The worker ends: closes it, used or not. NULL is fine. */
void pool_end(struct pool *pool);

/* Dials, within the service's connect time. Takes a permit's `gate` (may be NULL): gives it back when it
 * fails. */
enum reason pool_dial(struct service *svc, struct pool *pool, struct gate *gate,
		      struct upstream **out);
/* Closes an idle one for somebody's sake. */
void pool_drop_idle(struct upstream *up);
/* Ends a connection that is in no list. */
void pool_close(struct upstream *up);

/* The limit of connections ------------------------------------------------------- */

/* One worker's idle connections of a roster, and a letter that asks to close one of them because
 * somebody elsewhere waits for a permit. */
struct shed {
	_Alignas(64) struct list idle;	/* struct upstream by `kin`, newest first; this worker's own */
	_Atomic bool asked;
	struct letter letter;
	struct roster *roster;
};

/* Waits until the roster allows one more connection, or one of this pool comes home: then *handed is
 * it. */
enum reason pool_enter(struct service *svc, struct pool *pool, struct upstream **handed);
/* A connection came home: true when somebody took it, or it was closed for somebody's sake. */
bool pool_hand_over(struct pool *pool, struct upstream *up);
/* It begins, or ceases, to be idle. */
void pool_note_idle(struct upstream *up);
void pool_note_taken(struct upstream *up);

bool sheds_new(struct roster *r);

#endif
