/* secure.h - what TLS means for a session and its exchanges: the handshake, who the client is, and which
 * requests the connection may carry. */
#ifndef CORE_PROXY_SECURE_H
#define CORE_PROXY_SECURE_H

#include "core/net/tls_peer.h"
#include "core/proxy/exchange.h"

/* On the session's fiber, before its first exchange: finishes the handshake, if its listener speaks TLS.
 * False: it failed, which is logged and counted, and who spoke plain HTTP was told so. */
bool session_secure(struct session *s);

/* May this connection carry this request? Learns who the client is, and removes what it says of that
 * itself. NONE, or MISDIRECTED: the client should ask again on a new connection. */
enum reason secure_admit(struct exchange *ex);

/* The client's verified certificate as the exchange may see it, or NULL. */
const struct tls_peer *exchange_peer(const struct exchange *ex);

/* Sets x-forwarded-client-cert, when the listener wants it. */
void secure_forward(struct exchange *ex);

/* What the client's connection speaks: "https" or "http". */
static inline struct weir_str exchange_scheme(const struct exchange *ex)
{
	return ex->session != NULL && transport_is_tls(&ex->session->transport) ? STR("https") : STR("http");
}

/* Bytes that begin a TLS handshake have come to a plain listener. */
static inline bool looks_like_tls(struct weir_str bytes)
{
	return bytes.len >= 2 && bytes.data[0] == 0x16 && bytes.data[1] == 0x03;
}

#endif
