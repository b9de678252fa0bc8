/* exporter.c - batches of spans handed on, tried again, given up. */
#include "core/telemetry/exporter.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/fiber/loop.h"
#include "core/fiber/wait.h"
#include "core/plugin/hold.h"

#define PAUSE_FIRST (500 * NS_PER_MS)
#define PAUSE_MOST (10 * NS_PER_S)
#define END_PATIENCE (5 * NS_PER_S)	/* for a hook to come back after it was cancelled */

enum { BATCH_BYTES = 16 << 20 };

struct waiting {
	struct list link;
	struct span_batch *batch;
};

/* --- Batches. ----------------------------------------------------------------------------------- */

struct span_batch *span_batch_new(uint32_t room)
{
	struct span_batch *b = mem_alloc(sizeof(*b) + room * sizeof(b->spans[0]));

	if (b == NULL)
		return NULL;
	b->refs = 1;
	b->room = room;
	arena_init(&b->arena, NULL, BATCH_BYTES);
	return b;
}

void span_batch_unref(struct span_batch *b)
{
	if (b == NULL || --b->refs > 0)
		return;
	arena_reset(&b->arena);
	mem_free(b);
}

/* --- The queue. --------------------------------------------------------------------------------- */

static void lose(struct exporter *e, enum trace_loss why, uint32_t spans)
{
	counter_add(&e->count->lost[why], spans);
}

void exporter_init(struct exporter *e, struct worker *control, struct weir_use *use,
		   struct trace_count *count)
{
	*e = (struct exporter){ .control = control, .use = use, .count = count };
	list_init(&e->queue);
}

/* Only where it waits for batches: its other waits are the hook's. */
static void wake(struct exporter *e)
{
	if (e->idle)
		fiber_wake(e->fiber);
}

void exporter_give(struct exporter *e, struct span_batch *b)
{
	struct waiting *w;

	if (e->fiber == NULL || e->waiting + b->count > e->queue_most) {
		lose(e, LOSS_QUEUE_FULL, b->count);
		return;
	}
	w = mem_alloc(sizeof(*w));
	if (w == NULL) {
		lose(e, LOSS_NO_MEMORY, b->count);
		return;
	}
	b->refs++;
	w->batch = b;
	list_push_back(&e->queue, &w->link);
	e->waiting += b->count;
	gauge_add(&e->count->waiting, b->count);
	wake(e);
}

/* Gives the oldest batch with its reference, or NULL. */
static struct span_batch *next_batch(struct exporter *e)
{
	struct list *link = list_pop_front(&e->queue);
	struct span_batch *b;
	struct waiting *w;

	if (link == NULL)
		return NULL;
	w = container_of(link, struct waiting, link);
	b = w->batch;
	mem_free(w);
	return b;
}

/* It waits no more, whatever became of it. */
static void done_with(struct exporter *e, struct span_batch *b)
{
	e->waiting -= b->count;
	gauge_add(&e->count->waiting, -(int64_t)b->count);
	span_batch_unref(b);
}

static void drop_all(struct exporter *e)
{
	struct span_batch *b;

	while ((b = next_batch(e)) != NULL) {
		lose(e, LOSS_STOPPED, b->count);
		done_with(e, b);
	}
}

/* --- Handing on. -------------------------------------------------------------------------------- */

static void say_failing(struct exporter *e, struct weir_str why)
{
	if (e->failing)
		return;
	e->failing = true;
	log_warn("%.*s (%.*s): %.*s; spans wait, and are dropped when it takes too long",
		 STR_ARG(e->use->name), STR_ARG(e->use->path),
		 STR_ARG(why.len > 0 ? why : STR("spans cannot be handed on")));
}

static void say_refused(struct exporter *e, struct weir_str why, uint32_t spans)
{
	if (e->failing)
		return;
	e->failing = true;
	log_warn("%.*s (%.*s): %.*s; %u spans are lost", STR_ARG(e->use->name),
		 STR_ARG(e->use->path),
		 STR_ARG(why.len > 0 ? why : STR("spans were refused")), spans);
}

static void say_working(struct exporter *e)
{
	if (e->failing)
		log_info("%.*s (%.*s): spans are taken again", STR_ARG(e->use->name),
			 STR_ARG(e->use->path));
	e->failing = false;
}

static void sent(struct exporter *e, uint32_t count, const struct weir_batch *batch)
{
	uint32_t rejected = batch->rejected < count ? batch->rejected : count;

	counter_add(&e->count->sent, count - rejected);
	lose(e, LOSS_REJECTED, rejected);
	if (rejected > 0)
		say_refused(e, batch->why, rejected);
	else
		say_working(e);
}

