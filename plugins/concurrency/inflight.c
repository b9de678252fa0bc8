/* inflight.c - how many of each key are under way at once, and who waits. */
#include "plugins/concurrency/inflight.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SHARDS = 16, BUCKETS = 256 };

struct inflight_key {
	struct inflight_key *next;
	uint64_t hash;
	uint32_t in, waiting;
	uint32_t holds;		/* threads that come back to it after they have let go of the lock */
	struct inflight_guest *first, **last;	/* of those who wait, the longest first */
	size_t len;
	char bytes[];
};

struct shard {
	pthread_mutex_t lock;
	uint64_t keys;
	struct inflight_key *buckets[BUCKETS];
};

struct inflight {
	uint64_t seed;
	struct shard shards[SHARDS];
};

struct inflight *inflight_new(uint64_t seed)
{
	struct inflight *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->seed = seed;
	for (int i = 0; i < SHARDS; i++)
		(void)pthread_mutex_init(&t->shards[i].lock, NULL);
	return t;
}

void inflight_free(struct inflight *t)
{
	if (t == NULL)
		return;
	for (int i = 0; i < SHARDS; i++)
		(void)pthread_mutex_destroy(&t->shards[i].lock);
	free(t);
}

uint64_t inflight_keys(struct inflight *t)
{
	uint64_t keys = 0;

	for (int i = 0; i < SHARDS; i++) {
		(void)pthread_mutex_lock(&t->shards[i].lock);
		keys += t->shards[i].keys;
		(void)pthread_mutex_unlock(&t->shards[i].lock);
	}
	return keys;
}

/* Keys ---------------------------------------------------------------------- */

static uint64_t hash_of(const struct inflight *t, const unsigned char *key, size_t len)
{
	uint64_t h = t->seed ^ len;

	for (size_t i = 0; i < len; i++) {
		h = (h ^ key[i]) * UINT64_C(0x9fb21c651e98df25);
		h ^= h >> 32;
	}
	return h;
}

static struct shard *shard_of(struct inflight *t, uint64_t hash)
{
	return &t->shards[hash >> 60];
}

static struct inflight_key **bucket_of(struct shard *s, uint64_t hash)
{
	return &s->buckets[(hash >> 32) % BUCKETS];
}

static struct inflight_key *find(struct shard *s, uint64_t hash, const void *key, size_t len)
{
	struct inflight_key *k = *bucket_of(s, hash);

	while (k != NULL && (k->hash != hash || k->len != len || memcmp(k->bytes, key, len) != 0))
		k = k->next;
	return k;
}

static struct inflight_key *key_new(uint64_t hash, const void *key, size_t len)
{
	struct inflight_key *k = calloc(1, sizeof(*k) + len);

	if (k == NULL)
		return NULL;
	k->hash = hash;
	k->len = len;
	k->last = &k->first;
	memcpy(k->bytes, key, len);
	return k;
}

static void insert(struct shard *s, struct inflight_key *k)
{
	struct inflight_key **bucket = bucket_of(s, k->hash);

	k->next = *bucket;
	*bucket = k;
	s->keys++;
}

/* Takes it out if nobody is left; gives what is then to be freed. */
static struct inflight_key *forget_if_idle(struct shard *s, struct inflight_key *k)
{
	struct inflight_key **at = bucket_of(s, k->hash);

	if (k->in > 0 || k->waiting > 0 || k->holds > 0)
		return NULL;
	while (*at != k)
		at = &(*at)->next;
	*at = k->next;
	s->keys--;
	return k;
}

/* Coming and going ------------------------------------------------------------ */

static enum inflight_answer admit(struct inflight_key *k, uint32_t most, uint32_t queue,
				  struct inflight_guest *guest)
{
	guest->key = k;
	guest->most = most;
	if (k->in < most && k->waiting == 0) {
		k->in++;
		guest->in = true;
		return INFLIGHT_IN;
	}
	if (k->waiting >= queue) {
		guest->key = NULL;
		return INFLIGHT_FULL;
	}
	k->waiting++;
	guest->waits = true;
	guest->next = NULL;
	*k->last = guest;
	k->last = &guest->next;
	return INFLIGHT_WAIT;
}

enum inflight_answer inflight_enter(struct inflight *t, const void *key, size_t len, uint32_t most,
				    uint32_t queue, struct inflight_guest *guest)
{
	uint64_t hash = hash_of(t, key, len);
	struct shard *s = shard_of(t, hash);
	struct inflight_key *k, *made = NULL;
	enum inflight_answer answer;

	(void)pthread_mutex_lock(&s->lock);
	k = find(s, hash, key, len);
	if (k == NULL) {	/* nothing is allocated under the lock; somebody may be faster */
		(void)pthread_mutex_unlock(&s->lock);
		made = key_new(hash, key, len);
		if (made == NULL)
			return INFLIGHT_NO_MEMORY;
		(void)pthread_mutex_lock(&s->lock);
		k = find(s, hash, key, len);
		if (k == NULL) {
			insert(s, made);
			k = made;
			made = NULL;
		}
	}
	answer = admit(k, most, queue, guest);
	k = forget_if_idle(s, k);	/* `most` may be 0 */
	(void)pthread_mutex_unlock(&s->lock);
	free(k);
	free(made);
	return answer;
}

static void stop_waiting(struct inflight_key *k, struct inflight_guest *guest)
{
	struct inflight_guest **at = &k->first;

	while (*at != guest)
		at = &(*at)->next;
	*at = guest->next;
	if (k->last == &guest->next)
		k->last = at;
	k->waiting--;
	guest->waits = false;
}

bool inflight_settle(struct inflight *t, struct inflight_guest *guest)
{
	struct inflight_key *k = guest->key;
	struct shard *s = shard_of(t, k->hash);

	(void)pthread_mutex_lock(&s->lock);
	if (guest->in) {
		(void)pthread_mutex_unlock(&s->lock);
		return true;
	}
	stop_waiting(k, guest);
	guest->key = NULL;
	k = forget_if_idle(s, k);
	(void)pthread_mutex_unlock(&s->lock);
	free(k);
	return false;
}

/* The first in the queue, if there is room for him. Once he is in, his memory is his own. */
static bool let_in_next(struct inflight_key *k, uint64_t token[2])
{
	struct inflight_guest *guest = k->first;

	if (guest == NULL || k->in >= guest->most)
		return false;
	stop_waiting(k, guest);
	k->in++;
	memcpy(token, guest->token, sizeof(guest->token));
	guest->in = true;
	return true;
}

/* A limit that a reload has raised may let in more than one. */
void inflight_leave(struct inflight *t, struct inflight_guest *guest,
		    void (*wake)(const uint64_t token[2]))
{
	struct inflight_key *k = guest->key, *idle;
	uint64_t token[2];
	struct shard *s;

	if (k == NULL || !guest->in)
		return;
	guest->in = false;
	guest->key = NULL;
	s = shard_of(t, k->hash);
	(void)pthread_mutex_lock(&s->lock);
	k->in--;
	while (let_in_next(k, token)) {
		k->holds++;
		(void)pthread_mutex_unlock(&s->lock);
		wake(token);
		(void)pthread_mutex_lock(&s->lock);
		k->holds--;
	}
	idle = forget_if_idle(s, k);
	(void)pthread_mutex_unlock(&s->lock);
	free(idle);
}
