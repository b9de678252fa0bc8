/* show.c - the effective configuration as JSON. */
#include "core/conf/show.h"

#include <stdio.h>

#include "core/base/mem.h"
#include "core/conf/json_put.h"
#include "core/conf/tree.h"

/* A span of time in the largest unit that is whole. */
static json_t *show_duration(uint64_t ns)
{
	static const struct {
		uint64_t ns;
		const char *name;
	} units[] = { { 3600000000000, "h" }, { 60000000000, "m" }, { 1000000000, "s" },
		      { 1000000, "ms" }, { 1000, "us" } };
	char text[32];

	if (ns == 0)
		return json_string("0s");
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (ns % units[i].ns != 0)
			continue;
		(void)snprintf(text, sizeof(text), "%llu%s",
			       (unsigned long long)(ns / units[i].ns), units[i].name);
		return json_string(text);
	}
	(void)snprintf(text, sizeof(text), "%gus", (double)ns / 1000);
	return json_string(text);
}

static json_t *show_size(uint64_t bytes)
{
	static const char units[] = "bkmg";
	char text[32];
	size_t unit = 0;

	while (unit < 3 && bytes > 0 && bytes % 1024 == 0) {
		bytes /= 1024;
		unit++;
	}
	(void)snprintf(text, sizeof(text), "%llu%c", (unsigned long long)bytes, units[unit]);
	return json_string(text);
}

static json_t *show_number(double number, const char *unit)
{
	char text[48];

	(void)snprintf(text, sizeof(text), "%.10g%s", number, unit);
	return json_string(text);
}

/* What was written and not checked against a table. */
static json_t *show_node(const struct node *node)
{
	struct json_under_way j;

	if (node->secret)
		return json_string(SHOW_MASK);
	if (node->kind == NODE_SCALAR)
		return json_from_str(node->text);
	j = json_begin(node->kind == NODE_MAP ? json_object() : json_array());
	node_for_each(child, node) {
		if (node->kind == NODE_LIST)
			json_push(&j, show_node(child));
		else if (json_object_set_new(j.value, child->key.data, show_node(child)) != 0)
			j.failed = true;
	}
	return json_end(&j);
}

static json_t *show_slots(const struct conf_slot *slots, uint32_t count);

static json_t *show_options(const struct conf_slot *slot)
{
	if (slot->values != NULL)
		return show_values(slot->values);
	return slot->options != NULL ? show_node(slot->options) : json_object();
}

static json_t *show_slot(const struct conf_slot *slot)
{
	struct json_under_way j = json_begin(json_object());

	if (slot->kind == SLOT_ANY)
		json_put(&j, "any", show_slots(slot->any, slot->any_count));
	else if (slot->kind == SLOT_USE)
		json_put(&j, "use", json_from_str(slot->name));
	else if (slot->name.data != NULL)
		json_put(&j, slot->name.data, show_options(slot));
	if (slot->role == ROLE_POLICY && (slot->kind == SLOT_PLUGIN || slot->go_on))
		json_put_text(&j, "on_error", slot->go_on ? "continue" : "refuse");
	if (slot->when != NULL)
		json_put(&j, "when", show_values(slot->when));
	if (slot->as.data != NULL)
		json_put(&j, "as", json_from_str(slot->as));
	return json_end(&j);
}

static json_t *show_slots(const struct conf_slot *slots, uint32_t count)
{
	struct json_under_way j = json_begin(json_array());

	for (uint32_t i = 0; i < count; i++)
		json_push(&j, show_slot(&slots[i]));
	return json_end(&j);
}

static json_t *show_value(const struct weir_option *row, enum weir_option_type type, bool list,
			  const struct conf_value *value);

static json_t *show_list(const struct weir_option *row, enum weir_option_type type,
			 const struct conf_value *value)
{
	struct json_under_way j = json_begin(json_array());

	for (uint32_t i = 0; i < value->count; i++)
		json_push(&j, show_value(row, type, false, &value->items[i]));
	return json_end(&j);
}

static json_t *show_entries(const struct weir_option *row, const struct conf_value *value)
{
	struct json_under_way j = json_begin(json_object());

	for (uint32_t i = 0; i < value->count; i++) {
		const struct conf_entry *entry = &value->entries[i];

		if (json_object_set_new(j.value, entry->key.data,
					show_value(row, row->of, false, &entry->value)) != 0)
			j.failed = true;
	}
	return json_end(&j);
}

static json_t *show_single(enum weir_option_type type, const struct conf_value *value)
{
	switch ((int)type) {
	case WEIR_BOOLEAN: case CONF_LATER:
		return json_boolean(value->boolean);
	case WEIR_INTEGER:
		return json_integer(value->integer);
	case WEIR_NUMBER:
		return json_real(value->number);
	case WEIR_DURATION:
		return show_duration(value->whole);
	case WEIR_SIZE:
		return show_size(value->whole);
	case WEIR_RATE:
		return show_number(value->number, "/s");
	case WEIR_SHARE:
		return show_number(value->number * 100, "%");
	case CONF_ANY:
		return show_node(value->node);
	case CONF_POLICIES: case CONF_DISCOVERIES: case CONF_TRACERS:
		return show_slots(value->slots, value->count);
	case CONF_BALANCER: case CONF_RETRY:
		return value->count > 0 ? show_slot(value->slots) : json_null();
	default:
		return json_from_str(value->text);
	}
}

static json_t *show_value(const struct weir_option *row, enum weir_option_type type, bool list,
			  const struct conf_value *value)
{
	if (value->secret)
		return json_string(SHOW_MASK);
	if (value->none)
		return json_string("none");
	if (list)
		return show_list(row, type, value);
	if (type == WEIR_MAP)
		return show_entries(row, value);
	if (type == WEIR_OBJECT)
		return show_values(value->object);
	return show_single(type, value);
}

json_t *show_values(const struct conf_values *values)
{
	struct json_under_way j = json_begin(json_object());

	for (uint32_t i = 0; i < values->count; i++) {
		const struct weir_option *row = &values->table[i];

		if (values->at[i] != NULL)
			json_put(&j, row->name, show_value(row, row->type, row->list ||
							   row->type == WEIR_KEY, values->at[i]));
	}
	return json_end(&j);
}

json_t *show_configuration(const struct conf *conf)
{
	return show_values(conf->top);
}
