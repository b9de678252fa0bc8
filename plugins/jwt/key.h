/* key.h - one key that tokens are checked with, read once, bound to the algorithms it is for. */
#ifndef PLUGINS_JWT_KEY_H
#define PLUGINS_JWT_KEY_H

#include <jansson.h>
#include <openssl/evp.h>
#include <weir/error.h>

#include "plugins/jwt/alg.h"

/* Either a public key or a shared secret, never both. */
struct key {
	char *kid;		/* NULL: it has no name, and takes tokens of any */
	alg_set algs;		/* never both HMAC and something else */
	EVP_PKEY *public;
	unsigned char *secret;
	size_t secret_len;
};

/* What the operator allows: only algorithms of `algs` (0: what the key itself says, or its kind's
 * first); shared secrets only where the source is private. */
struct key_rules {
	alg_set algs;
	bool secrets;
};

/* Each fills *out, or says in one sentence why the key cannot be used. Copies. */

/* A member of a key set (RFC 7517). */
bool key_from_jwk(struct key *out, const json_t *jwk, const struct key_rules *rules,
		  struct weir_error *error);
/* The first public key or certificate in the text; takes a private key for its public part. */
bool key_from_pem(struct key *out, struct weir_str text, const struct key_rules *rules,
		  struct weir_error *error);
/* At least as long as the hash (RFC 7518 3.2). */
bool key_from_secret(struct key *out, struct weir_str secret, const struct key_rules *rules,
		     struct weir_error *error);
void key_end(struct key *key);

bool key_same(const struct key *a, const struct key *b);

#endif
