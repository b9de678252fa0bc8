/* explain.h - why each route did, or did not, match a request. */
#ifndef CORE_ROUTE_EXPLAIN_H
#define CORE_ROUTE_EXPLAIN_H

#include "core/route/table.h"

/* Calls `line` for every route of the table, best first: `matched` and a sentence such as "host:
 * api.example.com is not *.customs.example" or "it is less precise than route tariff (path)". */
void table_explain(const struct table *t, const struct route_ask *ask,
		   void (*line)(void *arg, uint32_t number, bool matched, struct weir_str why),
		   void *arg);

#endif
