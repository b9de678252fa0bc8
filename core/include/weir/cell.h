/* cell.h - a value that control replaces now and then, and workers read all the time. */
#ifndef WEIR_CELL_H
#define WEIR_CELL_H

#include <weir/host.h>

/* Key sets, prices, flags. A cell is made in `open`, belongs to that use, and goes with it, after
 * `close`. Its value is whole and immutable; `free_value` is called once for each, on control, when
 * no exchange reads it any more. */

/* Gives an empty cell; NULL when out of memory. Only in `open`. [control] */
static inline struct weir_cell *weir_cell_new(const struct weir_setup *setup,
					      void (*free_value)(void *value))
{
	return weir_host_slot->cell_new(setup, free_value);
}

/* Takes `value` (NULL empties the cell); readers that come from now on see it. Never waits.
 * False when out of memory: `value` is freed and the old one stays. In `open`, `background`,
 * `watch`. [control] */
static inline bool weir_cell_publish(struct weir_cell *cell, void *value)
{
	return weir_host_slot->cell_publish(cell, value);
}

/* Lends the newest value, or NULL while there is none. It stays valid until the exchange ends,
 * across waits, whatever is published meanwhile; asked again, the same exchange may see a newer
 * one. With NULL for `ex` (control only): valid until the next wait. Never waits. [worker,
 * control] */
static inline void *weir_cell_read(struct weir_exchange *ex, struct weir_cell *cell)
{
	return weir_host_slot->cell_read(ex, cell);
}

#endif
