/* explain_policies.c - which policies a request would pass. */
#include "core/weir/explain_policies.h"

#include "core/conf/show.h"
#include "core/plugin/uses.h"

struct listing {
	const struct world *world;
	const struct route_ask *ask;
	const struct weir_question *question;
};

static json_t *text(struct weir_str s)
{
	return s.data != NULL ? json_stringn(s.data, s.len) : json_null();
}

/* As the request would find it. What cannot be compiled has been refused when the file was read. */
static bool applies(const struct listing *l, const struct conf_slot *slot)
{
	struct route_spec spec = { .name = STR("when") };
	struct weir_error error = { "" };
	struct matcher *m;
	bool holds;

	if (!match_spec(l->ask->arena, slot->when, &spec))
		return true;
	m = matcher_build(&spec, &error);
	holds = m == NULL || matcher_holds(m, l->ask);
	matcher_free(m);
	return holds;
}

static void add_slots(const struct listing *l, json_t *list, const struct conf_slot *slots,
		      uint32_t count, struct weir_str chain);

static const char *verdict_word(enum weir_verdict verdict)
{
	return verdict == WEIR_NEXT ? "passes" : verdict == WEIR_FAILED ? "wants" : "refuses";
}

/* What it says that it would decide, or what it wants of a request that is to pass. */
static void add_verdict(const struct listing *l, json_t *one, const struct conf_slot *slot)
{
	const struct use_order order = { .role = AS_POLICY, .plugin = slot->name, .name = slot->as,
					 .values = slot->values };
	enum weir_verdict verdict = WEIR_NEXT;
	struct weir_error said = { "" };

	if (!uses_explain(l->world->uses_of_all, &order, l->question, &verdict, &said))
		return;
	json_object_set_new(one, "verdict", json_string(verdict_word(verdict)));
	json_object_set_new(one, "says", json_string(said.text));
}

static void add_what(const struct listing *l, json_t *one, const struct conf_slot *slot)
{
	const struct conf_entry *named;
	json_t *inner = json_array();

	if (slot->kind == SLOT_ANY) {
		add_slots(l, inner, slot->any, slot->any_count, STR_ABSENT);
		json_object_set_new(one, "any", inner);
		return;
	}
	if (slot->kind == SLOT_USE) {
		named = conf_chain(l->world->conf, slot->name);
		if (named != NULL)
			add_slots(l, inner, named->value.slots, named->value.count, STR_ABSENT);
		json_object_set_new(one, "use", text(slot->name));
		json_object_set_new(one, "policies", inner);
		return;
	}
	json_decref(inner);
	json_object_set_new(one, "policy", text(slot->name));
	if (slot->values != NULL)
		json_object_set_new(one, "options", show_values(slot->values));
	add_verdict(l, one, slot);
}

static json_t *slot_json(const struct listing *l, const struct conf_slot *slot)
{
	json_t *one = json_object();

	add_what(l, one, slot);
	if (slot->as.data != NULL)
		json_object_set_new(one, "as", text(slot->as));
	if (slot->go_on)
		json_object_set_new(one, "on_error", json_string("continue"));
	if (slot->when != NULL) {
		json_object_set_new(one, "when", show_values(slot->when));
		json_object_set_new(one, "applies", json_boolean(applies(l, slot)));
	}
	return one;
}

static void add_slots(const struct listing *l, json_t *list, const struct conf_slot *slots,
		      uint32_t count, struct weir_str chain)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct conf_entry *named;
		json_t *one;

		if (slots[i].kind == SLOT_USE && slots[i].when == NULL &&
		    !slots[i].go_on && slots[i].as.data == NULL) {
			named = conf_chain(l->world->conf, slots[i].name);
			if (named != NULL)
				add_slots(l, list, named->value.slots, named->value.count,
					  slots[i].name);
			continue;
		}
		one = slot_json(l, &slots[i]);
		if (chain.data != NULL)
			json_object_set_new(one, "chain", text(chain));
		json_array_append_new(list, one);
	}
}

json_t *explain_policies(const struct world *w, const struct listener_plan *listener,
			 const struct plan *plan, const struct route_ask *ask,
			 const struct weir_question *question)
{
	const struct listing l = { w, ask, question };
	json_t *list = json_array();
	uint32_t count, slots;
	const struct conf_entry *listeners = conf_entries(w->conf->top, "listen", &count);

	for (uint32_t i = 0; i < count; i++) {
		const struct conf_slot *own;

		if (!str_eq(listeners[i].key, listener->name))
			continue;
		own = conf_slots(listeners[i].value.object, "policies", &slots);
		add_slots(&l, list, own, slots, STR_ABSENT);
	}
	if (plan != NULL && plan->conf != NULL) {
		const struct conf_slot *own = conf_slots(plan->conf, "policies", &slots);

		add_slots(&l, list, own, slots, STR_ABSENT);
	}
	return list;
}
