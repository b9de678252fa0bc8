/* chain.c - the policies of a listener or a route: first to last on the way in, last to first back. */
#include "core/proxy/chain.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/fiber/wait.h"
#include "core/plugin/use.h"
#include "core/proxy/answer.h"
#include "core/proxy/exchange.h"
#include "core/proxy/forwarded.h"

#define DONE_TIME (5 * NS_PER_S)
#define RESPONSE_TIME (5 * NS_PER_S)	/* at least, when the route's time is nearly over */
#define LISTENER_TIME (30 * NS_PER_S)	/* before there is a route that could say otherwise */

void chain_note(struct chain *chain, const struct link *l)
{
	const struct weir_policy *policy = l->use->policy;

	chain->with_response |= (uint64_t)(policy->on_response != NULL) << l->number;
	chain->with_done |= (uint64_t)(policy->on_done != NULL) << l->number;
}

static inline bool is_in(uint64_t numbers, const struct link *l)
{
	return (numbers >> l->number & 1) != 0;
}

static inline struct weir_here here_of(struct exchange *ex, const struct link *l)
{
	void *scratch = l->use->exchange_size > 0 ? ex->scratch[l->stage] + l->scratch : NULL;

	return use_here(l->use, ex->proxy->worker, scratch);
}

typedef enum weir_verdict (*hook)(const struct weir_here *here, struct weir_exchange *ex);

/* A hook that was cancelled has no say. */
static enum weir_verdict call(struct exchange *ex, const struct link *l, hook run, bool response)
{
	struct use_here *at = use_at(l->use, ex->proxy->worker);
	struct weir_here here = here_of(ex, l);
	uint64_t began = ex->trace.hooks ? clock_now() : 0;
	uint64_t entered = use_enter(at);
	enum weir_verdict verdict = run(&here, exchange_window(ex));

	use_leave(at, entered, verdict);
	if (ex->trace.hooks)
		trace_hook(ex, l, response, began, verdict);
	return verdict;
}

static void say_failed(const struct exchange *ex, const struct link *l)
{
	log_warn("%.*s: policy %.*s failed for request %.*s", STR_ARG(l->use->path),
		 STR_ARG(l->use->name), STR_ARG(exchange_id((struct exchange *)ex)));
}

/* Takes what it said of its failure, if it said anything. */
static enum reason failed_why(struct exchange *ex)
{
	enum reason why = ex->failed_why;

	ex->failed_why = REASON_NONE;
	if (why != REASON_NONE)
		return why;
	return deadline_due() ? REASON_TIMEOUT : REASON_POLICY_ERROR;
}

static enum reason end_of(struct exchange *ex, const struct link *l, enum weir_verdict verdict)
{
	if (fiber_cancelled(ex->fiber) || ex->body_lost == REASON_CLIENT_GONE)
		return REASON_CLIENT_GONE;
	switch (verdict) {
	case WEIR_NEXT:
		return REASON_NONE;
	case WEIR_ANSWERED:
		return ex->replied ? REASON_REFUSED : REASON_POLICY_ERROR;
	case WEIR_REFUSED:
		return exchange_refused_why(ex);
	case WEIR_FAILED:
		break;
	}
	if (ex->body_lost != REASON_NONE)
		return ex->body_lost;	/* it wanted the body, and that broke off: not its doing */
	say_failed(ex, l);
	return failed_why(ex);
}

static enum reason run_link(struct exchange *ex, const struct link *l);

/* Passes if one of them does, and then nothing is left of the refusals before it; else the last refusal
 * stands. */
static enum reason run_any(struct exchange *ex, const struct link *l)
{
	enum reason why = REASON_REFUSED;

	for (uint32_t i = 0; i < l->inner_count; i++) {
		why = run_link(ex, &l->inner[i]);
		if (why == REASON_NONE)
			exchange_unrefuse(ex);
		if (why == REASON_NONE || ex->replied || why == REASON_CLIENT_GONE)
			break;
	}
	return why;
}

static enum reason run_all(struct exchange *ex, const struct link *l)
{
	enum reason why = REASON_NONE;

	for (uint32_t i = 0; i < l->inner_count && why == REASON_NONE; i++)
		why = run_link(ex, &l->inner[i]);
	return why;
}

static enum reason run_policy(struct exchange *ex, const struct link *l)
{
	ex->ran |= 1ull << l->number;
	if (l->use->policy->on_request == NULL)
		return REASON_NONE;
	return end_of(ex, l, call(ex, l, l->use->policy->on_request, false));
}

