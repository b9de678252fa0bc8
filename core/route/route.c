/* route.c - one route of the table, compiled, and whether a request is for it. */
#include "core/route/route.h"

#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/http/target.h"

static bool open_host(struct route_host *host, struct weir_str text, struct arena *arena,
		      struct weir_error *error)
{
	struct weir_str name = text, whole;
	uint16_t port;
	bool valid;

	host->below = str_starts(text, STR("*."));
	if (host->below)
		name = str_skip(text, 2);
	if (str_eq(text, STR("*")))
		return fail(error, "host \"*\": leave `host` out to take every host");
	if (str_find(name, '*') < name.len)
		return fail(error, "host \"%.*s\": a star stands only at the front, for one or "
			    "more labels: *.example.com", STR_ARG(text));
	name = arena_copy(arena, name);
	valid = authority_read(arena, name, &whole, &host->name, &port);
	if (arena->overflowed)
		return fail_memory(error);
	if (!valid || (host->below && host->name.data[0] == '['))
		return fail(error, "host \"%.*s\" is no host name or address", STR_ARG(text));
	if (whole.len != host->name.len)
		return fail(error, "host \"%.*s\": leave the port out; it does not decide",
			    STR_ARG(text));
	return true;
}

static bool open_hosts(struct route *r, const struct route_spec *spec, struct arena *arena,
		       struct weir_error *error)
{
	r->hosts = arena_zero(arena, spec->host_count * sizeof(*r->hosts));
	if (r->hosts == NULL)
		return fail_memory(error);
	for (uint32_t i = 0; i < spec->host_count; i++) {
		if (!open_host(&r->hosts[i], spec->hosts[i], arena, error))
			return false;
		r->host_count++;
	}
	return true;
}

static bool open_methods(struct route *r, const struct route_spec *spec, struct arena *arena,
			 struct weir_error *error)
{
	r->others = arena_zero(arena, spec->method_count * sizeof(*r->others));
	if (r->others == NULL)
		return fail_memory(error);
	for (uint32_t i = 0; i < spec->method_count; i++) {
		enum method m = method_of(spec->methods[i]);

		if (!header_name_valid(spec->methods[i]))	/* a method is a token too */
			return fail(error, "\"%.*s\" is no method", STR_ARG(spec->methods[i]));
		if (m == METHOD_OTHER)
			r->others[r->other_count++] = arena_copy(arena, spec->methods[i]);
		else
			r->methods |= 1u << m;
	}
	return true;
}

static bool open_predicates(struct route *r, const struct route_spec *spec, struct arena *arena,
			    struct weir_error *error)
{
	r->predicates = arena_zero(arena, spec->predicate_count * sizeof(*r->predicates));
	if (r->predicates == NULL)
		return fail_memory(error);
	for (uint32_t i = 0; i < spec->predicate_count; i++) {
		if (!predicate_open(&r->predicates[i], &spec->predicates[i], arena, error))
			return false;
		r->predicate_count++;
	}
	return true;
}

bool route_open(struct route *r, const struct route_spec *spec, struct arena *arena,
		struct weir_error *error)
{
	*r = (struct route){ .number = spec->number, .name = arena_copy(arena, spec->name) };
	r->pattern = pattern_open(arena, spec->path, spec->path_is_regex, error);
	if (r->pattern != NULL && open_hosts(r, spec, arena, error) &&
	    open_methods(r, spec, arena, error) && open_predicates(r, spec, arena, error) &&
	    (!arena->overflowed || fail_memory(error))) {
		r->weight = (r->methods != 0 || r->other_count > 0) + r->predicate_count;
		return true;
	}
	route_close(r);
	return fail_within(error, "route %.*s", STR_ARG(spec->name));
}

void route_close(struct route *r)
{
	pattern_close(r->pattern);
	for (uint32_t i = 0; i < r->predicate_count; i++)
		predicate_close(&r->predicates[i]);
	r->pattern = NULL;
	r->predicate_count = 0;
}

static bool host_takes(const struct route_host *named, struct weir_str host)
{
	if (!named->below)
		return str_eq(host, named->name);
	return host.len > named->name.len + 1 && str_ends(host, named->name) &&
	       host.data[host.len - named->name.len - 1] == '.';
}

bool route_takes_host(const struct route *r, struct weir_str host, size_t *precision)
{
	bool takes = r->host_count == 0;

	*precision = 0;
	for (uint32_t i = 0; i < r->host_count; i++) {
		if (!host_takes(&r->hosts[i], host))
			continue;
		takes = true;
		if (r->hosts[i].name.len > *precision)
			*precision = r->hosts[i].name.len;
	}
	return takes;
}

bool route_takes_method(const struct route *r, const struct request *request)
{
	if (r->methods == 0 && r->other_count == 0)
		return true;
	if (request->method != METHOD_OTHER)
		return (r->methods >> request->method & 1) != 0;
	for (uint32_t i = 0; i < r->other_count; i++)
		if (str_eq(r->others[i], request->method_text))
			return true;
	return false;
}

bool route_takes_rest(const struct route *r, const struct route_ask *ask)
{
	for (uint32_t i = 0; i < r->predicate_count; i++)
		if (!predicate_holds(&r->predicates[i], ask))
			return false;
	return true;
}

static bool has_predicate(const struct route *r, const struct predicate *p)
{
	for (uint32_t i = 0; i < r->predicate_count; i++)
		if (predicate_same(&r->predicates[i], p))
			return true;
	return false;
}

bool route_names_method(const struct route *r, struct weir_str method)
{
	for (uint32_t i = 0; i < r->other_count; i++)
		if (str_eq(r->others[i], method))
			return true;
	return false;
}

static bool holds_all_of(const struct route *a, const struct route *b)
{
	for (uint32_t i = 0; i < b->predicate_count; i++)
		if (!has_predicate(a, &b->predicates[i]))
			return false;
	for (uint32_t i = 0; i < b->other_count; i++)
		if (!route_names_method(a, b->others[i]))
			return false;
	return true;
}

bool route_same_predicates(const struct route *a, const struct route *b)
{
	return a->methods == b->methods && holds_all_of(a, b) && holds_all_of(b, a);
}

/* The same in whatever order they are written. */
uint64_t route_predicates_hash(const struct route *r)
{
	uint64_t h = r->methods;

	for (uint32_t i = 0; i < r->predicate_count; i++)
		h += predicate_hash(&r->predicates[i]);
	return h;
}
