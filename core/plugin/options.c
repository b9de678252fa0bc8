/* options.c - option tables of plugins: of any row size, and checked once before they are
 * trusted. */
#include "config.h"

#include "core/plugin/options.h"

#include <stddef.h>

#include "core/base/error.h"
#include "core/conf/option.h"

/* Rows of API 1.0 ended here. */
enum { FIRST_ROW = offsetof(struct weir_option, bare) + sizeof(bool) };

static const char *row_name(const struct weir_option *table, size_t row_size, uint32_t at)
{
	const char *row = (const char *)table + at * row_size;

	return ((const struct weir_option *)(const void *)row)->name;
}

static bool count_rows(const struct weir_option *table, size_t row_size, uint32_t *count,
		       struct weir_error *error)
{
	for (*count = 0; row_name(table, row_size, *count) != NULL; (*count)++)
		if (*count == OPTIONS_MOST)
			return fail(error, "its option table does not end; end it with an empty row, "
				    "{ 0 }");
	return true;
}

static const struct weir_option *today(const struct weir_option *table, size_t row_size,
				       struct arena *arena, int depth, struct weir_error *error)
{
	struct weir_option *rows;
	uint32_t count;

	if (depth == OPTIONS_DEEP) {
		(void)fail(error, "its option tables nest deeper than %d", OPTIONS_DEEP);
		return NULL;
	}
	if (!count_rows(table, row_size, &count, error))
		return NULL;
	rows = arena_zero(arena, (count + 1) * sizeof(*rows));
	if (rows == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	for (uint32_t i = 0; i < count; i++) {
		memcpy(&rows[i], (const char *)table + i * row_size,
		       row_size < sizeof(*rows) ? row_size : sizeof(*rows));
		if (rows[i].fields == NULL)
			continue;
		rows[i].fields = today(rows[i].fields, row_size, arena, depth + 1, error);
		if (rows[i].fields == NULL)
			return NULL;
	}
	return rows;
}

const struct weir_option *options_today(const struct weir_option *table, size_t row_size,
					struct arena *arena, struct weir_error *error)
{
	if (row_size < FIRST_ROW || row_size % sizeof(void *) != 0) {
		(void)fail(error, "its option table is not whole; end its main file with "
			   "WEIR_PLUGIN(name, ...)");
		return NULL;
	}
	return today(table, row_size, arena, 0, error);
}

static bool name_fits(const char *name)
{
	if (*name < 'a' || *name > 'z')
		return false;
	for (; *name != '\0'; name++)
		if (!(*name >= 'a' && *name <= 'z') && !ascii_digit(*name) && *name != '_')
			return false;
	return true;
}

static bool type_sane(const struct weir_option *row, enum weir_option_type type,
		      struct weir_error *error)
{
	if (type < WEIR_TEXT || type > WEIR_MAP)
		return fail(error, "its option `%s` has a type that there is not (%d)", row->name,
			    (int)type);
	if (type == WEIR_CHOICE && (row->choices == NULL || row->choices[0] == NULL))
		return fail(error, "its option `%s` is a choice of nothing; give it .choices",
			    row->name);
	if (type == WEIR_OBJECT && row->fields == NULL)
		return fail(error, "its option `%s` is an object without fields; give it .fields",
			    row->name);
	return true;
}

static bool fallback_sane(const struct weir_option *row, struct weir_error *error)
{
	struct weir_error why = { "" };
	struct conf_value value;

	if (row->fallback == NULL)
		return true;
	if (row->required)
		return fail(error, "its option `%s` is required and has a default; choose one",
			    row->name);
	if (row->list || row->type == WEIR_OBJECT || row->type == WEIR_MAP ||
	    row->type == WEIR_KEY)
		return true;	/* conf looks at these when it reads them */
	if (scalar_read(row, row->type, str_from(row->fallback), &value, &why))
		return true;
	return fail(error, "the default of its option `%s`: %s", row->name, why.text);
}

static bool table_sane(const struct weir_option *table, int depth, struct weir_error *error)
{
	if (depth == OPTIONS_DEEP)
		return fail(error, "its option tables nest deeper than %d", OPTIONS_DEEP);
	for (const struct weir_option *row = table; row->name != NULL; row++) {
		if (!name_fits(row->name))
			return fail(error, "its option `%s` cannot be written: use a-z 0-9 _",
				    row->name);
		if (conf_index(table, row->name) != row - table)
			return fail(error, "its option `%s` stands twice in its table", row->name);
		if (!type_sane(row, row->type, error) || !fallback_sane(row, error))
			return false;
		if (row->type == WEIR_MAP && !type_sane(row, row->of, error))
			return false;
		if (row->fields != NULL && !table_sane(row->fields, depth + 1, error))
			return false;
	}
	return true;
}

bool options_sane(const struct weir_option *table, struct weir_error *error)
{
	return table == NULL || table_sane(table, 0, error);
}
