/* table.c - building the match table: routes compiled, put at their places, and in order there. */
#include "core/route/table.h"

#include <stdlib.h>

#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/route/inside.h"

enum {
	MOST_MEMORY = 1 << 30,
	MOST_VISITS = 4096,	/* of nodes for one path below one host */
};

enum place_kind { PLACE_EXACT, PLACE_REGEX, PLACE_REST };

/* A route at one node: what is sorted. */
struct placement {
	uint32_t node, kind;
	uint32_t weight, number;
	uint64_t hash;
	uint32_t route;
};

struct placements {
	struct placement *at;
	uint32_t count, room;
};

/* The node where the path of `p` ends; 0 when out of memory. */
static uint32_t walk(struct trie *t, uint32_t node, const struct pattern *p)
{
	for (uint32_t i = 0; i < p->count && node != 0; i++)
		node = p->parts[i].named ? trie_named_make(t, node)
					 : trie_child_make(t, node, p->parts[i].text);
	return node;
}

static bool add_placement(struct placements *all, const struct table *t, uint32_t route,
			  uint32_t node)
{
	const struct route *r = &t->routes[route];
	const struct pattern *p = r->pattern;

	if (all->count == all->room) {
		uint32_t room = all->room > 0 ? all->room * 2 : 64;
		struct placement *more = mem_resize(all->at, room, sizeof(*more));

		if (more == NULL)
			return false;
		all->at = more;
		all->room = room;
	}
	all->at[all->count++] = (struct placement){
		.node = node, .weight = r->weight, .number = r->number, .route = route,
		.kind = p->regex != NULL ? PLACE_REGEX : p->rest ? PLACE_REST : PLACE_EXACT,
		.hash = route_predicates_hash(r) + hash64(0, p->text) * (p->regex != NULL),
	};
	return true;
}

static bool place_below(struct table *t, struct placements *all, uint32_t route, uint32_t root)
{
	uint32_t node = root != 0 ? walk(&t->trie, root, t->routes[route].pattern) : 0;

	return node != 0 && add_placement(all, t, route, node);
}

static uint32_t labels_of(struct weir_str host)
{
	uint32_t labels = 1;

	for (size_t i = 0; i < host.len; i++)
		labels += host.data[i] == '.';
	return labels;
}

static bool place(struct table *t, struct placements *all, uint32_t route)
{
	const struct route *r = &t->routes[route];

	if (r->host_count == 0)
		return place_below(t, all, route, TRIE_EVERY_HOST);
	for (uint32_t i = 0; i < r->host_count; i++) {
		const struct route_host *host = &r->hosts[i];
		uint32_t above = host->below ? TRIE_SUFFIXES : TRIE_HOSTS;

		if (!place_below(t, all, route, trie_child_make(&t->trie, above, host->name)))
			return false;
		if (host->below && labels_of(host->name) > t->most_labels)
			t->most_labels = labels_of(host->name);
	}
	return true;
}

#define ORDER(a, b) ((a) < (b) ? -1 : (a) > (b))

static int compare_places(const struct placement *a, const struct placement *b)
{
	if (a->node != b->node)
		return ORDER(a->node, b->node);
	if (a->kind != b->kind)
		return ORDER(a->kind, b->kind);
	return ORDER(b->weight, a->weight);
}

static int by_twins(const void *a, const void *b)
{
	const struct placement *x = a, *y = b;
	int order = compare_places(x, y);

	if (order == 0)
		order = ORDER(x->hash, y->hash);
	return order != 0 ? order : ORDER(x->number, y->number);
}

static int by_precision(const void *a, const void *b)
{
	const struct placement *x = a, *y = b;
	int order = compare_places(x, y);

	return order != 0 ? order : ORDER(x->number, y->number);
}

/* What is compared here stands at one node, so that hosts and paths are the same but for the text
 * of regular expressions. The same route may stand there twice: a host written twice. */
