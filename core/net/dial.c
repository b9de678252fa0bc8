/* dial.c - a connection to an address, made while the running fiber waits. */
#include "core/net/dial.h"

#include <errno.h>

#include "core/base/log.h"

/* What is the gateway's own trouble is logged: no endpoint can mend it. */
static enum reason reason_of_errno(const struct address *to, int error)
{
	switch (error) {
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
			  STR_ARG(address_text(to)));
		return REASON_OVERLOADED;
	case EADDRNOTAVAIL:
		log_error("no local port is left to connect to %.*s: widen ip_local_port_range, "
			  "or keep connections longer (timeouts.keepalive)",
			  STR_ARG(address_text(to)));
		return REASON_OVERLOADED;
	case ENOBUFS:
	case ENOMEM:
		return REASON_OUT_OF_MEMORY;
	default:
		return REASON_CONNECT_FAILED;
	}
}

static enum reason wait_connected(struct transport *t, const struct address *to)
{
	enum io result = IO_OK;

	t->latched &= (uint16_t)~SOURCE_OUT;	/* writable is the news we wait for */
	while (result == IO_OK && !(t->latched & SOURCE_OUT))
		result = transport_wait_out(t);
	switch (result) {
	case IO_OK:
		return reason_of_errno(to, socket_error(t->source.fd));
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

enum reason dial(struct transport *t, struct loop *loop, const struct address *to,
		 const struct keepalive *keepalive)
{
	enum reason why = REASON_NONE;
	int fd, error = socket_dial(to, keepalive, &fd);

	if (error != 0 && error != EINPROGRESS)
		return reason_of_errno(to, error);
	if (!transport_open(t, loop, fd)) {
		why = reason_of_errno(to, errno);
		socket_close(fd);
		return why;
	}
	if (error == EINPROGRESS)
		why = wait_connected(t, to);
	if (why != REASON_NONE)
		transport_close(t);
	return why;
}
