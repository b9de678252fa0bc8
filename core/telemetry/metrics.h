/* metrics.h - all that is measured, as text for Prometheus: sums over workers, and what others
 * add. */
#ifndef CORE_TELEMETRY_METRICS_H
#define CORE_TELEMETRY_METRICS_H

#include <weir/error.h>

#include "core/telemetry/exposition.h"
#include "core/telemetry/stats.h"

/* Reading disturbs no worker: it loads their counters and nothing else. The number of series is
 * bounded: no label comes from a request, and routes and services beyond `series` go together under
 * the name "(other)". */
struct metrics;

/* Who knows what the slot numbers stand for. May be called on any thread. */
struct metrics_names {
	/* Absent when it stands for nothing any more. */
	struct weir_str (*name)(void *arg, uint32_t number, char *at, size_t room);
	uint32_t (*count)(void *arg);	/* numbers are below it */
	void *arg;
};

/* Those of a struct slots. */
struct metrics_names metrics_names_of(struct slots *s);

struct metrics_setup {
	uint32_t workers;
	struct metrics_names listeners, routes, services;
	uint32_t series;		/* routes and services named one by one; 0: 1000 */
	const char *version;		/* lives as long as the process */
};

/* NULL: out of memory. */
struct metrics *metrics_new(const struct metrics_setup *setup, struct weir_error *error);
void metrics_free(struct metrics *m);	/* no worker counts any more */

/* Lends the worker's own. For WORKER_TELEMETRY. */
struct stats *metrics_stats(struct metrics *m, uint32_t worker);

/* A configuration came into force, or was refused. [control] */
void metrics_reloaded(struct metrics *m, bool accepted);

/* Adds families of its own: `collect` begins them one by one and writes their samples. It runs on
 * the thread of the reader, one reader at a time, and waits for nobody. */
struct collector {
	void (*collect)(void *arg, struct exposition *e);
	void *arg;
	struct collector *next;
};

/* Lends the collector until it is removed; after that it does not run. Any thread but in a
 * collector. */
void metrics_add(struct metrics *m, struct collector *c);
void metrics_remove(struct metrics *m, struct collector *c);

/* Adds the whole text. False when the buffer is full. Any thread. */
bool metrics_print(struct metrics *m, struct buffer *out);

/* What metrics_print() asks for the process itself, and for stores and plugins. */
void process_collect(struct exposition *e);
void named_collect(struct exposition *e);

#endif
