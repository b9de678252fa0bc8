/* cache.c - tokens that were found good, by the hash of their whole text. */
#include "plugins/jwt/cache.h"

#include <stdlib.h>

enum { NOBODY = UINT32_MAX };

struct slot {
	unsigned char hash[CACHE_HASH];
	struct cached token;
	uint32_t next;		/* in its bucket */
	bool used;
};

/* A ring of slots, oldest next to be overwritten, and buckets that lead into it. */
struct cache {
	struct slot *slots;
	uint32_t *buckets;
	uint32_t most, mask, turn;
};

struct cache *cache_new(uint32_t most)
{
	struct cache *c = calloc(1, sizeof(*c));
	uint32_t buckets = 16;

	if (c == NULL)
		return NULL;
	while (buckets < most)
		buckets *= 2;
	c->most = most;
	c->mask = buckets - 1;
	c->slots = calloc(most, sizeof(*c->slots));
	c->buckets = malloc(buckets * sizeof(*c->buckets));
	if (c->slots == NULL || c->buckets == NULL) {
		cache_free(c);
		return NULL;
	}
	for (uint32_t i = 0; i < buckets; i++)
		c->buckets[i] = NOBODY;
	return c;
}

void cache_free(struct cache *c)
{
	if (c == NULL)
		return;
	for (uint32_t i = 0; c->slots != NULL && i < c->most; i++)
		free(c->slots[i].token.learnt);
	free(c->slots);
	free(c->buckets);
	free(c);
}

/* The hash is one of SHA-256: any part of it will do. */
static uint32_t *bucket_of(struct cache *c, const unsigned char *hash)
{
	uint32_t part;

	memcpy(&part, hash, sizeof(part));
	return &c->buckets[part & c->mask];
}

/* What leads to it: a bucket, or the slot before it. */
static uint32_t *way_to(struct cache *c, const unsigned char *hash)
{
	uint32_t *at = bucket_of(c, hash);

	while (*at != NOBODY && memcmp(c->slots[*at].hash, hash, CACHE_HASH) != 0)
		at = &c->slots[*at].next;
	return at;
}

void cache_drop(struct cache *c, const unsigned char hash[CACHE_HASH])
{
	uint32_t *at = way_to(c, hash);
	struct slot *slot;

	if (*at == NOBODY)
		return;
	slot = &c->slots[*at];
	*at = slot->next;
	free(slot->token.learnt);
	slot->token.learnt = NULL;
	slot->used = false;
}

const struct cached *cache_find(struct cache *c, const unsigned char hash[CACHE_HASH], int64_t now)
{
	uint32_t at = *way_to(c, hash);

	if (at == NOBODY)
		return NULL;
	if (now < c->slots[at].token.expires)
		return &c->slots[at].token;
	cache_drop(c, hash);
	return NULL;
}

void cache_put(struct cache *c, const unsigned char hash[CACHE_HASH], const struct cached *token)
{
	struct slot *slot;
	uint32_t *bucket;

	cache_drop(c, hash);
	slot = &c->slots[c->turn];
	if (slot->used) {
		unsigned char old[CACHE_HASH];

		memcpy(old, slot->hash, CACHE_HASH);
		cache_drop(c, old);
	}
	bucket = bucket_of(c, hash);
	memcpy(slot->hash, hash, CACHE_HASH);
	slot->token = *token;
	slot->used = true;
	slot->next = *bucket;
	*bucket = c->turn;
	c->turn = (c->turn + 1) % c->most;
}
