/* lifetime.h - how long an answer may be kept (RFC 9111), and when to ask again. */
#ifndef PLUGINS_JWT_LIFETIME_H
#define PLUGINS_JWT_LIFETIME_H

#include <stdint.h>
#include <weir/str.h>

/* Seconds of max-age, less the age it already has; `fallback` when the headers do not say; 0 for
 * no-store and no-cache. Absent headers are fine. */
uint64_t lifetime_of(struct weir_str cache_control, struct weir_str age, uint64_t fallback);

/* Seconds until the next try after so many failures in a row: 1, 2, 4 ... at most `most`, of which
 * up to a fifth is taken off by `dice`. */
double lifetime_pause(uint32_t failures, uint32_t most, uint64_t dice);

#endif
