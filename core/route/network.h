/* network.h - the network that an IP address lies in, as text. */
#ifndef CORE_ROUTE_NETWORK_H
#define CORE_ROUTE_NETWORK_H

#include "core/base/arena.h"

/* The first `bits` bits of an address: "2001:db8::/64" of "2001:db8::1". An IPv4 address, also one
 * in IPv6 clothes, is left whole when `bits` is 32 or more, and so is what is no IP address. The
 * empty str when the arena is full. */
struct weir_str network_of(struct arena *arena, struct weir_str address, unsigned bits);

#endif
