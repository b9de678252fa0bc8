/* pool_dial.c - a new connection for a pool. */
#include "config.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/fiber/wait.h"
#include "core/net/dial.h"
#include "core/upstream/pools.h"

/* A peer that vanished without a word is noticed after a minute or so. */
static const struct keepalive probes = { .idle = 45, .every = 10, .count = 3 };

/* One line a second on one worker: an endpoint that cannot be trusted fails every request. */
static void tell(const struct service *svc, const struct upstream *up, enum reason why,
		 const struct weir_error *words)
{
	struct upstream_here *here = up->pool->here;
	uint64_t now = loop_now(&here->worker->loop);

	if (words->text[0] == '\0' || now < here->complain_at)
		return;
	here->complain_at = now + NS_PER_S;
	log_warn("service %.*s: TLS with endpoint %.*s failed: %.*s: %s", STR_ARG(svc->name),
		 STR_ARG(endpoint_text(up->ep)), STR_ARG(reason_row(why)->word), words->text);
}

/* Within the time of connecting. */
static enum reason make_secure(struct service *svc, struct upstream *up)
{
	struct weir_error words = { "" };
	struct tls_client *tls = svc->settings.tls;
	enum reason why;

	up->identity = tls_client_identity(tls);
	why = tls_connect(&up->transport, tls, endpoint_server_name(up->ep), &up->pool->memory, &words);
	up->secured = loop_now(up->transport.loop);
	if (why == REASON_NONE)
		return REASON_NONE;
	transport_close(&up->transport);
	if (why != REASON_CLIENT_GONE)
		tell(svc, up, why, &words);
	return why;
}

static enum reason connect_it(struct service *svc, struct upstream *up)
{
	struct loop *loop = &up->pool->here->worker->loop;
	struct deadline d;
	enum reason why;

	deadline_enter(&d, clock_after(loop_now(loop), svc->settings.timeouts.connect),
		       REASON_CONNECT_TIMEOUT);
	why = dial(&up->transport, loop, &up->ep->address, &probes);
	up->connected = loop_now(loop);
	if (why == REASON_NONE && svc->settings.tls != NULL)
		why = make_secure(svc, up);
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
