/* balance.c - between the balancer plugin and the sets: tables, states, picks, reports. */
#include "config.h"

#include "core/upstream/balance.h"

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/plugin/use.h"
#include "core/upstream/roster.h"

/* Tables ------------------------------------------------------------------- */

struct job {
	struct service *svc;
	struct set_tier *tier;
	struct weir_error *error;
	bool ok;
};

/* On a helper thread, or on control. */
static void build(void *arg)
{
	struct job *job = arg;
	struct weir_use *use = job->svc->balance;
	struct weir_here here = { .size = sizeof(here), .self = use->self, .use = use };
	const struct weir_endpoint *rows;
	struct arena arena;

	arena_init(&arena, NULL, (size_t)64 << 20);
	rows = use_endpoints(use, &arena, job->tier->told, job->tier->count);
	if (rows == NULL && job->tier->count > 0)
		job->ok = fail_memory(job->error);
	else
		job->ok = use->balancer->build(&here, rows, job->tier->count, &job->tier->table,
					       job->error);
	arena_reset(&arena);
}

bool balance_build(struct service *svc, struct set_tier *tier, struct weir_error *error)
{
	struct job job = { .svc = svc, .tier = tier, .error = error, .ok = true };
	const struct weir_use *use = svc->balance;
	struct weir_here here;

	if (use == NULL)
		return true;
	if (use->balancer->build != NULL &&
	    (fiber_self() == NULL || !loop_offload(build, &job)))
		build(&job);
	if (!job.ok)
		return fail(error, "the balancer %.*s gave no reason", STR_ARG(use->name));
	tier->built = true;
	if (use->balancer->state_size == NULL)
		return true;
	here = use_here(use, svc->world->control, NULL);
	tier->state_bytes = use->balancer->state_size(&here, tier->table, tier->count);
	return true;
}

void balance_free(struct service *svc, struct set_tier *tier)
{
	if (tier->built && tier->table != NULL && svc->balance->balancer->table_free != NULL)
		svc->balance->balancer->table_free(tier->table);
	tier->built = false;
	tier->table = NULL;
}

/* States ------------------------------------------------------------------- */

static void begin_state(const struct weir_here *here, struct worker *w, const struct set_tier *tier,
			void *state, const struct set_tier *old, const void *old_state)
{
	const struct weir_balancer *balancer = here->use->balancer;

	if (balancer->state_init != NULL)
		balancer->state_init(here, tier->table, state, tier->count, rng_next(&w->rng));
	if (old != NULL && old->built && balancer->state_carry != NULL)
		balancer->state_carry(here, tier->table, state, old->table, old_state);
}

void balance_begin(struct worker *w, struct endpoint_set *set, struct set_view *view,
		   const struct endpoint_set *old, const struct set_view *old_view)
{
	struct weir_here here;

	if (set->svc->balance == NULL)
		return;
	here = use_here(set->svc->balance, w, NULL);
	for (uint32_t t = 0; t < set->tier_count; t++) {
		bool both = old != NULL && t < old->tier_count;

		if (set->tiers[t].built)
			begin_state(&here, w, &set->tiers[t], view->states[t],
				    both ? &old->tiers[t] : NULL,
				    both ? old_view->states[t] : NULL);
	}
}

/* Picks -------------------------------------------------------------------- */

/* What stands behind the plugin's struct. */
struct asked {
	struct weir_pick pick;
	const struct pick_ask *ask;
	const struct set_tier *tier;
	const uint64_t *out;
	uint64_t now;
	bool warming;
};

static const struct asked *asked_of(const struct weir_pick *pick)
{
	return container_of(pick, struct asked, pick);
}

bool balance_usable(const struct weir_pick *pick, uint32_t i)
{
	return i < pick->count && !bit_is_set(asked_of(pick)->out, i);
}

uint32_t balance_in_flight(const struct weir_pick *pick, uint32_t i)
{
	if (i >= pick->count)
		return 0;
	return atomic_load_explicit(&asked_of(pick)->tier->members[i]->in_flight,
				    memory_order_relaxed);
}

