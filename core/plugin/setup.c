/* setup.c - checked options as a plugin sees them. */
#include "config.h"

#include "core/plugin/setup.h"

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/conf/diagnostic.h"
#include "core/conf/tree.h"
#include "core/conf/values.h"

/* Which accessor may read which type. */
enum asked { ASKED_TEXT = 1, ASKED_WHOLE = 2, ASKED_NUMBER = 4, ASKED_OBJECT = 8, ASKED_KEY = 16,
	     ASKED_TEMPLATE = 32 };

static unsigned answers(enum weir_option_type type)
{
	switch (type) {
	case WEIR_BOOLEAN: case WEIR_INTEGER: case WEIR_DURATION: case WEIR_SIZE:
		return ASKED_WHOLE;
	case WEIR_NUMBER: case WEIR_SHARE:
		return ASKED_NUMBER;
	case WEIR_RATE:
		return ASKED_NUMBER | ASKED_WHOLE;
	case WEIR_OBJECT:
		return ASKED_OBJECT;
	case WEIR_KEY:
		return ASKED_TEXT | ASKED_KEY;
	case WEIR_TEMPLATE:
		return ASKED_TEXT | ASKED_TEMPLATE;
	case WEIR_MAP:
		return 0;
	default:
		return ASKED_TEXT;
	}
}

static void mistake(const struct weir_setup *setup, const char *name, const char *what)
{
	(void)fail(&setup->life->mistake, "it asks for its option `%s`, %s; that is a mistake of the "
		   "plugin", name, what);
}

/* The row of that name, or NULL; that is noted. */
static const struct weir_option *row_of(const struct weir_setup *setup, const char *name)
{
	const struct weir_option *table = setup->values != NULL ? setup->values->table : NULL;
	int at = table != NULL ? conf_index(table, name) : -1;

	if (at >= 0)
		return &table[at];
	mistake(setup, name, "which its table does not have");
	return NULL;
}

static bool is_many(const struct weir_option *row)
{
	return row->list || row->type == WEIR_KEY;
}

/* The value at `at` of that name, if the row is of a type that is asked for; NULL otherwise. */
static const struct conf_value *value_of(const struct weir_setup *setup, const char *name,
					 uint32_t at, enum asked asked)
{
	const struct weir_option *row = row_of(setup, name);
	const struct conf_value *value;

	if (row == NULL)
		return NULL;
	if ((answers(row->type == WEIR_MAP ? row->of : row->type) & asked) == 0) {
		mistake(setup, name, "but as another type than its table says");
		return NULL;
	}
	value = setup->values->at[row - setup->values->table];
	if (value == NULL)
		return NULL;
	if (row->type == WEIR_MAP)
		return at < value->count ? &value->entries[at].value : NULL;
	if (is_many(row))
		return at < value->count ? &value->items[at] : NULL;
	return at == 0 ? value : NULL;
}

static bool given(const struct weir_setup *setup, const char *name)
{
	return row_of(setup, name) != NULL && conf_given(setup->values, name);
}

static uint32_t count_of(const struct weir_setup *setup, const char *name)
{
	const struct weir_option *row = row_of(setup, name);
	const struct conf_value *value = row != NULL ? conf_get(setup->values, name) : NULL;

	if (value == NULL)
		return 0;
	return row->type == WEIR_MAP || is_many(row) ? value->count : 1;
}

static struct weir_str text_of(const struct weir_setup *setup, const char *name, uint32_t at)
{
	const struct conf_value *value = value_of(setup, name, at, ASKED_TEXT);

	return value != NULL ? value->text : WEIR_ABSENT;
}

static int64_t whole_of(const struct weir_setup *setup, const char *name, uint32_t at)
{
	const struct conf_value *value = value_of(setup, name, at, ASKED_WHOLE);
	const struct weir_option *row = value != NULL ? row_of(setup, name) : NULL;

	if (row == NULL)
		return 0;
	switch (row->type == WEIR_MAP ? row->of : row->type) {
	case WEIR_BOOLEAN:
		return value->boolean;
	case WEIR_INTEGER:
		return value->integer;
	case WEIR_RATE:
		return (int64_t)(value->span * NS_PER_S);
	default:
		return (int64_t)value->whole;
	}
}

