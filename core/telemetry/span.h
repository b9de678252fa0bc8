/* span.h - a finished exchange as a span: made from its record, packed for the way to another
 * thread, and unpacked there. */
#ifndef CORE_TELEMETRY_SPAN_H
#define CORE_TELEMETRY_SPAN_H

#include <weir/tracer.h>

#include "core/base/arena.h"
#include "core/telemetry/record.h"

/* What the record does not say. */
struct span_origin {
	enum weir_span_kind kind;
	uint64_t high, low;		/* the trace's id */
	uint64_t span, parent;		/* its own id, and the asker's (0: none) */
	uint8_t flags;
	struct weir_str state, pattern;
	const struct weir_span_policy *policies;
	uint32_t policy_count;
};

/* Room for what a span points to, on the stack of whoever makes one. */
struct span_room {
	struct weir_span_attempt attempts[RECORD_ATTEMPTS];
	struct weir_field values[RECORD_EXTRAS];
	char query[4096];
};

/* Did it fail by the gateway's or the upstream's doing? A refusal, a 404 and a client that went
 * away are no failures. */
bool record_failed(const struct record *r);

/* Everything in the span is lent by the record, the origin and the room. Long texts are cut,
 * credentials in the query masked. */
struct weir_span span_of(const struct record *r, const struct span_origin *o,
			 struct span_room *room);

/* A span as bytes that can be moved: no pointers. */
size_t span_packed_size(const struct weir_span *s);
void span_pack(const struct weir_span *s, char *at);
/* False: out of memory. What the span points to lies in the arena. */
bool span_unpack(struct weir_str packed, struct arena *arena, struct weir_span *out);

#endif
