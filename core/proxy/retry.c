/* retry.c - may another attempt follow? What is safe is decided here; whether it is wise, by the plugin. */
#include "core/proxy/retry.h"

#include <weir/retry.h>

#include "core/base/clock.h"
#include "core/fiber/wait.h"
#include "core/http/date.h"
#include "core/plugin/use.h"

bool retry_repeatable(const struct exchange *ex)
{
	return ex->plan->retry.repeatable || method_idempotent(ex->req.method);
}

bool retry_may_follow(const struct exchange *ex)
{
	return ex->plan->retry.attempts > 1;
}

/* The bytes that have passed can be sent again. */
static bool replayable(const struct exchange *ex)
{
	return ex->body_in_hand || replay_whole(&ex->replay);
}

/* Nothing of the request can have reached an application. */
static bool untouched(const struct exchange *ex, enum reason why)
{
	return reason_row(why)->retry == RETRY_SAFE ||
	       (reason_row(why)->retry == RETRY_IDEMP && !ex->attempt.h1.wrote);
}

static bool safe(const struct exchange *ex, enum reason why)
{
	if (!replayable(ex))
		return false;
	if (untouched(ex, why))
		return true;
	if (reason_row(why)->retry != RETRY_IDEMP || !retry_repeatable(ex))
		return false;
	return why == REASON_UPSTREAM_STATUS || !ex->attempt.h1.head_began;
}

bool retry_allowed_again(const struct exchange *ex)
{
	if (!replayable(ex) || ex->body_lost != REASON_NONE)
		return false;
	/* Another try has followed only where nothing had been written: the last one tells for all. */
	return retry_repeatable(ex) || !ex->attempt.h1.wrote;
}

static bool listed(const struct exchange *ex, enum reason why)
{
	return why == REASON_UPSTREAM_STATUS || retry_lists_reason(&ex->plan->retry, why);
}

bool retry_would_follow(const struct exchange *ex, enum reason why)
{
	const struct retry_rules *rules = &ex->plan->retry;

	return rules->judge != NULL && ex->attempts < rules->attempts && listed(ex, why) &&
	       replayable(ex) && retry_repeatable(ex);
}

/* A client that has sent its FIN gets the answer of the attempt that runs, but no new one. */
static bool client_leaves(const struct exchange *ex)
{
	return ex->session != NULL && (ex->session->transport.latched & SOURCE_RDHUP) != 0;
}

static uint64_t retry_after(const struct exchange *ex)
{
	return retry_after_parse(headers_get_id(&ex->res.headers, HEADER_RETRY_AFTER),
				 ex->proxy->worker->loop.wall);
}

static uint64_t remaining(const struct exchange *ex)
{
	uint64_t now = exchange_now(ex);

	return ex->route_until > now ? ex->route_until - now : 0;
}

static struct weir_retry_question question(struct exchange *ex, enum reason why)
{
	const struct retry_rules *rules = &ex->plan->retry;
	bool status = why == REASON_UPSTREAM_STATUS;

	return (struct weir_retry_question){
		.size = sizeof(struct weir_retry_question),
		.ex = exchange_window(ex),
		.attempt = ex->attempts,
		.most = rules->attempts,
		.reason = reason_row(why)->word,
		.group = reason_row(why)->group,
		.status = status ? ex->res.status : 0,
		.listed = listed(ex, why),
		.safe = safe(ex, why),
		.idempotent = retry_repeatable(ex),
		.replayable = replayable(ex),
		.retry_after_ns = status ? retry_after(ex) : 0,
		.elapsed_ns = exchange_now(ex) - ex->record.first_attempt,
		.remaining_ns = remaining(ex),
		.budget = rules->budget,
	};
}

void retry_begin(struct exchange *ex)
{
	struct weir_use *judge = ex->plan->retry.judge;
	struct weir_here here;

	if (judge == NULL || judge->retry->begin == NULL)
		return;
	here = use_here(judge, ex->proxy->worker, NULL);
	judge->retry->begin(&here);
}

static bool ask(struct exchange *ex, const struct weir_retry_question *q, uint64_t *delay)
{
	struct weir_use *judge = ex->plan->retry.judge;
	struct weir_retry_judgement judgement = { .size = sizeof(judgement) };
	struct weir_here here = use_here(judge, ex->proxy->worker, NULL);

	if (q->status != 0)	/* what it is shown lives until the exchange ends */
		h1_stream_settle(&ex->attempt.h1, &ex->res);
	fiber_no_wait_begin();
	judge->retry->judge(&here, q, &judgement);
	fiber_no_wait_end();
	*delay = judgement.delay_ns;
	return judgement.again && judgement.delay_ns < q->remaining_ns;
}

bool retry_wanted(struct exchange *ex, enum reason why, uint64_t *delay)
{
	const struct retry_rules *rules = &ex->plan->retry;
	struct weir_retry_question q;

	*delay = 0;
	if (rules->judge == NULL || ex->attempts >= rules->attempts)
		return false;
	if (why == REASON_CLIENT_GONE || client_leaves(ex) || deadline_due())
		return false;
	q = question(ex, why);
	return q.listed && q.safe && ask(ex, &q, delay);
}