static bool same_match(const struct table *t, const struct placement *a, const struct placement *b)
{
	const struct route *x = &t->routes[a->route], *y = &t->routes[b->route];

	if (x == y || (a->kind == PLACE_REGEX && !str_eq(x->pattern->text, y->pattern->text)))
		return false;
	return route_same_predicates(x, y);
}

static bool refuse(const struct table *t, const struct placement *a, const struct placement *b,
		   struct weir_error *error)
{
	return fail(error, "routes %.*s and %.*s match the same requests, so the second would "
		    "never be used; change or remove one", STR_ARG(t->routes[a->route].name),
		    STR_ARG(t->routes[b->route].name));
}

static bool refuse_twins(const struct table *t, const struct placements *all,
			 struct weir_error *error)
{
	for (uint32_t i = 0; i < all->count; i++) {
		const struct placement *a = &all->at[i];

		for (uint32_t j = i + 1; j < all->count; j++) {
			const struct placement *b = &all->at[j];

			if (compare_places(a, b) != 0 || a->hash != b->hash)
				break;
			if (same_match(t, a, b))
				return refuse(t, a, b, error);
		}
	}
	return true;
}

static struct span *span_of(struct trie_node *node, uint32_t kind)
{
	if (kind == PLACE_REGEX)
		return &node->regex;
	return kind == PLACE_REST ? &node->rest : &node->exact;
}

static bool lay_out(struct table *t, const struct placements *all)
{
	t->entries = mem_array(all->count + (size_t)1, sizeof(*t->entries));
	if (t->entries == NULL)
		return false;
	for (uint32_t i = 0; i < all->count; i++) {
		const struct placement *p = &all->at[i];
		struct span *span = span_of(&t->trie.nodes[p->node], p->kind);

		if (span->count == 0)
			span->first = i;
		span->count++;
		t->entries[i] = p->route;
	}
	return true;
}

static bool place_all(struct table *t, struct placements *all, struct weir_error *error)
{
	uint32_t visits;

	for (uint32_t i = 0; i < t->count; i++)
		if (!place(t, all, i))
			return fail_memory(error);
	if (all->count > 0)
		qsort(all->at, all->count, sizeof(*all->at), by_twins);
	if (!refuse_twins(t, all, error))
		return false;
	if (all->count > 0)
		qsort(all->at, all->count, sizeof(*all->at), by_precision);
	if (!lay_out(t, all))
		return fail_memory(error);
	visits = trie_most_visits(&t->trie);
	if (visits == 0)
		return fail_memory(error);
	if (visits > MOST_VISITS)
		return fail(error, "too many paths have both a {name} and a text at the same "
			    "place, segment after segment; no request can be told apart quickly");
	return true;
}

static bool open_all(struct table *t, const struct route_spec *const *specs, uint32_t count,
		     struct weir_error *error)
{
	t->routes = mem_array(count + (size_t)1, sizeof(*t->routes));
	if (t->routes == NULL || !trie_init(&t->trie))
		return fail_memory(error);
	for (; t->count < count; t->count++)
		if (!route_open(&t->routes[t->count], specs[t->count], &t->arena, error))
			return false;
	return true;
}

struct table *table_build(const struct route_spec *const *specs, uint32_t count,
			  struct weir_error *error)
{
	struct table *t = mem_alloc(sizeof(*t));
	struct placements all = { .at = NULL };
	bool built;

	if (t == NULL) {
		fail_memory(error);
		return NULL;
	}
	arena_init(&t->arena, NULL, MOST_MEMORY);
	built = open_all(t, specs, count, error) && place_all(t, &all, error);
	mem_free(all.at);
	if (built)
		return t;
	table_free(t);
	return NULL;
}

void table_free(struct table *t)
{
	if (t == NULL)
		return;
	for (uint32_t i = 0; i < t->count; i++)
		route_close(&t->routes[i]);
	mem_free(t->routes);
	mem_free(t->entries);
	trie_fini(&t->trie);
	arena_reset(&t->arena);
	mem_free(t);
}
