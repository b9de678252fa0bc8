/* tracer.h - the role that hands finished traces on: each exchange as a flat record. */
#ifndef WEIR_TRACER_H
#define WEIR_TRACER_H

#include <weir/here.h>
#include <weir/wait.h>

/* One upstream try: a client span. */
struct weir_span_attempt {
	uint8_t span_id[8];
	uint64_t start_ns, end_ns;	/* since 1970; end: the head of the answer, or the failure */
	struct weir_str endpoint;	/* its address */
	struct weir_str reason;		/* absent: its answer was used */
	uint16_t status;		/* 0: there was no answer */
	bool reused;			/* on a kept connection */
};

/* One exchange: a server span. Lent for the call; it grows at the end. */
struct weir_span {
	size_t size;
	uint8_t trace_id[16], span_id[8], parent_id[8];	/* parent zeros: the trace began here */
	uint8_t flags;			/* of W3C traceparent */
	struct weir_str state;		/* tracestate, as received */
	uint64_t start_ns, end_ns;	/* since 1970 */
	struct weir_str method, scheme, host, path, query, protocol;
	struct weir_str client, user_agent, request_id;
	struct weir_str listener, route, service, endpoint;
	uint16_t status;
	struct weir_str reason;		/* absent: the upstream's own answer, whole */
	uint64_t bytes_in, bytes_out;
	size_t attempt_size;		/* the step from one attempt to the next */
	const struct weir_span_attempt *attempts;
	uint32_t attempt_count;		/* those that are kept: at most 8 */
	const struct weir_field *values;	/* from weir_log_value() */
	uint32_t value_count;
};

static inline const struct weir_span_attempt *weir_span_attempt_at(const struct weir_span *span,
								   uint32_t i)
{
	return (const struct weir_span_attempt *)(const void *)
		((const char *)span->attempts + i * span->attempt_size);
}

/* `finished` runs once for each sampled exchange, on its worker, after the client has its
 * answer: copy what you keep, and send it from `background`. It may wait, but the exchange's
 * memory waits with it. */
struct weir_tracer {
	size_t size;
	void (*finished)(const struct weir_here *here, struct weir_exchange *ex,
			 const struct weir_span *span);
};

#define WEIR_TRACER(...) { .size = sizeof(struct weir_tracer), __VA_ARGS__ }

#endif
