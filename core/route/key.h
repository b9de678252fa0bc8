/* key.h - keys (client.ip, header.x-user) and templates ("/v2/{code}"): compiled once, asked
 * often. */
#ifndef CORE_ROUTE_KEY_H
#define CORE_ROUTE_KEY_H

#include <weir/error.h>

#include "core/base/arena.h"

/* What one part of a key or template is about. */
enum key_part {
	KEY_CLIENT_IP,		/* client.ip, client.ip/64: masked by the compiled key itself */
	KEY_CLIENT_IDENTITY,
	KEY_HEADER, KEY_COOKIE, KEY_QUERY, KEY_PATH, KEY_CLAIM,	/* with a name */
	KEY_HOST, KEY_METHOD, KEY_ROUTE, KEY_SERVICE, KEY_LISTENER,
	KEY_CAPTURE,		/* templates: {name}, {*}, {1} */
};

/* Who knows the request. Gives the absent str for what is not there. */
struct key_asker {
	struct weir_str (*part)(void *arg, enum key_part part, struct weir_str name);
};

struct key;
struct template;

/* One or more parts, each as written: `client.ip/64`, `claim."https://x/tier"`. Lies in the arena
 * (copies); NULL with a sentence that says what is possible. */
const struct key *key_compile(struct arena *arena, const struct weir_str *parts, uint32_t count,
			      struct weir_error *error);

/* The value for this request, in `arena` or a slice of it; of a list, joined so that no two
 * different lists give the same. False when some part is missing: its place is empty. */
bool key_text(const struct key *k, const struct key_asker *asker, void *arg, struct arena *arena,
	      struct weir_str *out);

/* `{name}` a path segment, `{*}` the rest, `{1}` a regex group, any key in braces, `{{` a brace.
 * `{host}` and the like are the segment of that name where the path has one, else the key. Lies in
 * the arena (copies); NULL with a sentence. */
const struct template *template_compile(struct arena *arena, struct weir_str text,
					struct weir_error *error);
/* What is missing is empty. The empty str when the arena is full. */
struct weir_str template_text(const struct template *t, const struct key_asker *asker, void *arg,
			      struct arena *arena);
/* The same for the path sent upstream: what comes from the request's path stands as it is, all
 * else is escaped so that it stays within one segment, and the whole is normalised, with a slash
 * before it. False when what comes out is no path that Weir would take itself (BAD_PATH), or the
 * arena is full. */
bool template_path(const struct template *t, const struct key_asker *asker, void *arg,
		   struct arena *arena, struct weir_str *out);
/* True when it asks for nothing: its text is always the same, *out. */
bool template_is_plain(const struct template *t, struct weir_str *out);
/* True when some part asks for this (KEY_CLAIM, say): for checks of the configuration. */
bool template_asks(const struct template *t, enum key_part part);
bool key_asks(const struct key *k, enum key_part part);

/* The names of captures that it asks for, one after the other; false after the last. For the check
 * that a route's path has them. */
bool template_capture_name(const struct template *t, uint32_t n, struct weir_str *name);

#endif
