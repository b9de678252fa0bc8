/* network.c - IP addresses as sixteen bytes, and the networks they lie in. */
#include "core/route/network.h"

#include <arpa/inet.h>

enum { V4_AT = 12, V4_BITS = 96 };

static const uint8_t v4_start[V4_AT] = { [10] = 0xff, [11] = 0xff };

bool ip_read(struct weir_str text, struct ip *out)
{
	char copy[INET6_ADDRSTRLEN];

	if (text.len == 0 || text.len >= sizeof(copy) || memchr(text.data, '\0', text.len) != NULL)
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	memcpy(out->bytes, v4_start, V4_AT);
	if (inet_pton(AF_INET, copy, out->bytes + V4_AT) == 1)
		return true;
	return inet_pton(AF_INET6, copy, out->bytes) == 1;
}

bool ip_is_v4(const struct ip *ip)
{
	return memcmp(ip->bytes, v4_start, V4_AT) == 0;
}

/* What is left of byte `i` when only the first `bits` bits stay. */
static uint8_t mask_of(unsigned i, unsigned bits)
{
	if (bits >= 8 * (i + 1))
		return 0xff;
	if (bits <= 8 * i)
		return 0;
	return (uint8_t)(0xff00u >> (bits - 8 * i));
}

static void cut(struct ip *ip, unsigned bits)
{
	for (unsigned i = 0; i < sizeof(ip->bytes); i++)
		ip->bytes[i] = (uint8_t)(ip->bytes[i] & mask_of(i, bits));
}

bool network_read(struct weir_str text, struct network *out)
{
	size_t slash = str_find(text, '/');
	uint64_t bits = 128, written;
	bool v4;

	if (!ip_read(str_head(text, slash), &out->ip))
		return false;
	v4 = str_find(str_head(text, slash), ':') == slash;
	if (slash < text.len) {
		if (!str_to_u64(str_skip(text, slash + 1), &written) || written > (v4 ? 32 : 128))
			return false;
		bits = v4 ? written + V4_BITS : written;
	}
	out->bits = (uint8_t)bits;
	cut(&out->ip, out->bits);
	return true;
}

bool network_has(const struct network *network, const struct ip *ip)
{
	for (unsigned i = 0; i < sizeof(ip->bytes); i++)
		if ((ip->bytes[i] & mask_of(i, network->bits)) != network->ip.bytes[i])
			return false;
	return true;
}

struct weir_str network_of(struct arena *arena, struct weir_str address, unsigned bits)
{
	char text[INET6_ADDRSTRLEN];
	struct ip ip;
	bool v4;

	if (!ip_read(address, &ip))
		return address;
	v4 = ip_is_v4(&ip);
	if (v4 && bits >= 32)
		return address;
	cut(&ip, v4 ? bits + V4_BITS : bits);
	if (inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? ip.bytes + V4_AT : ip.bytes, text,
		      sizeof(text)) == NULL)
		return STR("");
	return arena_print(arena, "%s/%u", text, bits);
}
