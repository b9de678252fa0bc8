/* query.h - a query string without one of its parameters. */
#ifndef PLUGINS_COMMON_QUERY_H
#define PLUGINS_COMMON_QUERY_H

#include <weir/str.h>

/* Writes `query` without every parameter of this name (however it is encoded) to `out`, which has
 * room for query.len bytes, and gives how many are left. */
size_t query_without(struct weir_str query, struct weir_str name, char *out);

#endif
