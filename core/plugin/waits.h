/* waits.h - the waits that need no exchange: sleeping, a descriptor, a helper thread. */
#ifndef CORE_PLUGIN_WAITS_H
#define CORE_PLUGIN_WAITS_H

#include <weir/wait.h>

#include "core/base/reason.h"
#include "core/fiber/fiber.h"

/* True where a plugin may wait: on a fiber, and in no section where waiting is forbidden. */
bool wait_allowed(void);

/* What a wait came to that ended for this reason. */
enum weir_wait wait_of_reason(enum reason why);

struct weir_host;
void waits_fill_host(struct weir_host *host);

#endif
