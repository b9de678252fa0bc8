/* forward.c - from a routed request to the head of an answer: attempts, for as long as they may follow. */
#include "core/base/clock.h"
#include "core/base/hash.h"
#include "core/fiber/wait.h"
#include "core/proxy/again.h"
#include "core/proxy/collect.h"
#include "core/proxy/exchange.h"
#include "core/proxy/fixed.h"
#include "core/proxy/forwarded.h"
#include "core/proxy/mirror.h"
#include "core/proxy/retry.h"
#include "core/proxy/templates.h"
#include "core/upstream/outcome.h"

static struct service *by_share(struct exchange *ex)
{
	const struct plan *plan = ex->plan;
	uint64_t dice = rng_next(&ex->proxy->worker->rng);
	uint32_t at;

	if (plan->split_by != NULL)
		dice = exchange_key_hash(ex, plan->split_by);
	at = (uint32_t)(((dice >> 32) * plan->share_total) >> 32);
	for (uint32_t i = 0; i + 1 < plan->share_count; i++)
		if (at < plan->shares[i].upto)
			return plan->shares[i].service;
	return plan->shares[plan->share_count - 1].service;
}

static void choose_service(struct exchange *ex)
{
	if (ex->service != NULL)
		return;		/* a policy has */
	ex->service = ex->plan->kind == PLAN_SPLIT ? by_share(ex) : ex->plan->service;
}

static void keep_record(struct exchange *ex, enum reason why)
{
	const struct attempt *at = &ex->attempt;
	struct record_attempt row = {
		.endpoint = endpoint_text(at->ep),
		.why = why,
		.status = why == REASON_NONE || why == REASON_UPSTREAM_STATUS ? ex->res.status : 0,
		.reused = at->reused,
		.ns = exchange_now(ex) - at->begun,
		.start = at->begun,
		.connected = at->connected,
		.secured = at->secured,
		.span = at->span,
		.secure = at->secure,
	};

	ex->record.endpoint = row.endpoint;
	ex->record.upstream_head = exchange_now(ex);
	(void)record_add_attempt(&ex->record, &row);
}

/* The route's time and that of one try count from here while the body is in hand; while it is still on
 * its way, the attempt counts them from its end. */
static enum reason try_once(struct exchange *ex, struct endpoint *ep, enum trust trust)
{
	const struct retry_rules *rules = &ex->plan->retry;
	struct deadline try;
	enum reason why;

	deadline_enter(&try, ex->body_in_hand ? clock_after(exchange_now(ex), rules->per_try)
					      : CLOCK_NEVER, REASON_TRY_TIMEOUT);
	why = attempt_run(ex, ep, trust);
	deadline_leave(&try);
	if (why == REASON_NONE && retry_lists_status(rules, ex->res.status))
		why = REASON_UPSTREAM_STATUS;
	keep_record(ex, why);
	return why;
}

/* An answer whose status may be tried again stands when no other try follows. */
static enum reason settle(struct exchange *ex, enum reason why)
{
	if (why == REASON_UPSTREAM_STATUS)
		return REASON_NONE;
	attempt_end(ex, why);
	return why;
}

/* No other try: the last one tells more than what prevents the next, but for an answer with a status that
 * is retried, which is gone. */
static enum reason no_more(enum reason last, enum reason prevented)
{
	if (last == REASON_NONE || last == REASON_UPSTREAM_STATUS || prevented == REASON_CLIENT_GONE)
		return prevented;
	return last;
}

static enum reason sleep_for(uint64_t delay)
{
	switch (wait_sleep(delay)) {
	case WAKE_EVENT:
		return REASON_NONE;
	case WAKE_DEADLINE:
		return deadline_ended();
	case WAKE_CANCEL:
		break;
	}
	return REASON_CLIENT_GONE;
}

/* One that died under this request had company of its age: now it must be a living one. */
static enum trust trust_after(const struct exchange *ex, enum reason last)
{
	if (last == REASON_UPSTREAM_STALE)
		return TRUST_NONE;
	return retry_would_follow(ex, REASON_UPSTREAM_STALE) ? TRUST_ALL : TRUST_YOUNG;
}

static enum reason attempts(struct exchange *ex)
{
	struct worker *w = ex->proxy->worker;
	enum reason why = REASON_NONE;

	for (;;) {
		struct endpoint *ep;
		enum reason picked;
		uint64_t delay;

		picked = service_pick(ex->service, w, &ex->ask, &ep);
		if (picked != REASON_NONE)
			return no_more(why, picked);
		ex->attempts++;
		why = try_once(ex, ep, trust_after(ex, why));
		if (why == REASON_NONE)
			return REASON_NONE;
		if (!retry_wanted(ex, why, &delay))
			return settle(ex, why);
		attempt_end(ex, why);
		if (delay > 0 && (picked = sleep_for(delay)) != REASON_NONE)
			return no_more(why, picked);
	}
}

static enum reason with_service(struct exchange *ex)
{
	struct deadline route;
	enum reason why;

	ex->record.first_attempt = clock_now();	/* not of the turn: what we did in it is ours */
	deadline_enter(&route, ex->body_in_hand ? ex->route_until : CLOCK_NEVER, REASON_TIMEOUT);
	why = ex->admitted ? REASON_NONE : service_admit(ex->service, ex->proxy->worker);
	ex->admitted = why == REASON_NONE;
	if (why == REASON_NONE) {
		retry_begin(ex);
		why = attempts(ex);
	}
	deadline_leave(&route);
	return why;
}

enum reason forward_again(struct exchange *ex)
{
	return with_service(ex);
}

enum reason exchange_forward(struct exchange *ex)
{
	enum reason why;

	if (ex->service == NULL &&
	    (ex->plan->kind == PLAN_REDIRECT || ex->plan->kind == PLAN_RESPOND))
		return fixed_answer(ex);
	if (ex->body_lost != REASON_NONE)
		return ex->body_lost;
	choose_service(ex);
	exchange_take_body(ex);
	why = exchange_forwarded_headers(ex);
	if (why != REASON_NONE)
		return why;
	replay_init(&ex->replay, retry_may_follow(ex), ex->plan->retry.replay_bytes);
	ex->ask.ex = exchange_window(ex);
	ex->ask.repeatable = retry_repeatable(ex);
	if (ex->session != NULL)
		mirror_start(ex);
	why = exchange_say_continue(ex);
	return why == REASON_NONE ? with_service(ex) : why;
}