static enum weir_sent ask(struct exporter *e, const struct span_batch *b, struct weir_batch *batch)
{
	struct weir_here here = use_here(e->use, e->control, NULL);
	uint64_t entered = use_enter(use_at(e->use, e->control));
	enum weir_sent result;

	*batch = (struct weir_batch){ .size = sizeof(*batch), .span_size = sizeof(b->spans[0]),
				      .spans = b->spans, .count = b->count };
	result = e->use->tracer->send(&here, batch);
	use_leave(use_at(e->use, e->control), entered, result == WEIR_SENT ? WEIR_NEXT :
		  result == WEIR_SEND_NEVER ? WEIR_REFUSED : WEIR_FAILED);
	return result;
}

static uint64_t jitter(struct worker *w, uint64_t most)
{
	return most / 2 + rng_next(&w->rng) % (most / 2 + 1);
}

/* What the other side asked for, or the next of the growing pauses. */
static uint64_t pause_before(struct exporter *e, const struct weir_batch *batch, uint64_t *pause)
{
	uint64_t own = jitter(e->control, *pause);

	*pause = *pause * 2 < PAUSE_MOST ? *pause * 2 : PAUSE_MOST;
	return batch->retry_after_ns > own ? batch->retry_after_ns : own;
}

/* Until it is taken, refused, or patience ends; the deadline around it is that of patience. */
static void hand_on(struct exporter *e, const struct span_batch *b)
{
	uint64_t pause = PAUSE_FIRST;
	struct weir_batch batch;

	for (;;) {
		enum weir_sent result = ask(e, b, &batch);

		if (result == WEIR_SENT) {
			sent(e, b->count, &batch);
			return;
		}
		if (result == WEIR_SEND_NEVER) {
			lose(e, LOSS_REFUSED, b->count);
			say_refused(e, batch.why, b->count);
			return;
		}
		if (!fiber_cancelled(fiber_self()))
			say_failing(e, batch.why);
		if (wait_sleep(pause_before(e, &batch, &pause)) != WAKE_EVENT)
			break;
	}
	lose(e, fiber_cancelled(fiber_self()) ? LOSS_STOPPED : LOSS_UNREACHABLE, b->count);
}

static void hand_on_in_time(struct exporter *e, struct span_batch *b)
{
	struct deadline d;

	deadline_enter(&d, clock_after(loop_now(&e->control->loop), e->patience), REASON_TIMEOUT);
	hand_on(e, b);
	deadline_leave(&d);
	done_with(e, b);
}

static bool wait_for_more(struct exporter *e)
{
	enum wake cause;

	e->idle = true;
	cause = fiber_park();
	e->idle = false;
	return cause != WAKE_CANCEL;
}

static void run(void *arg)
{
	struct exporter *e = arg;
	struct errand errand;
	struct deadline d;

	deadline_enter(&d, CLOCK_NEVER, REASON_NONE);
	errand_begin(&errand);
	for (;;) {
		struct span_batch *b = next_batch(e);

		if (b != NULL)
			hand_on_in_time(e, b);
		else if (e->ending || !wait_for_more(e))
			break;
		if (fiber_cancelled(fiber_self()))
			break;
	}
	errand_end(&errand);
	deadline_leave(&d);
}

bool exporter_start(struct exporter *e)
{
	e->fiber = fiber_start(&e->control->loop, run, e);
	if (e->fiber == NULL)
		return false;
	e->life = e->fiber->generation;
	return true;
}

static bool join(struct exporter *e, uint64_t until)
{
	struct deadline d;
	bool ended;

	deadline_enter_alone(&d, until, REASON_INTERNAL);
	ended = fiber_join(e->fiber, e->life);
	deadline_leave(&d);
	return ended;
}

bool exporter_end(struct exporter *e, uint64_t until)
{
	bool ended = true;

	e->ending = true;
	if (e->fiber != NULL) {
		wake(e);
		ended = join(e, until);
		if (!ended) {
			fiber_cancel(e->fiber);
			ended = join(e, clock_after(clock_now(), END_PATIENCE));
		}
	}
	if (ended)
		drop_all(e);
	else
		log_error("%.*s (%.*s): its `send` does not come back although it was cancelled",
			  STR_ARG(e->use->name), STR_ARG(e->use->path));
	return ended;
}
