/* option.c - checks a tree against a table of options. */
#include "core/conf/option.h"

#include <stdio.h>

#include "core/conf/diagnostic.h"
#include "core/conf/reading.h"
#include "core/conf/shape.h"
#include "core/conf/unknown.h"

/* The defaults of one table, worked out once. */
struct check_table {
	struct check_table *older;
	const struct weir_option *table;
	const struct conf_values *values;	/* NULL while being worked out */
};

static uint32_t rows_of(const struct weir_option *table)
{
	uint32_t rows = 0;

	while (table[rows].name != NULL)
		rows++;
	return rows;
}

static struct conf_values *new_values(struct check *c, const struct weir_option *table,
				      struct place place)
{
	uint32_t rows = rows_of(table);
	struct conf_values *v = arena_zero(c->arena, sizeof(*v) + rows * sizeof(v->at[0]));

	if (v == NULL) {
		diagnose_memory(c->out);
		return NULL;
	}
	v->table = table;
	v->count = rows;
	v->place = place;
	return v;
}

static struct conf_value *new_value(struct check *c)
{
	struct conf_value *value = arena_zero(c->arena, sizeof(*value));

	if (value == NULL)
		diagnose_memory(c->out);
	return value;
}

bool check_note(struct check *c, struct weir_str name, struct place place, bool chain)
{
	struct check_reference *reference = arena_take(c->arena, sizeof(*reference));

	if (reference == NULL)
		return diagnose_memory(c->out);
	*reference = (struct check_reference){ c->references, name, place, chain };
	c->references = reference;
	return true;
}

static void forget_place(struct conf_value *value)
{
	value->given = false;
	value->place = (struct place){ 0 };
}

static bool is_collection(const struct weir_option *row)
{
	return row->list || row->type == WEIR_KEY || row->type == WEIR_MAP;
}

static bool is_compound(const struct weir_option *row)
{
	return is_collection(row) || row->type == WEIR_OBJECT || row->type >= CONF_ANY;
}

/* The default, read as if it stood in a file of its own. */
static const struct conf_value *default_of(struct check *c, const struct weir_option *row)
{
	struct conf_value *value = new_value(c);
	struct node *node = node_new(c->arena, NODE_SCALAR, (struct place){ 0 });

	if (value == NULL || node == NULL)
		return NULL;
	node->text = str_from(row->fallback);
	if (is_compound(row) && !tree_read(c->arena, NULL, node->text, &tree_limits_usual, c->out,
					   &node))
		return NULL;
	if (!check_value(c, row, node, value))
		return NULL;
	forget_place(value);
	return value;
}

static const struct conf_values *defaults_of(struct check *c, const struct weir_option *table)
{
	struct check_table *known = c->defaults;
	struct conf_values *values;

	while (known != NULL && known->table != table)
		known = known->older;
	if (known != NULL)
		return known->values;
	known = arena_zero(c->arena, sizeof(*known));
	values = new_values(c, table, (struct place){ 0 });
	if (known == NULL || values == NULL)
		return NULL;
	*known = (struct check_table){ c->defaults, table, NULL };
	c->defaults = known;
	for (uint32_t i = 0; i < values->count; i++)
		if (table[i].fallback != NULL)
			values->at[i] = default_of(c, &table[i]);
	known->values = values;
	return values;
}

static const struct weir_option *bare_row(const struct weir_option *table)
{
	for (; table->name != NULL; table++)
		if (table->bare)
			return table;
	return NULL;
}

/* True when a bare value may stand for the whole map: `timeout: 3s` for `timeout: {head: 3s}`. */
static bool fits_bare(const struct weir_option *bare, const struct node *node)
{
	return bare != NULL && !node_is_nothing(node) &&
	       (node->kind == NODE_SCALAR || (bare->list && node->kind == NODE_LIST));
}

/* A faulty value is kept as given but empty, so that nobody calls it missing; a collection is
 * kept without its faulty parts. */
static bool read_row(struct check *c, struct conf_values *values, const struct weir_option *row,
		     const struct node *node, const struct conf_values *under, bool partial)
{
	struct reading r = { c, row, conf_find(under, row->name), partial };
	struct conf_value *value = new_value(c);

	if (value == NULL)
		return false;
	if (!reading_value(&r, node, value) && !is_collection(row))
		*value = (struct conf_value){ .place = node->place, .given = true };
	values->at[row - values->table] = value;
	return true;
}

