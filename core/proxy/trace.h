/* trace.h - an exchange's place in a trace: found when it comes, told to each endpoint, kept as a span
 * when it ends. */
#ifndef CORE_PROXY_TRACE_H
#define CORE_PROXY_TRACE_H

#include <weir/policy.h>
#include <weir/tracer.h>

#include "core/http/trace_context.h"

struct exchange;
struct link;

/* In each exchange; zeroed: not traced. */
struct exchange_trace {
	struct trace_context context;	/* as it was asked for or begun; `span` is the asker's, or 0 */
	uint64_t span;			/* the exchange's own id; 0: not traced */
	char *told[TRACE_FORMATS];	/* where an attempt writes its id: in the head that it sends */
	bool sampled;			/* recorded however it ends */
	bool hooks;			/* and so are the hooks of policies */
	struct weir_span_policy *policies;	/* NULL: none yet */
	uint32_t policy_count;
};

/* Without `trace:` all of these return at once. */

/* Continues the client's trace, as far as it is believed, or begins one. Harmless when it has been
 * done. */
void trace_begin(struct exchange *ex);
/* The same for an exchange made inside, below `above` (zeroed: below nothing, and not recorded). */
void trace_begin_inside(struct exchange *ex, const struct trace_context *above);
/* What calls, mirrors and fetches of this exchange continue. */
struct trace_context trace_below(const struct exchange *ex);

/* Sets the headers that the endpoint reads; without `trace:` too, there is a traceparent. */
void trace_tell(struct exchange *ex);
/* An attempt begins: it gets an id, and the endpoint is told that one. */
void trace_attempt(struct exchange *ex);

/* A hook of a policy has run; only when ex->trace.hooks. `began`: the clock before it. */
void trace_hook(struct exchange *ex, const struct link *l, bool response, uint64_t began,
		enum weir_verdict verdict);

/* The record is filled: what is sampled, or has failed, becomes a span. */
void trace_finish(struct exchange *ex);
void trace_finish_inside(struct exchange *ex);

#endif
