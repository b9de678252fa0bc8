/* store.h - the shared store as plugins see it: who has which one open. */
#ifndef CORE_PLUGIN_STORE_H
#define CORE_PLUGIN_STORE_H

#include <weir/store.h>

struct setup_life;
struct use_life;

enum { STORE_USUAL = 16 * 1024 * 1024 };	/* bytes, when a plugin names none */

/* Makes `setup_life.store_open` of this use. [control] */
struct weir_store *store_open(struct setup_life *setup, struct weir_str name, size_t most);
/* The use ends, and its holds with it. [control] */
void stores_close(struct use_life *life);

struct weir_host;
void store_fill_host(struct weir_host *host);

#endif
