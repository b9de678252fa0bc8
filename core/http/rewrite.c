/* rewrite.c - what a policy may make of a request's path, query and host. */
#include "core/http/rewrite.h"

#include "core/base/error.h"

enum { LONGEST_AUTHORITY = 255 + 6, SHOWN = 80 };

static bool fits(size_t path, size_t query, const struct target_rules *rules, struct weir_error *error)
{
	size_t len = path + query + (query > 0);

	return rules->longest == 0 || len <= rules->longest ||
	       fail(error, "path and query would have %zu bytes, and `limits.target` of the listener "
		    "allows %zu", len, rules->longest);
}

static bool fail_path(struct weir_str value, struct weir_error *error)
{
	return fail(error, "\"%.*s\" is no valid path: it begins with '/' and has no controls, blanks, "
		    "'#', backslashes, or steps above its root", STR_ARG(str_head(value, SHOWN)));
}

bool rewrite_path(struct arena *arena, struct weir_str value, struct weir_str query,
		  const struct target_rules *rules, struct weir_str *out, struct weir_error *error)
{
	struct weir_str path;

	if (!fits(value.len, query.len, rules, error))
		return false;
	if (value.len == 0 || value.data[0] != '/')
		return fail_path(value, error);
	if (path_normalise(arena, arena_copy(arena, value), false, &path) != REASON_NONE)
		return arena->overflowed ? fail_memory(error) : fail_path(value, error);
	if (!fits(path.len, query.len, rules, error))	/* escapes make it longer */
		return false;
	*out = path;
	return !arena->overflowed || fail_memory(error);
}

bool rewrite_query(struct arena *arena, struct weir_str value, struct weir_str path,
		   const struct target_rules *rules, struct weir_str *out, struct weir_error *error)
{
	if (!fits(path.len, value.len, rules, error))
		return false;
	if (!query_valid(value))
		return fail(error, "\"%.*s\" is no valid query: it has no controls, blanks or '#'",
			    STR_ARG(str_head(value, SHOWN)));
	*out = value.len > 0 ? arena_copy(arena, value) : STR_ABSENT;
	return !arena->overflowed || fail_memory(error);
}

bool rewrite_host(struct arena *arena, struct weir_str value, struct weir_str *whole,
		  struct weir_str *host, struct weir_error *error)
{
	uint16_t port;

	if (value.len > LONGEST_AUTHORITY)
		return fail(error, "the host has %zu bytes; %d are the most, port included", value.len,
			    LONGEST_AUTHORITY);
	if (!authority_read(arena, arena_copy(arena, value), whole, host, &port))
		return fail(error, "\"%.*s\" is no valid HOST or HOST:PORT",
			    STR_ARG(str_head(value, SHOWN)));
	return !arena->overflowed || fail_memory(error);
}
