/* ranges.h - sets of IP addresses: whole networks, sorted and merged, found by halving. */
#ifndef PLUGINS_COMMON_RANGES_H
#define PLUGINS_COMMON_RANGES_H

#include <stdint.h>
#include <weir/error.h>
#include <weir/str.h>

/* IPv4 as ::ffff:a.b.c.d, so that an address has one writing. */
struct ip {
	unsigned char bytes[16];
};

struct ip_range {
	struct ip first, last;
};

struct ranges {
	struct ip_range *at;
	uint32_t count, room;
};

bool ip_read(struct weir_str text, struct ip *out);
/* An address, or a network: 10.0.0.0/8, 2001:db8::/32. */
bool ip_range_read(struct weir_str text, struct ip_range *out);

/* Starts from zeroed ones. False when out of memory. */
bool ranges_add(struct ranges *r, const struct ip_range *range);
/* After the last was added: sorts and merges. */
void ranges_settle(struct ranges *r);
bool ranges_have(const struct ranges *r, const struct ip *ip);
void ranges_end(struct ranges *r);

#endif
