/* explain_print.h - an explanation for people, and one fetched from a running Weir. */
#ifndef CORE_WEIR_EXPLAIN_PRINT_H
#define CORE_WEIR_EXPLAIN_PRINT_H

#include <stdio.h>

#include "core/admin/world.h"

void explain_print(const json_t *answer, FILE *out);

/* Asks GET /explain of the admin API at HOST:PORT or unix:PATH. NULL with a sentence. Blocks. */
json_t *explain_ask_running(const char *admin, const struct admin_question *q,
			    struct weir_error *error);

#endif
