/* access_line.h - one exchange as one line of the access log. Bytes in, bytes out: no file, no
 * thread. */
#ifndef CORE_TELEMETRY_ACCESS_LINE_H
#define CORE_TELEMETRY_ACCESS_LINE_H

#include "core/telemetry/record.h"

enum access_format { ACCESS_JSON, ACCESS_TEXT };

struct access_rules {
	enum access_format format;
	bool no_query;			/* leave out what stands behind the '?' */
};

enum { ACCESS_LINE = 16384 };		/* bytes of the longest line */

/* Writes the line with its newline into ACCESS_LINE bytes and gives its length. What does not fit
 * is left out and the line says "cut". Secrets do not come into it: headers are no part of a
 * record, the values of query parameters that commonly hold a credential are masked, and so are
 * extras named like a header that holds one. */
size_t access_line(char *at, const struct record *r, const struct access_rules *rules);

#endif
