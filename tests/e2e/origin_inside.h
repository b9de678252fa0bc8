/* origin_inside.h - what origin.c and origin_act.c share. */
#ifndef TESTS_E2E_ORIGIN_INSIDE_H
#define TESTS_E2E_ORIGIN_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "core/base/list.h"
#include "core/base/map.h"
#include "tests/e2e/origin.h"
#include "tests/e2e/wire.h"

enum { ORIGIN_ONCE = 64, ORIGIN_PATHS = 32 };

/* One accept thread, one thread per connection. Everything below `lock` is under it. */
struct origin {
	char name[32], address[32];
	int listener;
	uint16_t port;
	pthread_t thread;
	atomic_bool stopping;
	atomic_uint_fast64_t body_bytes;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct act always, once[ORIGIN_ONCE];
	unsigned once_from, once_to;
	struct { const char *target; struct act act; } at[ORIGIN_PATHS];
	unsigned paths;
	unsigned permits;		/* of origin_lets_go() */
	struct list guests;
	unsigned open, accepted, requests;
	struct map counts;		/* "GET /x" -> how often */
	struct wire_message last;
};

/* One connection. */
struct guest {
	struct list link;
	struct origin *origin;
	struct wire wire;
	unsigned served;
};

/* Does it; false when the connection is over. `m` holds the head, and the body when it was read. */
bool origin_act(struct guest *g, struct act a, struct wire_message *m);
/* Waits for one origin_lets_go(); false when the origin is closing, or nobody let it go. */
bool origin_wait_gate(struct origin *o);
/* Reads the body of the request and notes the request as seen. */
bool origin_read_body(struct guest *g, struct act a, struct wire_message *m);

#endif
