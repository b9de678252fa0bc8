/* network.c - the network that an IP address lies in, as text. */
#include "core/route/network.h"

#include <arpa/inet.h>

enum { V4_AT = 12, V4_BITS = 32 };

/* Sixteen bytes; IPv4 stands as ::ffff:a.b.c.d. */
static bool read_address(struct weir_str text, uint8_t *bytes)
{
	char copy[INET6_ADDRSTRLEN];

	if (text.len == 0 || text.len >= sizeof(copy) || memchr(text.data, '\0', text.len) != NULL)
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	memset(bytes, 0, V4_AT);
	bytes[10] = bytes[11] = 0xff;
	return inet_pton(AF_INET, copy, bytes + V4_AT) == 1 || inet_pton(AF_INET6, copy,
			 bytes) == 1;
}

static bool is_v4(const uint8_t *bytes)
{
	static const uint8_t start[V4_AT] = { [10] = 0xff, [11] = 0xff };

	return memcmp(bytes, start, V4_AT) == 0;
}

static void clear_after(uint8_t *bytes, unsigned bits)
{
	for (unsigned i = 0; i < 16; i++) {
		unsigned keep = bits > 8 * i ? bits - 8 * i : 0;

		if (keep < 8)
			bytes[i] = (uint8_t)(bytes[i] & 0xff00u >> keep);
	}
}

struct weir_str network_of(struct arena *arena, struct weir_str address, unsigned bits)
{
	char text[INET6_ADDRSTRLEN];
	uint8_t bytes[16];
	bool v4;

	if (!read_address(address, bytes))
		return address;
	v4 = is_v4(bytes);
	clear_after(bytes, v4 ? bits + 8 * V4_AT : bits);
	if (inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? bytes + V4_AT : bytes, text,
		      sizeof(text)) == NULL)
		return STR("");
	if (v4 && bits >= V4_BITS)
		return arena_copy(arena, str_from(text));
	return arena_print(arena, "%s/%u", text, bits);
}
