/* drain.h - stopping: not ready, then not accepting, then finished. */
#ifndef CORE_WEIR_DRAIN_H
#define CORE_WEIR_DRAIN_H

#include "core/weir/gateway.h"

/* /readyz fails from now on; accepting goes on for timeouts.stop_delay; then what is under way may
 * finish, at most timeouts.drain; then the control loop stops. Asking twice is harmless.
 * [control, does not wait] */
void drain_begin(struct gateway *g);
/* The same by POST /drain: the parent is told not to start another child. [control] */
void drain_by_request(struct gateway *g);

/* How long all that may take at most, by the configuration in force. */
uint32_t drain_takes_ms(const struct gateway *g);

#endif
