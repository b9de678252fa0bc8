/* url.h - an absolute URL of http or https, taken apart. Pure. */
#ifndef CORE_HTTP_URL_H
#define CORE_HTTP_URL_H

#include "core/base/arena.h"
#include "core/base/str.h"

/* Slices of the text, or in the arena. */
struct url {
	bool secure;			/* https */
	struct weir_str authority;	/* as Host says it, lower case */
	struct weir_str host;		/* without port; brackets kept for IPv6 */
	uint16_t port;			/* 80 or 443 where the URL has none */
	struct weir_str target;		/* path and query, as a request line has them: "/" at least */
	struct weir_str path, query;	/* of the target; no '?': the query is absent */
};

/* Without the fragment, which stays with whoever has the URL. False when it is none of http or https, has
 * a user or password in it (they would be sent to nobody, and seen by many), its authority is not valid, or
 * the arena is full. The target is not checked: request_line_valid() is for whoever sends it. */
bool url_read(struct arena *arena, struct weir_str text, struct url *out);

#endif
