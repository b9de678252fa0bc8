/* shard.h - a shared store from within: shards, each a table of entries under one short lock. Private
 * to shared.c and shared_value.c. */
#ifndef CORE_BASE_SHARD_H
#define CORE_BASE_SHARD_H

#include <pthread.h>

#include "core/base/list.h"
#include "core/base/str.h"

/* Key, then value, behind it. */
struct entry {
	struct entry *next;		/* in its bucket; or in the list of those to free */
	struct list ring;
	uint64_t hash, expires, touched;
	uint32_t key_len, value_len, room;	/* room: bytes behind it */
	uint8_t heat;			/* how often it was asked for since the hand passed, up to HOT */
	char bytes[];
};

struct shard {
	pthread_mutex_t lock;		/* held for a few dozen instructions */
	struct entry **buckets;
	uint32_t mask;
	struct list ring;		/* oldest insertion first; the hand is its front */
	uint64_t entries, bytes, most;
	uint64_t expired, evicted, refused;
} __attribute__((aligned(64)));

struct wish {
	uint64_t bytes;
	uint32_t holds;
};

struct shared {
	struct list link;
	struct weir_str name;		/* owned */
	uint32_t holds;
	struct wish *wishes;		/* what its holders asked for, each size once */
	uint32_t wish_count;
	uint64_t seed, most;
	uint32_t count;			/* of shards, a power of two */
	struct shard shards[];
};

/* Gives an entry with this key, not in any shard; NULL when out of memory. No lock is held. */
struct entry *entry_new(uint64_t hash, struct weir_str key, size_t value_room);
/* Frees a list of them. No lock is held. */
void entries_free(struct entry *first);

static inline struct weir_str entry_value(const struct entry *e)
{
	return str_of(e->bytes + e->key_len, e->value_len);
}

/* Under the lock, all of them. ----------------------------------------------------------------- */

/* The entry, or NULL; one that is expired is taken out and put before *spent. */
struct entry *shard_find(struct shard *s, uint64_t hash, struct weir_str key, uint64_t now,
			 struct entry **spent);
/* Takes it in, and puts out what must go for it. */
void shard_insert(struct shard *s, struct entry *e, uint64_t now, struct entry **spent);
void shard_remove(struct shard *s, struct entry *e, struct entry **spent);
/* Puts out some, until the shard is within its bound; true: there is more to do. */
bool shard_shrink(struct shard *s, uint64_t now, struct entry **spent);
/* Takes a new, zeroed table (`count` a power of two), and gives the old one. It takes as long as
 * there are entries: for control, when the bound changes. */
struct entry **shard_rehash(struct shard *s, struct entry **buckets, uint32_t count);

#endif
