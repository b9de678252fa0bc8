/* network.c - lists of address ranges. */
#include "core/net/network.h"

#include <arpa/inet.h>

#include "core/base/error.h"

bool peer_parse_ip(struct peer *p, struct weir_str text)
{
	char room[INET6_ADDRSTRLEN];
	struct sockaddr_in ip4 = { .sin_family = AF_INET };
	struct sockaddr_in6 ip6 = { .sin6_family = AF_INET6 };

	if (text.len > 2 && text.data[0] == '[' && text.data[text.len - 1] == ']')
		text = str_of(text.data + 1, text.len - 2);
	if (text.len == 0 || text.len >= sizeof(room))
		return false;
	memcpy(room, text.data, text.len);
	room[text.len] = '\0';
	if (inet_pton(AF_INET, room, &ip4.sin_addr) == 1)
		*p = peer_from_sockaddr((const struct sockaddr *)&ip4, sizeof(ip4));
	else if (inet_pton(AF_INET6, room, &ip6.sin6_addr) == 1)
		*p = peer_from_sockaddr((const struct sockaddr *)&ip6, sizeof(ip6));
	else
		return false;
	return true;
}

bool network_parse(struct network *n, struct weir_str text, struct weir_error *error)
{
	size_t slash = str_find(text, '/');
	struct peer p;
	uint64_t bits;

	if (!peer_parse_ip(&p, str_head(text, slash)))
		return fail(error, "\"%.*s\" is no address range; write 10.0.0.0/8 or fd00::/8",
			    STR_ARG(text));
	n->bytes = (uint8_t)peer_ip_len(&p);
	memcpy(n->ip, p.ip, sizeof(n->ip));
	bits = n->bytes * 8u;
	if (slash < text.len && (!str_to_u64(str_skip(text, slash + 1), &bits) ||
				 bits > n->bytes * 8u))
		return fail(error, "\"%.*s\": the number after the slash is 0 to %u",
			    STR_ARG(text), n->bytes * 8u);
	n->bits = (uint8_t)bits;
	return true;
}

bool network_contains(const struct network *n, const struct peer *p)
{
	size_t whole = n->bits / 8;
	unsigned rest = n->bits % 8;

	if (peer_ip_len(p) != n->bytes || memcmp(n->ip, p->ip, whole) != 0)
		return false;
	return rest == 0 || ((n->ip[whole] ^ p->ip[whole]) >> (8 - rest)) == 0;
}

bool network_list_contains(const struct network_list *l, const struct peer *p)
{
	if (l == NULL)
		return false;
	for (uint32_t i = 0; i < l->count; i++)
		if (network_contains(&l->at[i], p))
			return true;
	return false;
}
