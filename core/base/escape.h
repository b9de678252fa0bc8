/* escape.h - text that strangers wrote, made safe to stand in a log line. */
#ifndef CORE_BASE_ESCAPE_H
#define CORE_BASE_ESCAPE_H

#include "core/base/str.h"

enum escape_kind {
	ESCAPE_QUOTED,	/* within "": also a valid JSON string (RFC 8259) */
	ESCAPE_PLAIN,	/* free text: quotes and backslashes stay as they are */
};

enum { ESCAPE_MOST = 6 };	/* bytes that one byte may become */

/* Writes `s` from `at` on, never up to `end` or beyond, and gives where it stopped; NULL when it
 * does not fit (then anything may stand there). Control characters, C1 and DEL included, become
 * \n, \t, \u0000 and so on; what is not UTF-8 becomes U+FFFD. No NUL at the end. */
char *escape_put(char *at, char *end, struct weir_str s, enum escape_kind kind);

#endif
