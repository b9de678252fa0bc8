/* conf.c - file(s) in, checked and typed values out. */
#include "core/conf/conf.h"

#include "core/base/mem.h"
#include "core/conf/include.h"
#include "core/conf/rules.h"
#include "core/conf/shape.h"
#include "core/conf/tables.h"

#define MEMORY_MOST ((size_t)2 << 30)

/* What `node` says of `table`, without words: the check of the whole says them. */
static const struct conf_values *read_quietly(struct conf *conf, const struct weir_option *table,
					      const struct node *node, struct diagnostics *d)
{
	struct diagnostics unheard;
	struct check quiet = { .arena = &conf->arena, .out = &unheard };
	const struct conf_values *values;

	if (node == NULL)
		return NULL;
	diagnostics_init(&unheard);
	values = check_table(&quiet, table, node, NULL, node->place, true);
	if (unheard.out_of_memory)
		(void)diagnose_memory(d);
	diagnostics_fini(&unheard);
	return values;
}

/* The limits and timeouts at the top, as if they stood in a listener. */
static const struct node *listener_part(struct conf *conf)
{
	static const char *const names[] = { "limits", "timeouts" };
	struct node *map = node_new(&conf->arena, NODE_MAP, (struct place){ 0 });

	for (size_t i = 0; i < ARRAY_LEN(names) && map != NULL; i++) {
		const struct node *from = node_get(conf->tree, str_from(names[i]));
		struct node *copy = node_new(&conf->arena, NODE_MAP, (struct place){ 0 });

		if (copy == NULL)
			return NULL;
		if (from == NULL)
			continue;
		*copy = *from;
		node_add(map, copy);
	}
	return map;
}

static void check_tree(struct conf *conf, struct diagnostics *d)
{
	const struct node *defaults = node_get(conf->tree, STR("defaults"));
	const struct node *service = node_get(defaults, STR("service"));
	const struct node *route = node_get(defaults, STR("route"));
	const struct check_layer layers[] = {
		{ conf_listener_options,
		  read_quietly(conf, conf_listener_options, listener_part(conf), d), false },
		{ conf_service_options, read_quietly(conf, conf_service_defaults, service, d),
		  false },
		{ conf_route_options, read_quietly(conf, conf_route_defaults, route, d), false },
		{ conf_service_defaults, NULL, true },
		{ conf_route_defaults, NULL, true },
		{ 0 }
	};

	conf->check = (struct check){ .arena = &conf->arena, .out = d, .files = &conf->sources,
				      .layers = layers };
	conf->top = check_table(&conf->check, conf_options, conf->tree, NULL, conf->tree->place,
				false);
	conf->calls = check_table(&conf->check, conf_route_options, NULL, NULL, conf->tree->place,
				  false);
	conf->check.layers = NULL;
	conf->check.out = NULL;
}

static bool index_names(struct map *into, const struct conf_values *top, const char *name)
{
	uint32_t count;
	const struct conf_entry *entries = conf_entries(top, name, &count);

	for (uint32_t i = 0; i < count; i++)
		if (!map_set(into, entries[i].key, (void *)&entries[i]))
			return false;
	return true;
}

/* The rules need the whole: what a file that could not be read would have said is no second
 * fault. */
static void check_all(struct conf *conf, bool whole, struct diagnostics *d)
{
	check_tree(conf, d);
	if (conf->top == NULL || conf->calls == NULL)
		return;
	if (!index_names(&conf->services, conf->top, "services") ||
	    !index_names(&conf->chains, conf->top, "chains")) {
		diagnose_memory(d);
		return;
	}
	if (whole)
		(void)rules_check(conf, d);
}

static struct conf *new_conf(void)
{
	struct conf *conf = mem_alloc(sizeof(*conf));

	if (conf == NULL)
		return NULL;
	arena_init(&conf->arena, NULL, MEMORY_MOST);
	conf->sources.arena = &conf->arena;
	map_init(&conf->services);
	map_init(&conf->chains);
	return conf;
}

/* Takes `conf`. */
static bool load(struct conf *conf, const char *path, struct weir_str text, struct conf **out,
		 struct diagnostics *d)
{
	uint32_t errors = d->errors;
	struct weir_str name;
	struct node *tree = NULL;
	bool whole;

	*out = NULL;
	if (conf == NULL)
		return diagnose_memory(d);
	name = text_copy(&conf->arena, str_from(path));
	whole = name.data != NULL ? include_read(&conf->arena, name.data, text, &conf->sources, d,
						 &tree) : diagnose_memory(d);
	conf->tree = tree;
	if (tree != NULL && (whole || tree->count > 0))
		check_all(conf, whole, d);
	if (conf->arena.overflowed)
		(void)diagnose_memory(d);
	diagnostics_sort(d);
	if (conf->top == NULL || d->out_of_memory) {
		conf_free(conf);
		return diagnostics_fine(d) && diagnose_memory(d);
	}
	*out = conf;
	return d->errors == errors;
}

bool conf_load(const char *path, struct conf **out, struct diagnostics *d)
{
	return load(new_conf(), path, STR_ABSENT, out, d);
}

bool conf_load_text(const char *name, struct weir_str text, struct conf **out,
		    struct diagnostics *d)
{
	return load(new_conf(), name, text.data != NULL ? text : STR(""), out, d);
}

bool conf_load_kept(const char *path, struct weir_str packed, struct conf **out,
		    struct diagnostics *d)
{
	struct conf *conf = new_conf();
	struct weir_str own = conf != NULL ? text_copy(&conf->arena, packed) : STR_ABSENT;
	struct sources *kept = own.data != NULL ? arena_zero(&conf->arena, sizeof(*kept)) : NULL;

	*out = NULL;
	if (kept == NULL) {
		conf_free(conf);
		return diagnose_memory(d);
	}
	kept->arena = &conf->arena;
	conf->sources.kept = kept;
	if (!sources_unpack(kept, own)) {
		conf_free(conf);
		return diagnose(d, (struct place){ path, 0, 0 }, "what was kept cannot be read");
	}
	return load(conf, path, STR_ABSENT, out, d);
}

void conf_free(struct conf *conf)
{
	if (conf == NULL)
		return;
	map_fini(&conf->services);
	map_fini(&conf->chains);
	arena_reset(&conf->arena);
	mem_free(conf);
}

const struct conf_entry *conf_service(const struct conf *conf, struct weir_str name)
{
	return map_get(&conf->services, name);
}

const struct conf_entry *conf_chain(const struct conf *conf, struct weir_str name)
{
	return map_get(&conf->chains, name);
}