/* From a tenth up to all of it, as time goes by. */
uint32_t balance_member_weight(const struct service *svc, const struct set_tier *tier, uint32_t i,
			       uint64_t now)
{
	uint64_t from = atomic_load_explicit(&tier->members[i]->warm_from, memory_order_relaxed);
	uint64_t span = svc->settings.slow_start, full = (uint64_t)tier->told[i].weight * 1000;
	double share;

	/* A worker's clock may be a turn behind that of who set it. */
	if (from == 0 || clock_after(from, span) <= now)
		return (uint32_t)full;
	share = now > from ? (double)(now - from) / (double)span : 0;
	return (uint32_t)((double)full * (share > 0.1 ? share : 0.1));
}

uint32_t balance_weight(const struct weir_pick *pick, uint32_t i)
{
	const struct asked *asked = asked_of(pick);

	if (i >= pick->count)
		return 1;
	if (!asked->warming)
		return asked->tier->told[i].weight * 1000;
	return balance_member_weight(asked->ask->svc, asked->tier, i, asked->now);
}

struct weir_exchange *balance_exchange(const struct weir_pick *pick)
{
	return asked_of(pick)->ask->ex;
}

/* The host's own: one after the other; those in slow start are passed over by dice. */
static uint32_t rotate(struct pick_ask *ask, const struct set_tier *tier, struct set_view *view,
		       const uint64_t *out)
{
	uint32_t found = NO_MEMBER;
	uint64_t now = loop_now(&ask->worker->loop);

	for (uint32_t n = 0; n < tier->count; n++) {
		uint32_t i = view->turn++ % tier->count;

		if (bit_is_set(out, i))
			continue;
		found = i;
		if (!view->warming || rng_below(&ask->worker->rng, 1000 * tier->told[i].weight) <
		    balance_member_weight(ask->svc, tier, i, now))
			break;
	}
	return found;
}

/* The answer of a plugin is not believed. */
static uint32_t ask_plugin(struct pick_ask *ask, const struct set_tier *tier, struct set_view *view,
			   const uint64_t *out)
{
	struct asked asked = {
		.pick = { .size = sizeof(asked.pick), .count = tier->count,
			  .attempt = ask->attempts + 1, .state = view->states[view->tier] },
		.ask = ask, .tier = tier, .out = out,
		.now = loop_now(&ask->worker->loop), .warming = view->warming,
	};
	struct weir_here here = use_here(ask->svc->balance, ask->worker, NULL);
	uint32_t i;

	fiber_no_wait_begin();
	i = ask->svc->balance->balancer->pick(&here, tier->table, &asked.pick);
	fiber_no_wait_end();
	if (i == WEIR_PICK_NONE)
		return NO_MEMBER;
	if (balance_usable(&asked.pick, i)) {
		ask->from_table = true;
		return i;
	}
	log_debug("service %.*s: the balancer %.*s picked an endpoint that may not be used",
		  STR_ARG(ask->svc->name), STR_ARG(ask->svc->balance->name));
	return rotate(ask, tier, view, out);
}

uint32_t balance_pick(struct pick_ask *ask, struct endpoint_set *set, struct set_view *view,
		      const uint64_t *out)
{
	const struct set_tier *tier = &set->tiers[view->tier];

	ask->from_table = false;
	if (tier->built)
		return ask_plugin(ask, tier, view, out);
	return rotate(ask, tier, view, out);
}

void balance_report(struct pick_ask *ask, uint64_t latency, bool ok)
{
	struct service_here *at = service_here_of(ask->svc, ask->worker);
	const struct weir_use *use = ask->svc->balance;
	struct weir_here here;

	if (!ask->from_table || use->balancer->report == NULL)
		return;
	ask->from_table = false;
	if (at->set == NULL || at->set->number != ask->set_number)
		return;		/* its table is gone */
	here = use_here(use, ask->worker, NULL);
	fiber_no_wait_begin();
	use->balancer->report(&here, at->set->tiers[ask->tier].table, at->view->states[ask->tier],
			      ask->index, latency, ok);
	fiber_no_wait_end();
}
