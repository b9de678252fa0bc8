/* base64.h - bytes as letters: base64, its form for URLs, and hex (RFC 4648). */
#ifndef CORE_BASE_BASE64_H
#define CORE_BASE_BASE64_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/str.h"

enum base64_form {
	BASE64_PLAIN,		/* + and /, filled up with '=' */
	BASE64_URL,		/* - and _, not filled up */
};

/* Room that is enough. */
static inline size_t base64_room(size_t len)
{
	return (len + 2) / 3 * 4;
}

static inline size_t base64_decoded_room(size_t len)
{
	return len / 4 * 3 + 3;
}

/* Writes base64_room() bytes at most; gives how many. */
size_t base64_encode(enum base64_form form, struct weir_str data, char *out);

/* Writes base64_decoded_room() bytes at most; *len gets how many. One text stands for one string of
 * bytes: false when a letter is not of the form, the filling is wrong or, in the plain form,
 * missing, or left-over bits are not 0. The form for URLs may be filled up. */
bool base64_decode(enum base64_form form, struct weir_str text, char *out, size_t *len);

/* Two small letters for each byte. */
void hex_encode(struct weir_str data, char *out);
/* Of either case; false: odd, or another letter. Writes text.len / 2 bytes. */
bool hex_decode(struct weir_str text, char *out);

#endif