static enum reason run_link(struct exchange *ex, const struct link *l)
{
	enum reason why;

	if (l->applies != NULL && !l->applies(l, ex))
		return REASON_NONE;
	why = l->kind == LINK_POLICY ? run_policy(ex, l)
	    : l->kind == LINK_ANY ? run_any(ex, l) : run_all(ex, l);
	if (why == REASON_NONE || !l->go_on || why == REASON_CLIENT_GONE || ex->replied)
		return why;
	exchange_unrefuse(ex);
	return REASON_NONE;
}

static bool make_scratch(struct exchange *ex, const struct chain *chain)
{
	if (chain->scratch == 0)
		return true;
	ex->scratch[chain->stage] = arena_zero(&ex->arena, chain->scratch);
	return ex->scratch[chain->stage] != NULL;
}

/* Whatever a policy waits for, it ends with this scope; only reading bodies leaves it for a while. */
static void enter_time(struct exchange *ex, struct deadline *d, uint64_t until)
{
	deadline_enter(d, until, REASON_TIMEOUT);
	ex->policies = d;
}

static void leave_time(struct exchange *ex, struct deadline *d)
{
	ex->policies = NULL;
	deadline_leave(d);
}

enum reason chain_request(struct exchange *ex, const struct chain *chain)
{
	enum reason why = REASON_NONE;
	struct deadline d;

	if (chain->count == 0)
		return REASON_NONE;
	if (!make_scratch(ex, chain))
		return REASON_OUT_OF_MEMORY;
	if (chain->stage == STAGE_LISTENER)
		ex->route_until = clock_after(ex->record.start, LISTENER_TIME);
	enter_time(ex, &d, ex->route_until);
	for (uint32_t i = 0; i < chain->count && why == REASON_NONE; i++)
		why = run_link(ex, &chain->links[i]);
	leave_time(ex, &d);
	return why;
}

static void respond(struct exchange *ex, const struct link *l)
{
	enum weir_verdict verdict = call(ex, l, l->use->policy->on_response, true);
	enum reason why;

	if (fiber_cancelled(ex->fiber) || verdict == WEIR_NEXT || verdict == WEIR_ANSWERED)
		return;
	if (verdict == WEIR_FAILED)
		say_failed(ex, l);
	why = verdict == WEIR_FAILED ? failed_why(ex) : exchange_refused_why(ex);
	if (!l->goes_on_back)
		answer_prepare(ex, why);
}

/* Those of `turns`, last to first, unless one wants the request sent again. */
static void respond_backwards(struct exchange *ex, const struct link *links, uint32_t count,
			      uint64_t turns)
{
	while (count-- > 0 && !ex->again.wanted) {
		const struct link *l = &links[count];

		if (l->kind != LINK_POLICY)
			respond_backwards(ex, l->inner, l->inner_count, turns);
		else if (is_in(turns, l))
			respond(ex, l);
	}
}

void chain_response(struct exchange *ex, const struct chain *chain)
{
	uint64_t turns = ex->ran & chain->with_response, least;
	struct deadline d;

	if (turns == 0)
		return;
	least = clock_after(exchange_now(ex), RESPONSE_TIME);
	enter_time(ex, &d, ex->route_until > least ? ex->route_until : least);
	respond_backwards(ex, chain->links, chain->count, turns);
	leave_time(ex, &d);
}

static void tell_backwards(struct exchange *ex, const struct link *links, uint32_t count,
			   uint64_t turns)
{
	while (count-- > 0) {
		const struct link *l = &links[count];
		struct weir_here here;

		if (l->kind != LINK_POLICY) {
			tell_backwards(ex, l->inner, l->inner_count, turns);
		} else if (is_in(turns, l)) {
			here = here_of(ex, l);
			l->use->policy->on_done(&here, exchange_window(ex));
		}
	}
}

void chain_done(struct exchange *ex, const struct chain *chain)
{
	uint64_t turns = ex->ran & chain->with_done;
	struct deadline d;

	if (turns == 0)
		return;
	fiber_shield();
	deadline_enter(&d, clock_after(exchange_now(ex), DONE_TIME), REASON_INTERNAL);
	tell_backwards(ex, chain->links, chain->count, turns);
	deadline_leave(&d);
	fiber_unshield();
}
