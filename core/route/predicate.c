/* predicate.c - one thing that a route asks of a request beside host, path and method. */
#include "core/route/predicate.h"

#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/base/regex.h"
#include "core/http/target.h"

static const char *const nouns[] = {
	[ON_HEADER] = "header", [ON_QUERY] = "query parameter", [ON_COOKIE] = "cookie",
	[ON_CLAIM] = "claim", [ON_CLIENT] = "client", [ON_IDENTITY] = "identity",
};

bool predicate_open(struct predicate *p, const struct route_predicate *spec, struct arena *arena,
		    struct weir_error *error)
{
	*p = (struct predicate){
		.on = spec->on, .test = spec->test, .networks = spec->networks,
	};
	if (spec->name.len == 0 && spec->on != ON_CLIENT && spec->on != ON_IDENTITY)
		return fail(error, "a %s to match needs a name", nouns[spec->on]);
	if (spec->on == ON_HEADER && !header_name_valid(spec->name))
		return fail(error, "\"%.*s\" is no header name", STR_ARG(spec->name));
	p->id = spec->on == ON_HEADER ? header_id_of(spec->name) : HEADER_OTHER;
	p->name = arena_copy(arena, spec->name);
	p->value = arena_copy(arena, spec->value);
	if (arena->overflowed)
		return fail_memory(error);
	if (spec->test != TEST_REGEX || spec->on == ON_CLIENT)
		return true;
	p->regex = regex_open(spec->value, false, error);
	return p->regex != NULL || fail_within(error, "%s %.*s", nouns[spec->on],
					       STR_ARG(spec->name));
}

void predicate_close(struct predicate *p)
{
	regex_close(p->regex);
	p->regex = NULL;
}

/* Does one value that is there pass? */
static bool passes(const struct predicate *p, struct weir_str value)
{
	switch (p->test) {
	case TEST_IS:
		return str_eq(value, p->value);
	case TEST_REGEX:
		return regex_match(p->regex, value, NULL, 0);
	case TEST_PRESENT:
	case TEST_ABSENT:
		break;
	}
	return true;
}

static bool is_header(const struct header *header, const struct predicate *p)
{
	if (header->id != p->id)
		return false;
	return p->id != HEADER_OTHER || str_eq_nocase(header->name, p->name);
}

static bool any_header(const struct predicate *p, const struct headers *h)
{
	if ((h->present >> p->id & 1) == 0)
		return false;
	headers_for_each(header, h)
		if (is_header(header, p) && passes(p, header->value))
			return true;
	return false;
}

/* Decodes only for a regular expression. */
static bool any_parameter(const struct predicate *p, const struct route_ask *ask)
{
	struct weir_str rest = ask->request->query, name, value;

	while (query_next(&rest, &name, &value)) {
		if (!query_says(name, p->name))
			continue;
		if (p->test == TEST_IS && !query_says(value, p->value))
			continue;
		if (p->test == TEST_REGEX && !passes(p, query_decode(ask->arena, value)))
			continue;
		return true;
	}
	return false;
}

static bool any_cookie(const struct predicate *p, const struct headers *h)
{
	if ((h->present >> HEADER_COOKIE & 1) == 0)
		return false;
	headers_for_each(header, h) {
		struct weir_str value = STR_ABSENT;

		if (header->id == HEADER_COOKIE)
			value = cookie_get(header->value, p->name);
		if (value.data != NULL && passes(p, value))
			return true;
	}
	return false;
}

static bool claim_passes(const struct predicate *p, const struct route_ask *ask)
{
	struct weir_str value;

	if (ask->claim == NULL)
		return false;
	for (uint32_t n = 0; (value = ask->claim(ask->arg, p->name, n)).data != NULL; n++)
		if (passes(p, value))
			return true;
	return false;
}

bool predicate_holds(const struct predicate *p, const struct route_ask *ask)
{
	bool any = false;

	switch (p->on) {
	case ON_HEADER:
		any = any_header(p, &ask->request->headers);
		break;
	case ON_QUERY:
		any = any_parameter(p, ask);
		break;
	case ON_COOKIE:
		any = any_cookie(p, &ask->request->headers);
		break;
	case ON_CLAIM:
		any = claim_passes(p, ask);
		break;
	case ON_CLIENT:
		any = ask->client_in != NULL && ask->client_in(ask->arg, p->networks);
		break;
	case ON_IDENTITY:
		any = ask->identity.data != NULL && passes(p, ask->identity);
		break;
	}
	return any != (p->test == TEST_ABSENT);
}

static bool same_name(const struct predicate *a, const struct predicate *b)
{
	return a->on == ON_HEADER ? str_eq_nocase(a->name, b->name) : str_eq(a->name, b->name);
}

bool predicate_same(const struct predicate *a, const struct predicate *b)
{
	if (a->on != b->on || a->test != b->test || !same_name(a, b))
		return false;
	return a->test == TEST_PRESENT || a->test == TEST_ABSENT || str_eq(a->value, b->value);
}

/* Equal for those that are the same; of a header's name only the length, for its case does not
 * count. */
uint64_t predicate_hash(const struct predicate *p)
{
	uint64_t h = hash_mix((uint64_t)p->on << 8 | (uint64_t)p->test, p->name.len);

	if (p->on != ON_HEADER)
		h = hash64(h, p->name);
	return p->test == TEST_IS || p->test == TEST_REGEX ? hash64(h, p->value) : h;
}

/* The first value of it, or absent. */
static struct weir_str value_of(const struct predicate *p, const struct route_ask *ask)
{
	struct weir_str value = STR_ABSENT;

	switch (p->on) {
	case ON_HEADER:
		return headers_get_at(&ask->request->headers, p->name, 0);
	case ON_QUERY:
		return query_get(ask->arena, ask->request->query, p->name);
	case ON_COOKIE:
		headers_for_each(header, &ask->request->headers)
			if (header->id == HEADER_COOKIE && value.data == NULL)
				value = cookie_get(header->value, p->name);
		return value;
	case ON_CLAIM:
		return ask->claim != NULL ? ask->claim(ask->arg, p->name, 0) : STR_ABSENT;
	case ON_IDENTITY:
		return ask->identity;
	case ON_CLIENT:
		break;
	}
	return STR_ABSENT;
}

struct weir_str predicate_why_not(const struct predicate *p, const struct route_ask *ask)
{
	struct weir_str got = str_head(value_of(p, ask), 100), want = str_head(p->value, 100);
	const char *noun = nouns[p->on];

	if (p->on == ON_CLIENT)
		return arena_print(ask->arena, "client: it is not in %.*s", STR_ARG(want));
	if (p->test == TEST_ABSENT)
		return arena_print(ask->arena, "%s %.*s is there", noun, STR_ARG(p->name));
	if (got.data == NULL)
		return arena_print(ask->arena, "%s %.*s is missing", noun, STR_ARG(p->name));
	if (p->test == TEST_REGEX)
		return arena_print(ask->arena, "%s %.*s is \"%.*s\", which \"%.*s\" does not match",
				   noun, STR_ARG(p->name), STR_ARG(got), STR_ARG(want));
	return arena_print(ask->arena, "%s %.*s is \"%.*s\", not \"%.*s\"", noun, STR_ARG(p->name),
			   STR_ARG(got), STR_ARG(want));
}
