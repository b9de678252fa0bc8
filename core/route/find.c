/* find.c - a request head in, the best route out: host by host, then segment by segment. */
#include "core/base/mem.h"
#include "core/route/inside.h"

enum { MOST_OTHERS = 8, MOST_LABELS = 128 };

/* One search. Every node stands for one place in the path, so none is visited twice below one
 * host, and building has bounded how many can be. */
struct search {
	const struct table *t;
	const struct route_ask *ask;
	struct route_found *found;
	const char *end;		/* of the path */
	uint32_t steps;
	uint32_t methods;		/* that would have been taken */
	uint32_t other_count;
	struct weir_str others[MOST_OTHERS];
};

static void note_other(struct search *s, struct weir_str method)
{
	for (uint32_t i = 0; i < s->other_count; i++)
		if (str_eq(s->others[i], method))
			return;
	if (s->other_count < MOST_OTHERS)
		s->others[s->other_count++] = method;
}

static void note_methods(struct search *s, const struct route *r)
{
	s->methods |= r->methods;
	for (uint32_t i = 0; i < r->other_count; i++)
		note_other(s, r->others[i]);
}

/* The path of a regular expression is not yet known to match. */
static bool takes_path(const struct search *s, const struct route *r)
{
	return r->pattern->regex == NULL ||
	       pattern_match(r->pattern, s->ask->request->path, NULL);
}

static bool try_span(struct search *s, struct span span)
{
	for (uint32_t i = 0; i < span.count; i++) {
		const struct route *r = &s->t->routes[s->t->entries[span.first + i]];

		s->steps++;
		if (!route_takes_rest(r, s->ask) || !takes_path(s, r))
			continue;
		if (!route_takes_method(r, s->ask->request)) {
			note_methods(s, r);
			continue;
		}
		s->found->number = r->number;
		pattern_match(r->pattern, s->ask->request->path, s->found);
		return true;
	}
	return false;
}

/* `at` is the next segment, NULL behind the last. Text before {name} before regex before star. */
static bool descend(struct search *s, uint32_t number, const char *at)
{
	const struct trie_node *node = &s->t->trie.nodes[number];
	struct weir_str segment;
	const char *next;
	uint32_t child;

	s->steps++;
	if (at == NULL)
		return try_span(s, node->exact) || try_span(s, node->rest);
	segment = str_between(at, s->end);
	segment.len = str_find(segment, '/');
	next = at + segment.len < s->end ? at + segment.len + 1 : NULL;
	child = trie_child(&s->t->trie, number, segment, &s->steps);
	if (child != 0 && descend(s, child, next))
		return true;
	if (segment.len > 0 && node->named != 0 && descend(s, node->named, next))
		return true;
	return try_span(s, node->regex) || try_span(s, node->rest);
}

/* OPTIONS * is for routes that name no path. */
static bool try_no_path(struct search *s, uint32_t root)
{
	struct span span = s->t->trie.nodes[root].rest;

	for (; span.count > 0; span.first++, span.count--) {
		const struct route *r = &s->t->routes[s->t->entries[span.first]];

		if (r->pattern->any && try_span(s, (struct span){ span.first, 1 }))
			return true;
	}
	return false;
}

static bool try_root(struct search *s, uint32_t root)
{
	struct weir_str path = s->ask->request->path;

	if (path.len == 0 || path.data[0] != '/')
		return try_no_path(s, root);
	return descend(s, root, path.data + 1);
}

static bool try_child(struct search *s, uint32_t above, struct weir_str host)
{
	uint32_t root = trie_child(&s->t->trie, above, host, &s->steps);

	return root != 0 && try_root(s, root);
}

/* "a.b.c" is below "b.c", then below "c": no more labels than some wildcard has. */
static bool try_suffixes(struct search *s, struct weir_str host)
{
	size_t dots[MOST_LABELS];
	uint32_t count = 0;

	for (size_t i = host.len; i-- > 1 && count < s->t->most_labels && count < MOST_LABELS; )
		if (host.data[i] == '.')
			dots[count++] = i;
	while (count > 0)
		if (try_child(s, TRIE_SUFFIXES, str_skip(host, dots[--count] + 1)))
			return true;
	return false;
}

static void put_method(struct weir_str *parts, uint32_t *count, struct weir_str method)
{
	if (*count > 0)
		parts[(*count)++] = STR(", ");
	parts[(*count)++] = method;
}

static struct weir_str allow_of(const struct search *s)
{
	struct weir_str parts[2 * (METHOD_PATCH + 1 + MOST_OTHERS)];
	uint32_t count = 0;

	for (enum method m = METHOD_GET; m <= METHOD_PATCH; m++)
		if ((s->methods >> m & 1) != 0)
			put_method(parts, &count, method_text(m));
	for (uint32_t i = 0; i < s->other_count; i++)
		put_method(parts, &count, s->others[i]);
	return arena_join(s->ask->arena, parts, count);
}

enum route_result table_find(const struct table *t, const struct route_ask *ask,
			     struct route_found *found, struct weir_str *allowed)
{
	struct weir_str host = ask->request->host, path = ask->request->path;
	struct search s = { .t = t, .ask = ask, .found = found, .end = path.data + path.len };
	bool taken;

	found->capture_count = 0;
	taken = (host.len > 0 && try_child(&s, TRIE_HOSTS, host)) ||
		(host.len > 0 && try_suffixes(&s, host)) || try_root(&s, TRIE_EVERY_HOST);
	found->steps = s.steps;
	if (taken)
		return ROUTE_FOUND;
	if (s.methods == 0 && s.other_count == 0)
		return ROUTE_NONE;
	*allowed = allow_of(&s);
	return ROUTE_METHOD;
}

struct weir_str route_capture(const struct route_found *found, struct weir_str name)
{
	for (uint32_t i = 0; i < found->capture_count; i++)
		if (str_eq(found->captures[i].name, name))
			return found->captures[i].value;
	return STR_ABSENT;
}
