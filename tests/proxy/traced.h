/* traced.h - a lone exchange whose spans are kept in a ring, where a test can look at them. */
#ifndef TESTS_PROXY_TRACED_H
#define TESTS_PROXY_TRACED_H

#include "core/telemetry/tracing.h"
#include "tests/proxy/lone.h"

struct traced {
	struct tracing_here here;
	struct arena arena;		/* of the spans that were looked at */
};

/* Every trace is recorded and told as W3C, until a test says otherwise. */
static inline struct trace_rules *traced_begins(struct lone *l, struct traced *t)
{
	memset(t, 0, sizeof(*t));
	assert_true(ring_init(&t->here.ring, 1 << 16));
	arena_init(&t->arena, NULL, 1 << 20);
	t->here.rules = (struct trace_rules){
		.sample = 1ull << 56, .exports = true, .parent = PARENT_FOLLOW,
		.order = { TRACE_W3C, TRACE_B3, TRACE_B3_MULTI, TRACE_JAEGER },
		.write = { TRACE_W3C }, .writes = 1,
	};
	l->px.tracing = &t->here;
	l->ex.record.start = l->w.loop.now;
	l->ex.record.wall = l->w.loop.wall;
	return &t->here.rules;
}

static inline void traced_ends(struct traced *t)
{
	ring_fini(&t->here.ring);
	arena_reset(&t->arena);
}

/* Takes the oldest span that was kept. False: there is none. */
static inline bool traced_span(struct traced *t, struct weir_span *span)
{
	struct weir_str line;

	if (!ring_peek(&t->here.ring, &line))
		return false;
	assert_true(span_unpack(line, &t->arena, span));
	ring_drop(&t->here.ring);
	return true;
}

static inline uint64_t traced_id(const uint8_t *bytes)
{
	uint64_t id = 0;

	for (int i = 0; i < 8; i++)
		id = id << 8 | bytes[i];
	return id;
}

#endif
