/* rewrite.h - what a policy may make of a request's path, query and host. Pure. */
#ifndef CORE_HTTP_REWRITE_H
#define CORE_HTTP_REWRITE_H

#include <weir/error.h>

#include "core/http/target.h"

/* Each checks `value` as a client's would be and gives its own copy in the arena, brought to its one form.
 * False, with a sentence, when it is not valid, too long, or the arena is full. `rules->longest` holds for
 * path and query together, as it did for the target that the client sent. `error` may be NULL. */
bool rewrite_path(struct arena *arena, struct weir_str value, struct weir_str query,
		  const struct target_rules *rules, struct weir_str *out, struct weir_error *error);
bool rewrite_query(struct arena *arena, struct weir_str value, struct weir_str path,
		   const struct target_rules *rules, struct weir_str *out, struct weir_error *error);
/* `whole` with its port, `host` without. */
bool rewrite_host(struct arena *arena, struct weir_str value, struct weir_str *whole,
		  struct weir_str *host, struct weir_error *error);

#endif
