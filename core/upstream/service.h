/* service.h - a name that callers use: where its endpoints come from and how they are treated. */
#ifndef CORE_UPSTREAM_SERVICE_H
#define CORE_UPSTREAM_SERVICE_H

#include "core/upstream/gate.h"
#include "core/upstream/set.h"

struct tls_client;
struct upstreams;
struct weir_use;

#define NO_LIMIT UINT32_MAX
#define NOT_KEPT 1ull

struct service_endpoint {
	struct address address;		/* a host name is resolved, again and again, on the control thread */
	uint32_t weight;		/* 0: 1 */
};

/* The next tier is used when the one before has no endpoint that may be used. */
struct service_tier {
	struct weir_use *discover;		/* of the role `discovery`; NULL: `endpoints` */
	const struct service_endpoint *endpoints;
	uint32_t endpoint_count;
};

/* All times in ns. Zero takes the default in brackets; CLOCK_NEVER and NO_LIMIT are none. */
struct service_settings {
	struct {
		uint32_t connections, requests;	/* of the service at once, on all workers [none] */
		uint32_t queue;			/* requests that wait for one of them [0: nobody waits] */
	} limits;
	struct {
		uint64_t connect;		/* [1s] */
		uint64_t first_byte;		/* [none] for the forwarder, not used here */
		uint64_t between_bytes;		/* [30s] likewise */
		uint64_t keepalive;		/* an idle connection is kept so long [55s], or NOT_KEPT */
		uint64_t queue;			/* [that of connect] */
	} timeouts;
	struct {
		uint32_t after;			/* failures in a row [5]; NO_LIMIT: never eject */
		uint64_t span;			/* `for` [30s], doubled at each repetition, at most ten times it */
		double at_most;			/* share of the endpoints [0.5]; negative: none at all */
	} eject;
	uint64_t slow_start;			/* [0: at full weight at once] */
	struct tls_client *tls;			/* [plain] each copy of the settings has a reference */
	struct {
		struct weir_str path;		/* absent: no HTTP, a connection is enough */
		struct weir_str host;		/* absent: the endpoint's address */
		bool on;
		uint64_t interval, timeout;	/* [5s, 1s] */
		uint32_t unhealthy, healthy;	/* checks in a row [3, 2] */
	} health;
};

/* What the configuration says; service_new() copies all of it but the uses, which it borrows: they
 * stay open until service_close() has returned. */
struct service_spec {
	struct weir_str name;
	const struct service_tier *tiers;
	uint32_t tier_count;
	struct weir_use *balance;			/* of the role `balancer`; NULL: plain rotation */
	struct service_settings settings;
};

/* One service of one snapshot. What is learnt lives in its roster, which every snapshot's service of
 * this name shares: endpoints, ejections, counts of requests and connections, discovery that goes on
 * because its use was carried over. */
struct service {
	struct weir_str name;
	uint32_t slot;			/* dense; the same for this name as long as the process runs */
	uint32_t tier_count;
	struct service_settings settings;	/* the defaults filled in */
	struct weir_use *balance;	/* or NULL */
	struct roster *roster;
	struct upstreams *world;
	struct gate *requests, *connections;	/* the roster's; NULL: no limit */
	struct service_here *here;	/* by the worker's place */
	_Atomic uint32_t refs;

	/* The control thread's alone. */
	struct list in_roster, in_world;
	struct service_source *sources;	/* by tier */
	struct endpoint_set *newest;	/* that was sent; NULL when all have sent it home */
	uint32_t sets;			/* not yet freed */
	bool open, closing, over, publishing, dirty;
	struct letter letter;		/* home, to be freed */
};

/* Checks and copies; changes nothing else. service_unref() is its end when it was never opened.
 * [control, or a helper thread that control waits for] */
struct service *service_new(struct upstreams *world, const struct service_spec *spec,
			    struct weir_error *error);

/* Joins the roster of its name, begins discovery (or goes on with that of the snapshot before), and
 * gives every worker the endpoints known so far. Before a snapshot with it is shown to a worker.
 * On a fiber it waits for the balancer's tables; else it builds them itself. [control] */
bool service_open(struct service *svc, struct weir_error *error);

/* True when every source has given a first set, or has failed. [control] */
bool service_is_known(const struct service *svc);
/* Waits for that; false when the deadline of the running fiber came first. [control, a fiber] */
bool service_wait_known(struct service *svc);

/* Its settings rule the roster from here on: checks, ejection's cap, limits. [control] */
void service_commit(struct service *svc);

/* Ends what only this one used, and waits until every worker that has not ended has let go of its sets:
 * after that the uses may be closed. When no request can come to it any more. [a fiber of control; or,
 * when the loops of all workers and of control have ended, outside of fibers] */
void service_close(struct service *svc);
struct service *service_ref(struct service *svc);
void service_unref(struct service *svc);	/* freed by the control thread; NULL is fine */

#endif
