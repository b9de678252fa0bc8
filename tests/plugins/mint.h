/* mint.h - keys and tokens for tests: made with OpenSSL, good or forged, as a test asks. */
#ifndef TESTS_PLUGINS_MINT_H
#define TESTS_PLUGINS_MINT_H

#include <openssl/evp.h>

#include "plugins/jwt/alg.h"

enum { MINT_ROOM = 8192 };

/* A new key for this algorithm; of HS a secret of 64 bytes, which is always the same. */
struct mint {
	enum alg alg;
	EVP_PKEY *pkey;
	unsigned char secret[64];
};

void mint_open(struct mint *m, enum alg alg);
void mint_close(struct mint *m);

/* {"kty": ... } with the public part (of HS: the secret) and these members: "\"kid\":\"a\"", or "".
 * Lends until some five hundred texts later. */
const char *mint_jwk(const struct mint *m, const char *more);
/* {"keys": [ ... ]} of one or two of them. */
const char *mint_set(const char *jwk, const char *other);
const char *mint_pem(const struct mint *m);

/* head.body, each JSON as it is given, signed with m->alg whatever the head says. */
const char *mint_token(const struct mint *m, const char *head, const char *body);
/* With the head that belongs to it. */
const char *mint_plain(const struct mint *m, const char *kid, const char *body);
/* head.body with the HS256 of any text. */
const char *mint_token_with_secret(const char *head, const char *body, const char *secret);
/* base64url of a text. */
const char *mint_base64(const void *bytes, size_t len);
/* {"iss":"https://a.example/","aud":"orders","sub":"ann","exp": in an hour, ...and `more`}. */
const char *mint_body(const char *more);

#endif
