/* arena.h - memory that lives as long as one exchange: many small takes, one reset. */
#ifndef CORE_BASE_ARENA_H
#define CORE_BASE_ARENA_H

#include <stdint.h>

#include "core/base/str.h"

struct slab;

/* Chunks come from a slab of the worker and go back to it at reset, so that an
 * exchange never touches the heap unless it wants one thing larger than a chunk.
 * What does not fit under `ceiling` sets `overflowed`: ask once per stage. */
struct arena {
	char *at, *end;
	struct arena_chunk *chunks;	/* newest first */
	struct slab *source;		/* of ARENA_CHUNK bytes; NULL: the heap */
	size_t taken, ceiling;		/* bytes in chunks; most of it */
	bool overflowed;
	uint32_t next;			/* size of the next chunk; 0: ARENA_CHUNK */
};

enum { ARENA_CHUNK = 8192 };

void arena_init(struct arena *a, struct slab *source, size_t ceiling);
/* The same on the heap, for what is small and there in thousands: its chunks begin at ARENA_LEAST bytes
 * and double. */
enum { ARENA_LEAST = 512 };
void arena_init_small(struct arena *a, size_t ceiling);
/* Gives every chunk back; the arena is as new. */
void arena_reset(struct arena *a);

void *arena_more(struct arena *a, size_t size);	/* the slow path of arena_take */

/* Gives `size` bytes, 8-aligned, not zeroed; NULL (and overflowed) when over the ceiling. */
static inline void *arena_take(struct arena *a, size_t size)
{
	size_t rounded = (size + 7) & ~(size_t)7;
	char *got = a->at;

	/* One comparison for three: 0 bytes, and a size that overflowed to 0, go the slow way
	 * too. */
	if (rounded - 1 >= (size_t)(a->end - got))
		return arena_more(a, size);
	a->at = got + rounded;
	return got;
}

/* Zeroed. */
void *arena_zero(struct arena *a, size_t size);

/* For a text whose length is not known before it is written: opens what is left of the chunk, or a
 * chunk of its own, or (the large one) a piece of ARENA_LARGE bytes, and takes the `len` that were
 * used. Nothing else may be taken in between. */
enum { ARENA_LARGE = 4 * ARENA_CHUNK * 8 };
char *arena_open(struct arena *a, size_t *room);
char *arena_open_chunk(struct arena *a, size_t *room);	/* a new chunk; NULL when over the ceiling */
char *arena_open_large(struct arena *a, size_t *room);	/* NULL when over the ceiling */
static inline struct weir_str arena_shut(struct arena *a, char *at, size_t len)
{
	if (at == a->at)
		a->at += (len + 7) & ~(size_t)7;
	return str_of(at, len);
}

/* Copies; the empty str when over the ceiling, the absent one when it was absent. */
struct weir_str arena_copy(struct arena *a, struct weir_str s);

/* The parts one after the other, as one str; the empty str when over the ceiling. */
struct weir_str arena_join(struct arena *a, const struct weir_str *parts, size_t count);

/* As printf; the empty str when over the ceiling. */
struct weir_str arena_print(struct arena *a, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
