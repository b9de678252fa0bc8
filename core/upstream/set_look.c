/* set_look.c - which tier is used, and which of its members may be picked, at this moment. */
#include "config.h"

#include "core/base/clock.h"
#include "core/upstream/roster.h"
#include "core/upstream/sets.h"

/* From the best to the last resort. A tier is as good as its best member. */
enum level {
	LEVEL_GOOD,	/* may be picked */
	LEVEL_UNKNOWN,	/* its first check has not come back */
	LEVEL_EJECTED,
	LEVEL_BAD,	/* its checks fail: never picked */
};

static enum level level_of(const struct endpoint *ep)
{
	enum health health = endpoint_health(ep).state;

	if (health == HEALTH_BAD)
		return LEVEL_BAD;
	if (endpoint_ejection(ep).state != EJECTION_NONE)
		return LEVEL_EJECTED;
	return health == HEALTH_UNKNOWN ? LEVEL_UNKNOWN : LEVEL_GOOD;
}

static enum level best_of(const struct set_tier *tier)
{
	enum level best = LEVEL_BAD;

	for (uint32_t i = 0; i < tier->count && best != LEVEL_GOOD; i++) {
		enum level level = level_of(tier->members[i]);

		if (level < best)
			best = level;
	}
	return best;
}

/* The first of the tiers that are as good as any. */
struct set_picture set_picture(const struct endpoint_set *set)
{
	struct set_picture picture = { .tier = set->tier_count, .worst = LEVEL_BAD };

	for (uint32_t t = 0; t < set->tier_count; t++) {
		enum level level = best_of(&set->tiers[t]);

		if ((int)level < picture.worst) {
			picture.worst = (int)level;
			picture.tier = t;
		}
	}
	picture.panic = picture.worst == LEVEL_EJECTED;
	return picture;
}

bool set_may_be_picked(const struct set_picture *picture, const struct endpoint *ep)
{
	enum level level = level_of(ep);

	return level != LEVEL_BAD && (int)level <= picture->worst;
}

static void look_again_at(struct set_view *view, uint64_t at)
{
	if (at < view->due)
		view->due = at;
}

static void mark_members(const struct endpoint_set *set, struct set_view *view,
			 const struct set_picture *picture)
{
	const struct set_tier *tier = &set->tiers[view->tier];

	memset(view->out, 0, (tier->count + 63) / 64 * sizeof(*view->out));
	for (uint32_t i = 0; i < tier->count; i++) {
		if (set_may_be_picked(picture, tier->members[i]))
			view->usable++;
		else
			bit_set(view->out, i);
	}
}

static void note_warming(const struct endpoint_set *set, struct set_view *view, uint64_t now)
{
	const struct set_tier *tier = &set->tiers[view->tier];
	uint64_t span = set->svc->settings.slow_start;

	for (uint32_t i = 0; span > 0 && i < tier->count; i++) {
		uint64_t from = atomic_load_explicit(&tier->members[i]->warm_from,
						     memory_order_relaxed);

		if (from == 0 || clock_after(from, span) <= now)
			continue;
		view->warming = true;
		look_again_at(view, clock_after(from, span));
	}
}

/* Trials are for the tier that is used and for those it stands in for. */
static void note_trial(const struct endpoint_set *set, struct set_view *view, uint64_t now,
		       uint32_t t, uint32_t i)
{
	const struct endpoint *ep = set->tiers[t].members[i];
	uint64_t until;

	if (endpoint_ejection(ep).state != EJECTION_OUT || endpoint_health(ep).state == HEALTH_BAD)
		return;
	until = atomic_load_explicit(&ep->ejected_until, memory_order_relaxed);
	if (until > now) {
		look_again_at(view, until);
	} else if (view->trial == NO_MEMBER) {
		view->trial_tier = t;
		view->trial = i;
	}
}

static void note_trials(const struct endpoint_set *set, struct set_view *view, uint64_t now)
{
	for (uint32_t t = 0; t < set->tier_count && t <= view->tier; t++)
		for (uint32_t i = 0; i < set->tiers[t].count; i++)
			note_trial(set, view, now, t, i);
}

void set_look(struct endpoint_set *set, struct set_view *view, uint64_t now)
{
	struct roster *r = set->svc->roster;
	struct set_picture picture;

	/* First the number: what moves while we look is looked at again. */
	view->version = atomic_load_explicit(&r->version, memory_order_acquire);
	view->looked = true;
	view->due = CLOCK_NEVER;
	view->trial = NO_MEMBER;
	view->warming = false;
	view->usable = 0;
	picture = set_picture(set);
	view->tier = picture.tier;
	view->panic = picture.panic;
	if (view->tier < set->tier_count) {
		mark_members(set, view, &picture);
		note_warming(set, view, now);
	}
	if (atomic_load_explicit(&r->ejected, memory_order_relaxed) > 0)
		note_trials(set, view, now);
}
