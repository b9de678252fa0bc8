/* provider.h - what an issuer says of itself (OpenID Connect Discovery 1.0, RFC 8414). */
#ifndef PLUGINS_JWT_PROVIDER_H
#define PLUGINS_JWT_PROVIDER_H

#include <weir/error.h>
#include <weir/str.h>

enum { PROVIDER_URL = 1024 };

/* Where the issuer describes itself: its URL and /.well-known/openid-configuration. False: it is no
 * http:// or https:// URL, or too long. */
bool provider_address(struct weir_str issuer, char out[PROVIDER_URL]);

/* The address of its keys out of that description. It must say that it is this issuer, and where
 * the description came by https the keys must too. */
bool provider_keys(struct weir_str text, struct weir_str issuer, char out[PROVIDER_URL],
		   struct weir_error *error);

#endif
