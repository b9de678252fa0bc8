/* claims.h - what policies have learnt about the client of an exchange: names with one or more
 * values. */
#ifndef CORE_PROXY_CLAIMS_H
#define CORE_PROXY_CLAIMS_H

#include "core/proxy/exchange.h"

/* The value; several joined with a comma; absent when there is none. Valid until the exchange ends. */
struct weir_str exchange_claim(struct exchange *ex, struct weir_str name);
/* The n-th value alone; absent after the last. */
struct weir_str exchange_claim_at(const struct exchange *ex, struct weir_str name, uint32_t at);

/* Both copy; false when there is no room (256 values in all). _set replaces all values by one. */
bool exchange_claim_set(struct exchange *ex, struct weir_str name, struct weir_str value);
bool exchange_claim_add(struct exchange *ex, struct weir_str name, struct weir_str value);

#endif
