/* copy.c - checked options that must outlive the configuration they were read from. */
#include "config.h"

#include "core/conf/copy.h"

#include "core/conf/tree.h"

enum held { HELD_TEXT, HELD_NUMBER, HELD_BOOLEAN, HELD_OBJECT, HELD_ITEMS, HELD_ENTRIES };

static enum held held_of_type(enum weir_option_type type)
{
	switch (type) {
	case WEIR_BOOLEAN:
		return HELD_BOOLEAN;
	case WEIR_INTEGER: case WEIR_NUMBER: case WEIR_DURATION: case WEIR_SIZE: case WEIR_RATE:
	case WEIR_SHARE:
		return HELD_NUMBER;
	case WEIR_OBJECT:
		return HELD_OBJECT;
	default:
		return HELD_TEXT;
	}
}

static enum held held_of(const struct weir_option *row)
{
	if (row->list || row->type == WEIR_KEY)
		return HELD_ITEMS;
	return row->type == WEIR_MAP ? HELD_ENTRIES : held_of_type(row->type);
}

/* Of one item of a list, or one entry of a map. */
static enum held held_inside(const struct weir_option *row)
{
	return held_of_type(row->type == WEIR_MAP ? row->of : row->type);
}

/* Copying ------------------------------------------------------------------- */

static bool copy_place(struct arena *arena, struct place *place)
{
	if (place->file != NULL)
		place->file = text_copy(arena, str_from(place->file)).data;
	return true;
}

static bool copy_one(struct arena *arena, enum held held, struct conf_value *value)
{
	(void)copy_place(arena, &value->place);
	if (held == HELD_TEXT && value->text.data != NULL) {
		value->text = text_copy(arena, value->text);
		return value->text.data != NULL;
	}
	if (held == HELD_OBJECT && value->object != NULL) {
		value->object = values_copy(arena, value->object);
		return value->object != NULL;
	}
	return true;
}

static bool copy_items(struct arena *arena, enum held inside, struct conf_value *value)
{
	struct conf_value *items = arena_zero(arena, (value->count + 1) * sizeof(*items));

	if (items == NULL)
		return false;
	for (uint32_t i = 0; i < value->count; i++) {
		items[i] = value->items[i];
		if (!copy_one(arena, inside, &items[i]))
			return false;
	}
	value->items = items;
	return true;
}

static bool copy_entries(struct arena *arena, enum held inside, struct conf_value *value)
{
	struct conf_entry *entries = arena_zero(arena, (value->count + 1) * sizeof(*entries));

	if (entries == NULL)
		return false;
	for (uint32_t i = 0; i < value->count; i++) {
		entries[i] = value->entries[i];
		entries[i].key = text_copy(arena, value->entries[i].key);
		(void)copy_place(arena, &entries[i].key_place);
		if (entries[i].key.data == NULL || !copy_one(arena, inside, &entries[i].value))
			return false;
	}
	value->entries = entries;
	return true;
}

static const struct conf_value *copy_value(struct arena *arena, const struct weir_option *row,
					   const struct conf_value *from)
{
	struct conf_value *to = arena_take(arena, sizeof(*to));
	bool ok;

	if (to == NULL)
		return NULL;
	*to = *from;
	switch (held_of(row)) {
	case HELD_ITEMS:
		ok = copy_place(arena, &to->place) && copy_items(arena, held_inside(row), to);
		break;
	case HELD_ENTRIES:
		ok = copy_place(arena, &to->place) && copy_entries(arena, held_inside(row), to);
		break;
	default:
		ok = copy_one(arena, held_of(row), to);
	}
	return ok ? to : NULL;
}

const struct conf_values *values_copy(struct arena *arena, const struct conf_values *v)
{
	struct conf_values *copy;

	if (v == NULL)
		return NULL;
	copy = arena_zero(arena, sizeof(*copy) + v->count * sizeof(copy->at[0]));
	if (copy == NULL)
		return NULL;
	copy->table = v->table;
	copy->count = v->count;
	copy->place = v->place;
	(void)copy_place(arena, &copy->place);
	for (uint32_t i = 0; i < v->count; i++) {
		if (v->at[i] == NULL || v->table[i].type > WEIR_MAP)
			continue;
		copy->at[i] = copy_value(arena, &v->table[i], v->at[i]);
		if (copy->at[i] == NULL)
			return NULL;
	}
	return copy;
}

/* Comparing ----------------------------------------------------------------- */

static bool one_same(enum held held, const struct conf_value *a, const struct conf_value *b)
{
	if (a->none != b->none)
		return false;
	switch (held) {
	case HELD_TEXT:
		return (a->text.data == NULL) == (b->text.data == NULL) &&
		       str_eq(a->text, b->text);
	case HELD_BOOLEAN:
		return a->boolean == b->boolean;
	case HELD_NUMBER:
		return a->whole == b->whole && a->span == b->span;	/* bit by bit, whichever it is */
	case HELD_OBJECT:
		return values_same(a->object, b->object);
	default:
		return false;
	}
}

static bool value_same(const struct weir_option *row, const struct conf_value *a,
		       const struct conf_value *b)
{
	enum held held = held_of(row), inside = held_inside(row);

	if (a == NULL || b == NULL)
		return a == b;
	if (a->given != b->given)
		return false;
	if (held != HELD_ITEMS && held != HELD_ENTRIES)
		return one_same(held, a, b);
	if (a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++)
		if (held == HELD_ITEMS ? !one_same(inside, &a->items[i], &b->items[i])
				       : !str_eq(a->entries[i].key, b->entries[i].key) ||
					 !one_same(inside, &a->entries[i].value,
						   &b->entries[i].value))
			return false;
	return true;
}

bool values_same(const struct conf_values *a, const struct conf_values *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	if (a->table != b->table)
		return false;
	for (uint32_t i = 0; i < a->count; i++)
		if (!value_same(&a->table[i], a->at[i], b->at[i]))
			return false;
	return true;
}
