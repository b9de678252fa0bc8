/* ring.c - lines from one thread to another without a lock. */
#include "core/base/ring.h"

#include <assert.h>

#include "core/base/mem.h"

/* Each line has a head of 8 bytes with its length, and is rounded up to 8. One that does not fit
 * before the end of the room starts at its beginning, and a head of SKIP stands where it would
 * have. */
enum { HEAD = 8 };
#define SKIP UINT64_MAX

static size_t rounded(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

bool ring_init(struct ring *r, size_t room)
{
	size_t size = 64;

	while (size < room)
		size *= 2;
	*r = (struct ring){ .room = size };
	r->data = malloc(size);		/* not zeroed: pages that are never used cost nothing */
	return r->data != NULL;
}

void ring_fini(struct ring *r)
{
	mem_free(r->data);
	r->data = NULL;
}

static void put_head(struct ring *r, uint64_t at, uint64_t value)
{
	memcpy(r->data + (at & (r->room - 1)), &value, sizeof(value));
}

static uint64_t head_at(const struct ring *r, uint64_t at)
{
	uint64_t value;

	memcpy(&value, r->data + (at & (r->room - 1)), sizeof(value));
	return value;
}

static bool has_room(struct ring *r, uint64_t at, size_t need)
{
	if (at + need - r->tail_seen <= r->room)
		return true;
	r->tail_seen = atomic_load_explicit(&r->tail, memory_order_acquire);
	return at + need - r->tail_seen <= r->room;
}

static void count_drop(struct ring *r)
{
	uint64_t n = atomic_load_explicit(&r->dropped, memory_order_relaxed);

	atomic_store_explicit(&r->dropped, n + 1, memory_order_relaxed);
}

char *ring_begin(struct ring *r, size_t most)
{
	uint64_t at = atomic_load_explicit(&r->head, memory_order_relaxed);
	size_t need = HEAD + rounded(most), to_end = r->room - (at & (r->room - 1));
	bool skip = need > to_end;

	if (most > r->room - HEAD || !has_room(r, at, skip ? to_end + need : need)) {
		count_drop(r);
		return NULL;
	}
	if (skip) {
		put_head(r, at, SKIP);
		at += to_end;
	}
	r->at = at;
	return r->data + (at & (r->room - 1)) + HEAD;
}

/* Sequentially consistent, for the sake of sleepers: a reader that announces its sleep and then
 * looks here, and a writer that stores here and then looks for sleepers, cannot miss each other. */
void ring_end(struct ring *r, size_t used)
{
	if (used == 0)
		return;
	put_head(r, r->at, used);
	atomic_store_explicit(&r->head, r->at + HEAD + rounded(used), memory_order_seq_cst);
}

size_t ring_held(struct ring *r)
{
	uint64_t head = atomic_load_explicit(&r->head, memory_order_relaxed);

	if (head - r->tail_seen > r->room / 2)
		r->tail_seen = atomic_load_explicit(&r->tail, memory_order_acquire);
	return (size_t)(head - r->tail_seen);
}

bool ring_empty(struct ring *r)
{
	return atomic_load_explicit(&r->head, memory_order_seq_cst) ==
	       atomic_load_explicit(&r->tail, memory_order_relaxed);
}

bool ring_peek(struct ring *r, struct weir_str *line)
{
	uint64_t head = atomic_load_explicit(&r->head, memory_order_seq_cst);
	uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

	if (head == tail)
		return false;
	if (head_at(r, tail) == SKIP) {
		tail += r->room - (tail & (r->room - 1));
		atomic_store_explicit(&r->tail, tail, memory_order_release);
	}
	assert(tail != head);	/* a skip is made visible together with the line behind it */
	*line = str_of(r->data + (tail & (r->room - 1)) + HEAD, (size_t)head_at(r, tail));
	return true;
}

void ring_drop(struct ring *r)
{
	uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

	tail += HEAD + rounded((size_t)head_at(r, tail));
	atomic_store_explicit(&r->tail, tail, memory_order_release);
}

uint64_t ring_dropped(const struct ring *r)
{
	return atomic_load_explicit(&r->dropped, memory_order_relaxed);
}
