/* counter.h - what a plugin counts, for the operator to see. */
#ifndef WEIR_COUNTER_H
#define WEIR_COUNTER_H

#include <weir/host.h>

/* Shown by GET /metrics as weir_plugin_events_total with the labels plugin, use, place and event. A use
 * has at most 8. A use that a reload opens anew at the same place goes on with the old one's. */

/* Lends the counter of this name (a literal or a struct weir_str) until `close`. NULL: out of memory,
 * too many, or not in `open`; adding to NULL is fine. [control] */
#define weir_counter_open(setup, name) \
	weir_host_slot->counter_open(setup, WEIR_TEXT_OF(name))

/* Never waits. Any thread. */
static inline void weir_counter_add(struct weir_counter *counter, uint64_t n)
{
	weir_host_slot->counter_add(counter, n);
}

#endif
