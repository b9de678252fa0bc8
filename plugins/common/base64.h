/* base64.h - bytes written as text (RFC 4648), read strictly. */
#ifndef PLUGINS_COMMON_BASE64_H
#define PLUGINS_COMMON_BASE64_H

#include <weir/str.h>

/* How many bytes of room any `len` characters need. */
#define BASE64_ROOM(len) ((len) / 4 * 3 + 3)

/* Both write at most BASE64_ROOM(in.len) bytes to `out` and give how many. False: some character is
 * none of the alphabet, there is white space, bits are left over that are not zero, or the length
 * cannot be: for each text there is exactly one reading, and for each reading one text. */

/* With - and _, without padding: tokens and keys. */
bool base64url_read(struct weir_str in, unsigned char *out, size_t *len);
/* With + and /, padded: Basic. */
bool base64_read(struct weir_str in, unsigned char *out, size_t *len);

#endif
