/* limit.h - how many requests may be at work, and how large each may be. */
#ifndef CORE_PROXY_LIMIT_H
#define CORE_PROXY_LIMIT_H

#include "core/proxy/exchange.h"

/* Is there room for one more request? Then it is counted until limit_release(). */
enum reason limit_requests(struct exchange *ex);
void limit_release(struct exchange *ex);

/* The route's bound on heads, or the listener's while there is none: a head is read within the widest of
 * them, for nobody knows its route before. */
enum reason limit_head(const struct exchange *ex);
/* The tighter of the listener's and the route's bound, against what the head declares. */
enum reason limit_declared(const struct exchange *ex);
/* The same against what has come so far. */
enum reason limit_body(const struct exchange *ex);

#endif
