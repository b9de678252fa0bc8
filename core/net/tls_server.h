/* tls_server.h - TLS of a listener: its certificates by name, what it asks of clients, its tickets. */
#ifndef CORE_NET_TLS_SERVER_H
#define CORE_NET_TLS_SERVER_H

#include "core/net/tls.h"
#include "core/net/tls_pair.h"

enum tls_ask { TLS_ASK_NONE, TLS_ASK_OPTIONAL, TLS_ASK_REQUIRED };

struct tls_pair_files {
	const char *cert, *key;
	const char *staple;		/* an OCSP answer in DER, or NULL */
};

/* Lent for the call. */
struct tls_server_spec {
	struct weir_str name;		/* of the listener: its tickets are good for no other one */
	const struct tls_pair_files *pairs;
	uint32_t pair_count;		/* 1 or more; the first is for who asks for an unknown name */
	enum tls_ask ask;		/* for the client's certificate */
	const char *client_ca, *client_crl;
	const char *ciphers;		/* of TLS 1.2; NULL: the good ones */
	bool only_13;
	bool no_tickets;
	uint32_t places;		/* workers that accept */
};

/* Shared by all workers; lives as long as the snapshots whose listener has it. Each worker makes its
 * contexts at first use. What was read of the files can be replaced while it serves: connections stay,
 * handshakes that begin afterwards see the new. */
struct tls_server;

/* Reads the files: blocks. NULL with a sentence that says which file is wrong and how. */
struct tls_server *tls_server_new(const struct tls_server_spec *spec, struct weir_error *error);
void tls_server_free(struct tls_server *s);	/* no worker uses it any more; NULL is fine */

/* Reads the files again: blocks; one thread at a time. False with a sentence: what was read before stays
 * in use. *changed: there was something new in them. */
bool tls_server_reread(struct tls_server *s, bool *changed, struct weir_error *error);

/* Puts the layer on an accepted transport; tls_handshake() comes next. `s` has to stay until that is over.
 * False: out of memory. [worker] */
bool tls_accept(struct transport *t, struct tls_server *s);

/* May the connection carry requests for `host` (small letters)? Not when the certificate that the client
 * asked for is not good for it and another one is: it wants another connection. [worker] */
bool tls_server_covers(struct tls_server *s, const struct transport *t, struct weir_str host);

/* What it asks of clients, as a number that changes with the contents of the files: a connection, or a
 * ticket, made under another one is not good enough. [worker] */
uint64_t tls_server_policy(struct tls_server *s);
enum tls_ask tls_server_asks(const struct tls_server *s);

/* The certificates it shows now: calls `see` for each. [any thread] */
void tls_server_visit(struct tls_server *s, void (*see)(void *arg, const struct tls_pair *pair), void *arg);
/* All the files it was read from. */
void tls_server_files(const struct tls_server *s, void (*see)(void *arg, const char *path), void *arg);

/* New keys for the tickets of all listeners; the last three are still understood. About once an hour.
 * [control] */
void tls_tickets_rotate(void);

#endif
