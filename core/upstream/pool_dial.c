/* pool_dial.c - a new connection for a pool. */
#include "config.h"

#include "core/base/clock.h"
#include "core/fiber/wait.h"
#include "core/net/dial.h"
#include "core/upstream/pools.h"

/* A peer that vanished without a word is noticed after a minute or so. */
static const struct keepalive probes = { .idle = 45, .every = 10, .count = 3 };

static enum reason connect_it(struct service *svc, struct upstream *up)
{
	struct loop *loop = &up->pool->here->worker->loop;
	struct deadline d;
	enum reason why;

	deadline_enter(&d, clock_after(loop_now(loop), svc->settings.timeouts.connect),
		       REASON_CONNECT_TIMEOUT);
	why = dial(&up->transport, loop, &up->ep->address, &probes);
	up->connected = loop_now(loop);
	deadline_leave(&d);
	return why;
}

static struct upstream *upstream_new(struct pool *pool, struct gate *gate)
{
	struct upstream *up = slab_take(&pool->here->upstream_slab);

	if (up == NULL) {
		if (gate != NULL)
			gate_leave(gate, pool->here->place);
		return NULL;
	}
	*up = (struct upstream){ .ep = pool->ep, .pool = pool, .gate = gate };
	list_init(&up->link);
	list_init(&up->kin);
	return up;
}

enum reason pool_dial(struct service *svc, struct pool *pool, struct gate *gate,
		      struct upstream **out)
{
	struct upstream *up = upstream_new(pool, gate);
	enum reason why;

	if (up == NULL)
		return REASON_OUT_OF_MEMORY;
	tally_add(pool->ep->roster, pool->here->place, SERVICE_DIALS, 1);
	why = connect_it(svc, up);
	if (why == REASON_NONE) {
		*out = up;
		return REASON_NONE;
	}
	if (reason_row(why)->side != SIDE_CLIENT)
		tally_add(pool->ep->roster, pool->here->place, SERVICE_DIAL_FAILURES, 1);
	pool_close(up);
	return why;
}
