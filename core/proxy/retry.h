/* retry.h - may another attempt follow? What is safe is decided here; whether it is wise, by the plugin. */
#ifndef CORE_PROXY_RETRY_H
#define CORE_PROXY_RETRY_H

#include "core/proxy/exchange.h"

/* RFC 9110 9.2.2: the method is idempotent, or the route says that its requests may be repeated. */
bool retry_repeatable(const struct exchange *ex);

/* Whether it is worth keeping the body at all. */
bool retry_may_follow(const struct exchange *ex);

/* An attempt that ends with `why`, before any byte of an answer, would be tried again; but for what the
 * plugin thinks of it. */
bool retry_would_follow(const struct exchange *ex, enum reason why);

/* Whatever the answer was, the request may be sent once more. */
bool retry_allowed_again(const struct exchange *ex);

/* The exchange makes its first attempt: for the plugin's budget. */
void retry_begin(struct exchange *ex);

/* After an attempt that ended with `why` (UPSTREAM_STATUS: with an answer whose status is listed).
 * True: try again after `delay` ns. Never waits. */
bool retry_wanted(struct exchange *ex, enum reason why, uint64_t *delay);

#endif
