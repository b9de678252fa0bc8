/* yaml.c - the one door to libyaml: events become nodes. */
#include <yaml.h>

#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/conf/diagnostic.h"
#include "core/conf/tree.h"
#include "core/conf/yaml_words.h"

struct reader {
	yaml_parser_t parser;
	yaml_event_t event;	/* the current one; deleted by next() */
	struct arena *arena;
	const char *file;
	struct weir_str source;
	const struct tree_limits *limits;
	struct diagnostics *out;
	struct map anchors;	/* name -> whole node */
	uint32_t nodes, copies;
	bool twins;
};

static struct place place_of(const struct reader *r, yaml_mark_t mark)
{
	return (struct place){ r->file, (uint32_t)mark.line + 1, (uint32_t)mark.column + 1 };
}

static struct place here(const struct reader *r)
{
	return place_of(r, r->event.start_mark);
}

static struct weir_str text_of(const yaml_char_t *text)
{
	return str_from((const char *)text);
}

/* Moves on to the next event; says what is no YAML. */
static bool next(struct reader *r)
{
	yaml_event_delete(&r->event);
	if (yaml_parser_parse(&r->parser, &r->event))
		return true;
	if (r->parser.error == YAML_MEMORY_ERROR)
		return diagnose_memory(r->out);
	return yaml_say_error(&r->parser, r->file, r->source, r->out);
}

static struct node *new_node(struct reader *r, enum node_kind kind, struct place place)
{
	struct node *node;

	if (r->nodes++ == r->limits->nodes) {
		diagnose(r->out, place, "the file has more than %u values; split it with `include`",
			 r->limits->nodes);
		return NULL;
	}
	node = node_new(r->arena, kind, place);
	if (node == NULL)
		diagnose_memory(r->out);
	return node;
}

/* Only the tags that change nothing: a text is a text whatever is written before it. */
static bool tag_is_harmless(struct reader *r, const yaml_char_t *tag)
{
	if (tag == NULL || str_eq(text_of(tag), STR("!")) ||
	    str_starts(text_of(tag), STR("tag:yaml.org,2002:")))
		return true;
	return diagnose(r->out, here(r), "the tag %.60s means nothing here; remove it, or quote "
			"the value if the \"!\" belongs to it", (const char *)tag);
}

static bool remember(struct reader *r, const yaml_char_t *anchor, struct node *node)
{
	if (anchor == NULL || map_set(&r->anchors, text_of(anchor), node))
		return true;
	return diagnose_memory(r->out);
}

static bool too_deep(struct reader *r, uint32_t depth)
{
	if (depth < r->limits->depth)
		return false;
	diagnose(r->out, here(r), "values are nested deeper than %u", r->limits->depth);
	return true;
}

static struct node *copy_node(struct reader *r, const struct node *from, uint32_t depth)
{
	struct node *copy;

	if (too_deep(r, depth))
		return NULL;
	if (r->copies++ == r->limits->copies) {
		diagnose(r->out, here(r), "aliases repeat more than %u values here; repeat less",
			 r->limits->copies);
		return NULL;
	}
	copy = new_node(r, from->kind, from->place);
	if (copy == NULL)
		return NULL;
	*copy = *from;
	copy->first = copy->last = copy->next = NULL;
	copy->count = 0;
	node_for_each(child, from) {
		struct node *own = copy_node(r, child, depth + 1);

		if (own == NULL)
			return NULL;
		node_add(copy, own);
	}
	return copy;
}

static struct node *read_alias(struct reader *r, uint32_t depth)
{
	const char *name = (const char *)r->event.data.alias.anchor;
	const struct node *known = map_get(&r->anchors, str_from(name));

	if (known != NULL)
		return copy_node(r, known, depth);
	diagnose(r->out, here(r), "no anchor &%.60s stands before this alias; if this is text that "
		 "begins with \"*\", quote this value", name);
	return NULL;
}

static struct node *read_scalar(struct reader *r)
{
	size_t len = r->event.data.scalar.length;
	const char *text = (const char *)r->event.data.scalar.value;
	struct node *node;

	if (!tag_is_harmless(r, r->event.data.scalar.tag))
		return NULL;
	if (memchr(text, '\0', len) != NULL) {
		diagnose(r->out, here(r), "a NUL character cannot stand in a configuration");
		return NULL;
	}
	node = new_node(r, NODE_SCALAR, here(r));
	if (node == NULL)
		return NULL;
	node->plain = r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	node->text = text_copy(r->arena, str_of(text, len));
	if (node->text.data == NULL) {
		diagnose_memory(r->out);
		return NULL;
	}
	return remember(r, r->event.data.scalar.anchor, node) ? node : NULL;
}

static struct node *read_node(struct reader *r, uint32_t depth);

static bool read_items(struct reader *r, struct node *list, uint32_t depth)
{
	while (next(r)) {
		struct node *item;

		if (r->event.type == YAML_SEQUENCE_END_EVENT)
			return true;
		item = read_node(r, depth + 1);
		if (item == NULL)
			return false;
		node_add(list, item);
	}
	return false;
}

/* Copies the children of a `<<` value behind those of `map`; node_find_twins() then drops the
 * hidden. */
static bool merge_one(struct reader *r, struct node *map, const struct node *from, uint16_t rank,
		      uint32_t depth)
{
	if (from->kind != NODE_MAP)
		return diagnose(r->out, from->place, "`<<` merges maps, this is %s",
				node_kind_words(from));
	node_for_each(child, from) {
		struct node *copy = copy_node(r, child, depth + 1);

		if (copy == NULL)
			return false;
		copy->rank = rank;
		node_add(map, copy);
	}
	return true;
}

