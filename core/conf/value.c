/* value.c - one value of an option: scalars, lists, maps, objects. */
#include "core/conf/diagnostic.h"
#include "core/conf/reading.h"
#include "core/conf/shape.h"
#include "core/conf/slot.h"
#include "core/conf/source.h"

/* The key under which the operator wrote it. */
static const char *name_of(const struct reading *r, const struct node *node)
{
	return node->key.data != NULL ? node->key.data : r->row->name;
}

static bool wrong_kind(struct reading *r, enum weir_option_type type, const struct node *node)
{
	const char *hint = node->kind != NODE_MAP ? "" :
			   "; quote this value if it is meant as text";
	struct option_words expects = option_expects(r->row, type);

	if (node_is_nothing(node))
		return diagnose(r->c->out, node->place, "%.60s: has no value; expected %s",
				name_of(r, node), expects.text);
	return diagnose(r->c->out, node->place, "%.60s: expected %s, got %s%s", name_of(r, node),
			expects.text, node_kind_words(node), hint);
}

static struct weir_str lower_copy(struct arena *arena, struct weir_str text)
{
	struct weir_str copy = text_copy(arena, text);

	for (size_t i = 0; copy.data != NULL && i < copy.len; i++)
		((char *)copy.data)[i] = ascii_lower(copy.data[i]);
	return copy;
}

static bool is_choice(const struct weir_option *row, struct weir_str text)
{
	for (const char *const *word = row->choices; word != NULL && *word != NULL; word++)
		if (str_eq(text, str_from(*word)))
			return true;
	return false;
}

static struct weir_str resolve_unix(struct check *c, const struct node *node)
{
	struct weir_str parts[2] = { STR("unix:"), STR_ABSENT }, joined;

	parts[1] = source_resolve(c->arena, node->place.file, str_skip(node->text, 5));
	joined = arena_join(c->arena, parts, 2);
	return parts[1].data != NULL ? text_copy(c->arena, joined) : STR_ABSENT;
}

/* What a text becomes beyond its shape: paths are resolved, header names small, services noted. */
static bool settle_text(struct reading *r, enum weir_option_type type, const struct node *node,
			struct conf_value *out)
{
	struct check *c = r->c;

	switch ((int)type) {
	case WEIR_PATH: case CONF_OUTPUT:
		if (is_choice(r->row, out->text))
			return true;
		out->text = source_resolve(c->arena, node->place.file, out->text);
		if (out->text.data != NULL && c->files != NULL && type == WEIR_PATH &&
		    !source_add(c->files, out->text, SOURCE_NAMED))
			out->text.data = NULL;
		break;
	case WEIR_ADDRESS:
		if (str_starts(out->text, STR("unix:")))
			out->text = resolve_unix(c, node);
		break;
	case WEIR_HEADER_NAME:
		out->text = lower_copy(c->arena, out->text);
		break;
	case WEIR_SERVICE:
		return check_note(c, out->text, node->place, false);
	default:
		return true;
	}
	return out->text.data != NULL || diagnose_memory(c->out);
}

static bool is_texty(enum weir_option_type type)
{
	switch ((int)type) {
	case WEIR_BOOLEAN: case WEIR_INTEGER: case WEIR_NUMBER: case WEIR_DURATION:
	case WEIR_SIZE: case WEIR_RATE: case WEIR_SHARE:
		return false;
	default:
		return true;
	}
}

static bool read_scalar(struct reading *r, enum weir_option_type type, const struct node *node,
			struct conf_value *out)
{
	struct weir_error error = { "" };

	if (node->kind != NODE_SCALAR || node_is_nothing(node))
		return wrong_kind(r, type, node);
	if (node->faulty)
		return false;
	out->secret = node->secret || type == WEIR_SECRET;
	if (!scalar_read(r->row, type, node->text, out, &error))
		return diagnose(r->c->out, node->place, "%.60s: %s", name_of(r, node),
				!out->secret ? error.text : "the value, which is secret and not "
				"shown, is not what was expected");
	return !is_texty(type) || out->none || settle_text(r, type, node, out);
}

static bool later(struct reading *r, const struct node *node, struct conf_value *out)
{
	if (node->kind == NODE_SCALAR && str_eq(node->text, STR("false")))
		return true;
	out->boolean = false;
	return diagnose(r->c->out, node->key.data != NULL ? node->key_place : node->place,
			"%.60s: %s is not in this version; remove it", name_of(r, node),
			r->row->about);
}

