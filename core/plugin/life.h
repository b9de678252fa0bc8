/* life.h - what uses.c and its helpers know of a use beside what everybody does. */
#ifndef CORE_PLUGIN_LIFE_H
#define CORE_PLUGIN_LIFE_H

#include <pthread.h>

#include "core/plugin/cell.h"
#include "core/plugin/registry.h"
#include "core/plugin/setup.h"
#include "core/plugin/uses.h"

struct uses {
	struct registry *registry;
	const struct crew *crew;
	pthread_mutex_t lock;	/* of the list, for those who look from other threads */
	struct list all;	/* struct use_life, oldest first; closing ones too */
	struct use_life **places;	/* by a hash of where they stand; control's alone */
	uint32_t place_count, place_room;
	struct cells cells;
	atomic_bool was_ready;
};

/* The letter that closes a use on one worker, and comes back. */
struct use_letter {
	struct letter letter;
	struct use_life *life;
	struct worker *worker;
};

/* A cell belongs to its use. */
struct use_cell {
	struct use_cell *next;
	struct weir_cell *cell;
};

enum { LIFE_SENTENCE = 200 };

/* So does its hold on a store. */
struct use_store {
	struct use_store *next;
	struct shared *store;
	size_t most;
};

struct use_life {
	struct list link;		/* in uses->all */
	struct use_life *next_place;	/* in its row of uses->places */
	struct uses *uses;
	struct weir_use use;
	struct arena arena;		/* options, texts, compiled keys: all that the plugin is lent */
	struct setup_life setup;
	const struct conf_values *values;
	struct use_cell *cells;
	struct use_store *stores;
	struct board *board;		/* of its counters; NULL: it has none */
	uint32_t holds;			/* snapshots */
	bool started, opened;
	bool closing;			/* written under uses->lock, by control */
	uint32_t pending;		/* workers and fibers that have not answered yet */
	struct list fibers;		/* struct use_fiber: background and errands that run */
	uint32_t fiber_count;
	struct use_letter *letters;	/* by crew_place(); made when it closes */
	_Atomic uint64_t log_budget[3];	/* second << 32 | lines in it; of errors; of failures */
	bool unready;			/* it said so; under uses->lock, with its sentence */
	char unready_why[LIFE_SENTENCE];
};

static inline const struct weir_plugin *life_plugin(const struct use_life *life)
{
	return &life->use.kind->plugin;
}

/* open.c: builds and opens; gives NULL with a sentence. `previous` may be NULL. */
struct use_life *life_open(struct uses *uses, const struct kind *kind,
			   const struct use_order *order, const struct use_life *previous,
			   struct weir_error *error);
/* Closes, whatever was opened, and frees. Nothing else knows it any more. */
void life_close(struct use_life *life);

/* places.c: the newest use of this plugin at this place, for an older one may still be draining; NULL when
 * there is none. There may be thousands of them. [control] */
struct use_life *places_find(const struct uses *uses, const struct kind *kind,
			     const struct use_order *order);
/* Room is made before one is added. False: out of memory. [control] */
bool places_reserve(struct uses *uses);
void places_add(struct uses *uses, struct use_life *life);
void places_remove(struct uses *uses, struct use_life *life);

/* close.c: begins the end; life_close() follows when everybody has answered. */
void life_end(struct use_life *life);
/* background.c: with its errands. Forgetting is for those that do not listen, when no loop turns any
 * more. */
void life_background_start(struct use_life *life);
void life_background_cancel(struct use_life *life);
void life_background_forget(struct use_life *life);
void background_fill_host(struct weir_host *host);
/* Somebody has answered. */
void life_answered(struct use_life *life);

#endif
