/* trace_counts.h - what became of spans, by tracer, for as long as the process lives. */
#ifndef CORE_TELEMETRY_TRACE_COUNTS_H
#define CORE_TELEMETRY_TRACE_COUNTS_H

#include "core/base/counter.h"
#include "core/telemetry/metrics.h"

/* Why a span was lost. */
#define TRACE_LOSSES(X) \
	X(BUFFER_FULL, "buffer-full")	/* of the worker; of no tracer in particular */ \
	X(QUEUE_FULL, "queue-full")	/* too many wait for this tracer already */ \
	X(UNREACHABLE, "unreachable")	/* tried until patience ended */ \
	X(REFUSED, "refused")		/* understood, and not wanted */ \
	X(REJECTED, "rejected")		/* single ones of a batch that was taken */ \
	X(STOPPED, "stopped")		/* the tracer ended before they were sent */ \
	X(NO_MEMORY, "out-of-memory")

enum trace_loss {
#define X(id, word) LOSS_##id,
	TRACE_LOSSES(X)
#undef X
	LOSS_COUNT
};

struct trace_count {
	char name[65];			/* of the tracer; "": of none */
	struct counter sent, lost[LOSS_COUNT];
	struct gauge waiting;
};

enum { TRACERS_MOST = 16 };

/* Written on control alone; read by whoever prints metrics. `at[0]` is of none in particular. */
struct trace_counts {
	struct collector collector;	/* for metrics_add() */
	_Atomic(uint32_t) count;
	struct trace_count at[TRACERS_MOST];
};

void trace_counts_init(struct trace_counts *c);

/* The one of this name, made when it is new; beyond TRACERS_MOST the last one is shared. [control] */
struct trace_count *trace_count_of(struct trace_counts *c, struct weir_str name);

#endif
