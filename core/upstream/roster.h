/* roster.h - all that is known under one service's name; survives reloads. For the files of this floor. */
#ifndef CORE_UPSTREAM_ROSTER_H
#define CORE_UPSTREAM_ROSTER_H

#include <pthread.h>

#include "core/base/slots.h"
#include "core/fiber/wait.h"
#include "core/upstream/counts.h"
#include "core/upstream/upstreams.h"

/* What one worker has counted; it alone writes, anybody may read. */
struct tally {
	_Alignas(64) _Atomic uint64_t counts[SERVICE_COUNTS];
	_Atomic uint32_t idle;		/* connections kept */
};

/* Made with the first service of its name; kept until no snapshot has one and the last endpoint is
 * forgotten. The control thread's, but for what is atomic and for readers under the world's lock. */
struct roster {
	struct list link;		/* in world->rosters */
	struct upstreams *world;
	struct weir_str name;
	uint32_t slot;			/* of its name; another's when it is gone */
	uint32_t endpoint_count;
	uint32_t service_count;		/* not yet freed */
	struct list endpoints;		/* a reference to each */
	struct list services;		/* those that are open, oldest first */
	struct list watches;		/* those that some of them use */
	struct service *live;		/* the one in force, or NULL */
	uint64_t last_set;		/* the highest number given */
	uint32_t last_mark;
	uint32_t quiet;			/* sweeps for which nobody has had a use for it */
	struct gate *requests, *connections;	/* made when a limit is first set */
	struct tally *tallies;		/* by place */
	struct shed *sheds;		/* by place; with `connections` */
	uint32_t asking;		/* checks whose question is out */
	struct wait_queue ends;		/* woken when a set, a publication or a question has ended */

	_Alignas(64) _Atomic uint32_t version;	/* grows whenever an endpoint's state moves */
	_Atomic uint32_t members;	/* endpoints of the live set */
	_Atomic uint32_t ejected;	/* of them */
	_Atomic uint32_t ejected_most;	/* what `at_most` allows */
};

/* The process's. */
struct upstreams {
	struct worker *control;
	struct loop **loops;		/* by place: the workers', then control's */
	struct worker **workers;	/* likewise */
	bool *open;			/* likewise: between worker_open and worker_close */
	uint32_t places;
	_Atomic bool was_ready;		/* once; what comes later does not take that back */
	bool ended;			/* nobody opens letters any more */
	pthread_mutex_t lock;		/* held by control to change lists and texts, by others to read */
	struct list rosters;
	struct list services;		/* not yet freed */
	struct timer sweep;
	struct wait_queue lookups;	/* who would look a name up, when so many do already */
	uint32_t looking_up;
	uint32_t *free_slots;		/* endpoints' numbers that came back */
	uint32_t free_count, free_room, next_slot;
	struct slots names;		/* of rosters */
};

/* The roster of this name, made when there is none; NULL: out of memory. [control] */
struct roster *roster_of(struct upstreams *world, struct weir_str name);
void roster_free(struct roster *r);

/* Finds or makes each of the listing, and gives a reference. With `named`, for TLS, another name makes
 * another endpoint. False: out of memory, and none was given. [control] */
struct listing;
bool roster_endpoints(struct roster *r, const struct listing *listing, bool named,
		      struct endpoint **out);

/* After a set or the live service has changed: counts members, and sets what follows from them: the
 * ejections that are allowed, who is gone, who is checked. [control] */
void roster_settle(struct roster *r);
/* Forgets endpoints that nobody holds and left long ago; at shutdown, whatever the time. */
void roster_forget(struct roster *r, uint64_t now, bool all);

static inline void roster_touch(struct roster *r)
{
	atomic_fetch_add_explicit(&r->version, 1, memory_order_release);
}

void upstreams_sweep_soon(struct upstreams *world);

static inline void tally_add(struct roster *r, uint32_t place, enum service_count what, uint64_t n)
{
	_Atomic uint64_t *at = &r->tallies[place].counts[what];

	atomic_store_explicit(at, atomic_load_explicit(at, memory_order_relaxed) + n,
			      memory_order_relaxed);
}

static inline struct worker *worker_of_place(const struct upstreams *world, uint32_t place)
{
	return world->workers[place];
}

/* What one worker has of this floor; behind its WORKER_UPSTREAM slot. */
struct upstream_here {
	struct upstreams *world;
	struct worker *worker;
	uint32_t place;
	uint32_t pool_room;
	struct pool **pools;		/* by the endpoint's slot */
	struct slab pool_slab, upstream_slab;
	uint64_t complain_at;		/* when a TLS failure may be logged again */
};

static inline struct upstream_here *upstream_here_of(const struct worker *w)
{
	return w->slots[WORKER_UPSTREAM];
}

/* What one worker has of one service. */
struct service_here {
	_Alignas(64) struct endpoint_set *set;	/* what it reads; NULL: none has come */
	struct set_view *view;			/* of that set */
	uint32_t place;
	struct service *svc;
	_Atomic(struct endpoint_set *) next;	/* the newest that was sent, until it is taken */
	struct letter letter;
	atomic_bool under_way;			/* the letter: a pick may take before it is opened */
};

static inline struct service_here *service_here_of(struct service *svc, const struct worker *w)
{
	return &svc->here[upstream_here_of(w)->place];
}

/* Takes what was sent. [its worker] */
void service_here_take(struct service_here *here);

#endif
