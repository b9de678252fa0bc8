/* cache.h - tokens that were found good, by the hash of their whole text. One worker's; no locks. */
#ifndef PLUGINS_JWT_CACHE_H
#define PLUGINS_JWT_CACHE_H

#include <stdint.h>

#include "plugins/jwt/learnt.h"

enum { CACHE_HASH = 32 };

/* Bounded: when it is full, the one that came first goes. */
struct cache;

struct cached {
	int64_t expires;		/* seconds since 1970 */
	uint64_t keys;			/* number of the key set that it was checked with */
	uint32_t issuer;
	struct learnt *learnt;
};

/* At most so many tokens; NULL when out of memory. */
struct cache *cache_new(uint32_t most);
void cache_free(struct cache *c);

/* Lends until the next cache_put(); NULL: it is not there, or was no longer good at `now` and is
 * gone. */
const struct cached *cache_find(struct cache *c, const unsigned char hash[CACHE_HASH], int64_t now);
/* Takes `learnt`. */
void cache_put(struct cache *c, const unsigned char hash[CACHE_HASH], const struct cached *token);
/* It is not good any more. */
void cache_drop(struct cache *c, const unsigned char hash[CACHE_HASH]);

#endif
