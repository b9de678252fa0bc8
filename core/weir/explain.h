/* explain.h - what would happen to a request: the routes considered and why, policies, service, endpoints. */
#ifndef CORE_WEIR_EXPLAIN_H
#define CORE_WEIR_EXPLAIN_H

#include "core/admin/world.h"
#include "core/weir/assemble.h"

/* Gives {"request", "listener", "routes": [{"route", "matched", "why"}], "policies", "service",
 * "endpoints"}. `upstreams` NULL: endpoints as configured only. The caller owns it. Any thread that
 * holds the world. NULL with a sentence: the question makes no sense. */
json_t *explain(const struct world *w, struct upstreams *upstreams,
		const struct admin_question *question, struct weir_error *error);

#endif
