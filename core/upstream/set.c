/* set.c - building a set from what the sources have told, and its end. */
#include "config.h"

#include "core/upstream/sets.h"

#include <weir/endpoint.h>

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/upstream/balance.h"
#include "core/upstream/listing.h"
#include "core/upstream/roster.h"
#include "core/upstream/watch.h"

static void free_tier(struct service *svc, struct set_tier *tier)
{
	balance_free(svc, tier);
	for (uint32_t i = 0; tier->members != NULL && i < tier->count; i++)
		endpoint_unref(tier->members[i]);
	mem_free(tier->members);
	listing_unref(tier->listing);
}

/* Workers that end send home even the newest: nobody is to find it at its service any more. */
static void hide(struct endpoint_set *set)
{
	struct service *svc = set->svc;

	pthread_mutex_lock(&svc->world->lock);
	if (svc->newest == set)
		svc->newest = NULL;
	pthread_mutex_unlock(&svc->world->lock);
}

void set_free(struct endpoint_set *set)
{
	if (set == NULL)
		return;
	hide(set);
	for (uint32_t t = 0; t < set->tier_count; t++)
		free_tier(set->svc, &set->tiers[t]);
	for (uint32_t p = 0; set->views != NULL && p < set->place_count; p++)
		mem_free(set->views[p].out);
	set->svc->sets--;
	wait_queue_wake_all(&set->svc->roster->ends);
	mem_free(set->views);
	mem_free(set->tiers);
	mem_free(set);
}

static void came_home(struct letter *l)
{
	struct endpoint_set *set = container_of(l, struct endpoint_set, letter);
	struct upstreams *world = set->svc->world;

	set_free(set);
	upstreams_sweep_soon(world);
}

void set_unref(struct endpoint_set *set)
{
	if (set == NULL)
		return;
	if (atomic_fetch_sub_explicit(&set->refs, 1, memory_order_acq_rel) > 1)
		return;
	if (set->svc->world->ended)
		set_free(set);
	else
		loop_post(&set->svc->world->control->loop, &set->letter);
}

/* What the source has told; until it has, what the service in force knows of the same tier. */
static struct listing *listing_of(const struct service *svc, uint32_t t)
{
	const struct weir_watch *watch = svc->sources[t].watch;
	const struct service *live = svc->roster->live;

	if (watch->listing != NULL || live == NULL || t >= live->tier_count ||
	    live->sources[t].watch == NULL)
		return watch->listing;
	return live->sources[t].watch->listing;
}

static bool fill_tier(struct service *svc, struct set_tier *tier, struct listing *listing)
{
	if (listing == NULL)
		return true;
	tier->members = mem_array(listing->count > 0 ? listing->count : 1, sizeof(*tier->members));
	if (tier->members == NULL ||
	    !roster_endpoints(svc->roster, listing, svc->settings.tls != NULL, tier->members))
		return false;
	tier->listing = listing_ref(listing);
	tier->told = listing->told;
	tier->count = listing->count;
	return true;
}

/* One block for all that a view needs beside itself: bits, states' pointers, states. */
static size_t view_bytes(const struct endpoint_set *set, size_t *words, size_t *states)
{
	size_t bytes;

	*words = 1;
	for (uint32_t t = 0; t < set->tier_count; t++)
		if ((set->tiers[t].count + 63) / 64 > *words)
			*words = (set->tiers[t].count + 63) / 64;
	bytes = *words * 2 * sizeof(uint64_t) + set->tier_count * sizeof(void *);
	*states = bytes = (bytes + 15) & ~(size_t)15;
	for (uint32_t t = 0; t < set->tier_count; t++)
		bytes += (set->tiers[t].state_bytes + 15) & ~(size_t)15;
	return (bytes + 63) & ~(size_t)63;	/* workers do not share a line */
}

static bool make_view(struct endpoint_set *set, struct set_view *view)
{
	size_t words, at, bytes = view_bytes(set, &words, &at);
	char *block = aligned_alloc(64, bytes);

	if (block == NULL)
		return false;
	memset(block, 0, bytes);
	*view = (struct set_view){ .trial = NO_MEMBER, .tier = set->tier_count };
	view->out = (uint64_t *)(void *)block;
	view->scratch = view->out + words;
	view->states = (void **)(void *)(view->scratch + words);
	for (uint32_t t = 0; t < set->tier_count; t++) {
		view->states[t] = set->tiers[t].state_bytes > 0 ? block + at : NULL;
		at += (set->tiers[t].state_bytes + 15) & ~(size_t)15;
	}
	return true;
}

static bool make_views(struct endpoint_set *set)
{
	set->views = aligned_alloc(64, set->place_count * sizeof(*set->views));
	if (set->views == NULL)
		return false;
	memset(set->views, 0, set->place_count * sizeof(*set->views));
	for (uint32_t p = 0; p < set->place_count; p++)
		if (!make_view(set, &set->views[p]))
			return false;
	return true;
}

static bool fill(struct endpoint_set *set, struct weir_error *error)
{
	struct service *svc = set->svc;

	set->tiers = mem_array(svc->tier_count, sizeof(*set->tiers));
	if (set->tiers == NULL)
		return fail_memory(error);
	set->tier_count = svc->tier_count;
	for (uint32_t t = 0; t < set->tier_count; t++)
		if (!fill_tier(svc, &set->tiers[t], listing_of(svc, t)))
			return fail_memory(error);
	for (uint32_t t = 0; t < set->tier_count; t++)
		if (!balance_build(svc, &set->tiers[t], error))
			return false;
	return make_views(set) || fail_memory(error);
}

struct endpoint_set *set_new(struct service *svc, struct weir_error *error)
{
	struct endpoint_set *set = mem_alloc(sizeof(*set));

	if (set == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	svc->sets++;
	set->svc = svc;
	set->place_count = svc->world->places;
	set->refs = set->place_count;
	set->letter.open = came_home;
	set->number = ++svc->roster->last_set;
	if (!fill(set, error)) {
		set_free(set);
		return NULL;
	}
	return set;
}
