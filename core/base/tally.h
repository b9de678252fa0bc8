/* tally.h - what plugins count: named counters that many threads add to, and /metrics shows. */
#ifndef CORE_BASE_TALLY_H
#define CORE_BASE_TALLY_H

#include <stdatomic.h>

#include "core/base/str.h"

/* A board holds the counters of one place in the configuration. Like a store it is known by its
 * name and lives as long as somebody has it open: the use that a reload opens anew goes on
 * counting where the old one was. */
struct board;

struct board_name {
	struct weir_str plugin, use, place;
};

enum { TALLIES_MOST = 8 };	/* on one board: they share a cache line per thread */

/* One counter. It stays as long as its board. */
struct tally {
	struct board *board;
	struct weir_str word;
	unsigned column;
};

/* Gives the board of that name; end it with board_close(). `threads`: how many add at the same time,
 * more or less; each then has a line of its own. NULL when out of memory. [control] */
struct board *board_open(const struct board_name *name, uint32_t threads);
void board_close(struct board *b);	/* [control] */

/* Lends the counter of that word; NULL when there are too many, or no memory. [control] */
struct tally *board_tally(struct board *b, struct weir_str word);

void tally_add(struct tally *t, uint64_t n);	/* any thread; NULL is fine */
uint64_t tally_read(const struct tally *t);	/* any thread */

/* Calls `visit` for each counter of the board; NULL has none. Who calls keeps it open. Any thread. */
void board_visit(const struct board *b, void (*visit)(void *arg, struct weir_str word, uint64_t n),
		 void *arg);
/* Calls `visit` for each counter, board by board; a lock is held meanwhile. Any thread. */
void tallies_visit(void (*visit)(void *arg, const struct board_name *board, struct weir_str word,
				 uint64_t n), void *arg);

#endif
