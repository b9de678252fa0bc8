/* errand.h - another thread has something done on the control thread, and waits for it. */
#ifndef CORE_WEIR_ERRAND_H
#define CORE_WEIR_ERRAND_H

#include "core/weir/gateway.h"

/* Runs fn(arg) on a fiber of control; the calling thread sleeps until it has returned. False, without
 * running it, when the gateway stops. [any thread but control and the workers] */
bool errand_run(struct gateway *g, void (*fn)(void *arg), void *arg, struct weir_error *error);

/* The gateway has stopped: none begins any more, and those that run come to their end.
 * [control, a fiber] */
void errands_wait(struct gateway *g);
/* Control's loop has ended: whoever waits still is told so. [control] */
void errands_end(struct gateway *g);

#endif
