/* tree.c - nodes that know their places. */
#include "core/conf/tree.h"

#include "core/base/mem.h"

const struct tree_limits tree_limits_usual = {
	.bytes = 64u << 20,
	.nodes = 4000000,
	.copies = 500000,
	.depth = 64,
};

struct node *node_new(struct arena *arena, enum node_kind kind, struct place place)
{
	struct node *node = arena_zero(arena, sizeof(*node));

	if (node == NULL)
		return NULL;
	node->kind = kind;
	node->place = place;
	return node;
}

void node_add(struct node *parent, struct node *child)
{
	child->next = NULL;
	if (parent->last != NULL)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
	parent->count++;
}

void node_take_out(struct node *parent, struct node *before, struct node *child)
{
	if (before != NULL)
		before->next = child->next;
	else
		parent->first = child->next;
	if (parent->last == child)
		parent->last = before;
	child->next = NULL;
	parent->count--;
}

struct node *node_get(const struct node *map, struct weir_str key)
{
	if (map == NULL || map->kind != NODE_MAP)
		return NULL;
	node_for_each(child, map)
		if (str_eq(child->key, key))
			return child;
	return NULL;
}

struct ordered {
	struct node *node;
	uint32_t at;	/* position in the map */
};

/* Equal keys come together, own ones first, then in the order in which they stand. */
static int by_key(const void *a, const void *b)
{
	const struct ordered *one = a, *two = b;
	int order = str_compare(one->node->key, two->node->key);

	if (order != 0)
		return order;
	if (one->node->rank != two->node->rank)
		return one->node->rank < two->node->rank ? -1 : 1;
	return one->at < two->at ? -1 : 1;
}

enum { DROPPED = UINT16_MAX };

static void drop_marked(struct node *map)
{
	struct node *before = NULL, *next;

	for (struct node *child = map->first; child != NULL; child = next) {
		next = child->next;
		if (child->rank == DROPPED)
			node_take_out(map, before, child);
		else
			before = child;
	}
}

static void compare_neighbours(struct node *map, struct ordered *all, node_twins_fn *found,
			       void *context)
{
	bool dropped = false;

	for (uint32_t i = 1; i < map->count; i++) {
		struct node *winner = all[i - 1].node, *other = all[i].node;

		if (!str_eq(winner->key, other->key))
			continue;
		if (other->rank == 0) {
			found(context, winner, other);
			continue;
		}
		other->rank = DROPPED;
		all[i].node = winner;
		dropped = true;
	}
	if (dropped)
		drop_marked(map);
}

bool node_find_twins(struct node *map, node_twins_fn *found, void *context)
{
	struct ordered few[32], *all = few;
	uint32_t at = 0;

	if (map->count < 2)
		return true;
	if (map->count > ARRAY_LEN(few))
		all = mem_array(map->count, sizeof(*all));
	if (all == NULL)
		return false;
	node_for_each(child, map) {
		all[at] = (struct ordered){ child, at };
		at++;
	}
	qsort(all, map->count, sizeof(*all), by_key);
	compare_neighbours(map, all, found, context);
	if (all != few)
		mem_free(all);
	return true;
}

bool node_is_nothing(const struct node *node)
{
	return node->kind == NODE_SCALAR && node->plain && node->text.len == 0;
}

const char *node_kind_words(const struct node *node)
{
	if (node->kind == NODE_LIST)
		return "a list";
	if (node->kind == NODE_MAP)
		return "a map";
	return node_is_nothing(node) ? "nothing" : "text";
}

struct weir_str text_copy(struct arena *arena, struct weir_str text)
{
	char *own = arena_take(arena, text.len + 1);

	if (own == NULL)
		return STR_ABSENT;
	if (text.len > 0)
		memcpy(own, text.data, text.len);
	own[text.len] = '\0';
	return str_of(own, text.len);
}
