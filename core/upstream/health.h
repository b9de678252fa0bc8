/* health.h - active checks: a question to each endpoint now and then, on control. For this floor. */
#ifndef CORE_UPSTREAM_HEALTH_H
#define CORE_UPSTREAM_HEALTH_H

#include "core/upstream/service.h"

/* Each endpoint of a service in force that has `health` is asked every `interval`, give or take a tenth,
 * the first time at once. `unhealthy` failures in a row make it unhealthy, `healthy` successes in a row
 * healthy; the very first answer decides at once. An idle check is a timer and holds no fiber. */

/* Begins, goes on with newer settings, or (svc NULL, or without checks) ends. [control] */
void health_settle(struct endpoint *ep, struct service *svc);

#endif
