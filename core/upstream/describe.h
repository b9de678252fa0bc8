/* describe.h - services and their endpoints as people and metrics see them. */
#ifndef CORE_UPSTREAM_DESCRIBE_H
#define CORE_UPSTREAM_DESCRIBE_H

#include "core/upstream/counts.h"
#include "core/upstream/upstreams.h"

struct slots;

/* All slices and rows live until the visit returns. */
struct endpoint_row {
	struct weir_str address;
	struct weir_str name;		/* the host name it was found by, or absent */
	struct weir_str id, zone;	/* as its source told, or absent */
	uint32_t tier;			/* the first is 0 */
	uint32_t weight;
	struct endpoint_state health, ejection;
	struct weir_str state;		/* healthy unhealthy unknown unchecked, or ejected trial */
	struct weir_str why;		/* one sentence, also when all is well */
	uint64_t since;			/* of the state; seconds since 1970 */
	uint64_t ejected_for;		/* ns until its trial; 0: it is not ejected */
	uint32_t load;			/* attempts under way */
	uint32_t failures;		/* in a row */
	uint32_t latency_us;		/* a slow average to the head; 0: none yet */
	bool warming;			/* in slow start */
	bool used;			/* gets requests at the moment */
};

struct source_row {
	struct weir_str plugin;		/* "endpoints" for those of the configuration */
	uint32_t tier, endpoints;
	uint64_t age;			/* ns since it last said what there is; 0: it cannot age;
					 * CLOCK_NEVER: it has not said anything yet */
	struct weir_str failure;	/* what it suffers from now; absent: nothing */
};

struct service_row {
	struct weir_str name;
	struct weir_str balance;	/* the plugin; absent: plain rotation */
	uint32_t slot;
	uint32_t tier;			/* that is used; tier_count: none can be */
	uint32_t tier_count;
	uint32_t usable;		/* endpoints of it */
	uint32_t ejected, ejected_most;
	uint32_t requests, connections;	/* under way; counted only where a limit is set */
	uint32_t requests_most, connections_most;	/* NO_LIMIT: none */
	uint32_t waiting;		/* in both queues */
	uint32_t idle;			/* connections kept, on all workers */
	bool panic;			/* every endpoint is ejected: ejections are ignored */
	uint64_t counts[SERVICE_COUNTS];
	const struct source_row *sources;
	uint32_t source_count;
	const struct endpoint_row *endpoints;
	uint32_t endpoint_count;
};

/* Calls `visit` for each service in force, in the order of their names, with a lock held: it must not
 * call back into this floor. False: out of memory. [any thread, does not wait long] */
bool upstreams_describe(struct upstreams *world,
			void (*visit)(void *arg, const struct service_row *row), void *arg);

/* False calls `cause` with a short sentence for each service in force whose endpoints are not known
 * yet or whose first checks have not come back. Once true it stays so: a service that a reload brings
 * does not take the gateway out of service. [any thread, likewise] */
bool upstreams_ready(struct upstreams *world, void (*cause)(void *arg, const char *text), void *arg);

/* The names behind services' numbers: see there who may do what. */
struct slots *upstreams_names(struct upstreams *world);

#endif
