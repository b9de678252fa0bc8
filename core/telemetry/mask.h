/* mask.h - keeps credentials out of logs. */
#ifndef CORE_TELEMETRY_MASK_H
#define CORE_TELEMETRY_MASK_H

#include "core/base/str.h"

/* Copies a query string, with "***" for the values of parameters whose name says that they are a
 * credential (access_token, api_key, password, signature ... in any case). Gives the query itself
 * when there is nothing to mask, and what fits into `room` when that is less. */
struct weir_str mask_query(struct weir_str query, char *at, size_t room);

/* The same for a whole URL: what stands behind its '?'. */
struct weir_str mask_url(struct weir_str url, char *at, size_t room);

/* Is it the name of a header whose value is a credential? */
bool mask_is_secret_header(struct weir_str name);

#endif
