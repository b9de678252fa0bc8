/* pick.c - one endpoint for one attempt; and the door before the first one. */
#include "config.h"

#include "core/upstream/pick.h"

#include "core/base/clock.h"
#include "core/fiber/wait.h"
#include "core/upstream/balance.h"
#include "core/upstream/ejection.h"
#include "core/upstream/outcome.h"
#include "core/upstream/pools.h"
#include "core/upstream/roster.h"
#include "core/upstream/sets.h"

static void count(struct pick_ask *ask, enum service_count what)
{
	tally_add(ask->svc->roster, upstream_here_of(ask->worker)->place, what, 1);
}

/* True when a picture of the set that was made before still holds: two loads and two compares. */
static bool still_holds(const struct set_view *view, const struct roster *r, uint64_t now)
{
	return view->looked && now < view->due &&
	       view->version == atomic_load_explicit(&r->version, memory_order_relaxed);
}

static bool was_tried(const struct pick_ask *ask, const struct endpoint *ep)
{
	for (uint32_t i = 0; i < ask->tried_count; i++)
		if (ask->tried[i] == ep)
			return true;
	return false;
}

/* A request that may not be repeated is a trial only when none that may has come for long. */
static bool may_be_trial(const struct pick_ask *ask, const struct endpoint *ep, uint64_t now)
{
	uint64_t since = atomic_load_explicit(&ep->ejected_until, memory_order_relaxed);

	if (ask->attempts > 0 || was_tried(ask, ep))
		return false;
	return ask->repeatable || now > clock_after(since, ask->svc->settings.eject.span);
}

/* Takes the trial that is due, if this request may have it. */
static bool take_trial(struct pick_ask *ask, struct endpoint_set *set, struct set_view *view,
		       uint64_t now)
{
	struct endpoint *ep;

	if (likely(view->trial == NO_MEMBER))
		return false;
	ep = set->tiers[view->trial_tier].members[view->trial];
	if (!may_be_trial(ask, ep, now) || !ejection_try(ep, now))
		return false;
	ask->tier = view->trial_tier;
	ask->index = view->trial;
	ask->from_table = false;
	ask->trial = true;
	count(ask, SERVICE_TRIALS);
	return true;
}

/* The bits of those that may not be picked or were tried; without the latter when nothing would be
 * left. */
static const uint64_t *less_tried(struct pick_ask *ask, struct endpoint_set *set,
				  struct set_view *view)
{
	const struct set_tier *tier = &set->tiers[view->tier];
	uint32_t left = view->usable;

	if (likely(ask->tried_count == 0))
		return view->out;
	memcpy(view->scratch, view->out, (tier->count + 63) / 64 * sizeof(*view->out));
	for (uint32_t i = 0; i < tier->count; i++) {
		if (bit_is_set(view->scratch, i) || !was_tried(ask, tier->members[i]))
			continue;
		bit_set(view->scratch, i);
		left--;
	}
	return left > 0 ? view->scratch : view->out;
}

static bool take_usual(struct pick_ask *ask, struct endpoint_set *set, struct set_view *view)
{
	uint32_t i;

	if (unlikely(view->usable == 0))
		return false;
	i = balance_pick(ask, set, view, less_tried(ask, set, view));
	if (i == NO_MEMBER)
		return false;
	ask->tier = view->tier;
	ask->index = i;
	if (unlikely(view->panic))
		count(ask, SERVICE_PANICS);
	return true;
}

/* The oldest makes room: it is forgotten that it was tried. */
static void remember(struct pick_ask *ask, struct endpoint *ep)
{
	if (ask->tried_count == PICK_TRIED) {
		pool_unpin(ask->worker, ask->tried[0]);
		memmove(ask->tried, ask->tried + 1, (PICK_TRIED - 1) * sizeof(ask->tried[0]));
		ask->tried_count--;
	}
	ask->tried[ask->tried_count++] = ep;
}

static enum reason begin_attempt(struct pick_ask *ask, struct endpoint_set *set, uint64_t now)
{
	struct endpoint *ep = set->tiers[ask->tier].members[ask->index];

	if (pool_pin(ask->worker, ep) == NULL) {
		if (ask->trial)
			ejection_unproven(ep, now);
		ask->trial = false;
		return REASON_OUT_OF_MEMORY;
	}
	remember(ask, ep);
	atomic_fetch_add_explicit(&ep->in_flight, 1, memory_order_relaxed);
	ask->ep = ep;
	ask->began = now;
	ask->set_number = set->number;
	ask->under_way = true;
	ask->attempts++;
	return REASON_NONE;
}

enum reason service_pick(struct service *svc, struct worker *w, struct pick_ask *ask,
			 struct endpoint **out)
{
	struct service_here *here = service_here_of(svc, w);
	uint64_t now = loop_now(&w->loop);
	struct endpoint_set *set;
	struct set_view *view;
	enum reason why;

	endpoint_report(ask, REASON_CLIENT_GONE, 0);
	ask->svc = svc;
	ask->worker = w;
	ask->answered = ask->trial = ask->judged = false;
	*out = NULL;
	if (unlikely(here->set == NULL))
		service_here_take(here);
	set = here->set;
	view = here->view;
	if (unlikely(set == NULL)) {
		count(ask, SERVICE_NO_ENDPOINT);
		return REASON_NO_ENDPOINT;
	}
	if (unlikely(!still_holds(view, svc->roster, now)))
		set_look(set, view, now);
	if (!take_trial(ask, set, view, now) && !take_usual(ask, set, view)) {
		count(ask, SERVICE_NO_ENDPOINT);
		return REASON_NO_ENDPOINT;
	}
	why = begin_attempt(ask, set, now);
	if (why == REASON_NONE) {
		*out = ask->ep;
		count(ask, SERVICE_PICKS);
	}
	return why;
}

void pick_end(struct pick_ask *ask)
{
	endpoint_report(ask, REASON_CLIENT_GONE, 0);
	while (ask->tried_count > 0)
		pool_unpin(ask->worker, ask->tried[--ask->tried_count]);
	ask->ep = NULL;
}

/* The door ------------------------------------------------------------------- */

static void count_wait(struct service *svc, uint32_t place, enum reason why)
{
	tally_add(svc->roster, place, SERVICE_QUEUED, 1);
	if (why == REASON_QUEUE_SLOW)
		tally_add(svc->roster, place, SERVICE_QUEUE_SLOW, 1);
}

static enum reason wait_at(struct service *svc, struct worker *w, uint32_t place)
{
	struct gate_ticket ticket;
	struct deadline d;
	enum reason why;

	if (!gate_join(svc->requests, place, &ticket)) {
		tally_add(svc->roster, place, SERVICE_QUEUE_FULL, 1);
		return REASON_QUEUE_FULL;
	}
	deadline_enter(&d, clock_after(loop_now(&w->loop), svc->settings.timeouts.queue),
		       REASON_QUEUE_SLOW);
	why = gate_wait(svc->requests, place, &ticket);
	deadline_leave(&d);
	count_wait(svc, place, why);
	return why;
}

enum reason service_admit(struct service *svc, struct worker *w)
{
	if (svc->requests == NULL || gate_try(svc->requests))
		return REASON_NONE;
	return wait_at(svc, w, upstream_here_of(w)->place);
}

void service_release(struct service *svc, struct worker *w)
{
	if (svc->requests != NULL)
		gate_leave(svc->requests, upstream_here_of(w)->place);
}