static bool check_map_key(struct reading *r, struct node *child, struct weir_str *key)
{
	struct weir_error error = { "" };

	*key = child->key;
	if (r->row->keys == 0)
		return true;
	if (!shape_check(r->row, r->row->keys, child->key, &error))
		return diagnose(r->c->out, child->key_place, "%s: %s", r->row->name, error.text);
	if (r->row->keys == WEIR_SERVICE)
		return check_note(r->c, child->key, child->key_place, false);
	if (r->row->keys == WEIR_HEADER_NAME)
		*key = lower_copy(r->c->arena, child->key);
	return key->data != NULL || diagnose_memory(r->c->out);
}

static bool entries_have(const struct conf_entry *entries, uint32_t count, struct weir_str key)
{
	for (uint32_t i = 0; i < count; i++)
		if (str_eq(entries[i].key, key))
			return true;
	return false;
}

/* What lies under and is not hidden comes behind. */
static uint32_t add_entries_under(const struct conf_value *under, struct conf_entry *entries,
				  uint32_t count)
{
	uint32_t own = count;

	for (uint32_t i = 0; i < under->count; i++)
		if (!entries_have(entries, own, under->entries[i].key))
			entries[count++] = under->entries[i];
	return count;
}

static bool read_entries(struct reading *r, const struct node *node, struct conf_value *out)
{
	struct weir_option row = *r->row;
	struct reading item = { .c = r->c, .row = &row };
	uint32_t most = node->count + (r->under != NULL ? r->under->count : 0);
	struct conf_entry *entries;
	bool done = true;

	if (node->kind != NODE_MAP)
		return wrong_kind(r, WEIR_MAP, node);
	entries = arena_zero(r->c->arena, most * sizeof(*entries));
	if (entries == NULL && most > 0)
		return diagnose_memory(r->c->out);
	row.type = row.of;
	out->entries = entries;
	node_for_each(child, node) {
		struct conf_entry *entry = &entries[out->count];

		entry->key_place = child->key_place;
		if (check_map_key(r, child, &entry->key) &&
		    reading_value(&item, child, &entry->value))
			out->count++;
		else
			done = false;
	}
	if (r->under != NULL)
		out->count = add_entries_under(r->under, entries, out->count);
	return done;
}

/* A faulty one is kept without its faults, so that they are not taken for further ones. */
static bool read_object(struct reading *r, const struct node *node, struct conf_value *out)
{
	out->object = check_table(r->c, r->row->fields, node,
				  r->under != NULL ? r->under->object : NULL, node->place,
				  r->partial);
	return out->object != NULL;
}

static bool read_one(struct reading *r, const struct node *node, struct conf_value *out)
{
	switch ((int)r->row->type) {
	case WEIR_OBJECT:
		return read_object(r, node, out);
	case WEIR_MAP:
		return read_entries(r, node, out);
	case CONF_ANY:
		out->node = node;
		return true;
	case CONF_POLICIES: case CONF_BALANCER: case CONF_DISCOVERIES: case CONF_RETRY:
	case CONF_TRACERS:
		return slots_read(r->c, (int)r->row->type, node, out);
	case CONF_LATER:
		return later(r, node, out);
	default:
		return read_scalar(r, r->row->type, node, out);
	}
}

/* A single value stands for a list of one. */
static bool read_list(struct reading *r, const struct node *node, struct conf_value *out)
{
	struct weir_option row = *r->row;
	struct reading item = { .c = r->c, .row = &row };
	bool single = node->kind != NODE_LIST, done = true;
	uint32_t count = single ? 1 : node->count;
	struct conf_value *items = arena_zero(r->c->arena, count * sizeof(*items));

	if (items == NULL && count > 0)
		return diagnose_memory(r->c->out);
	out->items = items;
	for (const struct node *at = single ? node : node->first; at != NULL; at = at->next) {
		items[out->count] = (struct conf_value){ .place = at->place, .given = true };
		if (read_one(&item, at, &items[out->count]))
			out->count++;
		else
			done = false;
		if (single)
			break;
	}
	return done;
}

bool reading_value(struct reading *r, const struct node *node, struct conf_value *out)
{
	*out = (struct conf_value){ .place = node->place, .given = true };
	if (r->row->list || r->row->type == WEIR_KEY)
		return read_list(r, node, out);
	return read_one(r, node, out);
}

bool check_value(struct check *c, const struct weir_option *row, const struct node *node,
		 struct conf_value *out)
{
	struct reading r = { .c = c, .row = row };

	return reading_value(&r, node, out);
}
