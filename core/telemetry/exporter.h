/* exporter.h - one tracer's way out: batches that wait for it, and the fiber that hands them on. */
#ifndef CORE_TELEMETRY_EXPORTER_H
#define CORE_TELEMETRY_EXPORTER_H

#include "core/base/arena.h"
#include "core/base/list.h"
#include "core/fiber/worker.h"
#include "core/plugin/use.h"
#include "core/telemetry/trace_counts.h"

/* Spans that were collected together; shared by all exporters, freed with the last reference. */
struct span_batch {
	uint32_t refs, count, room;
	struct arena arena;		/* what the spans point to */
	struct weir_span spans[];
};

/* NULL: out of memory. [control, as all of this] */
struct span_batch *span_batch_new(uint32_t room);
void span_batch_unref(struct span_batch *b);		/* NULL is fine */

/* Batches are handed on one after the other. One that cannot be is tried again, with growing pauses,
 * until patience ends; what comes meanwhile waits, up to `queue` spans. */
struct exporter {
	struct worker *control;
	struct weir_use *use;		/* held by whoever made the exporter */
	struct trace_count *count;
	struct list queue;		/* struct waiting, oldest first */
	uint32_t waiting;		/* spans in it */
	uint32_t queue_most;
	uint64_t patience;		/* ns */
	struct fiber *fiber;
	uint64_t life;			/* of that fiber */
	bool idle;			/* it waits for a batch */
	bool ending;			/* no further batch comes */
	bool failing;			/* the log has said so */
};

void exporter_init(struct exporter *e, struct worker *control, struct weir_use *use,
		   struct trace_count *count);
/* False: no fiber can be had; every batch will be dropped. */
bool exporter_start(struct exporter *e);

/* Shares the batch; drops and counts it when too many wait. */
void exporter_give(struct exporter *e, struct span_batch *b);

/* No further batch comes: what waits is handed on until `until`, then dropped. Waits; the exporter
 * is over then. False: the plugin does not come back from its hook, and the exporter must stay. */
bool exporter_end(struct exporter *e, uint64_t until);

#endif
