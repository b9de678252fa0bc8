/* reference.c - the rules of routing, written down as plainly as possible. */
#include "tests/route/reference.h"

static bool all_below_a(struct weir_str path)
{
	return str_starts(path, STR("/a/"));
}

static bool a_or_b_then_b(struct weir_str path)
{
	return str_eq(path, STR("/a/b")) || str_eq(path, STR("/b/b"));
}

static bool anything(struct weir_str path)
{
	return path.len > 0;
}

static bool a_b_and_more(struct weir_str path)
{
	return str_starts(path, STR("/a/b/")) && path.len > 5;
}

const struct known_regex known_regexes[] = {
	{ "/a/.*", 1, all_below_a },
	{ "/[ab]/b", 0, a_or_b_then_b },
	{ "/.*", 0, anything },
	{ "/a/b/.+", 2, a_b_and_more },
};
const unsigned known_regex_count = 4;

static const struct known_regex *regex_of(const struct route_spec *s)
{
	for (unsigned i = 0; i < known_regex_count; i++)
		if (str_eq(s->path, str_from(known_regexes[i].text)))
			return &known_regexes[i];
	return NULL;
}

static unsigned split(struct weir_str path, struct weir_str *segments)
{
	struct weir_str rest = str_skip(path, 1), part;
	unsigned count = 0;

	while (count < MOST_SEGMENTS && str_next(&rest, '/', &part))
		segments[count++] = part;
	return count;
}

static bool is_name(struct weir_str segment)
{
	return segment.len > 0 && segment.data[0] == '{';
}

static bool takes_path(const struct route_spec *s, struct weir_str path)
{
	struct weir_str want[MOST_SEGMENTS], got[MOST_SEGMENTS];
	unsigned wanted, given;
	bool star;

	if (s->path.data == NULL)
		return true;
	if (s->path_is_regex)
		return regex_of(s)->takes(path);
	wanted = split(s->path, want);
	given = split(path, got);
	star = str_eq(want[wanted - 1], STR("*"));
	wanted -= star;
	if (star ? given < wanted : given != wanted)
		return false;
	for (unsigned i = 0; i < wanted; i++)
		if (is_name(want[i]) ? got[i].len == 0 : !str_eq(want[i], got[i]))
			return false;
	return true;
}

/* 0 none, the length of a wildcard's rest, 1000 for exact; -1: not taken. */
static int host_rank(const struct route_spec *s, struct weir_str host)
{
	int best = s->host_count == 0 ? 0 : -1;

	for (uint32_t i = 0; i < s->host_count; i++) {
		struct weir_str h = s->hosts[i];
		int rank = -1;

		if (h.data[0] != '*')
			rank = str_eq(h, host) ? 1000 : -1;
		else if (host.len > h.len - 1 && str_ends(host, str_skip(h, 1)))
			rank = (int)h.len - 2;
		best = rank > best ? rank : best;
	}
	return best;
}

/* Better is smaller: end, text, name, regex, star. */
static int segment_rank(const struct route_spec *s, unsigned i)
{
	struct weir_str segments[MOST_SEGMENTS];
	unsigned count;

	if (s->path.data == NULL)
		return 4;
	if (s->path_is_regex)
		return i < regex_of(s)->leading ? 1 : 3;
	count = split(s->path, segments);
	if (i >= count)
		return 0;
	if (i == count - 1 && str_eq(segments[i], STR("*")))
		return 4;
	return is_name(segments[i]) ? 2 : 1;
}

static int compare_paths(const struct route_spec *a, const struct route_spec *b)
{
	for (unsigned i = 0; i < MOST_SEGMENTS; i++) {
		int x = segment_rank(a, i), y = segment_rank(b, i);

		if (x != y)
			return x - y;
		if (x == 0 || x >= 3)
			return 0;
	}
	return 0;
}

static bool takes_predicates(const struct route_spec *s, const struct request *r)
{
	for (uint32_t i = 0; i < s->predicate_count; i++) {
		const struct route_predicate *p = &s->predicates[i];
		struct weir_str got = headers_get_at(&r->headers, p->name, 0);

		if (p->test == TEST_PRESENT ? got.data == NULL : !str_eq(got, p->value))
			return false;
	}
	return true;
}

