/* explain_policies.h - which policies a request would pass: the part of an explanation about chains. */
#ifndef CORE_WEIR_EXPLAIN_POLICIES_H
#define CORE_WEIR_EXPLAIN_POLICIES_H

#include <jansson.h>
#include <weir/policy.h>

#include "core/route/table.h"
#include "core/weir/assemble.h"

/* Gives a list in the order in which they run, the listener's first: each with its options, the chain it
 * comes from, if it has a condition, whether that holds for this request, and what it says that it
 * would decide, if it does. `plan` NULL: no route was found. The caller owns it. */
json_t *explain_policies(const struct world *w, const struct listener_plan *listener,
			 const struct plan *plan, const struct route_ask *ask,
			 const struct weir_question *question);

#endif
