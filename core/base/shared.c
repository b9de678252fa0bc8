/* shared.c - the stores that workers share: opened by name, closed by the last holder, looked at. */
#include "config.h"

#include "core/base/shared.h"

#include "core/base/clock.h"
#include "core/base/hash.h"
#include "core/base/shard.h"

enum {
	SHARDS_MOST = 32,
	SHARD_LEAST = 64 * 1024,
	BYTES_A_BUCKET = 256,		/* of the store; entries are seldom below half of that */
};

/* All that are open. The lock is for those who open, close or look; never for an entry. */
static struct list all = LIST_INIT(all);
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Opening ------------------------------------------------------------------- */

static uint32_t power_below(uint64_t n)
{
	return n < 2 ? 1 : 1u << (63 - __builtin_clzll(n < UINT32_MAX / 2 ? n : UINT32_MAX / 2));
}

static uint32_t buckets_for(uint64_t most)
{
	return power_below(most / BYTES_A_BUCKET);
}

/* What a thread waits for here is over before it could be put to sleep: it spins first. */
static void init_lock(pthread_mutex_t *m)
{
	pthread_mutexattr_t kind;

	(void)pthread_mutexattr_init(&kind);
#ifdef PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP
	(void)pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_ADAPTIVE_NP);
#endif
	(void)pthread_mutex_init(m, &kind);
	(void)pthread_mutexattr_destroy(&kind);
}

static bool shard_init(struct shard *s, uint64_t most)
{
	uint32_t count = buckets_for(most);

	init_lock(&s->lock);
	list_init(&s->ring);
	s->buckets = mem_array(count, sizeof(struct entry *));
	s->mask = count - 1;
	s->most = most - count * sizeof(struct entry *);
	return s->buckets != NULL;
}

/* Nobody is in it any more. */
static void free_entries(struct shard *s)
{
	bool more = s->buckets != NULL;

	s->most = 0;
	while (more) {
		struct entry *spent = NULL;

		more = shard_shrink(s, SHARED_FOR_EVER, &spent);
		entries_free(spent);
	}
}

static void store_free(struct shared *s)
{
	for (uint32_t i = 0; i < s->count; i++) {
		free_entries(&s->shards[i]);
		mem_free(s->shards[i].buckets);
		(void)pthread_mutex_destroy(&s->shards[i].lock);
	}
	mem_free((char *)(uintptr_t)s->name.data);
	mem_free(s->wishes);
	free(s);
}

static struct shared *store_new(struct weir_str name, uint64_t most)
{
	uint32_t count = power_below(most / SHARD_LEAST);
	struct shared *s;
	bool ok;

	count = count < SHARDS_MOST ? count : SHARDS_MOST;
	s = aligned_alloc(64, (sizeof(*s) + count * sizeof(struct shard) + 63) & ~(size_t)63);
	if (s == NULL)
		return NULL;
	memset(s, 0, sizeof(*s) + count * sizeof(struct shard));
	s->seed = hash_seed();
	s->most = most;
	s->count = count;
	s->name = str_of(str_dup(name), name.len);
	ok = s->name.data != NULL;
	for (uint32_t i = 0; i < count; i++)
		ok &= shard_init(&s->shards[i], most / count);
	if (ok)
		return s;
	store_free(s);
	return NULL;
}

/* Another bound, without losing more than must go, and a little at a time. A larger one wants more
 * buckets; if there is no memory for them the old ones do. */
static void shard_resize(struct shard *s, uint64_t most)
{
	uint32_t count = buckets_for(most);
	struct entry **buckets = mem_array(count, sizeof(struct entry *));
	bool more = true;

	(void)pthread_mutex_lock(&s->lock);
	if (buckets != NULL)
		buckets = shard_rehash(s, buckets, count);
	s->most = most - count * sizeof(struct entry *);
	(void)pthread_mutex_unlock(&s->lock);
	mem_free(buckets);
	while (more) {
		struct entry *spent = NULL;

		(void)pthread_mutex_lock(&s->lock);
		more = shard_shrink(s, clock_now(), &spent);
		(void)pthread_mutex_unlock(&s->lock);
		entries_free(spent);
	}
}

