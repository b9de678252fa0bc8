/* unknown.h - a key that a table does not know, or a value where a map should be: what was meant? */
#ifndef CORE_CONF_UNKNOWN_H
#define CORE_CONF_UNKNOWN_H

#include "core/conf/option.h"

/* Suggests the same key in a map of the table (match.path), or the nearest key, or names all keys. */
void say_unknown(struct check *c, const struct weir_option *table, const struct node *child);

/* With the keys that the map could have. */
void say_no_map(struct check *c, const struct weir_option *table, const struct node *found);

#endif
