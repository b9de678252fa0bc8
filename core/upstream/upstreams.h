/* upstreams.h - all services of the process: their rosters, each worker's share, and what people may ask. */
#ifndef CORE_UPSTREAM_UPSTREAMS_H
#define CORE_UPSTREAM_UPSTREAMS_H

#include "core/upstream/service.h"

struct upstreams;

/* Active HTTP checks: GET `path` at the address, in the running fiber's deadlines. Gives the reason;
 * NONE: `*status` is the answer's. Runs on fibers of the control thread. */
typedef enum reason (*upstream_probe)(struct worker *control, const struct address *to,
				      struct weir_str host, struct weir_str path,
				      unsigned *status);

/* `workers` and `control` must live until upstreams_free(). `probe` NULL: connections only. */
struct upstreams *upstreams_new(struct worker *const *workers, uint32_t count,
				struct worker *control, upstream_probe probe,
				struct weir_error *error);
/* When every service is closed and every worker has ended. */
void upstreams_free(struct upstreams *world);

/* Fill and empty the worker's WORKER_UPSTREAM slot, on its own thread; the control thread too. */
bool upstream_worker_open(struct upstreams *world, struct worker *w, struct weir_error *error);
void upstream_worker_close(struct worker *w);

/* Rows for people. Slices live until the visit returns. */
struct endpoint_row {
	struct weir_str address, name;
	uint32_t tier, weight;
	struct endpoint_state health, ejection;
	struct weir_str state;		/* healthy, unhealthy, ejected, trial, unknown, or in: what follows */
	struct weir_str why;		/* one sentence, also when all is well */
	uint64_t since;			/* seconds since 1970 */
	uint64_t ejected_for;		/* ns until its trial; 0 when it is not ejected */
	uint32_t load, failures, latency_us;
	bool used;			/* gets requests at the moment */
};

struct source_row {
	struct weir_str plugin;		/* "endpoints" for those of the configuration */
	uint32_t tier, endpoints;
	uint64_t age;			/* ns since it last said what there is; CLOCK_NEVER: never did */
	struct weir_str failure;	/* what it suffers from now; absent: nothing */
};

enum service_count {
	SERVICE_PICKS, SERVICE_NO_ENDPOINT, SERVICE_PANICS, SERVICE_TRIALS,
	SERVICE_DIALS, SERVICE_DIAL_FAILURES, SERVICE_HITS, SERVICE_STALE, SERVICE_EXPIRED,
	SERVICE_QUEUED, SERVICE_QUEUE_FULL, SERVICE_QUEUE_SLOW,
	SERVICE_FAILURES, SERVICE_EJECTIONS, SERVICE_EJECTIONS_REFUSED,
	SERVICE_COUNTS
};

struct service_row {
	struct weir_str name, balance;
	uint32_t slot;
	uint32_t endpoints, usable, ejected, ejected_most;
	uint32_t requests, connections;	/* under way; counted only where a limit is set */
	uint32_t idle;			/* connections kept, on all workers */
	uint32_t waiting;
	bool panic;
	uint64_t counts[SERVICE_COUNTS];
	const struct source_row *sources;
	uint32_t source_count;
	const struct endpoint_row *rows;
};

/* Calls `visit` for each service in force, in the order of their names. [any thread, does not wait long] */
void upstreams_describe(struct upstreams *world,
			void (*visit)(void *arg, const struct service_row *row), void *arg);

/* False calls `cause` with a short string for each service whose endpoints are not known yet or whose
 * first checks have not come back. [any thread] */
bool upstreams_ready(struct upstreams *world, void (*cause)(void *arg, const char *text), void *arg);

#endif
