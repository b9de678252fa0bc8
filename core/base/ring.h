/* ring.h - lines from one thread to another without a lock: one writer, one reader. */
#ifndef CORE_BASE_RING_H
#define CORE_BASE_RING_H

#include <stdalign.h>
#include <stdatomic.h>

#include "core/base/str.h"

/* A line is written in place: begin gives room, end makes as much of it visible as was used. A
 * ring that is full refuses, counts, and never waits. Positions grow for ever; the room is a
 * power of two. Each side keeps its own cache line, and looks at the other's only when it must. */
struct ring {
	char *data;
	size_t room;
	alignas(64) _Atomic(uint64_t) head;	/* the writer's: how far lines are whole */
	_Atomic(uint64_t) dropped;		/* the writer's: lines that found no room */
	uint64_t at;				/* the writer's: where the next line goes */
	uint64_t tail_seen;			/* the writer's: the reader was here at least */
	alignas(64) _Atomic(uint64_t) tail;	/* the reader's */
};

/* `room` is rounded up to a power of two. False: out of memory. */
bool ring_init(struct ring *r, size_t room);
void ring_fini(struct ring *r);

/* Lends `most` bytes for one line, or NULL (counted). Follow it with ring_end(). [writer] */
char *ring_begin(struct ring *r, size_t most);
/* The first `used` bytes are the line; 0: there is none after all. [writer] */
void ring_end(struct ring *r, size_t used);
/* Bytes that wait to be read, seen from the writer: never too few. [writer] */
size_t ring_held(struct ring *r);

/* Lends the oldest line until ring_drop(). False: there is none. [reader] */
bool ring_peek(struct ring *r, struct weir_str *line);
void ring_drop(struct ring *r);
bool ring_empty(struct ring *r);	/* [reader] */

/* Any thread. */
uint64_t ring_dropped(const struct ring *r);

#endif
