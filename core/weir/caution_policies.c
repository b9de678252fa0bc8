/* caution_policies.c - policies in an order that cannot be meant, and claims that nobody learns. */
#include <weir/policy.h>

#include "core/base/mem.h"
#include "core/plugin/registry.h"
#include "core/route/key.h"
#include "core/weir/assemble.h"
#include "core/weir/caution.h"

enum { USES_DEEP = 8, SAID_MOST = DIAGNOSTICS_MOST };

struct look {
	const struct world *world;
	struct diagnostics *d;
	struct arena scratch;
	const void *said[SAID_MOST];	/* slots of chains are met once for each route */
	uint32_t said_count;
	bool fine;
};

/* What is certain at one place in the line of policies. */
struct standing {
	bool claims;				/* somebody before may have learnt claims */
	const struct conf_slot *answers;	/* somebody before may have answered; or NULL */
};

static bool say_once(struct look *look, const void *what)
{
	for (uint32_t i = 0; i < look->said_count; i++)
		if (look->said[i] == what)
			return false;
	if (look->said_count < SAID_MOST)
		look->said[look->said_count++] = what;
	return true;
}

/* --- Who asks for claims. ----------------------------------------------------------------------- */

static const struct conf_value *claim_in(struct look *look, const struct conf_values *values);

static bool key_asks_claim(struct look *look, const struct conf_value *v)
{
	struct weir_str parts[16];
	const struct key *key;

	for (uint32_t i = 0; i < v->count && i < ARRAY_LEN(parts); i++)
		parts[i] = v->items[i].text;
	key = key_compile(&look->scratch, parts, v->count < 16 ? v->count : 16, NULL);
	return key != NULL && key_asks(key, KEY_CLAIM);
}

static bool template_asks_claim(struct look *look, struct weir_str text)
{
	const struct template *t = template_compile(&look->scratch, text, NULL);

	return t != NULL && template_asks(t, KEY_CLAIM);
}

/* The value that asks, or NULL. */
static const struct conf_value *claim_in_value(struct look *look, enum weir_option_type type,
					       const struct conf_value *v)
{
	if (type == WEIR_KEY)
		return key_asks_claim(look, v) ? v : NULL;
	if (type == WEIR_TEMPLATE)
		return template_asks_claim(look, v->text) ? v : NULL;
	return type == WEIR_OBJECT ? claim_in(look, v->object) : NULL;
}

static const struct conf_value *claim_in_row(struct look *look, const struct weir_option *row,
					     const struct conf_value *v)
{
	const struct conf_value *found = NULL;

	if (row->type == WEIR_MAP) {
		for (uint32_t i = 0; i < v->count && found == NULL; i++)
			found = claim_in_value(look, row->of, &v->entries[i].value);
	} else if (row->list && row->type != WEIR_KEY) {
		for (uint32_t i = 0; i < v->count && found == NULL; i++)
			found = claim_in_value(look, row->type, &v->items[i]);
	} else {
		found = claim_in_value(look, row->type, v);
	}
	arena_reset(&look->scratch);
	return found;
}

static const struct conf_value *claim_in(struct look *look, const struct conf_values *values)
{
	const struct conf_value *found = NULL;

	for (uint32_t i = 0; values != NULL && i < values->count && found == NULL; i++)
		if (values->at[i] != NULL)
			found = claim_in_row(look, &values->table[i], values->at[i]);
	return found;
}

static struct place place_of(const struct conf_value *v, struct place otherwise)
{
	return v->place.file != NULL ? v->place : otherwise;
}

/* --- Along the line. ---------------------------------------------------------------------------- */

static unsigned traits_of(const struct look *look, const struct conf_slot *slot)
{
	struct weir_error error = { "" };
	const struct kind *kind = registry_find_role(look->world->registry, slot->name, AS_POLICY,
						     &error);

	return kind != NULL ? kind->plugin.policy->traits : 0;
}

static bool matches_on_claims(const struct conf_values *match)
{
	uint32_t count = 0;

	if (match != NULL)
		(void)conf_entries(match, "claim", &count);
	return count > 0;
}

static void look_at_claims(struct look *look, const struct conf_slot *slot)
{
	const struct conf_value *asks = claim_in(look, slot->values);

	if (matches_on_claims(slot->when) && say_once(look, slot->when))
		look->fine = diagnose(look->d, conf_place(slot->when, "claim"), "%.*s waits for a claim "
				      "that nobody can have learnt; put a policy that learns claims, "
				      "such as jwt, before it", STR_ARG(slot->name));
	if (asks != NULL && say_once(look, asks))
		diagnose_warning(look->d, place_of(asks, slot->place), "%.*s asks for a claim, but no "
				 "policy before it learns claims, so it is always empty; put one that "
				 "does, such as jwt, before it", STR_ARG(slot->name));
}

