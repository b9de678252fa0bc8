/* trie.c - hosts and path segments as a tree. */
#include "core/route/trie.h"

#include "core/base/hash.h"
#include "core/base/mem.h"

enum { FIRST_NODES = 16, FIRST_SLOTS = 32 };

bool trie_init(struct trie *t)
{
	*t = (struct trie){
		.node_count = TRIE_FIRST_FREE, .node_room = FIRST_NODES, .edge_slots = FIRST_SLOTS,
	};
	t->nodes = mem_array(FIRST_NODES, sizeof(*t->nodes));
	t->edges = mem_array(FIRST_SLOTS, sizeof(*t->edges));
	return t->nodes != NULL && t->edges != NULL;
}

void trie_fini(struct trie *t)
{
	mem_free(t->nodes);
	mem_free(t->edges);
	*t = (struct trie){ .nodes = NULL };
}

/* The slot of this edge, or the free one where it would stand. */
static struct trie_edge *slot_of(const struct trie *t, uint32_t parent, struct weir_str text,
				 uint32_t *steps)
{
	uint32_t mask = t->edge_slots - 1;
	uint32_t at = (uint32_t)hash64(hash_mix(parent, 1), text) & mask;

	for (;; at = (at + 1) & mask) {
		struct trie_edge *edge = &t->edges[at];

		++*steps;
		if (edge->child == 0 || (edge->parent == parent && str_eq(edge->text, text)))
			return edge;
	}
}

uint32_t trie_child(const struct trie *t, uint32_t parent, struct weir_str text, uint32_t *steps)
{
	return slot_of(t, parent, text, steps)->child;
}

static bool double_edges(struct trie *t)
{
	struct trie bigger = { .edge_slots = t->edge_slots * 2 };
	uint32_t steps = 0;

	bigger.edges = mem_array(bigger.edge_slots, sizeof(*bigger.edges));
	if (bigger.edges == NULL)
		return false;
	for (uint32_t i = 0; i < t->edge_slots; i++) {
		const struct trie_edge *edge = &t->edges[i];

		if (edge->child != 0)
			*slot_of(&bigger, edge->parent, edge->text, &steps) = *edge;
	}
	mem_free(t->edges);
	t->edges = bigger.edges;
	t->edge_slots = bigger.edge_slots;
	return true;
}

static uint32_t node_new(struct trie *t)
{
	if (t->node_count == t->node_room) {
		struct trie_node *more = mem_resize(t->nodes, t->node_room * (size_t)2,
						    sizeof(*more));

		if (more == NULL)
			return 0;
		t->nodes = more;
		t->node_room *= 2;
	}
	t->nodes[t->node_count] = (struct trie_node){ .named = 0 };
	return t->node_count++;
}

uint32_t trie_child_make(struct trie *t, uint32_t parent, struct weir_str text)
{
	struct trie_edge *edge;
	uint32_t steps = 0;

	if (t->edge_count * 2 >= t->edge_slots && !double_edges(t))
		return 0;
	edge = slot_of(t, parent, text, &steps);
	if (edge->child != 0)
		return edge->child;
	*edge = (struct trie_edge){ text, parent, node_new(t) };
	t->edge_count += edge->child != 0;
	return edge->child;
}

uint32_t trie_named_make(struct trie *t, uint32_t parent)
{
	if (t->nodes[parent].named == 0) {
		uint32_t child = node_new(t);

		t->nodes[parent].named = child;
	}
	return t->nodes[parent].named;
}

/* Children are younger than their parents, so that one walk from the youngest sees all below
 * first. */
static void add_up(const struct trie *t, const uint32_t *parents, uint32_t *visits,
		   uint32_t *best_below)
{
	for (uint32_t i = t->node_count; i-- > TRIE_EVERY_HOST; ) {
		uint32_t parent = parents[i];

		visits[i] = 1 + best_below[i];
		if (t->nodes[i].named != 0)
			visits[i] += visits[t->nodes[i].named];
		if (parent != UINT32_MAX && visits[i] > best_below[parent])
			best_below[parent] = visits[i];
	}
}

uint32_t trie_most_visits(const struct trie *t)
{
	uint32_t *parents = mem_array(t->node_count, sizeof(*parents));
	uint32_t *visits = mem_array(t->node_count, sizeof(*visits));
	uint32_t *best_below = mem_array(t->node_count, sizeof(*best_below));
	uint32_t most = 0;

	if (parents != NULL && visits != NULL && best_below != NULL) {
		memset(parents, 0xff, t->node_count * sizeof(*parents));
		for (uint32_t i = 0; i < t->edge_slots; i++)
			if (t->edges[i].child != 0)
				parents[t->edges[i].child] = t->edges[i].parent;
		add_up(t, parents, visits, best_below);
		most = visits[TRIE_EVERY_HOST];
		for (uint32_t host = TRIE_HOSTS; host <= TRIE_SUFFIXES; host++)
			if (best_below[host] > most)
				most = best_below[host];
	}
	mem_free(parents);
	mem_free(visits);
	mem_free(best_below);
	return most;
}
