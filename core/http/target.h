/* target.h - request targets: cut, checked and normalised once, so that routes, policies and
 * upstreams all see the same string. */
#ifndef CORE_HTTP_TARGET_H
#define CORE_HTTP_TARGET_H

#include "core/http/message.h"

struct target_rules {
	bool keep_encoded_slash;	/* listener: encoded_slash: keep; %2f then stays as it is */
	size_t longest;			/* bytes; over it TARGET_TOO_LONG; 0: no own limit */
};

/* Needs method, target, minor and headers (HTTP/2 puts :authority into Host first). Reads
 * request->target (origin-form, absolute-form with http or https, authority-form only for CONNECT,
 * asterisk-form only for OPTIONS) together with the Host headers into authority, host, port, path
 * and query. Exactly one Host for HTTP/1.1; when an absolute-form target disagrees with it, the
 * target wins and Host is set to it (RFC 9112 3.2.2). Afterwards Host and `authority` are the same
 * text. Without a Host (HTTP/1.0) authority and host are absent. Gives REASON_NONE, BAD_REQUEST,
 * BAD_HOST, BAD_PATH, TARGET_TOO_LONG or OUT_OF_MEMORY. What must be rewritten goes to the arena
 * of the headers. */
enum reason target_read(struct request *r, const struct target_rules *rules);

/* Normalises a path that begins with '/': decodes percent-encoded unreserved characters,
 * upper-cases the other escapes, escapes raw bytes that RFC 3986 lets no path have (UTF-8, '|',
 * '"' ...), merges doubled slashes, removes dot segments (RFC 3986 5.2.4). Doing it twice changes
 * nothing. Refuses (BAD_PATH) bad escapes, raw controls, space, 0x7f, '#', '\', %00, %5c, %2f
 * (unless kept), a path that climbs above its root, and segments like "..;x" or "..%2F". Gives the
 * input itself when nothing had to change. */
enum reason path_normalise(struct arena *arena, struct weir_str path, bool keep_encoded_slash,
			   struct weir_str *out);

/* May a request line of our own be made of these: a method of 1 to 32 token bytes, and a target that
 * begins with '/' and has neither blanks nor controls? What a plugin gives is asked before it is sent. */
bool request_line_valid(struct weir_str method, struct weir_str target);

/* Every byte but the unreserved ones of RFC 3986 as %XX: safe in a path segment and in a query. The
 * empty str when the arena is full. */
struct weir_str percent_encode(struct arena *arena, struct weir_str text);

/* Splits "host[:port]" and checks both: an IPv6 literal, or labels of RFC 3986 unreserved bytes;
 * no userinfo, no escapes, port 1-65535. Lower-cases and drops a final dot or an empty port, in
 * the arena, if need be. */
bool authority_read(struct arena *arena, struct weir_str authority, struct weir_str *whole,
		    struct weir_str *host, uint16_t *port);

/* May it stand in a target: no blanks, no controls, no '#'? */
bool query_valid(struct weir_str query);
/* The value of the first query parameter `name`, percent-decoded with '+' as space; absent if
 * none. */
struct weir_str query_get(struct arena *arena, struct weir_str query, struct weir_str name);
/* Takes the next pair off the front of *rest, both still encoded; false when none is left. */
bool query_next(struct weir_str *rest, struct weir_str *name, struct weir_str *value);
/* Does it decode to this? Without decoding. */
bool query_says(struct weir_str encoded, struct weir_str plain);
/* Decoded, in the arena if need be; the empty str when that is full. */
struct weir_str query_decode(struct arena *arena, struct weir_str encoded);
/* The value of a cookie in one Cookie header; absent if none. */
struct weir_str cookie_get(struct weir_str header, struct weir_str name);

#endif
