/* model.h - a span as OpenTelemetry's conventions for HTTP name its parts; for whatever format it is
 * written in. */
#ifndef PLUGINS_SPANS_MODEL_H
#define PLUGINS_SPANS_MODEL_H

#include <weir/tracer.h>

enum model_kind { MODEL_INTERNAL = 1, MODEL_SERVER, MODEL_CLIENT };	/* as OTLP numbers them */

struct model_attribute {
	struct weir_str key, text;
	int64_t number;
	enum { ATTRIBUTE_TEXT, ATTRIBUTE_NUMBER, ATTRIBUTE_BOOLEAN } type;
};

struct model_event {
	const char *name;
	uint64_t at_ns;
};

enum { MODEL_ATTRIBUTES = 48, MODEL_EVENTS = 4, MODEL_ROOM = 16384 };

/* Everything is lent by the span it was made from, or lies in `room`. */
struct model_span {
	enum model_kind kind;
	const uint8_t *trace_id, *span_id, *parent_id;	/* parent NULL: none */
	bool remote_parent;
	uint8_t flags;
	struct weir_str state, name;
	struct weir_str peer;			/* CLIENT: who was asked; absent else */
	uint64_t start_ns, end_ns;
	bool error;
	struct weir_str message;
	unsigned attribute_count, event_count;
	size_t used;				/* of `room` */
	struct model_attribute attributes[MODEL_ATTRIBUTES];	/* from here on: only what is counted */
	struct model_event events[MODEL_EVENTS];
	char room[MODEL_ROOM];
};

/* The exchange itself, and one of its attempts below it. */
void model_of_span(const struct weir_span *s, struct model_span *out);
void model_of_attempt(const struct weir_span *s, uint32_t i, struct model_span *out);

/* One call of a policy's hook below it. */
void model_of_policy(const struct weir_span *s, uint32_t i, struct model_span *out);
/* All of them in turn, the exchange first: how many there are, and the n-th. */
uint32_t model_count(const struct weir_span *s);
void model_at(const struct weir_span *s, uint32_t n, struct model_span *out);

/* "10.0.0.1:80", "[::1]:80", "unix:/x" taken apart; port 0: none. */
struct weir_str model_address(struct weir_str endpoint, uint16_t *port);

#endif
