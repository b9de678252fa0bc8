/* base64.c - bytes written as text (RFC 4648), read strictly. */
#include "plugins/common/base64.h"

#include <stdint.h>

/* The six bits of a character that has the same in both alphabets; 64: it is none of them. */
static const uint8_t bits_of[256] = {
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 64, 64, 64, 64, 64, 64,
	64, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 64, 64, 64, 64, 64,
	64, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 64, 64, 64, 64, 64,
	[128 ... 255] = 64,
};

static bool read_all(struct weir_str in, char c62, char c63, unsigned char *out, size_t *len)
{
	uint32_t held = 0, count = 0;

	*len = 0;
	if (in.len % 4 == 1)
		return false;
	for (size_t i = 0; i < in.len; i++) {
		char c = in.data[i];
		uint32_t bits = bits_of[(uint8_t)c];

		if (bits == 64 && c != c62 && c != c63)
			return false;
		if (bits == 64)
			bits = c == c62 ? 62 : 63;
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
