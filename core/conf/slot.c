/* slot.c - the places where a plugin can stand. */
#include "core/conf/slot.h"

#include "core/conf/diagnostic.h"
#include "core/conf/shape.h"
#include "core/conf/tables.h"

static const char *const role_words[] = {
	[ROLE_POLICY] = "policy", [ROLE_BALANCER] = "balancer",
	[ROLE_DISCOVERY] = "discovery", [ROLE_RETRY] = "retry plugin",
	[ROLE_TRACER] = "tracer",
};

static const char *const on_error_choices[] = { "refuse", "continue", NULL };

/* What may stand beside the plugin's name, or in its place. */
static const struct weir_option host_options[] = {
	{ .name = "on_error", .type = WEIR_CHOICE, .choices = on_error_choices },
	{ .name = "when", .type = WEIR_OBJECT, .fields = conf_match_options },
	{ .name = "as", .type = CONF_NAME },
	{ .name = "isolate", .type = CONF_LATER,
	  .about = "isolating a policy" },
	{ .name = "use", .type = CONF_NAME },
	{ .name = "any", .type = CONF_POLICIES },
	{ 0 }
};

static bool check_plugin_name(struct check *c, struct weir_str name, struct place place)
{
	struct weir_error error = { "" };

	if (shape_check(&host_options[2], host_options[2].type, name, &error))
		return true;
	return diagnose(c->out, place, "%s", error.text);
}

static bool set_name(struct check *c, struct conf_slot *slot, enum slot_kind kind,
		     struct weir_str name, struct place place)
{
	if (slot->name.data != NULL)
		return diagnose(c->out, place, "one slot holds one %s, here are \"%s\" and \"%s\"; "
				"begin a new list item for the second", role_words[slot->role],
				shown(slot->name).text, shown(name).text);
	slot->kind = kind;
	slot->name = name;
	slot->place = place;
	return true;
}

/* A key that is none of the host's and comes second: a slip of the pen, or a second plugin. */
static bool plugin_key(struct check *c, struct conf_slot *slot, const struct node *child)
{
	struct nearest near;

	nearest_init(&near, child->key);
	for (const struct weir_option *row = host_options; row->name != NULL; row++)
		nearest_try(&near, row->name);
	if (slot->name.data != NULL && near.best != NULL)
		return diagnose(c->out, child->key_place, "unknown key \"%s\" beside %s%s",
				shown(child->key).text, shown(slot->name).text,
				nearest_words(&near).text);
	if (!check_plugin_name(c, child->key, child->key_place) ||
	    !set_name(c, slot, SLOT_PLUGIN, child->key, child->key_place))
		return false;
	slot->options = child;
	return true;
}

static bool host_key(struct check *c, struct conf_slot *slot, const struct weir_option *row,
		     const struct node *child)
{
	struct conf_value value;

	if (slot->role != ROLE_POLICY)
		return diagnose(c->out, child->key_place, "\"%s\" belongs to policies; it cannot "
				"stand beside a %s", row->name, role_words[slot->role]);
	if (!check_value(c, row, child, &value))
		return false;
	switch (row - host_options) {
	case 0:
		slot->go_on = str_eq(value.text, STR("continue"));
		return true;
	case 1:
		slot->when = value.object;
		return true;
	case 2:
		slot->as = value.text;
		return true;
	case 4:
		return check_note(c, value.text, child->place, true) &&
		       set_name(c, slot, SLOT_USE, value.text, child->place);
	case 5:
		slot->any = value.slots;
		slot->any_count = value.count;
		if (value.count == 0)
			return diagnose(c->out, child->place, "any: is empty; nothing could pass");
		return set_name(c, slot, SLOT_ANY, STR("any"), child->key_place);
	default:
		return true;
	}
}

static bool read_map(struct check *c, struct conf_slot *slot, const struct node *map)
{
	bool done = true;

	node_for_each(child, map) {
		int at = conf_index(host_options, child->key.data);

		if (at >= 0)
			done = host_key(c, slot, &host_options[at], child) && done;
		else
			done = plugin_key(c, slot, child) && done;
	}
	if (done && slot->name.data == NULL)
		return diagnose(c->out, map->place, "this names no %s; write its name, or "
				"{name: options}", role_words[slot->role]);
	return done;
}

static bool read_one(struct check *c, enum slot_role role, const struct node *node,
		     struct conf_slot *slot)
{
	*slot = (struct conf_slot){ .role = role };
	if (node->kind == NODE_MAP)
		return read_map(c, slot, node);
	if (node->kind == NODE_LIST || node->text.len == 0)
		return diagnose(c->out, node->place, "expected a %s: its name or {name: options}, "
				"got %s", role_words[role], node_kind_words(node));
	return check_plugin_name(c, node->text, node->place) &&
	       set_name(c, slot, SLOT_PLUGIN, node->text, node->place);
}

static enum slot_role role_of(int type)
{
	switch (type) {
	case CONF_BALANCER:
		return ROLE_BALANCER;
	case CONF_DISCOVERIES:
		return ROLE_DISCOVERY;
	case CONF_RETRY:
		return ROLE_RETRY;
	case CONF_TRACERS:
		return ROLE_TRACER;
	default:
		return ROLE_POLICY;
	}
}

bool slots_read(struct check *c, int type, const struct node *node, struct conf_value *out)
{
	bool many = node->kind == NODE_LIST &&
		    (type == CONF_POLICIES || type == CONF_DISCOVERIES || type == CONF_TRACERS);
	uint32_t count = many ? node->count : 1, at = 0;
	bool done = true;

	out->slots = arena_zero(c->arena, (count > 0 ? count : 1) * sizeof(*out->slots));
	if (out->slots == NULL)
		return diagnose_memory(c->out);
	out->count = count;
	if (!many)
		return read_one(c, role_of(type), node, out->slots);
	node_for_each(item, node)
		done = read_one(c, role_of(type), item, &out->slots[at++]) && done;
	return done;
}

bool slots_visit(struct conf_slot *slots, uint32_t count, slot_visit_fn *visit, void *context)
{
	for (uint32_t i = 0; i < count; i++) {
		if (!visit(context, &slots[i]))
			return false;
		if (!slots_visit(slots[i].any, slots[i].any_count, visit, context))
			return false;
	}
	return true;
}
