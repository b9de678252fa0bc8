/* templates.h - what keys and templates are for one exchange. */
#ifndef CORE_PROXY_TEMPLATES_H
#define CORE_PROXY_TEMPLATES_H

#include "core/proxy/exchange.h"
#include "core/route/key.h"

/* In the exchange's arena; the empty str when it is full. */
struct weir_str template_fill(struct exchange *ex, const struct template *t);
/* The same for a path: what came out is normalised again. False when it is none, or the arena is full. */
bool rewritten_path(struct exchange *ex, const struct template *t, struct weir_str *out);
/* The same for a host, with or without a port. */
bool rewritten_host(struct exchange *ex, const struct template *t, struct weir_str *out);

bool exchange_key_text(struct exchange *ex, const struct key *key, struct weir_str *out);
/* Equal in every worker and process. */
uint64_t exchange_key_hash(struct exchange *ex, const struct key *key);

struct weir_str exchange_param(const struct exchange *ex, struct weir_str name);
/* The service it goes to, or the route's; absent when not known yet. */
struct weir_str exchange_service_name(const struct exchange *ex);

#endif