static void look_at_policy(struct look *look, const struct conf_slot *slot, struct standing *st)
{
	unsigned traits = traits_of(look, slot);

	if (!st->claims)
		look_at_claims(look, slot);
	if ((traits & WEIR_AUTHORISES) != 0 && st->answers != NULL && say_once(look, slot))
		diagnose_warning(look->d, slot->place, "%.*s refuses those who may not pass, but %.*s at "
				 "%s comes before it and may have answered them; put %.*s first",
				 STR_ARG(slot->name), STR_ARG(st->answers->name),
				 place_words(st->answers->place).text, STR_ARG(slot->name));
	st->claims = st->claims || (traits & WEIR_SETS_CLAIMS) != 0;
	if (st->answers == NULL && (traits & WEIR_ANSWERS) != 0)
		st->answers = slot;
}

static void walk(struct look *look, const struct conf_slot *slots, uint32_t count, uint32_t depth,
		 struct standing *st)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct conf_slot *slot = &slots[i];
		const struct conf_entry *chain;

		if (slot->kind != SLOT_PLUGIN && !st->claims)
			look_at_claims(look, slot);	/* its `when` */
		if (slot->kind == SLOT_PLUGIN) {
			look_at_policy(look, slot, st);
		} else if (slot->kind == SLOT_ANY) {
			walk(look, slot->any, slot->any_count, depth, st);
		} else {
			chain = conf_chain(look->world->conf, slot->name);
			if (chain != NULL && depth < USES_DEEP)
				walk(look, chain->value.slots, chain->value.count, depth + 1, st);
		}
	}
}

static struct standing behind(struct look *look, const struct conf_values *c, struct standing st)
{
	uint32_t count;
	const struct conf_slot *slots = conf_slots(c, "policies", &count);

	walk(look, slots, count, 0, &st);
	return st;
}

/* --- Listeners and their routes. ---------------------------------------------------------------- */

static const struct listener_plan *plan_of(const struct world *w, struct weir_str name)
{
	const struct snapshot *s = &w->snapshot;

	for (uint32_t i = 0; i < s->listener_slots; i++)
		if (s->listeners[i] != NULL && str_eq(s->listeners[i]->name, name))
			return s->listeners[i];
	return NULL;
}

struct served {
	const struct listener_plan *plan;
	struct standing standing;	/* behind its policies */
};

/* Claims that a route matches on must be known on every listener that has it: a route's own policies run
 * when it has been chosen. */
static void look_at_match(struct look *look, const struct conf_values *route, struct weir_str name,
			  const struct listener_plan *lp)
{
	const struct conf_values *match = conf_object(route, "match");

	if (matches_on_claims(match))
		look->fine = diagnose(look->d, conf_place(match, "claim"), "route %.*s matches on a claim, "
				      "but no policy of listener %.*s learns claims; put one that does, "
				      "such as jwt, there (a route's own policies come too late)",
				      STR_ARG(name), STR_ARG(lp->name));
}

static void look_at_route(struct look *look, const struct conf_value *item, struct weir_str name,
			  const struct served *served, uint32_t count)
{
	const struct conf_values *route = item->object;
	struct standing st = { .claims = true };
	const struct conf_value *asks;

	for (uint32_t i = 0; i < count; i++) {
		const struct served *by = &served[i];

		if (by->plan == NULL || by->plan->redirect != NULL ||
		    !listener_serves(by->plan, route))
			continue;
		st.claims = st.claims && by->standing.claims;
		if (st.answers == NULL)
			st.answers = by->standing.answers;
		if (!by->standing.claims)
			look_at_match(look, route, name, by->plan);
	}
	st = behind(look, route, st);
	asks = st.claims ? NULL : claim_in(look, route);
	if (asks != NULL && say_once(look, asks))
		diagnose_warning(look->d, place_of(asks, item->place), "route %.*s asks for a claim, but "
				 "no policy on its way learns claims, so it is always empty; put one "
				 "that does, such as jwt, into its policies", STR_ARG(name));
}

bool caution_policies(const struct world *w, struct diagnostics *d)
{
	struct look look = { .world = w, .d = d, .fine = true };
	uint32_t count, listeners;
	const struct conf_entry *listen = conf_entries(w->conf->top, "listen", &listeners);
	const struct conf_value *routes = conf_items(w->conf->top, "routes", &count);
	struct served *served;

	arena_init(&look.scratch, NULL, 1 << 20);
	served = mem_array(listeners + (size_t)1, sizeof(*served));
	for (uint32_t i = 0; served != NULL && i < listeners; i++)
		served[i] = (struct served){
			.plan = plan_of(w, listen[i].key),
			.standing = behind(&look, listen[i].value.object, (struct standing){ 0 }),
		};
	for (uint32_t i = 0; served != NULL && i < count; i++)
		look_at_route(&look, &routes[i], w->specs[i].name, served, listeners);
	arena_reset(&look.scratch);
	if (served == NULL)
		return diagnose_memory(d);
	mem_free(served);
	return look.fine;
}
