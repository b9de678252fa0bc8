/* dial.c - a new connection to an endpoint. */
#include "config.h"

#include <errno.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/fiber/wait.h"
#include "core/net/socket.h"
#include "core/upstream/pools.h"

/* A peer that vanished without a word is noticed after a minute or so. */
static const struct keepalive probes = { .idle = 45, .every = 10, .count = 3 };

static enum reason reason_of_errno(const struct endpoint *ep, int number)
{
	switch (number) {
	case 0:
		return REASON_NONE;
	case ECONNREFUSED:
	case ENOENT:		/* a unix socket that is not there */
	case EAGAIN:		/* one whose queue is full */
		return REASON_CONNECT_REFUSED;
	case ETIMEDOUT:
		return REASON_CONNECT_TIMEOUT;
	case EMFILE:
	case ENFILE:
		log_error("no descriptor is left to connect to %.*s: raise the limit of open files",
			  STR_ARG(endpoint_text(ep)));
		return REASON_OVERLOADED;
	case EADDRNOTAVAIL:
		log_error("no local port is left to connect to %.*s: widen ip_local_port_range, "
			  "or keep connections longer (timeouts.keepalive)",
			  STR_ARG(endpoint_text(ep)));
		return REASON_OVERLOADED;
	case ENOBUFS:
	case ENOMEM:
		return REASON_OUT_OF_MEMORY;
	default:
		return REASON_CONNECT_FAILED;
	}
}

static enum reason wait_connected(struct service *svc, struct upstream *up)
{
	struct transport *t = &up->transport;
	struct deadline d;
	enum io result = IO_OK;

	t->latched = 0;
	deadline_enter(&d, clock_after(loop_now(t->loop), svc->settings.timeouts.connect),
		       REASON_CONNECT_TIMEOUT);
	while (result == IO_OK && !(t->latched & SOURCE_OUT))
		result = transport_wait_out(t);
	deadline_leave(&d);
	switch (result) {
	case IO_OK:
		return reason_of_errno(up->ep, socket_error(t->source.fd));
	case IO_TIMEOUT:
		return deadline_ended();
	case IO_CANCELLED:
		return REASON_CLIENT_GONE;
	case IO_AGAIN:
	case IO_EOF:
	case IO_RESET:
		break;
	}
	return REASON_CONNECT_FAILED;
}

static enum reason connect_it(struct service *svc, struct upstream *up)
{
	struct loop *loop = &up->pool->here->worker->loop;
	int fd, number = socket_dial(&up->ep->address, &probes, &fd);

	if (number != 0 && number != EINPROGRESS)
		return reason_of_errno(up->ep, number);
	if (!transport_open(&up->transport, loop, fd)) {
		number = errno;
		socket_close(fd);
		return reason_of_errno(up->ep, number);
	}
	return number == 0 ? REASON_NONE : wait_connected(svc, up);
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
