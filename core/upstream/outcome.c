/* outcome.c - what an attempt says about its endpoint, and what follows. */
#include "config.h"

#include "core/upstream/outcome.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/upstream/balance.h"
#include "core/upstream/ejection.h"
#include "core/upstream/roster.h"

enum verdict { SAYS_NOTHING, SAYS_WELL, SAYS_ILL };

/* The route's time may run out just after a retry has begun: that long an endpoint must have had. */
#define FAIR_TIME NS_PER_S

static bool is_ill_status(unsigned status)
{
	return status >= 500 && status <= 599 && status != 501 && status != 505;
}

static enum verdict judge_status(unsigned status)
{
	return is_ill_status(status) ? SAYS_ILL : SAYS_WELL;
}

static enum verdict judge(enum reason why, unsigned status, uint64_t spent)
{
	switch (why) {
	case REASON_NONE:
	case REASON_UPSTREAM_STATUS:
		return judge_status(status);
	case REASON_UPSTREAM_STALE:
	case REASON_UPSTREAM_TOO_LARGE:
		return SAYS_NOTHING;
	case REASON_TIMEOUT:
	case REASON_ALL_TIMEOUT:
		if (status == 0)
			return spent >= FAIR_TIME ? SAYS_ILL : SAYS_NOTHING;
		return judge_status(status);
	default:
		break;
	}
	if (reason_row(why)->side == SIDE_UPSTREAM)
		return SAYS_ILL;
	return status != 0 ? judge_status(status) : SAYS_NOTHING;
}

static void count(struct pick_ask *ask, enum service_count what)
{
	tally_add(ask->svc->roster, upstream_here_of(ask->worker)->place, what, 1);
}

/* Written on failure and on the first success after it; else only read. */
static void went_well(struct endpoint *ep)
{
	if (atomic_load_explicit(&ep->failures, memory_order_relaxed) != 0)
		atomic_store_explicit(&ep->failures, 0, memory_order_relaxed);
}

static void say_not_ejected(const struct endpoint *ep, uint32_t failures, uint32_t after)
{
	const struct roster *r = ep->roster;

	if (failures != after)
		return;		/* said once in a row of failures */
	log_warn("service %.*s: endpoint %.*s has failed %u times in a row and is not ejected: "
		 "eject.at_most allows %u of %u, and %u are out",
		 STR_ARG(r->name), STR_ARG(endpoint_text(ep)), failures,
		 atomic_load(&r->ejected_most), atomic_load(&r->members), atomic_load(&r->ejected));
}

static void went_ill(struct pick_ask *ask, enum reason why, unsigned status, uint64_t now)
{
	struct endpoint *ep = ask->ep;
	uint32_t after = ask->svc->settings.eject.after, failures;

	count(ask, SERVICE_FAILURES);
	failures = atomic_fetch_add_explicit(&ep->failures, 1, memory_order_relaxed) + 1;
	if (failures < after)
		return;
	switch (ejection_out(ask->svc, ep, why, status, failures, now)) {
	case EJECTED_NOW:
		count(ask, SERVICE_EJECTIONS);
		break;
	case EJECTED_NOT:
		count(ask, SERVICE_EJECTIONS_REFUSED);
		say_not_ejected(ep, failures, after);
		break;
	case EJECTED_ALREADY:
		break;
	}
}

/* A trial is judged by its own request alone. */
static void end_trial(struct pick_ask *ask, enum verdict verdict, enum reason why, unsigned status,
		      uint64_t now)
{
	ask->trial = false;
	ask->judged = true;
	switch (verdict) {
	case SAYS_WELL:
		ejection_passed(ask->svc, ask->ep, now);
		break;
	case SAYS_ILL:
		count(ask, SERVICE_FAILURES);
		count(ask, SERVICE_EJECTIONS);
		ejection_failed(ask->svc, ask->ep, why, status, now);
		break;
	case SAYS_NOTHING:
		ejection_unproven(ask->ep, now);
		break;
	}
}

/* A slow average for people, an eighth of the new one each; a lost update does not matter. */
static void note_latency(struct endpoint *ep, uint64_t spent)
{
	uint64_t us = spent / NS_PER_US;
	uint32_t new = us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
	uint32_t old = atomic_load_explicit(&ep->latency_us, memory_order_relaxed);
	uint32_t next = old == 0 ? new : old - old / 8 + new / 8;

	if (next != old)
		atomic_store_explicit(&ep->latency_us, next, memory_order_relaxed);
}

void endpoint_answered(struct pick_ask *ask, unsigned status)
{
	uint64_t now = loop_now(&ask->worker->loop), spent = now - ask->began;

	if (!ask->under_way || ask->answered)
		return;
	ask->answered = true;
	note_latency(ask->ep, spent);
	balance_report(ask, spent, judge_status(status) == SAYS_WELL);
	if (ask->trial)
		end_trial(ask, judge_status(status), REASON_NONE, status, now);
}

void endpoint_report(struct pick_ask *ask, enum reason why, unsigned status)
{
	uint64_t now, spent;
	enum verdict verdict;

	if (!ask->under_way)
		return;
	now = loop_now(&ask->worker->loop);
	spent = now - ask->began;
	verdict = judge(why, status, spent);
	if (!ask->answered && verdict != SAYS_NOTHING)
		balance_report(ask, spent, verdict == SAYS_WELL);
	if (ask->trial)
		end_trial(ask, verdict, why, status, now);
	else if (verdict == SAYS_ILL && !ask->judged)
		went_ill(ask, why, status, now);
	else if (verdict == SAYS_WELL)
		went_well(ask->ep);
	ask->under_way = false;
	atomic_fetch_sub_explicit(&ask->ep->in_flight, 1, memory_order_relaxed);
}
