/* trace_context.h - where a request stands in a trace, as four families of headers say it: W3C
 * traceparent, B3 in one header and in several, Jaeger's uber-trace-id. */
#ifndef CORE_HTTP_TRACE_CONTEXT_H
#define CORE_HTTP_TRACE_CONTEXT_H

#include "core/http/header.h"

enum trace_format { TRACE_W3C, TRACE_B3, TRACE_B3_MULTI, TRACE_JAEGER, TRACE_FORMATS };

/* Whether the trace is recorded: what the caller has decided, if it has. */
enum trace_decision { TRACE_UNDECIDED, TRACE_DROPPED, TRACE_SAMPLED };

struct trace_context {
	uint64_t high, low;		/* the trace's id; both 0: there is none */
	uint64_t span;			/* the id of the caller's span */
	enum trace_decision decision;
	bool debug;			/* B3 and Jaeger: recorded whatever anyone thinks */
	uint8_t flags;			/* of W3C, but for `sampled`: passed on */
	enum trace_format format;	/* in which a head says it */
};

static inline bool trace_known(const struct trace_context *c)
{
	return (c->high | c->low) != 0;
}

/* --- Values: pure. Each gives false, and an empty context, for what is not valid. ------------- */

bool trace_read_w3c(struct weir_str traceparent, struct trace_context *out);
/* "ID-SPAN", "ID-SPAN-1", "ID-SPAN-1-PARENT", or a decision alone (then no id is known). */
bool trace_read_b3(struct weir_str b3, struct trace_context *out);
/* `sampled` and `flags` may be absent, and so may all but one of them. */
bool trace_read_b3_multi(struct weir_str trace, struct weir_str span, struct weir_str sampled,
			 struct weir_str flags, struct trace_context *out);
/* "ID:SPAN:PARENT:FLAGS", the colons as they are or as %3A. */
bool trace_read_jaeger(struct weir_str value, struct trace_context *out);

/* Writes the header's value (for B3_MULTI: of x-b3-traceid) and gives its end. Nothing is decided:
 * counts as dropped. TRACE_TEXT bytes are enough; no NUL. */
enum { TRACE_TEXT = 64 };
char *trace_write(enum trace_format format, const struct trace_context *c, char *at);
/* Where the 16 letters of the span's id stand in it; 0: not in it. */
size_t trace_span_at(enum trace_format format);

/* 16 lower-case letters; gives the end. */
char *trace_put_id(char *at, uint64_t id);

/* --- Heads. ----------------------------------------------------------------------------------- */

/* What the head says: the first of `order` that is there and valid; a decision without ids is kept
 * while another is looked for. False: nothing. A traceparent that stands there twice counts as
 * none. */
bool trace_headers_read(const struct headers *h, const enum trace_format order[TRACE_FORMATS],
			struct trace_context *out);

/* All of them go, so that none contradicts what is set after it; tracestate too, unless
 * `keep_state`. */
void trace_headers_strip(struct headers *h, bool keep_state);

/* Sets the header or headers of a format; all texts lie in the arena of `h`. Gives the place of the
 * 16 letters of the span's id, for the next attempt to write its own there; NULL: no memory. */
char *trace_headers_set(struct headers *h, enum trace_format format, const struct trace_context *c);

#endif
