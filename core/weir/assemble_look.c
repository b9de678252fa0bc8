/* assemble_look.c - words that the configuration's own floor cannot read (paths, regular expressions, keys,
 * templates), each by itself: so whatever else is wrong, all of them are told, with their places. */
#include <stdio.h>

#include "core/base/regex.h"
#include "core/conf/tree.h"
#include "core/route/key.h"
#include "core/route/pattern.h"
#include "core/weir/assemble.h"

struct look {
	struct diagnostics *d;
	struct arena scratch;		/* what is compiled is thrown away */
	char whose[128];		/* "route tariff: ", or nothing */
	struct pattern *path;		/* of the route; NULL: of none, or it is faulty */
	const struct conf_values *in;	/* the map that is looked at */
};

/* --- What a request has to be like. ------------------------------------------------------------ */

static void look_at_path(struct look *l, const struct conf_values *path)
{
	bool is_regex = path != NULL && conf_given(path, "regex");
	const char *name = is_regex ? "regex" : "is";
	struct weir_error error = { "" };

	if (path != NULL && conf_text(path, name).data == NULL)
		return;
	l->path = pattern_open(&l->scratch, path != NULL ? conf_text(path, name) : STR_ABSENT,
			       is_regex, &error);
	if (l->path == NULL)
		diagnose(l->d, conf_place(path, name), "%s%s", l->whose, error.text);
}

static void look_at_regex(struct look *l, const struct conf_values *test, const char *what,
			  struct weir_str name)
{
	struct weir_error error = { "" };
	struct regex *re;

	if (conf_text(test, "regex").data == NULL)
		return;
	re = regex_open(conf_text(test, "regex"), false, &error);
	if (re == NULL)
		diagnose(l->d, conf_place(test, "regex"), "%s%s %.*s: %s", l->whose, what,
			 STR_ARG(name), error.text);
	regex_close(re);
}

static void look_at_match(struct look *l, const struct conf_values *match)
{
	static const char *const maps[] = { "header", "query", "claim" };

	look_at_path(l, conf_object(match, "path"));
	if (conf_object(match, "identity") != NULL)
		look_at_regex(l, conf_object(match, "identity"), "identity", STR(""));
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		uint32_t count;
		const struct conf_entry *entries = conf_entries(match, maps[i], &count);

		for (uint32_t k = 0; k < count; k++)
			look_at_regex(l, entries[k].value.object, maps[i], entries[k].key);
	}
}

/* --- Keys and templates, wherever an option table says that there is one. ---------------------- */

/* What lies under many routes may well be meant for some of them. */
static bool is_own(const struct look *l, const struct weir_option *row)
{
	const struct node *map = l->in->map;

	return map != NULL && (map->kind != NODE_MAP || node_get(map, str_from(row->name)) != NULL);
}

static void look_at_captures(struct look *l, const struct template *t, struct place place)
{
	struct weir_str name;

	for (uint32_t n = 0; template_capture_name(t, n, &name); n++)
		if (l->path->any)
			diagnose_warning(l->d, place, "{%.*s} is always empty: the route takes every "
					 "path and names no part of it", STR_ARG(name));
		else if (!pattern_captures(l->path, name))
			diagnose_warning(l->d, place, "{%.*s} is always empty: the route's path \"%.*s\" "
					 "has nothing of that name", STR_ARG(name),
					 STR_ARG(l->path->text));
}

static void look_at_template(struct look *l, const struct weir_option *row,
			     const struct conf_value *value)
{
	struct weir_error error = { "" };
	const struct template *t = template_compile(&l->scratch, value->text, &error);

	if (t == NULL)
		diagnose(l->d, value->place, "%s", error.text);
	else if (l->path != NULL && is_own(l, row))
		look_at_captures(l, t, value->place);
}

static void look_at_key(struct look *l, const struct conf_value *key)
{
	struct weir_error error = { "" };
	struct weir_str *parts = arena_take(&l->scratch, (key->count + 1) * sizeof(*parts));

	for (uint32_t i = 0; parts != NULL && i < key->count; i++)
		parts[i] = key->items[i].text;
	if (parts == NULL)
		diagnose_memory(l->d);
	else if (key->count > 0 && key_compile(&l->scratch, parts, key->count, &error) == NULL)
		diagnose(l->d, key->place, "%s", error.text);
}

static void look_at_values(struct look *l, const struct conf_values *v);

static void look_at_one(struct look *l, const struct weir_option *row, enum weir_option_type type,
			const struct conf_value *value)
{
	if (type == WEIR_TEMPLATE)
		look_at_template(l, row, value);
	else if (type == WEIR_KEY)
		look_at_key(l, value);
	else if (type == WEIR_OBJECT)
		look_at_values(l, value->object);
}

static void look_at_option(struct look *l, const struct weir_option *row,
			   const struct conf_value *value)
{
	if (row->type == WEIR_MAP)
		for (uint32_t i = 0; i < value->count; i++)
			look_at_one(l, row, row->of, &value->entries[i].value);
	else if (row->list && row->type != WEIR_KEY)
		for (uint32_t i = 0; i < value->count; i++)
			look_at_one(l, row, row->type, &value->items[i]);
	else
		look_at_one(l, row, row->type, value);
}

static void look_at_values(struct look *l, const struct conf_values *v)
{
	const struct conf_values *around = l->in;

	l->in = v;
	for (uint32_t i = 0; v != NULL && i < v->count; i++)
		if (v->at[i] != NULL)
			look_at_option(l, &v->table[i], v->at[i]);
	l->in = around;
}

/* ------------------------------------------------------------------------------------------------ */

static void forget(struct look *l)
{
	pattern_close(l->path);
	l->path = NULL;
	arena_reset(&l->scratch);
}

static bool look_at_slot(void *context, struct conf_slot *slot)
{
	struct look *l = context;

	if (slot->when != NULL)
		look_at_match(l, slot->when);
	pattern_close(l->path);
	l->path = NULL;
	look_at_values(l, slot->values);
	forget(l);
	return true;
}

static void look_at_route(struct look *l, const struct conf_values *route, uint32_t number)
{
	struct weir_str name = conf_text(route, "name");

	if (name.data != NULL)
		(void)snprintf(l->whose, sizeof(l->whose), "route %.*s: ", STR_ARG(name));
	else
		(void)snprintf(l->whose, sizeof(l->whose), "route route-%u: ", number + 1);
	look_at_match(l, conf_object(route, "match"));
	look_at_values(l, route);
	forget(l);
}

void assemble_look_at_words(struct conf *conf, struct diagnostics *d)
{
	struct look l = { .d = d };
	uint32_t count;
	const struct conf_value *routes = conf_items(conf->top, "routes", &count);

	arena_init(&l.scratch, NULL, (size_t)1 << 26);
	(void)conf_visit_slots(conf, look_at_slot, &l);
	for (uint32_t i = 0; i < count; i++)
		look_at_route(&l, routes[i].object, i);
}
