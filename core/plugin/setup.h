/* setup.h - checked options as a plugin sees them. */
#ifndef CORE_PLUGIN_SETUP_H
#define CORE_PLUGIN_SETUP_H

#include <weir/setup.h>

#include "core/base/arena.h"

struct conf_values;
struct setup_life;

/* How keys and templates are compiled, by whoever knows their language. What is given lives in
 * the arena; NULL with a sentence. A key comes as its parts: "client.ip", "header.x-user". */
struct setup_compiler {
	const struct weir_key *(*key)(struct arena *arena, const struct weir_str *parts,
				      uint32_t count, struct weir_error *error);
	const struct weir_template *(*text)(struct arena *arena, struct weir_str text,
					    struct weir_error *error);
};

/* One map of options; nested ones are made when they are asked for. */
struct weir_setup {
	const struct conf_values *values;
	struct setup_life *life;
};

/* What all maps of one use share. */
struct setup_life {
	struct arena *arena;		/* what is lent lives here */
	const struct setup_compiler *compiler;	/* NULL: in `check` */
	struct weir_str place;		/* of the use */
	struct weir_str name, path;	/* likewise */
	void *previous;			/* `self` of the use it takes over from, or NULL */
	/* Makes a cell that ends with the use; NULL: in `check`. */
	struct weir_cell *(*cell_new)(struct setup_life *life, void (*free_value)(void *value));
	/* The same of a shared store. */
	struct weir_store *(*store_open)(struct setup_life *life, struct weir_str name, size_t most);
	struct weir_counter *(*counter_open)(struct setup_life *life, struct weir_str name);
	void *context;			/* of the descriptor */
	struct weir_error mistake;	/* the first wrong question that the plugin asked */
};

struct weir_host;

/* Fills in the members of the host table that read options. */
void setup_fill_host(struct weir_host *host);

#endif
