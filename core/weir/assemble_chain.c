/* assemble_chain.c - lists of policies made into chains. */
#include "core/base/mem.h"
#include "core/net/network.h"
#include "core/plugin/use.h"
#include "core/proxy/claims.h"
#include "core/proxy/exchange.h"
#include "core/proxy/templates.h"
#include "core/weir/assemble.h"

enum { USES_DEEP = 8 };		/* chains within chains */

struct laying {
	struct world *world;
	struct chain *chain;
	struct weir_str path;		/* "route tariff" */
	struct diagnostics *d;
	uint32_t depth, policies;
	bool go_on;			/* of what is being laid inside */
};

/* Links in the making. */
struct row {
	struct link *at;
	uint32_t *count;
};

/* One that is for some requests, or may be overruled, as a whole; others are written out. */
static bool is_whole(const struct conf_slot *slot)
{
	return slot->kind != SLOT_USE || slot->when != NULL || slot->go_on;
}

static uint32_t count_links(const struct world *w, const struct conf_slot *slots, uint32_t count,
			    uint32_t depth);

static uint32_t count_named(const struct world *w, const struct conf_slot *slot, uint32_t depth)
{
	const struct conf_entry *chain = conf_chain(w->conf, slot->name);

	if (chain == NULL || depth >= USES_DEEP)
		return 0;
	return count_links(w, chain->value.slots, chain->value.count, depth + 1);
}

/* How many links the slots come to. */
static uint32_t count_links(const struct world *w, const struct conf_slot *slots, uint32_t count,
			    uint32_t depth)
{
	uint32_t links = 0;

	for (uint32_t i = 0; i < count; i++)
		links += is_whole(&slots[i]) ? 1 : count_named(w, &slots[i], depth);
	return links;
}

static struct weir_str claim_of(void *arg, struct weir_str name, uint32_t n)
{
	return exchange_claim_at(arg, name, n);
}

static bool client_in(void *arg, const void *networks)
{
	return exchange_client_in(arg, networks);
}

static bool when_holds(const struct link *l, const struct exchange *ex)
{
	const struct route_ask ask = {
		.request = &ex->req,
		.claim = claim_of,
		.identity = ex->identity,
		.client_in = client_in,
		.arg = (void *)(uintptr_t)ex,
		.arena = (struct arena *)(uintptr_t)&ex->arena,
	};

	return matcher_holds(l->when, &ask);
}

static bool lay_when(struct laying *lay, struct link *l, const struct conf_slot *slot)
{
	struct route_spec spec = { .name = STR("when") };
	struct weir_error error = { "" };
	struct matcher *m;

	if (slot->when == NULL)
		return true;
	if (!match_spec(&lay->world->arena, slot->when, &spec))
		return diagnose_memory(lay->d);
	m = matcher_build(&spec, &error);
	if (m == NULL)
		return diagnose(lay->d, slot->when->place, "%s", error.text);
	if (!world_keep_matcher(lay->world, m)) {
		matcher_free(m);
		return diagnose_memory(lay->d);
	}
	l->applies = when_holds;
	l->when = m;
	return true;
}

static bool lay_policy(struct laying *lay, struct link *l, const struct conf_slot *slot)
{
	struct world *w = lay->world;
	struct weir_str path = arena_print(&w->arena, "%.*s, policy %u", STR_ARG(lay->path),
					   ++lay->policies);

	l->kind = LINK_POLICY;
	l->go_on = slot->go_on;
	l->goes_on_back = slot->go_on || lay->go_on;
	l->number = lay->chain->numbers++;
	if (lay->chain->numbers > CHAIN_MOST)
		return diagnose(lay->d, slot->place,
				"a request can pass %d policies at most, those of the listener included",
				CHAIN_MOST);
	l->use = world_use(w, AS_POLICY, slot, path, lay->d);
	l->stage = lay->chain->stage;
	if (l->use != NULL) {
		chain_note(lay->chain, l);
		l->scratch = lay->chain->scratch;
		lay->chain->scratch += (l->use->exchange_size + 15u) & ~15u;
	}
	return lay_when(lay, l, slot) && (l->use != NULL || w->gateway == NULL);
}

static bool lay_inner_policies(struct laying *lay, struct link *l, const struct conf_slot *slot)
{
	bool ok = true;

	for (uint32_t i = 0; i < slot->any_count; i++) {
		if (slot->any[i].kind != SLOT_PLUGIN)
			return diagnose(lay->d, slot->any[i].place,
					"inside any: only policies may stand, no use: and no any:");
		ok &= lay_policy(lay, &l->inner[l->inner_count++], &slot->any[i]);
	}
	return ok;
}

static bool lay_slots(struct laying *lay, struct row row, const struct conf_slot *slots, uint32_t count);

static bool lay_named(struct laying *lay, struct row row, const struct conf_slot *slot)
{
	const struct conf_entry *named = conf_chain(lay->world->conf, slot->name);
	bool ok;

	if (named == NULL || ++lay->depth > USES_DEEP)
		return diagnose(lay->d, slot->place, "chains may stand within chains %d deep",
				USES_DEEP);
	ok = lay_slots(lay, row, named->value.slots, named->value.count);
	lay->depth--;
	return ok;
}

/* `any`, or a chain with a `when` or an `on_error` of its own. */
static bool lay_group(struct laying *lay, struct link *l, const struct conf_slot *slot)
{
	uint32_t room = slot->kind == SLOT_ANY ? slot->any_count
					       : count_named(lay->world, slot, lay->depth);
	bool before = lay->go_on, ok;

	l->kind = slot->kind == SLOT_ANY ? LINK_ANY : LINK_ALL;
	l->go_on = slot->go_on;
	l->inner = arena_zero(&lay->world->arena, (room + 1) * sizeof(*l->inner));
	if (l->inner == NULL)
		return diagnose_memory(lay->d);
	lay->go_on |= slot->go_on;
	ok = slot->kind == SLOT_ANY
		? lay_inner_policies(lay, l, slot)
		: lay_named(lay, (struct row){ l->inner, &l->inner_count }, slot);
	lay->go_on = before;
	return ok && lay_when(lay, l, slot);
}

static bool lay_slots(struct laying *lay, struct row row, const struct conf_slot *slots, uint32_t count)
{
	bool ok = true;

	for (uint32_t i = 0; i < count; i++) {
		const struct conf_slot *slot = &slots[i];

		if (!is_whole(slot))
			ok &= lay_named(lay, row, slot);
		else if (slot->kind == SLOT_PLUGIN)
			ok &= lay_policy(lay, &row.at[(*row.count)++], slot);
		else
			ok &= lay_group(lay, &row.at[(*row.count)++], slot);
	}
	return ok;
}

bool assemble_chain(struct world *w, struct chain *chain, const struct conf_slot *slots,
		    uint32_t count, struct weir_str path, const struct chain *before,
		    struct diagnostics *d)
{
	struct laying l = { .world = w, .chain = chain, .path = path, .d = d };

	*chain = (struct chain){ 0 };
	chain->stage = before != NULL ? STAGE_ROUTE : STAGE_LISTENER;
	if (before != NULL)		/* numbers go on where the listener's end */
		chain->numbers = before->numbers;
	if (count == 0)
		return true;
	chain->links = arena_zero(&w->arena, (count_links(w, slots, count, 0) + 1) *
						     sizeof(*chain->links));
	if (chain->links == NULL)
		return diagnose_memory(d);
	return lay_slots(&l, (struct row){ chain->links, &chain->count }, slots, count);
}
