/* tls_face.h - what a listener shows and asks, as its files said it at one moment: immutable. For the TLS
 * files of this floor. */
#ifndef CORE_NET_TLS_FACE_H
#define CORE_NET_TLS_FACE_H

#include <openssl/ssl.h>
#include <stdatomic.h>

#include "core/base/map.h"
#include "core/net/tls_server.h"
#include "core/net/tls_ticket.h"

enum { FACE_KINDS = 4 };	/* kinds of keys that one name may have: RSA, ECDSA ... */

/* The pairs for a name: one of each kind; OpenSSL takes what the client can. */
struct face_choice {
	const struct tls_pair *pairs[FACE_KINDS];
	uint32_t count;
};

struct tls_face {
	_Atomic uint32_t refs;
	struct tls_pair **pairs;
	uint32_t pair_count;
	struct face_choice *choices;	/* the first is for unknown names */
	uint32_t choice_count;
	struct map exact, wild;		/* name -> struct face_choice; of "*.x" the x */
	X509_STORE *store;		/* of clients' authorities, or NULL */
	STACK_OF(X509_NAME) *authorities;	/* their names, or NULL */
	enum tls_ask ask;
	bool only_13, no_tickets;
	char *ciphers;			/* or NULL */
	unsigned char policy[TICKET_DIGEST];	/* what is asked of clients, and by which listener */
};

/* Blocks. NULL with a sentence. */
struct tls_face *face_load(const struct tls_server_spec *spec, struct weir_error *error);
struct tls_face *face_ref(struct tls_face *f);
void face_unref(struct tls_face *f);		/* any thread; NULL is fine */

/* The files said the same both times. */
bool face_same(const struct tls_face *a, const struct tls_face *b);

/* The choice for a name in small letters; for an unknown one the first. */
const struct face_choice *face_choose(const struct tls_face *f, struct weir_str name);

/* A context that shows a choice; callbacks are the caller's to set. */
SSL_CTX *face_context(const struct tls_face *f, const struct face_choice *choice, struct weir_error *error);

#endif
