/* include.h - one tree from a file and all the files it includes. */
#ifndef CORE_CONF_INCLUDE_H
#define CORE_CONF_INCLUDE_H

#include "core/conf/tree.h"

struct sources;

/* Reads the file at `path` (or `text`, when that is not absent, under the name `path`), drops
 * `x-*`, expands, and follows `include`:
 *   listen, services and chains are united; the same name twice is an error that names both places;
 *   routes are appended, those of included files in byte order of the file names;
 *   any other key stands in one file only;
 *   a literal file that is missing is an error, a pattern without a match is not;
 *   a file is read once, however often and by whatever path it is named.
 * With text, there are no further files: neither include nor ${file:}.
 * Gives the united map, also when something was faulty, or NULL. False when there was an error. */
bool include_read(struct arena *arena, const char *path, struct weir_str text,
		  struct sources *files, struct diagnostics *d, struct node **top);

#endif
