/* shard.c - one part of a shared store: who is in, who is hot, who has to go. */
#include "core/base/shard.h"

#include "core/base/mem.h"

enum {
	HOT = 7,
	LOOK = 8,		/* entries that compete for being put out */
	GLANCE = 2,		/* entries looked at in passing, whether they are expired */
	HEAP_SHARE = 16,	/* what the heap wants for each */
	AT_ONCE = 64,		/* entries put out while the lock is held */
};

static struct entry *entry_of(struct list *item)
{
	return container_of(item, struct entry, ring);
}

static size_t entry_bytes(const struct entry *e)
{
	return sizeof(*e) + e->room + HEAP_SHARE;
}

struct entry *entry_new(uint64_t hash, struct weir_str key, size_t value_room)
{
	struct entry *e = malloc(sizeof(*e) + key.len + value_room);

	if (e == NULL)
		return NULL;
	*e = (struct entry){ .hash = hash, .key_len = (uint32_t)key.len,
			     .room = (uint32_t)(key.len + value_room) };
	list_init(&e->ring);
	if (key.len > 0)
		memcpy(e->bytes, key.data, key.len);
	return e;
}

void entries_free(struct entry *first)
{
	while (first != NULL) {
		struct entry *next = first->next;

		free(first);
		first = next;
	}
}

static bool is_at(const struct entry *e, uint64_t hash, struct weir_str key)
{
	return e->hash == hash && e->key_len == key.len &&
	       (key.len == 0 || memcmp(e->bytes, key.data, key.len) == 0);
}

void shard_remove(struct shard *s, struct entry *e, struct entry **spent)
{
	struct entry **at = &s->buckets[e->hash & s->mask];

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	list_remove(&e->ring);
	s->entries--;
	s->bytes -= entry_bytes(e);
	e->next = *spent;
	*spent = e;
}

static void expire(struct shard *s, struct entry *e, struct entry **spent)
{
	s->expired++;
	shard_remove(s, e, spent);
}

struct entry *shard_find(struct shard *s, uint64_t hash, struct weir_str key, uint64_t now,
			 struct entry **spent)
{
	struct entry *e = s->buckets[hash & s->mask];

	while (e != NULL && !is_at(e, hash, key))
		e = e->next;
	if (e == NULL)
		return NULL;
	if (e->expires <= now) {
		expire(s, e, spent);
		return NULL;
	}
	e->touched = now;
	if (e->heat < HOT)
		e->heat++;
	return e;
}

/* The hand passes: what it leaves goes to the end of the line. */
static struct entry *next_in_line(struct shard *s)
{
	struct list *item = list_pop_front(&s->ring);

	list_push_back(&s->ring, item);
	return entry_of(item);
}

static bool colder(const struct entry *a, const struct entry *b)
{
	return b == NULL || a->heat < b->heat || (a->heat == b->heat && a->touched < b->touched);
}

/* Puts out what is expired among the next in line, or else the coldest of them, and lets the rest
 * cool down. Each passing of the hand asks for one more use, so what is used between two
 * passings stays, however many come once and never again. */
static void make_room(struct shard *s, const struct entry *keep, uint64_t now,
		      struct entry **spent)
{
	struct entry *coldest = NULL;
	uint64_t before = s->entries;

	for (unsigned i = 0; i < LOOK && i < before; i++) {
		struct entry *e = next_in_line(s);

		if (e == keep)
			continue;
		if (e->expires <= now) {
			expire(s, e, spent);
			continue;
		}
		if (colder(e, coldest))
			coldest = e;
		if (e->heat > 0)
			e->heat--;
	}
	if (coldest == NULL || s->entries < before)
		return;
	s->evicted++;
	shard_remove(s, coldest, spent);
}

static void glance(struct shard *s, const struct entry *keep, uint64_t now, struct entry **spent)
{
	for (unsigned i = 0; i < GLANCE && s->entries > 1; i++) {
		struct entry *e = next_in_line(s);

		if (e != keep && e->expires <= now)
			expire(s, e, spent);
	}
}

static bool is_over(const struct shard *s, const struct entry *keep)
{
	return s->bytes > s->most && s->entries > (keep != NULL);
}

static void shrink(struct shard *s, const struct entry *keep, uint64_t now, struct entry **spent)
{
	for (unsigned i = 0; i < AT_ONCE && is_over(s, keep); i++)
		make_room(s, keep, now, spent);
}

void shard_insert(struct shard *s, struct entry *e, uint64_t now, struct entry **spent)
{
	struct entry **bucket = &s->buckets[e->hash & s->mask];

	e->next = *bucket;
	*bucket = e;
	e->touched = now;
	list_push_back(&s->ring, &e->ring);
	s->entries++;
	s->bytes += entry_bytes(e);
	glance(s, e, now, spent);
	shrink(s, e, now, spent);
}

bool shard_shrink(struct shard *s, uint64_t now, struct entry **spent)
{
	shrink(s, NULL, now, spent);
	return is_over(s, NULL);
}

struct entry **shard_rehash(struct shard *s, struct entry **buckets, uint32_t count)
{
	struct entry **old = s->buckets;

	s->buckets = buckets;
	s->mask = count - 1;
	list_for_each(item, &s->ring) {
		struct entry *e = entry_of(item);
		struct entry **bucket = &buckets[e->hash & s->mask];

		e->next = *bucket;
		*bucket = e;
	}
	return old;
}
