/* network.h - IP addresses as sixteen bytes, and the networks they lie in. */
#ifndef CORE_ROUTE_NETWORK_H
#define CORE_ROUTE_NETWORK_H

#include <stdint.h>

#include "core/base/arena.h"

/* IPv4 stands as ::ffff:a.b.c.d, so that one comparison serves both. */
struct ip {
	uint8_t bytes[16];
};

struct network {
	struct ip ip;
	uint8_t bits;		/* of the sixteen bytes: 96 more than written for IPv4 */
};

/* "10.0.0.1" or "2001:db8::1"; no port, no zone. */
bool ip_read(struct weir_str text, struct ip *out);
bool ip_is_v4(const struct ip *ip);

/* "10.0.0.0/8", or an address alone. Bits beyond the prefix are cleared. */
bool network_read(struct weir_str text, struct network *out);
bool network_has(const struct network *network, const struct ip *ip);

/* The first `bits` of an address as text, "2001:db8::/64": all of an IPv4 address that is no
 * longer. What is no IP address stays as it is. The empty str when the arena is full. */
struct weir_str network_of(struct arena *arena, struct weir_str address, unsigned bits);

#endif
