/* tree.h - a YAML document as nodes that know their places: scalars, lists, maps. */
#ifndef CORE_CONF_TREE_H
#define CORE_CONF_TREE_H

#include "core/base/arena.h"
#include "core/conf/place.h"

struct diagnostics;

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

/* Nodes, their texts and file names live in one arena and are never freed one by one. A node
 * stands in at most one container: what an alias repeats is a copy. All texts end with NUL (and
 * hold none). */
struct node {
	enum node_kind kind;
	bool plain;		/* a scalar written without quotes */
	bool secret;		/* holds what ${file:} read: masked wherever it is shown */
	bool faulty;		/* what it holds has been called wrong already */
	uint16_t rank;		/* reading only: 0 own, else which `<<` map brought it */
	uint32_t count;		/* children */
	struct node *first, *last, *next;
	struct weir_str text;	/* of a scalar */
	struct weir_str key;	/* absent unless the node stands in a map */
	struct place place, key_place;
};

#define node_for_each(child, parent) \
	for (struct node *child = (parent)->first; child != NULL; child = child->next)

/* What reading may cost. */
struct tree_limits {
	size_t bytes;		/* of one file */
	uint32_t nodes;		/* in one document, copies included */
	uint32_t copies;	/* nodes made by aliases: a few lines can ask for billions */
	uint32_t depth;
};

extern const struct tree_limits tree_limits_usual;

/* Reads one YAML document (JSON is YAML too); an empty one gives *out = NULL. Duplicate keys,
 * second documents, unknown anchors, tags and what is no YAML are errors. `file` must live as
 * long as the arena. All errors go to `d`; false when there was one, and *out is NULL then
 * unless the only fault are duplicate keys. */
bool tree_read(struct arena *arena, const char *file, struct weir_str yaml,
	       const struct tree_limits *limits, struct diagnostics *d, struct node **out);

/* Gives an empty node, or NULL when out of memory. */
struct node *node_new(struct arena *arena, enum node_kind kind, struct place place);
/* Puts `child` at the end; into a map under child->key. */
void node_add(struct node *parent, struct node *child);
/* Takes `child` out of its parent; `before` is the child before it, or NULL. */
void node_take_out(struct node *parent, struct node *before, struct node *child);

/* The value under `key`, or NULL; also when `map` is NULL or no map. */
struct node *node_get(const struct node *map, struct weir_str key);

/* Two children of one map with the same key, `second` the later one. */
typedef void node_twins_fn(void *context, const struct node *first, const struct node *second);
/* Finds all twins. Of merged ones (rank) it silently drops the lower-ranking. False: out of
 * memory. */
bool node_find_twins(struct node *map, node_twins_fn *found, void *context);

/* "a list", "a map", "nothing" (an empty plain scalar) or "text". */
const char *node_kind_words(const struct node *node);
/* True for `key:` with nothing behind it. */
bool node_is_nothing(const struct node *node);

/* Copies text and ends it with NUL; the absent str when out of memory. */
struct weir_str text_copy(struct arena *arena, struct weir_str text);

#endif
