/* folders.h - where plugins lie: DIR/NAME.so or DIR/NAME/NAME.so in a list of folders. */
#ifndef CORE_PLUGIN_FOLDERS_H
#define CORE_PLUGIN_FOLDERS_H

#include <weir/error.h>

#include "core/base/str.h"

/* The folders of plugins.path in their order, then the built-in one. All own, ending with NUL. */
struct folders {
	char **at;
	uint32_t count;
};

bool folders_set(struct folders *f, const struct weir_str *paths, uint32_t count);
void folders_fini(struct folders *f);

/* $WEIR_PLUGIN_DIR; or else plugins/ beside the program, as in a build tree; or else where `make
 * install` puts them. Gives an own text; NULL when out of memory. */
char *folders_built_in(void);

/* Gives the one file of that name (own, mem_free() it). NULL with a sentence: it is nowhere,
 * and that says where it was looked for and what is near; or it is in two places. */
char *folders_find(const struct folders *f, struct weir_str name, struct weir_error *error);

/* Calls `visit` with the name of each plugin that lies there, once, in no order. A folder that
 * cannot be read has none. */
void folders_visit(const struct folders *f, void (*visit)(void *arg, struct weir_str name), void *arg);

#endif
