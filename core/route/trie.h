/* trie.h - hosts and path segments as a tree: one step per segment. Private to this floor. */
#ifndef CORE_ROUTE_TRIE_H
#define CORE_ROUTE_TRIE_H

#include "core/base/arena.h"

/* Three nodes are there from the start. Below HOSTS stand exact hosts, below SUFFIXES what follows
 * the star of a wildcard; each of those, and EVERY_HOST, is the root of paths. */
enum { TRIE_HOSTS, TRIE_SUFFIXES, TRIE_EVERY_HOST, TRIE_FIRST_FREE };

/* A run of the table's entries. */
struct span {
	uint32_t first, count;
};

struct trie_node {
	uint32_t named;		/* the child for any segment; 0: none */
	struct span exact;	/* routes whose path ends here */
	struct span regex;	/* those that go on as a regular expression */
	struct span rest;	/* those that take all below */
};

struct trie_edge {
	struct weir_str text;
	uint32_t parent, child;	/* child 0: the slot is free */
};

/* All edges of all nodes lie in one table, open addressing, at most half full. */
struct trie {
	struct trie_node *nodes;
	uint32_t node_count, node_room;
	struct trie_edge *edges;
	uint32_t edge_count, edge_slots;
};

bool trie_init(struct trie *t);
void trie_fini(struct trie *t);

/* The child for this segment, 0 when there is none. Adds the slots it looked at to *steps. */
uint32_t trie_child(const struct trie *t, uint32_t parent, struct weir_str text, uint32_t *steps);

/* The same, made if need be; `text` must live as long as the trie. 0: out of memory. */
uint32_t trie_child_make(struct trie *t, uint32_t parent, struct weir_str text);
uint32_t trie_named_make(struct trie *t, uint32_t parent);

/* The most nodes that one path can lead to, where it goes by its text here and by {name} there. 0:
 * out of memory. */
uint32_t trie_most_visits(const struct trie *t);

#endif
