/* tracing.c - spans are collected from the workers' rings, and given to every tracer. */
#include "core/telemetry/tracing.h"

#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/fiber/wait.h"
#include "core/plugin/uses.h"
#include "core/telemetry/exporter.h"

struct tracing {
	struct tracing_settings set;
	struct tracing_here *here;	/* of each worker */
	uint64_t *dropped_seen;		/* of each worker's ring */
	struct exporter *exporters;
	struct fiber *collector;
	uint64_t life;			/* of that fiber */
	bool stuck;			/* an exporter does not end: nothing of it can be freed */
};

/* --- [worker] ------------------------------------------------------------------------------------ */

/* On control. */
static void on_bell(struct letter *l)
{
	struct tracing_here *here = container_of(l, struct tracing_here, bell);

	atomic_store_explicit(&here->rung, false, memory_order_release);
	if (here->tracing->collector != NULL)
		fiber_wake(here->tracing->collector);
}

static void ring_bell(struct tracing_here *here)
{
	if (atomic_load_explicit(&here->rung, memory_order_acquire))
		return;
	atomic_store_explicit(&here->rung, true, memory_order_relaxed);
	here->bell.open = on_bell;
	loop_post(&here->tracing->set.control->loop, &here->bell);
}

void tracing_keep(struct tracing_here *here, const struct weir_span *span)
{
	size_t size = span_packed_size(span);
	char *at = ring_begin(&here->ring, size);

	if (at != NULL) {
		span_pack(span, at);
		ring_end(&here->ring, size);
	}
	if (ring_held(&here->ring) > here->ring.room / 2)
		ring_bell(here);
}

/* --- Collecting. --------------------------------------------------------------------------------- */

static void give_batch(struct tracing *t, struct span_batch **b)
{
	if (*b != NULL && (*b)->count > 0)
		for (uint32_t i = 0; i < t->set.use_count; i++)
			exporter_give(&t->exporters[i], *b);
	span_batch_unref(*b);
	*b = NULL;
}

static void lose(struct tracing *t, enum trace_loss why)
{
	for (uint32_t i = 0; i < t->set.use_count; i++)
		counter_add(&t->exporters[i].count->lost[why], 1);
}

static void take_line(struct tracing *t, struct weir_str line, struct span_batch **b)
{
	if (*b == NULL)
		*b = span_batch_new(t->set.batch);
	if (*b == NULL || !span_unpack(line, &(*b)->arena, &(*b)->spans[(*b)->count])) {
		lose(t, LOSS_NO_MEMORY);
		return;
	}
	if (++(*b)->count == (*b)->room)
		give_batch(t, b);
}

static void count_dropped(struct tracing *t, uint32_t worker)
{
	uint64_t dropped = ring_dropped(&t->here[worker].ring);

	counter_add(&t->set.counts->at[0].lost[LOSS_BUFFER_FULL],
		    dropped - t->dropped_seen[worker]);
	t->dropped_seen[worker] = dropped;
}

static void collect(struct tracing *t)
{
	struct fiber *self = fiber_self();
	struct span_batch *b = NULL;

	for (uint32_t i = 0; i < t->set.workers; i++) {
		struct weir_str line;

		while (ring_peek(&t->here[i].ring, &line)) {
			take_line(t, line, &b);
			ring_drop(&t->here[i].ring);
			fiber_worked(self, line.len);	/* control has other things to do */
		}
		count_dropped(t, i);
	}
	give_batch(t, &b);
}

/* Comes by from time to time, or when a bell was rung. */
static void run(void *arg)
{
	struct tracing *t = arg;
	struct deadline d;
	enum wake cause;

	do {
		deadline_enter(&d, clock_after(loop_now(&t->set.control->loop), t->set.every),
			       REASON_NONE);
		cause = fiber_park();
		deadline_leave(&d);
		collect(t);
	} while (cause != WAKE_CANCEL);
}

/* --- Lives. -------------------------------------------------------------------------------------- */

