/* crew.h - the threads that plugins run on: the workers, and control. */
#ifndef CORE_PLUGIN_CREW_H
#define CORE_PLUGIN_CREW_H

#include "core/fiber/worker.h"

/* Made once at boot; fixed for the life of the process. `control` is where uses are opened and
 * closed. */
struct crew {
	struct worker *const *workers;
	uint32_t count;
	struct worker *control;
};

/* How many places an array by crew_place() needs. */
static inline uint32_t crew_places(const struct crew *crew)
{
	return crew->count + 1;
}

/* A worker's place in such an array: its index; control comes last. */
static inline uint32_t crew_place(uint32_t places, const struct worker *w)
{
	return w->index < places ? w->index : places - 1;
}

#endif
