/* session.h - one client connection: idle it is a small struct in the loop, active it has a fiber. */
#ifndef CORE_PROXY_SESSION_H
#define CORE_PROXY_SESSION_H

#include "core/codec/h1_stream.h"
#include "core/proxy/proxy.h"

struct session {
	struct transport transport;
	struct inlet *inlet;		/* on the fiber's stack; NULL while idle */
	struct list link;		/* in proxy.open */
	struct proxy *proxy;
	struct timer timer;		/* idle; lazily behind idle_until */
	uint64_t idle_until;
	struct fiber *fiber;		/* NULL while idle */
	uint32_t listener_slot;
	uint32_t exchanges;
	struct snapshot_reader *reader;	/* of a listener that is gone: the world it was in, pinned.
					 * NULL: the worker's current one */
	struct shared_limit *limit;	/* of the listener's connections; ref held, or NULL */
	bool counted;			/* among the connections of the process, and there */
	bool ending;			/* no exchange after the current one */
	bool unread;			/* the last request was not read to its end */
	bool begun;			/* past the handshake, if there was one */
	struct peer peer;
};

/* What the listener says now: a session outlives snapshots. NULL when the listener is gone. */
const struct listener_plan *session_listener(const struct session *s, const struct snapshot *snapshot);

/* The world in which its next exchange takes place. */
static inline struct snapshot_reader *session_reader(const struct session *s)
{
	return s->reader != NULL ? s->reader : s->proxy->reader;
}

/* Takes the fd. `reader`: the listener is going, and this is the last world that knew it; the session ends
 * with its first exchange. NULL: it stays. */
void session_open(struct proxy *px, uint32_t listener_slot, struct snapshot_reader *reader,
		  struct shared_limit *limit, int fd, const struct peer *peer);
/* From anywhere on the worker: after the exchange that is running, or the next one. Who is idle has a
 * second to send it, for it may be on its way already; then the connection closes. */
void session_end_soon(struct session *s);
/* After its next exchange, whenever that comes, in the world as it is now: no reload cuts a connection. */
void session_end_here(struct session *s);
/* Says 503 without memory, a fiber or a wait; then the connection has to end. */
void session_refuse(struct session *s);
/* Closes now; a running exchange is cancelled. */
void session_cut(struct session *s);

#endif
