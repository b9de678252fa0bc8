/* values.c - typed values by name or by index of their option table. */
#include "core/conf/values.h"

#include <stdlib.h>

#include "core/base/log.h"
#include "core/base/str.h"
#include "core/conf/option.h"

int conf_index(const struct weir_option *table, const char *name)
{
	for (int i = 0; table[i].name != NULL; i++)
		if (table[i].name[0] == name[0] && strcmp(table[i].name, name) == 0)
			return i;
	return -1;
}

/* A mistake of the program, not of the operator: no configuration can bring it about. */
static void abort_on(const struct conf_values *v, const char *name, const char *mistake)
{
	log_error("the option \"%s\" beside \"%s\" %s", name, v->table[0].name, mistake);
	abort();
}

const struct conf_value *conf_find(const struct conf_values *v, const char *name)
{
	int at = v != NULL ? conf_index(v->table, name) : -1;

	return at >= 0 ? v->at[at] : NULL;
}

const struct conf_value *conf_get(const struct conf_values *v, const char *name)
{
	int at;

	if (v == NULL)
		return NULL;
	at = conf_index(v->table, name);
	if (at < 0)
		abort_on(v, name, "is not in the table");
	return v->at[at];
}

bool conf_given(const struct conf_values *v, const char *name)
{
	const struct conf_value *value = conf_get(v, name);

	return value != NULL && value->given;
}

struct place conf_place(const struct conf_values *v, const char *name)
{
	const struct conf_value *value = conf_get(v, name);

	if (value != NULL && value->place.file != NULL)
		return value->place;
	return v != NULL ? v->place : (struct place){ 0 };
}

enum shape { SHAPE_TEXT, SHAPE_BOOLEAN, SHAPE_INTEGER, SHAPE_DURATION, SHAPE_SIZE, SHAPE_NUMBER,
	     SHAPE_OBJECT, SHAPE_ITEMS, SHAPE_ENTRIES, SHAPE_SLOTS, SHAPE_NODE };

static enum shape shape_of(const struct weir_option *row)
{
	switch ((int)row->type) {
	case CONF_POLICIES: case CONF_BALANCER: case CONF_DISCOVERIES: case CONF_RETRY:
	case CONF_TRACERS:
		return SHAPE_SLOTS;
	default:
		break;
	}
	if (row->list || row->type == WEIR_KEY)
		return SHAPE_ITEMS;
	switch ((int)row->type) {
	case WEIR_BOOLEAN: case CONF_LATER:
		return SHAPE_BOOLEAN;
	case WEIR_INTEGER:
		return SHAPE_INTEGER;
	case WEIR_DURATION:
		return SHAPE_DURATION;
	case WEIR_SIZE:
		return SHAPE_SIZE;
	case WEIR_NUMBER: case WEIR_RATE: case WEIR_SHARE:
		return SHAPE_NUMBER;
	case WEIR_OBJECT:
		return SHAPE_OBJECT;
	case WEIR_MAP:
		return SHAPE_ENTRIES;
	case CONF_ANY:
		return SHAPE_NODE;
	default:
		return SHAPE_TEXT;
	}
}

static const struct conf_value *typed(const struct conf_values *v, const char *name,
				      enum shape shape)
{
	const struct conf_value *value = conf_get(v, name);

	if (v != NULL && shape_of(&v->table[conf_index(v->table, name)]) != shape)
		abort_on(v, name, "is of another type");
	return value;
}

struct weir_str conf_text(const struct conf_values *v, const char *name)
{
	const struct conf_value *value = typed(v, name, SHAPE_TEXT);

	return value != NULL ? value->text : STR_ABSENT;
}

bool conf_is(const struct conf_values *v, const char *name, const char *choice)
{
	return str_eq(conf_text(v, name), str_from(choice));
}

bool conf_boolean(const struct conf_values *v, const char *name)
{
	const struct conf_value *value = typed(v, name, SHAPE_BOOLEAN);

	return value != NULL && value->boolean;
}

int64_t conf_integer(const struct conf_values *v, const char *name)
{
	const struct conf_value *value = typed(v, name, SHAPE_INTEGER);

	return value != NULL ? value->integer : 0;
}

uint64_t conf_duration(const struct conf_values *v, const char *name)
{
	const struct conf_value *value = typed(v, name, SHAPE_DURATION);

	return value != NULL ? value->whole : 0;
}

uint64_t conf_size(const struct conf_values *v, const char *name)
{
	const struct conf_value *value = typed(v, name, SHAPE_SIZE);

	return value != NULL ? value->whole : 0;
}

double conf_number(const struct conf_values *v, const char *name)
{
	const struct conf_value *value = typed(v, name, SHAPE_NUMBER);

	return value != NULL ? value->number : 0;
}

const struct conf_values *conf_object(const struct conf_values *v, const char *name)
{
	const struct conf_value *value = typed(v, name, SHAPE_OBJECT);

	return value != NULL ? value->object : NULL;
}

const struct conf_value *conf_items(const struct conf_values *v, const char *name,
				    uint32_t *count)
{
	const struct conf_value *value = typed(v, name, SHAPE_ITEMS);

	*count = value != NULL ? value->count : 0;
	return value != NULL ? value->items : NULL;
}

const struct conf_entry *conf_entries(const struct conf_values *v, const char *name,
				      uint32_t *count)
{
	const struct conf_value *value = typed(v, name, SHAPE_ENTRIES);

	*count = value != NULL ? value->count : 0;
	return value != NULL ? value->entries : NULL;
}

struct conf_slot *conf_slots(const struct conf_values *v, const char *name, uint32_t *count)
{
	const struct conf_value *value = typed(v, name, SHAPE_SLOTS);

	*count = value != NULL ? value->count : 0;
	return value != NULL ? value->slots : NULL;
}
