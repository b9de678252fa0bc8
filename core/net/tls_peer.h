/* tls_peer.h - who is at the far end, as its verified certificate says. */
#ifndef CORE_NET_TLS_PEER_H
#define CORE_NET_TLS_PEER_H

#include "core/net/tls.h"

enum { PEER_NAMES_MOST = 64 };

enum tls_san { TLS_SAN_URI, TLS_SAN_DNS, TLS_SAN_EMAIL, TLS_SAN_IP };

struct tls_alternative {
	enum tls_san kind;
	struct weir_str text;	/* printable ASCII without blanks, quotes, commas: anything else is left out */
};

/* All texts end with NUL and live as long as the layer. */
struct tls_peer {
	struct weir_str identity;	/* its SPIFFE id; else its first URI, DNS name, e-mail; else subject */
	struct weir_str spiffe;		/* or absent: there is none, or more than one URI */
	struct weir_str subject;	/* RFC 2253: "CN=web,O=Example" */
	struct weir_str fingerprint;	/* SHA-256 of the certificate, 64 small hex digits */
	struct weir_str serial;		/* hex digits */
	int64_t not_after;		/* seconds since 1970 */
	struct tls_alternative *names;
	uint32_t name_count;
};

/* NULL: it showed no certificate that was verified, or there is no memory. Made when first asked for.
 * [the connection's worker] */
const struct tls_peer *tls_peer(const struct transport *t);

#endif
