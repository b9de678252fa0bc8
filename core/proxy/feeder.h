/* feeder.h - the request's body on its way to the upstream, on a fiber of its own. */
#ifndef CORE_PROXY_FEEDER_H
#define CORE_PROXY_FEEDER_H

#include "core/proxy/attempt.h"

/* Starts it for the rest of the body. False when there is no fiber to be had. */
bool feeder_start(struct exchange *ex);
/* Cancels it if it still runs, and waits for its end. Harmless when there is none. */
void feeder_stop(struct exchange *ex);

static inline bool feeder_active(const struct feeder *f)
{
	return f->fiber != NULL && !f->done;
}

#endif
