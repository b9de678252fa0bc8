/* cell.h - a value that control replaces and workers read; the old one is freed when nobody
 * does. */
#ifndef CORE_PLUGIN_CELL_H
#define CORE_PLUGIN_CELL_H

#include <weir/cell.h>

#include "core/plugin/crew.h"
#include "core/plugin/hold.h"

/* Publishing swaps a pointer and asks every worker about the old value. A worker that holds no
 * pin on it says so at once, another when its last pin is dropped; with the last word control
 * frees it. So a pin is a plain counter of its worker, and a long exchange keeps alive only
 * what it has read. */

/* All cells of the process, so that they can be waited for, and ended at once at the end.
 * [control] */
struct cells {
	const struct crew *crew;
	struct list all;
};

void cells_init(struct cells *cells, const struct crew *crew);
/* True when every cell that was freed has also gone. */
bool cells_idle(const struct cells *cells);
/* Frees what is left, asking nobody: when the workers have ended. */
void cells_fini(struct cells *cells);

/* Gives an empty cell; NULL when out of memory. [control] */
struct weir_cell *cell_new(struct cells *cells, void (*free_value)(void *value));
/* Takes the value. False when out of memory: the value is freed, the old one stays. [control] */
bool cell_publish(struct weir_cell *cell, void *value);
/* Lends, and notes the pin in `holds`; NULL also when the arena is full. [worker; control: `holds`
 * NULL, until the next turn] */
void *cell_read(struct weir_cell *cell, struct hold_list *holds, struct arena *arena);
/* The cell ends; the last value is freed when nobody reads it. [control] */
void cell_free(struct weir_cell *cell);

struct weir_host;
void cell_fill_host(struct weir_host *host);

#endif
