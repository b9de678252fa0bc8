/* server.h - one HTTP daemon of the control side: the admin API, or the probe. */
#ifndef CORE_ADMIN_SERVER_H
#define CORE_ADMIN_SERVER_H

#include "core/admin/world.h"
#include "core/net/address.h"

struct server;

enum {
	SERVER_CONNECTIONS = 64,
	SERVER_CONNECTIONS_EACH = 32,	/* of one IP, where others reach the address */
	SERVER_MEMORY = 32 * 1024,	/* bytes for the head of each */
	SERVER_IDLE_S = 30,		/* a silent connection is closed */
};

struct server_setup {
	const char *name;		/* "admin" or "probe": in log lines and of the thread */
	bool probe;			/* GET /healthz, /readyz and /metrics, and nothing else */
	const struct admin_world *world;	/* lent until server_close() */
	struct address bound;		/* where the socket is: it decides who needs a token */
	struct weir_str host;		/* of the address as configured; copied */
	struct weir_str token;		/* copied; absent or empty: none */
	/* On the server's own thread, when all is over after server_finish() or server_yield():
	 * server_close() it then. May be NULL. */
	void (*finished)(void *arg);
	void *arg;
};

/* Prepares everything, and accepts nobody yet. Takes the listening descriptor (also when it fails).
 * NULL with a sentence. */
struct server *server_open(int fd, const struct server_setup *setup, struct weir_error *error);
void server_start(struct server *s);		/* accepts from now on. Any thread */

/* From the next request on; copied. False: no memory, and the one before stays. Any thread. */
bool server_set_token(struct server *s, struct weir_str token);

/* Accepts what has come, then nobody; what is under way, commands too, is answered; then finished()
 * is called. Does not wait. Any thread. */
void server_finish(struct server *s);
/* The same when another process accepts from this socket: who has come is left to that one. */
void server_yield(struct server *s);

/* As server_yield(), and waits for it: for commands to their end, for clients five seconds. Frees it.
 * NULL is fine. Not on its own thread. */
void server_close(struct server *s);

#endif
