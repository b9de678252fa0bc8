/* ring.c - a hash ring: the same key finds the same one, and few keys move when one comes or
 * goes. */
#include "plugins/ring_hash/ring.h"

#include <stdlib.h>
#include <string.h>

enum { MEMBERS_MOST = 16384 };	/* a bit for each, on the stack, while a pick looks further */

struct point {
	uint64_t at;
	uint32_t owner;
};

static uint64_t mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/* FNV-1a, and then mixed: every process must come to the same points. */
static uint64_t hash_name(const char *name, size_t len)
{
	uint64_t h = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)name[i]) * 0x100000001b3ull;
	return mix(h);
}

/* Equal points are very rare; any order will do that is the same for the same set. */
static int by_place(const void *a, const void *b)
{
	const struct point *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->owner < y->owner ? -1 : x->owner > y->owner;
}

static uint32_t points_of(const struct ring_member *m, uint32_t points, uint64_t wanted,
			  uint32_t most)
{
	uint64_t own = (uint64_t)m->weight * points;

	if (wanted > most)
		own = own * most / wanted;
	return own > 0 ? (uint32_t)own : 1;
}

static uint64_t sum_of(const struct ring_member *members, uint32_t count, uint32_t points)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < count; i++)
		sum += (uint64_t)members[i].weight * points;
	return sum;
}

static struct ring *room_for(uint32_t members, uint32_t count)
{
	struct ring *r = malloc(sizeof(*r) + count * (sizeof(uint64_t) + sizeof(uint32_t)));

	if (r == NULL)
		return NULL;
	r->members = members;
	r->count = count;
	r->owner = (uint32_t *)(void *)&r->at[count];
	return r;
}

static struct ring *ring_of(struct point *points, uint32_t members, uint32_t count)
{
	struct ring *r = room_for(members, count);

	qsort(points, count, sizeof(*points), by_place);
	for (uint32_t i = 0; r != NULL && i < count; i++) {
		r->at[i] = points[i].at;
		r->owner[i] = points[i].owner;
	}
	return r;
}

struct ring *ring_new(const struct ring_member *members, uint32_t count, uint32_t points,
		      uint32_t most)
{
	uint64_t wanted = sum_of(members, count, points);
	struct point *all;
	struct ring *r;
	uint32_t used = 0;

	if (count > MEMBERS_MOST)
		return NULL;
	all = calloc((wanted < most ? wanted : most) + count + 1, sizeof(*all));
	if (all == NULL)
		return NULL;
	for (uint32_t i = 0; i < count; i++) {
		uint64_t h = hash_name(members[i].name, members[i].len);
		uint32_t own = points_of(&members[i], points, wanted, most);

		for (uint32_t k = 0; k < own; k++)
			all[used++] = (struct point){ mix(h + k * 0x9e3779b97f4a7c15ull), i };
	}
	r = ring_of(all, count, used);
	free(all);
	return r;
}

void ring_free(struct ring *r)
{
	free(r);
}

/* The first point at or after the hash; past the last one the circle begins again. */
static uint32_t first_at(const struct ring *r, uint64_t hash)
{
	uint32_t low = 0, high = r->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (r->at[middle] < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low < r->count ? low : 0;
}

/* Goes on until every member was asked once. */
static uint32_t look_further(const struct ring *r, uint32_t from, const struct ring_ask *ask)
{
	uint64_t asked[MEMBERS_MOST / 64];
	uint32_t left = r->members;

	memset(asked, 0, (r->members + 63) / 64 * sizeof(asked[0]));
	for (uint32_t step = 0; step < r->count && left > 0; step++) {
		uint32_t i = r->owner[(from + step) % r->count];

		if ((asked[i / 64] >> (i % 64) & 1) != 0)
			continue;
		if (ask->usable(ask->arg, i))
			return i;
		asked[i / 64] |= (uint64_t)1 << (i % 64);
		left--;
	}
	return RING_NONE;
}

uint32_t ring_find(const struct ring *r, uint64_t hash, const struct ring_ask *ask)
{
	uint32_t from;

	if (r->count == 0)
		return RING_NONE;
	from = first_at(r, hash);
	if (ask->usable(ask->arg, r->owner[from]))
		return r->owner[from];
	return look_further(r, from, ask);
}
