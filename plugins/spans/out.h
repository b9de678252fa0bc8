/* out.h - bytes that grow at the end. */
#ifndef PLUGINS_SPANS_OUT_H
#define PLUGINS_SPANS_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed: empty. Once memory is short, or OUT_MOST is reached, `failed` is set and nothing is added
 * any more. */
struct out {
	char *data;
	size_t len, room;
	bool failed;
};

enum { OUT_MOST = 64 << 20 };

void out_free(struct out *o);
/* Keeps the memory. */
void out_clear(struct out *o);

/* Lends room for `n` more bytes, which count already; NULL: failed. */
char *out_take(struct out *o, size_t n);
void out_add(struct out *o, const void *data, size_t len);
void out_char(struct out *o, char c);
void out_text(struct out *o, const char *text);		/* up to its NUL */
void out_number(struct out *o, int64_t n);		/* decimal */
void out_hex(struct out *o, const uint8_t *data, size_t len);

/* Bytes made valid UTF-8: what is not becomes U+FFFD. */
void out_utf8(struct out *o, const char *data, size_t len);
/* The same as a JSON string, with its quotes. */
void out_json(struct out *o, const char *data, size_t len);

#endif