static struct shared *find_store(struct weir_str name)
{
	list_for_each(item, &all) {
		struct shared *s = container_of(item, struct shared, link);

		if (str_eq(s->name, name))
			return s;
	}
	return NULL;
}

static void set_bound(struct shared *s)
{
	uint64_t most = SHARED_LEAST;

	for (uint32_t i = 0; i < s->wish_count; i++)
		if (s->wishes[i].bytes > most)
			most = s->wishes[i].bytes;
	for (uint32_t i = 0; s->most != most && i < s->count; i++)
		shard_resize(&s->shards[i], most / s->count);
	s->most = most;
}

static struct wish *find_wish(struct shared *s, uint64_t bytes)
{
	for (uint32_t i = 0; i < s->wish_count; i++)
		if (s->wishes[i].bytes == bytes)
			return &s->wishes[i];
	return NULL;
}

static bool add_wish(struct shared *s, uint64_t bytes)
{
	struct wish *wish = find_wish(s, bytes);

	if (wish == NULL) {
		wish = mem_resize(s->wishes, s->wish_count + 1, sizeof(*wish));
		if (wish == NULL)
			return false;
		s->wishes = wish;
		wish = &s->wishes[s->wish_count++];
		*wish = (struct wish){ .bytes = bytes };
	}
	wish->holds++;
	s->holds++;
	return true;
}

static void drop_wish(struct shared *s, uint64_t bytes)
{
	struct wish *wish = find_wish(s, bytes);

	s->holds--;
	if (wish != NULL && --wish->holds == 0)
		*wish = s->wishes[--s->wish_count];
}

struct shared *shared_open(struct weir_str name, size_t bytes)
{
	struct shared *s, *made = NULL;

	(void)pthread_mutex_lock(&lock);
	s = find_store(name);
	if (s == NULL)
		s = made = store_new(name, bytes > SHARED_LEAST ? bytes : SHARED_LEAST);
	if (s != NULL && !add_wish(s, bytes))
		s = NULL;
	if (s != NULL && s == made)
		list_push_back(&all, &s->link);
	if (s != NULL)
		set_bound(s);
	(void)pthread_mutex_unlock(&lock);
	if (s == NULL && made != NULL)
		store_free(made);
	return s;
}

void shared_close(struct shared *s, size_t bytes)
{
	bool last;

	if (s == NULL)
		return;
	(void)pthread_mutex_lock(&lock);
	drop_wish(s, bytes);
	last = s->holds == 0;
	if (last)
		list_remove(&s->link);
	else
		set_bound(s);
	(void)pthread_mutex_unlock(&lock);
	if (last)
		store_free(s);
}

/* Looking ------------------------------------------------------------------- */

static void see_shard(struct shard *s, struct shared_seen *seen)
{
	(void)pthread_mutex_lock(&s->lock);
	seen->entries += s->entries;
	seen->bytes += s->bytes + (s->mask + (uint64_t)1) * sizeof(struct entry *);
	seen->expired += s->expired;
	seen->evicted += s->evicted;
	seen->refused += s->refused;
	(void)pthread_mutex_unlock(&s->lock);
}

void shared_see(struct shared *s, struct shared_seen *seen)
{
	*seen = (struct shared_seen){ .name = s->name, .most = s->most };
	for (uint32_t i = 0; i < s->count; i++)
		see_shard(&s->shards[i], seen);
}

void shared_visit(void (*visit)(void *arg, const struct shared_seen *seen), void *arg)
{
	(void)pthread_mutex_lock(&lock);
	list_for_each(item, &all) {
		struct shared_seen seen;

		shared_see(container_of(item, struct shared, link), &seen);
		visit(arg, &seen);
	}
	(void)pthread_mutex_unlock(&lock);
}
