/* cell.h - a value that control replaces and workers read; the old one is freed when nobody does. */
#ifndef CORE_PLUGIN_CELL_H
#define CORE_PLUGIN_CELL_H

#include <weir/cell.h>

#include "core/plugin/crew.h"
#include "core/plugin/hold.h"

/* Publishing swaps a pointer and asks every worker about the old value. A worker that holds no pin on it
 * says so at once, another when its last pin is dropped; with the last word control frees it. So a pin
 * is a plain counter of its worker, and a long exchange keeps alive only what it has read. */

/* Gives an empty cell; NULL when out of memory. [control] */
struct weir_cell *cell_new(const struct crew *crew, void (*free_value)(void *value));
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
