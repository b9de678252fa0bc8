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
	bool ending;			/* no exchange after the current one */
	uint8_t client_len;
	struct peer peer;
	char client[PEER_TEXT];		/* its address as text, without port */
};

static inline struct weir_str session_client(const struct session *s)
{
	return str_of(s->client, s->client_len);
}

/* What the listener says now: a session outlives snapshots. NULL when the listener is gone. */
const struct listener_plan *session_listener(const struct session *s, const struct snapshot *snapshot);

struct session *session_open(struct proxy *px, uint32_t listener_slot, int fd,
			     const struct peer *peer);
/* From anywhere on the worker: an idle one closes now, a busy one after its exchange. */
void session_end_soon(struct session *s);
/* Closes now; a running exchange is cancelled. */
void session_cut(struct session *s);

#endif
