/* socket.h - sockets as Weir wants them: close-on-exec, non-blocking, without Nagle's delay. */
#ifndef CORE_NET_SOCKET_H
#define CORE_NET_SOCKET_H

#include <sys/types.h>

#include "core/net/address.h"

/* Probes of a silent connection, in seconds. All zero: none. */
struct keepalive {
	uint32_t idle;		/* before the first */
	uint32_t every;		/* between two */
	uint32_t count;		/* unanswered ones that end the connection */
};

struct listen_options {
	bool reuse_port;	/* others may join it on this address (SO_REUSEPORT); TCP only */
	bool joins;		/* one of ours is there; else the address must be nobody's */
	uint32_t backlog;	/* 0: as many as the kernel allows */
	mode_t mode;		/* of a unix socket's file; 0: as the umask says */
	struct keepalive keepalive;	/* accepted connections inherit it, and TCP_NODELAY */
};

/* Gives a listening descriptor, or -1 with a sentence. [::]:PORT takes IPv4 clients as well. The
 * file of a unix socket is removed first when nobody listens on it any more. */
int socket_listen(const struct address *a, const struct listen_options *options,
		  struct weir_error *error);

/* Makes newcomers fail while those already on their way in can still be accepted: drops every
 * further SYN, and removes the file of a unix socket. Before an address is given up. False when
 * the kernel has no socket filters: then a client that connects in the last moment is reset. */
bool socket_refuse_new(int fd, const struct address *a);
/* Takes that back, but for the file. */
void socket_welcome_new(int fd);

/* Begins to connect. 0: *fd is connected; EINPROGRESS: wait until it can be written to, then ask
 * socket_error(); any other errno: failed, *fd is -1. Not for a name. */
int socket_dial(const struct address *to, const struct keepalive *keepalive, int *fd);
int socket_error(int fd);		/* SO_ERROR, taken off; 0: none */

bool socket_set_nodelay(int fd, bool on);
bool socket_set_cloexec(int fd, bool on);
bool socket_set_nonblock(int fd);

bool socket_listens(int fd);		/* it is a socket and accepts connections */
bool socket_local(int fd, struct address *out);		/* where it is bound */

void socket_close(int fd);		/* harmless for -1; leaves errno alone */

#endif
