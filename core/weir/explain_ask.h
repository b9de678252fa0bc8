/* explain_ask.h - an explanation fetched from a running Weir. */
#ifndef CORE_WEIR_EXPLAIN_ASK_H
#define CORE_WEIR_EXPLAIN_ASK_H

#include "core/admin/world.h"

/* Asks GET /explain of the admin API at HOST:PORT or unix:PATH; `token` is the path of a file, or
 * NULL. NULL with a sentence. Blocks, ten seconds at most for each step. The caller owns the answer. */
json_t *explain_ask(const char *admin, const char *token, const struct admin_question *q,
		    struct weir_error *error);

#endif
