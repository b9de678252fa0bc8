/* tracing.h - spans from the workers to the tracers: a ring for each worker, a fiber on control that
 * collects, an exporter for each tracer. A request never waits for any of it. */
#ifndef CORE_TELEMETRY_TRACING_H
#define CORE_TELEMETRY_TRACING_H

#include "core/base/ring.h"
#include "core/fiber/loop.h"
#include "core/http/trace_context.h"
#include "core/telemetry/span.h"
#include "core/telemetry/trace_counts.h"

struct weir_use;
struct worker;

enum trace_parent { PARENT_FOLLOW, PARENT_TRUSTED, PARENT_IGNORE };

struct trace_rules {
	uint64_t sample;		/* of 2^56: traces whose random bits are below it; 0: none */
	bool failures;			/* in any case */
	bool policies;			/* their hooks are spans, too */
	bool exports;			/* somebody takes them */
	enum trace_parent parent;
	enum trace_format order[TRACE_FORMATS];	/* in which a context is looked for */
	enum trace_format write[TRACE_FORMATS];
	uint8_t writes;
};

/* A worker's end: the rules, and its ring. Immutable but for the ring. */
struct tracing_here {
	struct trace_rules rules;
	struct ring ring;
	struct tracing *tracing;
	struct letter bell;		/* "come sooner" */
	atomic_bool rung;
} __attribute__((aligned(64)));

/* Is a trace of this id recorded, when nobody has decided yet? The same for all who ask about it. */
static inline bool trace_samples(const struct trace_rules *rules, uint64_t low)
{
	return (low & ((1ull << 56) - 1)) >= (1ull << 56) - rules->sample;
}

/* Copies it into the ring; when that is full, counts it as lost. Neither waits nor allocates.
 * [worker] */
void tracing_keep(struct tracing_here *here, const struct weir_span *span);

/* --- [control] -------------------------------------------------------------------------------- */

struct tracing_settings {
	struct trace_rules rules;
	struct worker *control;
	uint32_t workers;
	struct weir_use **uses;		/* of role tracer, open; held until the end */
	uint32_t use_count;
	struct trace_counts *counts;
	size_t buffer;			/* bytes of each ring */
	uint32_t batch, queue;		/* spans */
	uint64_t every, patience, flush;	/* ns */
};

/* NULL with a sentence. */
struct tracing *tracing_new(const struct tracing_settings *settings, struct weir_error *error);
/* Before any worker has its end. Without a fiber to be had it says so, and drops all. */
void tracing_start(struct tracing *t);
/* Lends a worker's end. */
struct tracing_here *tracing_here(struct tracing *t, uint32_t worker);

/* No worker writes any more: what is there is handed on, for as long as `flush` says; then it is
 * freed. Waits. NULL is fine. */
void tracing_end(struct tracing *t);
/* One that was never started. NULL is fine. */
void tracing_free(struct tracing *t);

#endif
