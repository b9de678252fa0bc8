/* shared_value.c - one value of a shared store: read, set, added to, swapped, deleted. */
#include "config.h"

#include "core/base/clock.h"
#include "core/base/hash.h"
#include "core/base/shard.h"
#include "core/base/shared.h"

enum { LARGEST_SHARE = 8 };	/* one entry takes at most this part of its shard */

/* One change of one value. `made` is an entry with room for it, once it turned out that one is
 * needed: it is allocated between two tries, when no lock is held. */
struct change {
	struct shard *shard;
	uint64_t hash, now, ttl;
	struct weir_str key, value, expected;
	int64_t delta, sum;
	shared_step *step;
	void *arg, *room;		/* of `step`; the value is worked out in `room` */
	struct entry *found, *made, *spent;
};

enum outcome { DONE, NOT_DONE, NEEDS_ROOM };

static void aim(struct change *c, struct shared *s, struct weir_str key)
{
	c->key = key;
	c->hash = hash64(s->seed, key);
	c->shard = &s->shards[(c->hash >> 48) & (s->count - 1)];
}

static void enter(struct change *c)
{
	(void)pthread_mutex_lock(&c->shard->lock);
	c->found = shard_find(c->shard, c->hash, c->key, c->now, &c->spent);
}

static void leave(struct change *c)
{
	(void)pthread_mutex_unlock(&c->shard->lock);
	entries_free(c->spent);
	c->spent = NULL;
}

static void write_value(struct entry *e, struct weir_str value)
{
	if (value.len > 0)
		memcpy(e->bytes + e->key_len, value.data, value.len);
	e->value_len = (uint32_t)value.len;
}

static bool fits(const struct entry *e, size_t len)
{
	size_t room = e->room - e->key_len;

	return len <= room && (room <= 64 || len >= room / 2);
}

/* Under the lock: the value takes its place, if there is one. */
static enum outcome put(struct change *c, struct weir_str value, uint64_t expires)
{
	struct entry *e = c->found;

	if (e != NULL && fits(e, value.len)) {
		write_value(e, value);
		e->expires = expires;
		return DONE;
	}
	if (c->made == NULL)
		return NEEDS_ROOM;
	write_value(c->made, value);
	c->made->expires = expires;
	if (e != NULL) {
		c->made->heat = e->heat;
		shard_remove(c->shard, e, &c->spent);
	}
	shard_insert(c->shard, c->made, c->now, &c->spent);
	c->made = NULL;
	return DONE;
}

static enum outcome set(struct change *c)
{
	return put(c, c->value, clock_after(c->now, c->ttl));
}

static enum outcome add(struct change *c)
{
	int64_t sum = 0;
	uint64_t expires = clock_after(c->now, c->ttl);

	if (c->found != NULL) {
		if (c->found->value_len != sizeof(sum))
			return NOT_DONE;
		memcpy(&sum, entry_value(c->found).data, sizeof(sum));
		expires = c->found->expires;
	}
	if (__builtin_add_overflow(sum, c->delta, &sum))
		return NOT_DONE;
	c->sum = sum;
	return put(c, str_of((const char *)&sum, sizeof(sum)), expires);
}

static enum outcome swap(struct change *c)
{
	bool same = c->found == NULL ? c->expected.data == NULL
				     : c->expected.data != NULL &&
				       str_eq(entry_value(c->found), c->expected);

	return same ? put(c, c->value, clock_after(c->now, c->ttl)) : NOT_DONE;
}

static enum outcome update(struct change *c)
{
	struct weir_str was = c->found != NULL ? str_head(entry_value(c->found), c->value.len) : STR("");
	uint64_t ttl;

	memcpy(c->room, was.data, was.len);
	if (was.len < c->value.len)
		memset((char *)c->room + was.len, 0, c->value.len - was.len);
	ttl = c->step(c->arg, c->room);
	return ttl > 0 ? put(c, c->value, clock_after(c->now, ttl)) : DONE;
}

static bool too_large(const struct change *c, size_t len)
{
	return c->key.len > SHARED_KEY_MOST || len > c->shard->most / LARGEST_SHARE ||
	       sizeof(struct entry) + c->key.len + len > c->shard->most / LARGEST_SHARE;
}

static bool refuse(struct shard *s)
{
	(void)pthread_mutex_lock(&s->lock);
	s->refused++;
	(void)pthread_mutex_unlock(&s->lock);
	return false;
}

/* At most two rounds: the second has the room that the first found wanting. */
static bool carry_out(struct change *c, enum outcome (*act)(struct change *), size_t len)
{
	enum outcome outcome;

	if (too_large(c, len))
		return refuse(c->shard);
	for (;;) {
		enter(c);
		outcome = act(c);
		leave(c);
		if (outcome != NEEDS_ROOM)
			break;
		c->made = entry_new(c->hash, c->key, len);
		if (c->made == NULL)
			return refuse(c->shard);
	}
	free(c->made);		/* somebody was faster, and there was a place after all */
	return outcome == DONE;
}

bool shared_set(struct shared *s, struct weir_str key, struct weir_str value, uint64_t now,
		uint64_t ttl)
{
	struct change c = { .value = value, .now = now, .ttl = ttl };

	aim(&c, s, key);
	return carry_out(&c, set, value.len);
}

bool shared_add(struct shared *s, struct weir_str key, int64_t delta, uint64_t now, uint64_t ttl,
		int64_t *sum)
{
	struct change c = { .delta = delta, .now = now, .ttl = ttl };

	aim(&c, s, key);
	if (!carry_out(&c, add, sizeof(delta)))
		return false;
	if (sum != NULL)
		*sum = c.sum;
	return true;
}

bool shared_swap(struct shared *s, struct weir_str key, struct weir_str expected,
		 struct weir_str next, uint64_t now, uint64_t ttl)
{
	struct change c = { .value = next, .expected = expected, .now = now, .ttl = ttl };

	aim(&c, s, key);
	return carry_out(&c, swap, next.len);
}

bool shared_update(struct shared *s, struct weir_str key, uint64_t now, void *value, size_t size,
		   shared_step *step, void *arg)
{
	struct change c = { .value = str_of(value, size), .room = value, .step = step, .arg = arg,
			    .now = now };

	aim(&c, s, key);
	return carry_out(&c, update, size);
}

bool shared_get(struct shared *s, struct weir_str key, uint64_t now, void *room, size_t size,
		size_t *len)
{
	struct change c = { .now = now };
	struct weir_str value = STR_ABSENT;
	bool there;

	aim(&c, s, key);
	enter(&c);
	there = c.found != NULL;
	if (there)
		value = entry_value(c.found);
	if (value.len > 0 && size > 0)
		memcpy(room, value.data, value.len < size ? value.len : size);
	leave(&c);
	*len = value.len;
	return there;
}

bool shared_delete(struct shared *s, struct weir_str key, uint64_t now)
{
	struct change c = { .now = now };
	bool there;

	aim(&c, s, key);
	enter(&c);
	there = c.found != NULL;
	if (there)
		shard_remove(c.shard, c.found, &c.spent);
	leave(&c);
	return there;
}
