/* standard.c - a retry plugin: repeats what is safe, within a budget, after a random pause. */
#include <weir/plugin.h>

#include <stdlib.h>

#include "plugins/standard/budget.h"

struct standard {
	double always;			/* retries per second that need no budget, per worker */
	uint64_t base, most;		/* of the pause, ns */
	uint64_t patience;		/* the longest Retry-After that is waited for, ns */
};

static void begin(const struct weir_here *here)
{
	budget_request(here->worker, weir_now());
}

static bool is(struct weir_str s, const char *word)
{
	return weir_str_eq(s, weir_str_from(word));
}

/* A kept connection that had ended: the endpoint does no work for it, so a retry adds no load. */
static bool costs_nothing(const struct weir_retry_question *q)
{
	return is(q->reason, "upstream-stale");
}

/* Nobody has seen the request, and another endpoint, or a fresh connection, will be tried: at
 * once. */
static bool at_once(const struct weir_retry_question *q)
{
	return q->attempt == 1 && (is(q->group, "connect") || costs_nothing(q));
}

static uint64_t pause_of(const struct standard *s, const struct weir_retry_question *q)
{
	uint64_t pause = at_once(q) ? 0 : backoff(q->attempt, s->base, s->most, weir_dice());

	return pause > q->retry_after_ns ? pause : q->retry_after_ns;
}

static struct weir_str refusal(const struct standard *s, const struct weir_retry_question *q)
{
	if (!q->listed)
		return WEIR_STR("not-listed");
	if (!q->safe)
		return WEIR_STR("unsafe");
	if (q->attempt >= q->most)
		return WEIR_STR("attempts");
	if (q->retry_after_ns > s->patience)
		return WEIR_STR("retry-after");
	return WEIR_ABSENT;
}

static void judge(const struct weir_here *here, const struct weir_retry_question *q,
		  struct weir_retry_judgement *j)
{
	const struct standard *s = here->self;

	j->why_not = refusal(s, q);
	if (weir_str_present(j->why_not))
		return;
	j->delay_ns = pause_of(s, q);
	if (j->delay_ns >= q->remaining_ns)
		j->why_not = WEIR_STR("time");
	else if (!costs_nothing(q) &&
		 !budget_take(here->worker, weir_now(), q->budget, s->always))
		j->why_not = WEIR_STR("budget");
	else
		j->again = true;
}

/* Lives ---------------------------------------------------------------------- */

static bool standard_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct standard *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return weir_fail(error, "out of memory");
	s->always = weir_option_rate(setup, "always");
	s->base = weir_option_duration(setup, "backoff");
	s->most = weir_option_duration(setup, "backoff_most");
	s->patience = weir_option_duration(setup, "retry_after");
	*self = s;
	return true;
}

static bool standard_check(const struct weir_setup *setup, struct weir_error *error)
{
	if (weir_option_duration(setup, "backoff") > weir_option_duration(setup, "backoff_most"))
		return weir_fail(error, "`backoff` must not be longer than `backoff_most`");
	return true;
}

static bool worker_open(void *self, void **worker, struct weir_error *error)
{
	(void)self;
	*worker = calloc(1, sizeof(struct budget));
	return *worker != NULL || weir_fail(error, "out of memory");
}

static void worker_close(void *self, void *worker)
{
	(void)self;
	free(worker);
}

static const struct weir_option options[] = {
	{ .name = "always", .type = WEIR_RATE, .fallback = "1/s",
	  .about = "retries that each worker may make whatever the budget says" },
	{ .name = "backoff", .type = WEIR_DURATION, .fallback = "25ms",
	  .about = "before the first retry, at most; doubled each time" },
	{ .name = "backoff_most", .type = WEIR_DURATION, .fallback = "250ms",
	  .about = "the longest pause" },
	{ .name = "retry_after", .type = WEIR_DURATION, .fallback = "1s",
	  .about = "the longest Retry-After that is waited for; beyond it, the answer stands" },
	{ 0 }
};

static const struct weir_retry retry = WEIR_RETRY(.begin = begin, .judge = judge);

WEIR_PLUGIN(standard,
	.version = "1.0",
	.summary = "repeats what is safe, within a budget, after a random pause",
	.options = options, .check = standard_check,
	.open = standard_open, .close = free,
	.worker_open = worker_open, .worker_close = worker_close,
	.retry = &retry);
