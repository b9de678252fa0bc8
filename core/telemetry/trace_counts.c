/* trace_counts.c - what became of spans, as metrics. */
#include "core/telemetry/trace_counts.h"

static const struct weir_str loss_words[LOSS_COUNT] = {
#define X(id, word) [LOSS_##id] = { word, sizeof(word) - 1 },
	TRACE_LOSSES(X)
#undef X
};

static uint32_t count_of(struct trace_counts *c)
{
	return atomic_load_explicit(&c->count, memory_order_acquire);
}

static void print_sent(struct trace_counts *c, struct exposition *e)
{
	exposition_begin(e, &families[FAMILY_SPANS_SENT]);
	for (uint32_t i = 1; i < count_of(c); i++) {
		struct label label = { "tracer", str_from(c->at[i].name) };

		exposition_u64(e, &label, 1, counter_read(&c->at[i].sent));
	}
}

static void print_waiting(struct trace_counts *c, struct exposition *e)
{
	exposition_begin(e, &families[FAMILY_SPANS_WAITING]);
	for (uint32_t i = 1; i < count_of(c); i++) {
		struct label label = { "tracer", str_from(c->at[i].name) };

		exposition_i64(e, &label, 1, gauge_read(&c->at[i].waiting));
	}
}

static void print_lost(struct trace_counts *c, struct exposition *e)
{
	exposition_begin(e, &families[FAMILY_SPANS_LOST]);
	for (uint32_t i = 0; i < count_of(c); i++)
		for (int loss = 0; loss < LOSS_COUNT; loss++) {
			struct label labels[] = { { "tracer", str_from(c->at[i].name) },
						  { "reason", loss_words[loss] } };

			if ((i == 0) == (loss == LOSS_BUFFER_FULL))
				exposition_u64(e, labels, 2, counter_read(&c->at[i].lost[loss]));
		}
}

static void collect(void *arg, struct exposition *e)
{
	struct trace_counts *c = arg;

	print_sent(c, e);
	print_waiting(c, e);
	print_lost(c, e);
}

void trace_counts_init(struct trace_counts *c)
{
	*c = (struct trace_counts){ .collector = { .collect = collect } };
	c->collector.arg = c;
	atomic_store(&c->count, 1);
}

struct trace_count *trace_count_of(struct trace_counts *c, struct weir_str name)
{
	uint32_t count = count_of(c);

	for (uint32_t i = 1; i < count; i++)
		if (str_eq(str_from(c->at[i].name), name))
			return &c->at[i];
	if (count == TRACERS_MOST)
		return &c->at[count - 1];
	name = str_head(name, sizeof(c->at[count].name) - 1);
	memcpy(c->at[count].name, name.data, name.len);
	atomic_store_explicit(&c->count, count + 1, memory_order_release);
	return &c->at[count];
}
