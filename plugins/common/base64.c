/* base64.c - bytes written as text (RFC 4648), read strictly. */
#include "plugins/common/base64.h"

#include <stdint.h>

/* The six bits of a character; 64: it is none. */
static uint32_t bits_of(char c, char c62, char c63)
{
	if (c >= 'A' && c <= 'Z')
		return (uint32_t)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (uint32_t)(c - 'a') + 26;
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0') + 52;
	return c == c62 ? 62 : c == c63 ? 63 : 64;
}

static bool read_all(struct weir_str in, char c62, char c63, unsigned char *out, size_t *len)
{
	uint32_t held = 0, count = 0;

	*len = 0;
	if (in.len % 4 == 1)
		return false;
	for (size_t i = 0; i < in.len; i++) {
		uint32_t bits = bits_of(in.data[i], c62, c63);

		if (bits == 64)
			return false;
		held = held << 6 | bits;
		count += 6;
		if (count >= 8) {
			count -= 8;
			out[(*len)++] = (unsigned char)(held >> count);
			held &= (1u << count) - 1;
		}
	}
	return held == 0;
}

bool base64url_read(struct weir_str in, unsigned char *out, size_t *len)
{
	return read_all(in, '-', '_', out, len);
}

bool base64_read(struct weir_str in, unsigned char *out, size_t *len)
{
	*len = 0;
	if (in.len % 4 != 0)
		return false;
	for (int i = 0; i < 2 && in.len > 0 && in.data[in.len - 1] == '='; i++)
		in.len--;
	return read_all(in, '+', '/', out, len);
}
