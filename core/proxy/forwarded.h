/* forwarded.h - the request's head as the upstream sees it. */
#ifndef CORE_PROXY_FORWARDED_H
#define CORE_PROXY_FORWARDED_H

#include "core/proxy/exchange.h"

/* Once, before the first attempt. BAD_PATH or BAD_HOST when a template makes none of this request;
 * OUT_OF_MEMORY. */
enum reason exchange_forwarded_headers(struct exchange *ex);
/* What a route's `request_headers` or `response_headers` say. Values are in the exchange's arena. */
void header_edits_apply(struct exchange *ex, struct headers *h, const struct header_edits *edits);
/* x-request-id: the client's if it is fit, else a new one; the empty str without memory. */
struct weir_str exchange_id(struct exchange *ex);

#endif
