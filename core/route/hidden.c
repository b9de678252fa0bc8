/* hidden.c - routes that no request can reach, because another takes all of theirs. */
#include "core/base/mem.h"
#include "core/base/regex.h"
#include "core/route/inside.h"

/* Pairs that are compared in one table: beyond it nothing is said. */
enum { COMPARISONS_MOST = 500000 };

struct search {
	const struct table *table;
	uint32_t *places;	/* of each route: where it stands and is not hidden */
	uint32_t *by;		/* the last route that hides it somewhere */
	uint32_t comparisons;
};

static bool same_part(const struct predicate *a, const struct predicate *b)
{
	if (a->on != b->on)
		return false;
	return a->on == ON_HEADER ? str_eq_nocase(a->name, b->name) : str_eq(a->name, b->name);
}

/* Does all that passes `a` pass `b`? False when that is not certain. */
static bool implies(const struct predicate *a, const struct predicate *b)
{
	if (predicate_same(a, b))
		return true;
	if (!same_part(a, b) || a->on == ON_CLIENT || a->test == TEST_ABSENT)
		return false;
	if (b->test == TEST_PRESENT)
		return true;
	return b->test == TEST_REGEX && a->test == TEST_IS && regex_match(b->regex, a->value, NULL, 0);
}

static bool implied(const struct predicate *b, const struct route *a)
{
	for (uint32_t i = 0; i < a->predicate_count; i++)
		if (implies(&a->predicates[i], b))
			return true;
	return false;
}

static bool takes_methods_of(const struct route *r, const struct route *other)
{
	if (r->methods == 0 && r->other_count == 0)
		return true;
	if ((other->methods == 0 && other->other_count == 0) || (other->methods & ~r->methods) != 0)
		return false;
	for (uint32_t i = 0; i < other->other_count; i++)
		if (!route_names_method(r, other->others[i]))
			return false;
	return true;
}

/* Both stand at one place, `first` before `second`. One with fewer conditions would stand behind, and one
 * with more asks for something that the other does not. */
static bool hides(const struct route *first, const struct route *second)
{
	if (first->weight != second->weight || !takes_methods_of(first, second))
		return false;
	if (first->pattern->regex != NULL &&
	    !str_eq(first->pattern->text, second->pattern->text))
		return false;
	for (uint32_t i = 0; i < first->predicate_count; i++)
		if (!implied(&first->predicates[i], second))
			return false;
	return true;
}

static void look_at_one(struct search *s, const struct span *span, uint32_t at)
{
	const struct table *t = s->table;
	uint32_t second = t->entries[at];

	for (uint32_t i = at; i-- > span->first; ) {
		uint32_t first = t->entries[i];

		if (t->routes[first].weight != t->routes[second].weight)
			break;
		if (++s->comparisons > COMPARISONS_MOST)
			break;
		if (first != second && hides(&t->routes[first], &t->routes[second])) {
			s->by[second] = first;
			return;
		}
	}
	s->places[second]++;
}

static void look_at(struct search *s, const struct span *span)
{
	for (uint32_t i = 0; i < span->count; i++)
		look_at_one(s, span, span->first + i);
}

bool table_hidden(const struct table *t, void (*say)(void *arg, uint32_t hidden, uint32_t by), void *arg)
{
	struct search s = { .table = t, .places = mem_array(t->count + (size_t)1, sizeof(uint32_t)),
			    .by = mem_array(t->count + (size_t)1, sizeof(uint32_t)) };
	bool done = s.places != NULL && s.by != NULL;

	for (uint32_t i = 0; done && i < t->trie.node_count; i++) {
		look_at(&s, &t->trie.nodes[i].exact);
		look_at(&s, &t->trie.nodes[i].regex);
		look_at(&s, &t->trie.nodes[i].rest);
	}
	for (uint32_t i = 0; done && i < t->count; i++)
		if (s.places[i] == 0)
			say(arg, t->routes[i].number, t->routes[s.by[i]].number);
	mem_free(s.places);
	mem_free(s.by);
	return done;
}