struct tracing_here *tracing_here(struct tracing *t, uint32_t worker)
{
	return &t->here[worker];
}

static bool init_rings(struct tracing *t)
{
	for (uint32_t i = 0; i < t->set.workers; i++) {
		struct tracing_here *here = &t->here[i];

		here->rules = t->set.rules;
		here->tracing = t;
		if (t->set.use_count > 0 && !ring_init(&here->ring, t->set.buffer))
			return false;
	}
	return true;
}

static void init_exporters(struct tracing *t)
{
	for (uint32_t i = 0; i < t->set.use_count; i++) {
		struct weir_use *use = t->set.uses[i];
		struct exporter *e = &t->exporters[i];

		use_hold(use);
		exporter_init(e, t->set.control, use, trace_count_of(t->set.counts, use->name));
		e->queue_most = t->set.queue > t->set.batch ? t->set.queue : t->set.batch;
		e->patience = t->set.patience;
	}
}

static struct tracing_here *here_new(uint32_t workers)
{
	struct tracing_here *here = aligned_alloc(64, (workers + 1) * sizeof(*here));

	if (here != NULL)
		memset(here, 0, (workers + 1) * sizeof(*here));
	return here;
}

struct tracing *tracing_new(const struct tracing_settings *settings, struct weir_error *error)
{
	struct tracing *t = mem_alloc(sizeof(*t));

	if (t == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	t->set = *settings;
	t->set.rules.exports = settings->use_count > 0;
	t->set.use_count = 0;		/* until they are held */
	t->here = here_new(settings->workers);
	t->dropped_seen = mem_array(settings->workers + 1, sizeof(uint64_t));
	t->exporters = mem_array(settings->use_count + 1, sizeof(struct exporter));
	t->set.uses = mem_array(settings->use_count + 1, sizeof(struct weir_use *));
	if (t->here == NULL || t->dropped_seen == NULL || t->exporters == NULL ||
	    t->set.uses == NULL)
		goto failed;
	memcpy(t->set.uses, settings->uses, settings->use_count * sizeof(struct weir_use *));
	t->set.use_count = settings->use_count;
	init_exporters(t);
	if (!init_rings(t))
		goto failed;
	return t;

failed:
	(void)fail_memory(error);
	tracing_free(t);
	return NULL;
}

void tracing_start(struct tracing *t)
{
	bool ok = true;

	for (uint32_t i = 0; i < t->set.use_count; i++)
		ok &= exporter_start(&t->exporters[i]);
	if (t->set.use_count > 0) {
		t->collector = fiber_start(&t->set.control->loop, run, t);
		ok &= t->collector != NULL;
	}
	if (t->collector != NULL)
		t->life = t->collector->generation;
	if (!ok)
		log_error("no fiber is left to hand spans on; they are lost until the next reload");
}

static void end_collector(struct tracing *t)
{
	struct deadline d;

	if (t->collector == NULL)
		return;
	fiber_cancel(t->collector);	/* it collects once more */
	deadline_enter_alone(&d, CLOCK_NEVER, REASON_INTERNAL);
	(void)fiber_join(t->collector, t->life);
	deadline_leave(&d);
}

void tracing_end(struct tracing *t)
{
	uint64_t until;

	if (t == NULL)
		return;
	end_collector(t);
	until = clock_after(clock_now(), t->set.flush);
	for (uint32_t i = 0; i < t->set.use_count; i++)
		t->stuck |= !exporter_end(&t->exporters[i], until);
	if (!t->stuck)
		tracing_free(t);
}

void tracing_free(struct tracing *t)
{
	if (t == NULL)
		return;
	for (uint32_t i = 0; i < t->set.use_count; i++)
		use_release(t->set.uses[i]);
	for (uint32_t i = 0; t->here != NULL && i < t->set.workers; i++)
		ring_fini(&t->here[i].ring);
	free(t->here);
	mem_free(t->dropped_seen);
	mem_free(t->exporters);
	mem_free(t->set.uses);
	mem_free(t);
}
