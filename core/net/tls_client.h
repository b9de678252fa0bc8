/* tls_client.h - TLS towards somebody else: whom to believe, what to show, how to connect. */
#ifndef CORE_NET_TLS_CLIENT_H
#define CORE_NET_TLS_CLIENT_H

#include "core/net/tls.h"
#include "core/net/tls_pair.h"

/* Everything is lent for the call; NULL and absent take what stands in brackets. */
struct tls_client_spec {
	const char *ca;			/* a file of authorities [this machine's] */
	const char *crl;		/* a file of revocation lists [none is asked] */
	const char *cert, *key;		/* what to show [nothing] */
	struct weir_str server_name;	/* to ask for and to verify [each connection's own] */
	const char *ciphers;		/* of TLS 1.2, as OpenSSL writes them [the good ones] */
	bool trusting;			/* verifies nothing: an attacker may stand in between */
	bool only_13;			/* TLS 1.3 alone */
	uint32_t places;		/* the workers and one; 1: all threads share one context */
};

/* Shared by all threads; counts references. Each worker makes its context at first use. What was read of
 * the files can be replaced meanwhile: connections stay, new ones have the new. */
struct tls_client;

/* Reads the files: blocks. NULL with a sentence. */
struct tls_client *tls_client_new(const struct tls_client_spec *spec, struct weir_error *error);
struct tls_client *tls_client_ref(struct tls_client *c);
void tls_client_unref(struct tls_client *c);	/* NULL is fine */

/* Reads the files again: blocks; one thread at a time. False with a sentence: what was read before stays
 * in use. *changed: there was something new in them. Not of one that all threads share. */
bool tls_client_reread(struct tls_client *c, bool *changed, struct weir_error *error);

/* What it shows and whom it believes, as one number, 0 for NULL: connections with different ones are never
 * used for each other. Changes with the contents of the files. */
uint64_t tls_client_identity(struct tls_client *c);

/* The certificate it shows now, if any. [any thread] */
void tls_client_visit(struct tls_client *c, void (*see)(void *arg, const struct tls_pair *pair), void *arg);
/* All the files it was read from. */
void tls_client_files(const struct tls_client *c, void (*see)(void *arg, const char *path), void *arg);

/* A session that the far end gave, to begin the next connection with. Its owner outlives the connections
 * that fill it, on one thread. */
struct tls_memory {
	void *session;		/* NULL: none */
	uint64_t identity;	/* for which it was made */
};
void tls_memory_forget(struct tls_memory *m);

/* Puts TLS on a connected transport and finishes the handshake: see tls_handshake(). `name` is used where
 * the client has no name of its own: a host name, or an IP. `memory` may be NULL. After a failure the
 * transport is open, plain, and of no use. Waits. */
enum reason tls_connect(struct transport *t, struct tls_client *c, struct weir_str name,
			struct tls_memory *memory, struct weir_error *error);

/* For whoever calls any URL: believes this machine's authorities, or those of the file, and shows nothing.
 * Made once, and anew when the file has changed. Gives a reference, or NULL with a sentence. Blocks. */
struct tls_client *tls_trust(const char *ca, struct weir_error *error);
/* At the end of the process. */
void tls_trust_forget(void);

#endif