static double number_of(const struct weir_setup *setup, const char *name, uint32_t at)
{
	const struct conf_value *value = value_of(setup, name, at, ASKED_NUMBER);

	return value != NULL ? value->number : 0;
}

static struct weir_str entry_of(const struct weir_setup *setup, const char *name, uint32_t at)
{
	const struct weir_option *row = row_of(setup, name);
	const struct conf_value *value;

	if (row != NULL && row->type != WEIR_MAP)
		mistake(setup, name, "but as a map, which it is not");
	if (row == NULL || row->type != WEIR_MAP)
		return WEIR_ABSENT;
	value = conf_get(setup->values, name);
	return value != NULL && at < value->count ? value->entries[at].key : WEIR_ABSENT;
}

static const struct weir_setup *object_of(const struct weir_setup *setup, const char *name,
					  uint32_t at)
{
	const struct conf_value *value = value_of(setup, name, at, ASKED_OBJECT);
	struct weir_setup *nested;

	if (value == NULL || value->object == NULL)
		return NULL;
	nested = arena_take(setup->life->arena, sizeof(*nested));
	if (nested != NULL)
		*nested = (struct weir_setup){ value->object, setup->life };
	return nested;
}

/* Compiled ------------------------------------------------------------------ */

static const struct weir_key *key_of(const struct weir_setup *setup, const char *name)
{
	const struct setup_compiler *compiler = setup->life->compiler;
	const struct conf_value *first = value_of(setup, name, 0, ASKED_KEY);
	uint32_t count = first != NULL ? count_of(setup, name) : 0;
	struct weir_str *parts;

	if (count == 0 || compiler == NULL || compiler->key == NULL)
		return NULL;
	parts = arena_take(setup->life->arena, count * sizeof(*parts));
	if (parts == NULL)
		return NULL;
	for (uint32_t i = 0; i < count; i++)
		parts[i] = first[i].text;
	return compiler->key(setup->life->arena, parts, count, &setup->life->mistake);
}

static const struct weir_template *template_of(const struct weir_setup *setup, const char *name,
					       uint32_t at)
{
	const struct setup_compiler *compiler = setup->life->compiler;
	const struct conf_value *value = value_of(setup, name, at, ASKED_TEMPLATE);

	if (value == NULL || compiler == NULL || compiler->text == NULL)
		return NULL;
	return compiler->text(setup->life->arena, value->text, &setup->life->mistake);
}

/* The rest ------------------------------------------------------------------ */

static struct weir_str place_of(const struct weir_setup *setup, const char *name)
{
	struct place place;

	if (name == NULL)
		return setup->life->place;
	if (row_of(setup, name) == NULL)
		return WEIR_ABSENT;
	place = conf_place(setup->values, name);
	if (place.file == NULL)
		return setup->life->place;
	return text_copy(setup->life->arena, str_from(place_words(place).text));
}

static struct weir_str name_of_use(const struct weir_setup *setup)
{
	return setup->life->name;
}

static struct weir_str path_of_use(const struct weir_setup *setup)
{
	return setup->life->path;
}

static void *previous(const struct weir_setup *setup)
{
	return setup->life->previous;
}

static void *context(const struct weir_setup *setup)
{
	return setup->life->context;
}

static struct weir_cell *cell_of(const struct weir_setup *setup, void (*free_value)(void *value))
{
	struct setup_life *life = setup->life;

	return life->cell_new != NULL ? life->cell_new(life, free_value) : NULL;
}

void setup_fill_host(struct weir_host *host)
{
	host->option_given = given;
	host->option_count = count_of;
	host->option_text = text_of;
	host->option_whole = whole_of;
	host->option_number = number_of;
	host->option_entry = entry_of;
	host->option_object = object_of;
	host->option_key = key_of;
	host->option_template = template_of;
	host->option_place = place_of;
	host->previous = previous;
	host->setup_name = name_of_use;
	host->setup_path = path_of_use;
	host->cell_new = cell_of;
	host->context = context;
}
