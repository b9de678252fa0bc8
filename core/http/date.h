/* date.h - HTTP dates, RFC 9110 5.6.7. */
#ifndef CORE_HTTP_DATE_H
#define CORE_HTTP_DATE_H

#include "core/base/clock.h"
#include "core/base/str.h"

enum { HTTP_DATE_BYTES = 29 };	/* Sun, 06 Nov 1994 08:49:37 GMT */

/* Writes exactly HTTP_DATE_BYTES; `seconds` since 1970. No NUL. */
void http_date_write(char *at, uint64_t seconds);
/* IMF-fixdate only: the form that everybody sends. */
bool http_date_parse(struct weir_str text, uint64_t *seconds);

/* What a Retry-After asks for, in ns from `wall` (ns since 1970) on: a number of seconds, or a date.
 * 0: nothing, or nothing that is understood, or it is past. CLOCK_NEVER: a time without sense. */
uint64_t retry_after_parse(struct weir_str text, uint64_t wall);

#endif
