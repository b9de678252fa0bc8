/* tracer.h - the role that hands finished spans on: batches of flat records, off the path of
 * requests. */
#ifndef WEIR_TRACER_H
#define WEIR_TRACER_H

#include <weir/here.h>
#include <weir/wait.h>

enum weir_span_kind {
	WEIR_SPAN_SERVER = 1,	/* a client's request, from its first byte to the last of its answer */
	WEIR_SPAN_CLIENT,	/* a request that a plugin sent to a URL: weir_fetch() */
	WEIR_SPAN_INTERNAL,	/* a request made inside, with its attempts: weir_call(), a mirror */
};

/* One upstream try: a client span below the one it stands in. Times are ns since 1970; 0: it did
 * not come to it. It grows at the end. */
struct weir_span_attempt {
	uint8_t span_id[8];
	uint64_t start_ns;		/* an endpoint was picked */
	uint64_t connected_ns;		/* 0 also on a kept connection */
	uint64_t secured_ns;		/* the TLS handshake was done */
	uint64_t first_byte_ns;		/* the head of the answer was there */
	uint64_t end_ns;		/* of the answer that was used: its last byte; else the failure */
	struct weir_str endpoint;	/* its address */
	struct weir_str reason;		/* absent: its answer was used */
	uint32_t number;		/* from 1 */
	uint16_t status;		/* 0: there was no answer */
	bool reused, secure;		/* on a kept connection; over TLS */
};

/* One call of a policy's hook, with `trace.policies`: a span below the exchange's. It grows at the
 * end. */
struct weir_span_policy {
	uint8_t span_id[8];
	uint64_t start_ns, end_ns;	/* its waits included */
	struct weir_str name;		/* `as`, or the plugin's */
	struct weir_str place;		/* route tariff, policy 2 */
	struct weir_str verdict;	/* next, answered, refused, failed */
	bool response;			/* on_response; else on_request */
};

/* One exchange. It grows at the end. */
struct weir_span {
	size_t size;
	enum weir_span_kind kind;
	bool failed;			/* by the gateway's or the upstream's doing */
	uint8_t trace_id[16], span_id[8], parent_id[8];	/* parent zeros: the trace began here */
	uint8_t flags;			/* of W3C traceparent */
	uint16_t status;		/* sent to the client; 0: nothing was */
	struct weir_str state;		/* tracestate, as received */
	uint64_t start_ns, end_ns;	/* since 1970 */
	struct weir_str method, scheme, host, path, query, protocol;	/* credentials in the query: *** */
	struct weir_str client, identity, user_agent, request_id;
	struct weir_str listener, route, pattern, service, endpoint;	/* pattern: /tariff/{code} */
	struct weir_str reason;		/* absent: the upstream's own answer, whole */
	uint64_t bytes_in, bytes_out;	/* of the bodies */
	size_t attempt_size;		/* the step from one attempt to the next */
	const struct weir_span_attempt *attempts;
	uint32_t attempt_count;		/* those that are kept: the first ones and the last, at most 8 */
	const struct weir_field *values;	/* from weir_log_value() */
	uint32_t value_count;
	uint32_t policy_count;		/* at most 16 */
	size_t policy_size;		/* the step from one to the next */
	const struct weir_span_policy *policies;
};

static inline const struct weir_span_attempt *weir_span_attempt_at(const struct weir_span *span,
								   uint32_t i)
{
	return (const struct weir_span_attempt *)(const void *)
		((const char *)span->attempts + i * span->attempt_size);
}

static inline const struct weir_span_policy *weir_span_policy_at(const struct weir_span *span,
								 uint32_t i)
{
	return (const struct weir_span_policy *)(const void *)
		((const char *)span->policies + i * span->policy_size);
}

/* What one call is to hand on. Lent for the call. */
struct weir_batch {
	size_t size, span_size;		/* span_size: the step from one span to the next */
	const struct weir_span *spans;
	uint32_t count;			/* 1 or more */

	/* Answers, when they are worth saying. */
	uint32_t rejected;		/* spans that the other side did not take, of a batch it took */
	uint64_t retry_after_ns;	/* with WEIR_SEND_LATER: what it asked for; 0: the host decides */
	struct weir_str why;		/* a sentence for the log; lives until the next call */
};

static inline const struct weir_span *weir_batch_span(const struct weir_batch *batch, uint32_t i)
{
	return (const struct weir_span *)(const void *)
		((const char *)batch->spans + i * batch->span_size);
}

enum weir_sent {
	WEIR_SENT,
	WEIR_SEND_LATER,	/* nobody was there, or it was busy: the host asks again, patiently */
	WEIR_SEND_NEVER,	/* it was understood and refused: these spans are dropped */
};

/* Hands a batch on. It runs on a fiber on control of its own, one call at a time for each use, and
 * may wait (with NULL for the exchange) up to the host's patience. A batch that is asked for again
 * is the same one. What cannot be sent is dropped and counted; requests never wait for it. */
struct weir_tracer {
	size_t size;
	enum weir_sent (*send)(const struct weir_here *here, struct weir_batch *batch);
};

#define WEIR_TRACER(...) { .size = sizeof(struct weir_tracer), __VA_ARGS__ }

#endif
