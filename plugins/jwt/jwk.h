/* jwk.h - the public part of a JSON Web Key (RFC 7517, 7518, 8037) made into a key of OpenSSL. */
#ifndef PLUGINS_JWT_JWK_H
#define PLUGINS_JWT_JWK_H

#include <jansson.h>
#include <openssl/evp.h>
#include <weir/error.h>
#include <weir/str.h>

/* Gives a key, or NULL and a sentence. The point lies on its curve. */
EVP_PKEY *jwk_public(const json_t *jwk, struct weir_str kty, struct weir_error *error);

#endif
