/* offline.h - a configuration read, checked and built without running it: for check, explain, schema. */
#ifndef CORE_WEIR_OFFLINE_H
#define CORE_WEIR_OFFLINE_H

#include "core/weir/assemble.h"

/* Plugins are loaded and asked about their options, and nothing else of them runs. One thread. */
struct offline {
	struct registry *registry;
	struct uses *uses;
	struct worker worker;		/* stands for control */
	struct crew crew;
};

bool offline_open(struct offline *o, struct weir_error *error);
void offline_close(struct offline *o);

/* Looks for plugins and Lua policies where the built-in ones are, and (with a file) where its plugins.path
 * and lua.path say. False with diagnostics. */
bool offline_look(struct offline *o, const char *path, struct diagnostics *d);

/* Reads the file and builds its world; NULL with diagnostics. world_free() it. */
struct world *offline_build(struct offline *o, const char *path, struct diagnostics *d);

#endif
