/* options.h - option tables of plugins: of any row size, and checked once before they are
 * trusted. */
#ifndef CORE_PLUGIN_OPTIONS_H
#define CORE_PLUGIN_OPTIONS_H

#include <weir/option.h>

#include "core/base/arena.h"

enum { OPTIONS_MOST = 256, OPTIONS_DEEP = 8 };	/* rows of one table; tables within tables */

/* The table with rows of our size: itself when they are, else a copy in the arena, nested tables
 * included. NULL with a sentence when it never ends, nests too deep or there is no memory. */
const struct weir_option *options_today(const struct weir_option *table, size_t row_size,
					struct arena *arena, struct weir_error *error);

/* Looks for what would fail later: names that cannot be written or stand twice, types there are
 * not, a choice without choices, an object without fields, a default that the row itself would
 * refuse. NULL is a table. Says which option it is. */
bool options_sane(const struct weir_option *table, struct weir_error *error);

#endif
