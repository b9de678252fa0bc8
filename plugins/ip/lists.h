/* lists.h - who may come in by address: two sets, of which the one that refuses comes first. */
#ifndef PLUGINS_IP_LISTS_H
#define PLUGINS_IP_LISTS_H

#include "plugins/common/ranges.h"

/* Reads a file of addresses and networks, one a line (# and empty lines are passed over), as a set.
 * NULL with the number of the line. */
struct ranges *list_read(struct weir_str text, struct weir_error *error);
void list_free(void *list);

enum ip_says { IP_PASSES, IP_DENIED, IP_NOT_ALLOWED, IP_UNKNOWN };

/* `allow` and `deny`: up to two sets each, NULL ones count as none. Somebody must be allowed by one
 * of the first, if there is any, and be in none of the others. UNKNOWN: `client` is no address (a
 * Unix socket): it is treated as not allowed. */
struct ip_lists {
	const struct ranges *allow[2], *deny[2];
};
enum ip_says lists_say(const struct ip_lists *lists, struct weir_str client);

#endif