/* False: out of memory; faults are said and passed over. */
static bool read_map(struct check *c, struct conf_values *values, const struct node *map,
		     const struct conf_values *under, bool partial)
{
	const struct weir_option *bare = bare_row(values->table);

	if (map->kind != NODE_MAP && fits_bare(bare, map))
		return read_row(c, values, bare, map, under, partial);
	if (map->kind != NODE_MAP) {
		say_no_map(c, values->table, map);
		return true;
	}
	node_for_each(child, map) {
		int at = conf_index(values->table, child->key.data);

		if (at < 0)
			say_unknown(c, values->table, child);
		else if (!read_row(c, values, &values->table[at], child, under, partial))
			return false;
	}
	return true;
}

/* What `map` says of the row; NULL: nothing. */
static const struct node *said_of(const struct weir_option *row, const struct node *map)
{
	if (map != NULL && map->kind != NODE_MAP)
		return row->bare ? map : NULL;
	return node_get(map, str_from(row->name));
}

/* An object that only `defaults:` has gets its table's own defaults under it. */
static bool complete_object(struct check *c, const struct weir_option *row, struct place place,
			    const struct conf_value *under, const struct conf_value **out)
{
	struct conf_value *value = new_value(c);

	if (value == NULL)
		return false;
	*value = *under;
	value->object = check_table(c, row->fields, NULL, under->object, place, false);
	*out = value;
	return value->object != NULL;
}

static bool lay_under(struct check *c, struct conf_values *values, const struct node *map,
		      const struct conf_values *under, bool partial)
{
	for (uint32_t i = 0; i < under->count; i++) {
		const struct conf_value *value = under->at[i];
		int at = value != NULL && value->given ?
			conf_index(values->table, under->table[i].name) : -1;

		if (at < 0 || said_of(&values->table[at], map) != NULL)
			continue;
		values->at[at] = value;
		if (values->table[at].type == WEIR_OBJECT && !values->table[at].list && !partial &&
		    !complete_object(c, &values->table[at], values->place, value,
				     &values->at[at]))
			return false;
	}
	return true;
}

bool option_has_unknown(const struct conf_values *v)
{
	if (v->map == NULL || v->map->kind != NODE_MAP)
		return false;
	node_for_each(child, v->map)
		if (conf_index(v->table, child->key.data) < 0)
			return true;
	return false;
}

static void check_required(struct check *c, const struct conf_values *values,
			   const struct node *map)
{
	if (option_has_unknown(values))
		return;
	for (uint32_t i = 0; i < values->count; i++) {
		const struct weir_option *row = &values->table[i];

		if (row->required && values->at[i] == NULL &&
		    said_of(row, map) == NULL)
			diagnose(c->out, values->place, "\"%s\" is missing; expected %s", row->name,
				 option_expects(row, row->type).text);
	}
}

static struct check_layer layer_of(const struct check *c, const struct weir_option *table)
{
	const struct check_layer *layer = c->layers;

	while (layer != NULL && layer->table != NULL && layer->table != table)
		layer++;
	return layer != NULL ? *layer : (struct check_layer){ 0 };
}

const struct conf_values *check_table(struct check *c, const struct weir_option *table,
				      const struct node *map, const struct conf_values *under,
				      struct place place, bool partial)
{
	struct check_layer layer = layer_of(c, table);
	const struct conf_values *defaults;
	struct conf_values *values = new_values(c, table, place);

	partial |= layer.partial;
	defaults = partial ? NULL : defaults_of(c, table);
	if (under == NULL)
		under = layer.under;
	if (values == NULL)
		return NULL;
	values->map = map;
	if (defaults != NULL)
		memcpy(values->at, defaults->at, values->count * sizeof(values->at[0]));
	if (under != NULL && !lay_under(c, values, map, under, partial))
		return NULL;
	if (map != NULL && !read_map(c, values, map, under, partial))
		return NULL;
	if (!partial && (map == NULL || map->kind == NODE_MAP || fits_bare(bare_row(table), map)))
		check_required(c, values, map);
	return values;
}
