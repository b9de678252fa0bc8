/* counter.h - the counters of plugins: which use has which. */
#ifndef CORE_PLUGIN_COUNTER_H
#define CORE_PLUGIN_COUNTER_H

#include <weir/counter.h>

struct setup_life;
struct use_life;

/* Makes `setup_life.counter_open` of this use. [control] */
struct weir_counter *counter_open(struct setup_life *setup, struct weir_str name);
/* The use ends. [control] */
void counters_close(struct use_life *life);

struct weir_use;
/* Calls `visit` for each counter of the use. While it is visited (uses_visit), or control. */
void counters_visit(const struct weir_use *use,
		    void (*visit)(void *arg, struct weir_str name, uint64_t n), void *arg);

struct weir_host;
void counter_fill_host(struct weir_host *host);

#endif
