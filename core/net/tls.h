/* tls.h - TLS as a layer of a transport: its handshake, and what is known of the peer afterwards. */
#ifndef CORE_NET_TLS_H
#define CORE_NET_TLS_H

#include "core/base/reason.h"
#include "core/net/transport.h"

/* A transport with the layer is read and written like any other. Records are read ahead; all that one
 * call writes leaves in one send; while nothing is under way no buffer is held. The first use of TLS in
 * the process makes what all connections share; nothing needs to be opened.
 *
 * The layer is put on by tls_accept() (tls_server.h) or tls_connect() (tls_client.h), and ends with
 * transport_close(). */

struct tls;

static inline bool transport_is_tls(const struct transport *t)
{
	return t->layer != NULL;
}

/* Finishes the handshake on the running fiber, within its deadlines. NONE, or why not: the reason of the
 * deadline, CLIENT_GONE when the fiber was cancelled, one of the TLS reasons otherwise; `error` has the
 * words. After a failure the peer has been told, and the transport is plain again: only to be closed, or
 * for a word to who does not speak TLS. What nobody waits for (session tickets, a client's last flight)
 * leaves with the first bytes that are written. */
enum reason tls_handshake(struct transport *t, struct weir_error *error);
static inline bool tls_is_done(const struct transport *t);

/* After the handshake. Lent as long as the layer is on. */
struct weir_str tls_server_name(const struct transport *t);	/* that the client asked for; or absent */
struct weir_str tls_version(const struct transport *t);		/* "TLSv1.3" */
bool tls_resumed(const struct transport *t);

/* The part of the layer that its users see. */
struct tls_state {
	uint64_t policy;	/* of a server: what it asked of the client; tls_server_policy() then */
	bool done;		/* the handshake is over */
};

static inline bool tls_is_done(const struct transport *t)
{
	return ((const struct tls_state *)t->layer)->done;
}

static inline uint64_t tls_policy(const struct transport *t)
{
	return ((const struct tls_state *)t->layer)->policy;
}

#endif
