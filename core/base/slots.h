/* slots.h - names to small dense numbers that stay the same over reloads, and arrays over such
 * numbers. */
#ifndef CORE_BASE_SLOTS_H
#define CORE_BASE_SLOTS_H

#include <pthread.h>
#include <stdatomic.h>
#include <weir/error.h>

#include "core/base/str.h"

/* Each snapshot takes the numbers of its services, routes, listeners when it is built, and gives
 * them back when it is freed, which is after the last worker has left it. A number nobody holds
 * keeps its name until it is needed for another, the one given back first before the others;
 * whoever keeps something per number is told then (`reused`). A lock guards it: it is for the
 * control side and for those who print, not for the path of a request. */
struct slots {
	pthread_mutex_t lock;
	struct slot *at;
	uint32_t count, room;		/* numbers ever used; room for */
	uint32_t *heads;		/* hash -> number + 1 of the first in the chain */
	uint32_t free_first, free_last;	/* number + 1; some may be held again */
	void (*reused)(void *arg, uint32_t number);
	void *arg;
};

enum { SLOTS_MOST = 65536 };

void slots_init(struct slots *s);
void slots_fini(struct slots *s);
/* `reused` runs on the thread that takes a number which had another name before, inside the lock.
 * Nobody holds the number then, so that nobody writes what is kept for it. To be set before the
 * first. */
void slots_on_reuse(struct slots *s, void (*reused)(void *arg, uint32_t number), void *arg);

/* Holds the number of `name`, once more; false with a sentence when there are too many, or no
 * memory. */
bool slots_take(struct slots *s, struct weir_str name, uint32_t *number, struct weir_error *error);
void slots_give(struct slots *s, uint32_t number);

/* Copies the name of a number, cut to `room`; the absent str when nobody holds it. Any thread. */
struct weir_str slots_name(struct slots *s, uint32_t number, char *at, size_t room);
uint32_t slots_count(struct slots *s);	/* numbers are below it. Any thread */

/* --- An array with one writer, which grows by chunks that never move. ------------------------- */

enum { SLOT_CHUNK = 64, SLOT_CHUNKS = SLOTS_MOST / SLOT_CHUNK };

struct slot_table {
	_Atomic(char *) chunks[SLOT_CHUNKS];
};

/* Published by release and read by acquire, first the table, then the chunk. Zeroed items. */
struct slot_array {
	size_t size;			/* bytes of an item */
	_Atomic(struct slot_table *) table;
};

void slot_array_init(struct slot_array *a, size_t size);
void slot_array_fini(struct slot_array *a);

void *slot_array_grow(struct slot_array *a, uint32_t number);	/* the slow path of slot_array_at */

/* Gives the item, which comes to be at its first use; NULL when out of memory or beyond SLOTS_MOST.
 * [writer] */
static inline void *slot_array_at(struct slot_array *a, uint32_t number)
{
	struct slot_table *t = atomic_load_explicit(&a->table, memory_order_relaxed);
	char *chunk = NULL;

	if (number < SLOTS_MOST && t != NULL)
		chunk = atomic_load_explicit(&t->chunks[number / SLOT_CHUNK],
					     memory_order_relaxed);
	if (chunk == NULL)
		return slot_array_grow(a, number);
	return chunk + a->size * (number % SLOT_CHUNK);
}

/* The item, or NULL when it has not come to be. What is in it must be atomics. [any thread] */
void *slot_array_peek(const struct slot_array *a, uint32_t number);

#endif
