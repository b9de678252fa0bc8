/* round.c - asks every worker for something, and waits until all have done it. */
#include "core/weir/round.h"

#include <string.h>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/fiber/wait.h"

/* A worker that does not answer for so long hangs, and the parent is about to replace all of us. */
#define ROUND_TIME (60 * NS_PER_S)

struct round;

struct question {
	struct letter there, back;
	struct worker *worker;
	struct round *round;
	bool ok;
	struct weir_error error;
};

struct round {
	bool (*fn)(struct worker *w, void *arg, struct weir_error *error);
	void *arg;
	struct worker *control;
	struct fiber *fiber;
	uint32_t open;
	struct question questions[];
};

static void on_back(struct letter *l)
{
	struct question *q = container_of(l, struct question, back);

	if (--q->round->open == 0)
		fiber_wake(q->round->fiber);
}

static void on_there(struct letter *l)
{
	struct question *q = container_of(l, struct question, there);

	q->ok = q->round->fn(q->worker, q->round->arg, &q->error);
	q->back.open = on_back;
	loop_post(&q->round->control->loop, &q->back);
}

static void ask_all(struct round *r, const struct crew *crew)
{
	for (uint32_t i = 0; i < crew->count; i++) {
		struct question *q = &r->questions[i];

		q->worker = crew->workers[i];
		q->round = r;
		q->there.open = on_there;
		loop_post(&q->worker->loop, &q->there);
	}
}

/* Shielded: the letters are on their way, and their memory is ours. */
static void wait_all(struct round *r)
{
	struct deadline d;

	fiber_shield();
	deadline_enter_alone(&d, clock_after(loop_now(&r->control->loop), ROUND_TIME),
			     REASON_INTERNAL);
	while (r->open > 0) {
		if (fiber_park() != WAKE_DEADLINE)
			continue;
		log_error("a worker has not answered for a minute; waiting on");
		deadline_move(&d, clock_after(loop_now(&r->control->loop), ROUND_TIME));
	}
	deadline_leave(&d);
	fiber_unshield();
}

/* Kept for the next round, so that what has been prepared can always be committed. [control] */
static struct round *spare;

static struct round *round_new(const struct crew *crew)
{
	return mem_alloc(sizeof(struct round) + crew->count * sizeof(struct question));
}

static struct round *take(const struct crew *crew)
{
	struct round *r = spare;

	spare = NULL;
	if (r == NULL)
		return round_new(crew);
	memset(r, 0, sizeof(*r) + crew->count * sizeof(struct question));
	return r;
}

static void give(struct round *r)
{
	if (spare == NULL)
		spare = r;
	else
		mem_free(r);
}

bool round_reserve(const struct crew *crew, struct weir_error *error)
{
	if (spare == NULL)
		spare = round_new(crew);
	return spare != NULL || fail_memory(error);
}

void round_end(void)
{
	mem_free(spare);
	spare = NULL;
}

bool round_run(const struct crew *crew,
	       bool (*fn)(struct worker *w, void *arg, struct weir_error *error), void *arg,
	       struct weir_error *error)
{
	struct round *r = take(crew);
	bool ok = true;

	if (r == NULL)
		return fail_memory(error);
	r->fn = fn;
	r->arg = arg;
	r->control = crew->control;
	r->fiber = fiber_self();
	r->open = crew->count;
	ask_all(r, crew);
	wait_all(r);
	for (uint32_t i = 0; i < crew->count; i++) {
		if (r->questions[i].ok)
			continue;
		ok = fail(error, "worker %u: %s", i, r->questions[i].error.text);
	}
	give(r);
	return ok;
}