static bool merge(struct reader *r, struct node *map, const struct node *value, uint32_t depth)
{
	uint16_t rank = 1;

	if (value->kind != NODE_LIST)
		return merge_one(r, map, value, rank, depth);
	node_for_each(item, value) {
		if (!merge_one(r, map, item, rank, depth))
			return false;
		if (rank < UINT16_MAX - 1)
			rank++;
	}
	return true;
}

static void say_twins(void *context, const struct node *first, const struct node *second)
{
	struct reader *r = context;

	r->twins = true;
	diagnose(r->out, second->key_place, "%.60s stands twice in this map; the first is on line "
		 "%u",
		 second->key.data, first->key_place.line);
}

/* `merged` stays a child until here, so that a second `<<` is a twin like any other. */
static bool close_map(struct reader *r, struct node *map, struct node *merged, uint32_t depth)
{
	struct node *before = NULL;

	if (merged == NULL)
		return node_find_twins(map, say_twins, r) || diagnose_memory(r->out);
	if (!merge(r, map, merged, depth))
		return false;
	if (!node_find_twins(map, say_twins, r))
		return diagnose_memory(r->out);
	for (struct node *child = map->first; child != merged; child = child->next)
		before = child;
	node_take_out(map, before, merged);
	node_for_each(child, map)
		child->rank = 0;
	return true;
}

static bool read_key(struct reader *r, struct weir_str *key, bool *is_merge)
{
	if (r->event.type != YAML_SCALAR_EVENT)
		return diagnose(r->out, here(r), "a key must be text; if this is a value, quote "
				"it");
	if (memchr(r->event.data.scalar.value, '\0', r->event.data.scalar.length) != NULL)
		return diagnose(r->out, here(r), "a NUL character cannot stand in a configuration");
	*key = text_copy(r->arena, str_of((const char *)r->event.data.scalar.value,
					  r->event.data.scalar.length));
	*is_merge = r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
		    str_eq(*key, STR("<<"));
	return key->data != NULL || diagnose_memory(r->out);
}

static bool read_pairs(struct reader *r, struct node *map, uint32_t depth)
{
	struct node *merged = NULL;

	while (next(r)) {
		struct weir_str key;
		struct place key_place = here(r);
		struct node *value;
		bool is_merge = false;

		if (r->event.type == YAML_MAPPING_END_EVENT)
			return close_map(r, map, merged, depth);
		if (!read_key(r, &key, &is_merge) || !next(r))
			return false;
		value = read_node(r, depth + 1);
		if (value == NULL)
			return false;
		value->key = key;
		value->key_place = key_place;
		node_add(map, value);
		if (is_merge && merged == NULL)
			merged = value;
	}
	return false;
}

static struct node *read_container(struct reader *r, enum node_kind kind, uint32_t depth)
{
	bool map = kind == NODE_MAP;
	const yaml_char_t *anchor = map ? r->event.data.mapping_start.anchor
					: r->event.data.sequence_start.anchor;
	const yaml_char_t *tag = map ? r->event.data.mapping_start.tag
				     : r->event.data.sequence_start.tag;
	char *name = NULL;
	struct node *node;

	if (too_deep(r, depth))
		return NULL;
	if (!tag_is_harmless(r, tag))
		return NULL;
	if (anchor != NULL && (name = str_dup(text_of(anchor))) == NULL) {
		diagnose_memory(r->out);
		return NULL;
	}
	node = new_node(r, kind, here(r));
	if (node != NULL && !(map ? read_pairs(r, node, depth) : read_items(r, node, depth)))
		node = NULL;
	if (node != NULL && !remember(r, (const yaml_char_t *)name, node))
		node = NULL;
	mem_free(name);
	return node;
}

/* Reads the node that begins with the current event. NULL: said why. */
static struct node *read_node(struct reader *r, uint32_t depth)
{
	switch (r->event.type) {
	case YAML_SCALAR_EVENT:
		return read_scalar(r);
	case YAML_ALIAS_EVENT:
		return read_alias(r, depth);
	case YAML_SEQUENCE_START_EVENT:
		return read_container(r, NODE_LIST, depth);
	case YAML_MAPPING_START_EVENT:
		return read_container(r, NODE_MAP, depth);
	default:
		diagnose(r->out, here(r), "a value was expected here");
		return NULL;
	}
}

/* stream start, at most one document, stream end */
static bool read_stream(struct reader *r, struct node **out)
{
	if (!next(r) || !next(r))
		return false;
	if (r->event.type == YAML_STREAM_END_EVENT)
		return true;
	if (!next(r))
		return false;
	*out = read_node(r, 0);
	if (*out == NULL || !next(r) || !next(r))
		return false;
	if (r->event.type == YAML_STREAM_END_EVENT)
		return !r->twins;
	return diagnose(r->out, here(r), "a second document begins here; a configuration is one "
			"document, further files are named by `include`");
}

bool tree_read(struct arena *arena, const char *file, struct weir_str yaml,
	       const struct tree_limits *limits, struct diagnostics *d, struct node **out)
{
	struct reader r = { .arena = arena, .file = file, .source = yaml, .limits = limits,
			    .out = d };
	bool done;

	*out = NULL;
	if (yaml.len > limits->bytes)
		return diagnose(d, (struct place){ file, 0, 0 },
				"the file is larger than %zu bytes", limits->bytes);
	if (!yaml_parser_initialize(&r.parser))
		return diagnose_memory(d);
	yaml_parser_set_input_string(&r.parser,
				     (const yaml_char_t *)(yaml.len > 0 ? yaml.data : ""),
				     yaml.len);
	map_init(&r.anchors);
	done = read_stream(&r, out);
	if (!done && !r.twins)
		*out = NULL;
	yaml_event_delete(&r.event);
	yaml_parser_delete(&r.parser);
	map_fini(&r.anchors);
	return done;
}
