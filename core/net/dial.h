/* dial.h - a connection to an address, made while the running fiber waits. */
#ifndef CORE_NET_DIAL_H
#define CORE_NET_DIAL_H

#include "core/base/reason.h"
#include "core/net/socket.h"
#include "core/net/transport.h"

/* Opens `t` on a new connection. NONE, CONNECT_REFUSED, CONNECT_FAILED, OVERLOADED (no descriptor or no
 * local port is left; it is logged), OUT_OF_MEMORY, the reason of the deadline that came first (give
 * one with CONNECT_TIMEOUT), or CLIENT_GONE when the fiber was cancelled. On anything but NONE the
 * transport is not open. Not for a name. */
enum reason dial(struct transport *t, struct loop *loop, const struct address *to,
		 const struct keepalive *keepalive);

#endif