static bool takes_method(const struct route_spec *s, const struct request *r)
{
	for (uint32_t i = 0; i < s->method_count; i++)
		if (str_eq(s->methods[i], r->method_text))
			return true;
	return s->method_count == 0;
}

static uint32_t weight(const struct route_spec *s)
{
	return s->predicate_count + (s->method_count > 0);
}

static bool is_better(const struct route_spec *a, const struct route_spec *b, struct weir_str host)
{
	int x = host_rank(a, host), y = host_rank(b, host);

	if (x != y)
		return x > y;
	if (compare_paths(a, b) != 0)
		return compare_paths(a, b) < 0;
	if (weight(a) != weight(b))
		return weight(a) > weight(b);
	return a->number < b->number;
}

enum route_result reference_find(const struct route_spec *const *specs, uint32_t count,
				 const struct request *r, uint32_t *number, uint32_t *methods)
{
	const struct route_spec *best = NULL;

	*methods = 0;
	for (uint32_t i = 0; i < count; i++) {
		const struct route_spec *s = specs[i];

		if (host_rank(s, r->host) < 0 || !takes_path(s, r->path) || !takes_predicates(s, r))
			continue;
		if (!takes_method(s, r)) {
			for (uint32_t m = 0; m < s->method_count; m++)
				*methods |= 1u << method_of(s->methods[m]);
			continue;
		}
		if (best == NULL || is_better(s, best, r->host))
			best = s;
	}
	if (best == NULL)
		return *methods != 0 ? ROUTE_METHOD : ROUTE_NONE;
	*number = best->number;
	return ROUTE_FOUND;
}

static bool share_a_host(const struct route_spec *a, const struct route_spec *b)
{
	if (a->host_count == 0 || b->host_count == 0)
		return a->host_count == b->host_count;
	for (uint32_t i = 0; i < a->host_count; i++)
		for (uint32_t j = 0; j < b->host_count; j++)
			if (str_eq(a->hosts[i], b->hosts[j]))
				return true;
	return false;
}

static struct weir_str path_or_star(const struct route_spec *s)
{
	return s->path.data != NULL ? s->path : STR("/" "*");
}

static bool same_path(const struct route_spec *a, const struct route_spec *b)
{
	struct weir_str x[MOST_SEGMENTS], y[MOST_SEGMENTS];
	unsigned count = split(path_or_star(a), x);

	if (a->path_is_regex || b->path_is_regex)
		return a->path_is_regex == b->path_is_regex && str_eq(a->path, b->path);
	if (split(path_or_star(b), y) != count)
		return false;
	for (unsigned i = 0; i < count; i++)
		if (!str_eq(x[i], y[i]) && !(is_name(x[i]) && is_name(y[i])))
			return false;
	return true;
}

static bool has_predicate(const struct route_spec *s, const struct route_predicate *p)
{
	for (uint32_t i = 0; i < s->predicate_count; i++)
		if (s->predicates[i].test == p->test && str_eq(s->predicates[i].name, p->name) &&
		    (p->test == TEST_PRESENT || str_eq(s->predicates[i].value, p->value)))
			return true;
	return false;
}

static bool same_rest(const struct route_spec *a, const struct route_spec *b)
{
	struct request r = { .minor = 1 };

	if (a->predicate_count != b->predicate_count || a->method_count != b->method_count)
		return false;
	for (uint32_t i = 0; i < a->predicate_count; i++)
		if (!has_predicate(b, &a->predicates[i]))
			return false;
	for (uint32_t i = 0; i < a->method_count; i++) {
		r.method_text = a->methods[i];
		if (!takes_method(b, &r))
			return false;
	}
	return true;
}

bool reference_has_twins(const struct route_spec *const *specs, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		for (uint32_t j = 0; j < i; j++)
			if (share_a_host(specs[i], specs[j]) && same_path(specs[i], specs[j]) &&
			    same_rest(specs[i], specs[j]))
				return true;
	return false;
}
