/* dial.c - a connection to an address, made while the running fiber waits. */
#include "core/net/dial.h"

#include <errno.h>

static enum reason reason_of_errno(int error)
{
	return error == ECONNREFUSED || error == ENOENT ? REASON_CONNECT_REFUSED
							: REASON_CONNECT_FAILED;
}

static enum reason wait_connected(struct transport *t)
{
	int error;

	t->latched = 0;		/* writable is the news we wait for */
	switch (transport_wait_out(t)) {
	case IO_TIMEOUT:
		return deadline_ended();
	case IO_CANCELLED:
		return REASON_CLIENT_GONE;
	case IO_OK:
	case IO_AGAIN:
	case IO_EOF:
	case IO_RESET:
		break;
	}
	error = socket_error(t->source.fd);
	if (error != 0)
		return reason_of_errno(error);
	t->latched = SOURCE_OUT;
	return REASON_NONE;
}

enum reason dial(struct transport *t, struct loop *loop, const struct address *to,
		 const struct keepalive *keepalive)
{
	enum reason why = REASON_NONE;
	int fd, error = socket_dial(to, keepalive, &fd);

	if (error != 0 && error != EINPROGRESS)
		return reason_of_errno(error);
	if (!transport_open(t, loop, fd)) {
		socket_close(fd);
		return REASON_CONNECT_FAILED;
	}
	if (error == EINPROGRESS)
		why = wait_connected(t);
	if (why != REASON_NONE)
		transport_close(t);
	return why;
}
