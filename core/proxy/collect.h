/* collect.h - bodies that are in hand whole, or are read whole because a policy asked for it. */
#ifndef CORE_PROXY_COLLECT_H
#define CORE_PROXY_COLLECT_H

#include "core/proxy/exchange.h"

/* Without waiting: if all of the request's body is here, it is in hand from now on. */
void exchange_take_body(struct exchange *ex);
/* Or it is these bytes, which are lent until finish. */
void exchange_set_body(struct exchange *ex, struct weir_str body);
/* Sends the 100 Continue that is owed, before the body is waited for. */
enum reason exchange_say_continue(struct exchange *ex);
/* Reads the whole request body into memory. May wait. Over `most` bytes nothing is lost: *too_large, and
 * the request can go on as it came. */
enum reason exchange_collect_body(struct exchange *ex, uint64_t most, bool *too_large);
/* The same of the upstream's answer, in a response hook; BODY_TOO_LARGE: it can be relayed as it comes. */
enum reason exchange_collect_answer(struct exchange *ex, uint64_t most, struct weir_str *out);

#endif
