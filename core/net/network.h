/* network.h - lists of address ranges (10.0.0.0/8): is this client in one of them? */
#ifndef CORE_NET_NETWORK_H
#define CORE_NET_NETWORK_H

#include "core/net/address.h"

struct network {
	uint8_t ip[16];		/* network order; IPv4 takes the first 4 */
	uint8_t bytes;		/* 4 or 16 */
	uint8_t bits;
};

struct network_list {
	struct network *at;
	uint32_t count;
};

/* 10.0.0.0/8, fd00::/8, or a single address. Bits beyond the prefix are ignored. */
bool network_parse(struct network *n, struct weir_str text, struct weir_error *error);
bool network_contains(const struct network *n, const struct peer *p);
/* An address without a port, as in x-forwarded-for; false when it is none. */
bool peer_parse_ip(struct peer *p, struct weir_str text);

/* Does any of them contain the peer? NULL is the empty list. */
bool network_list_contains(const struct network_list *l, const struct peer *p);

#endif
