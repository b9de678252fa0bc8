/* loader.h - one plugin file made into a kind. The code stays mapped for good. */
#ifndef CORE_PLUGIN_LOADER_H
#define CORE_PLUGIN_LOADER_H

#include "core/plugin/registry.h"

/* Loads the file at `path`, which must describe itself as `name`, gives it the host table and
 * fills in *out (its texts point into the plugin's own). What must be kept goes to the arena.
 * False: the sentence begins with the path. */
bool loader_load(const char *path, struct weir_str name, struct arena *arena, struct kind *out,
		 struct weir_error *error);

bool loader_mark(const char *path, struct file_mark *mark);	/* errno on false */
bool loader_marks_same(const struct file_mark *a, const struct file_mark *b);

#endif
