/* fake_world.h - a world that answers what a test tells it to, and remembers what it was asked. */
#ifndef TESTS_ADMIN_FAKE_WORLD_H
#define TESTS_ADMIN_FAKE_WORLD_H

#include <semaphore.h>
#include <stdatomic.h>

#include "core/admin/world.h"

struct fake_world {
	struct admin_world world;
	const char *sick, *unready;	/* the cause; NULL: well */
	const char *refusal;		/* what reload, drain, config and explain say; NULL: fine */
	size_t metrics_bytes;		/* how many bytes of comments follow the metric */
	atomic_bool holds;		/* reload waits until it is let go */
	sem_t entered, go;		/* reload has begun; it may end */
	atomic_uint reloads, drains;
	struct admin_question asked;	/* the last; its slices are over */
	char url[256], header[64], claim[64];
};

void fake_world_init(struct fake_world *f);
void fake_world_fini(struct fake_world *f);

#endif
