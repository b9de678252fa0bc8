/* copy.h - checked options that must outlive the configuration they were read from. */
#ifndef CORE_CONF_COPY_H
#define CORE_CONF_COPY_H

#include "core/base/arena.h"
#include "core/conf/values.h"

/* A whole copy, places included; only the table is shared. For tables of plugins: what only the
 * core's own types hold (slots, nodes) is left out. NULL when out of memory, or for NULL. */
const struct conf_values *values_copy(struct arena *arena, const struct conf_values *v);

/* True when both say the same, wherever it stands. By the same table, or they differ. */
bool values_same(const struct conf_values *a, const struct conf_values *b);

#endif
