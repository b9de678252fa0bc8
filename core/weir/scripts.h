/* scripts.h - the Lua policies of one configuration, as the registry of plugins sees them. */
#ifndef CORE_WEIR_SCRIPTS_H
#define CORE_WEIR_SCRIPTS_H

#include "core/conf/conf.h"
#include "core/plugin/registry.h"

/* Scripts are read when a chain first names them. One that is the same as one that still lives, text by
 * text, is that one: so its uses are carried over a reload. All of it belongs to control. */
struct script_set;

/* Reads what `lua:` says (`conf` NULL: nothing) and gives the set to the registry; a second hold is the
 * caller's. NULL when out of memory. */
struct script_set *scripts_begin(struct registry *r, const struct conf *conf);
void scripts_release(struct script_set *set);	/* NULL is fine */

/* Adds every file that was read to the sources of the configuration; false: out of memory. */
bool scripts_note_files(const struct script_set *set, struct sources *sources);

#endif
