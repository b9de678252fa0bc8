/* token.h - a JWS in its compact form (RFC 7515): taken apart, nothing believed. */
#ifndef PLUGINS_JWT_TOKEN_H
#define PLUGINS_JWT_TOKEN_H

#include <jansson.h>

#include "plugins/jwt/alg.h"
#include "plugins/jwt/fault.h"

/* What a token says of itself, before anything has been verified. End it with token_end(). */
struct token {
	struct weir_str signed_part;	/* head.body as they came: slices of the text */
	struct weir_str signature;	/* bytes */
	json_t *head, *body;
	enum alg alg;
	struct weir_str kid, typ, iss;	/* absent when it does not say */
	char *bytes;			/* what was decoded */
};

/* Takes the text apart. NONE: three parts, each exactly as it is written in base64url, two of them
 * JSON objects, an algorithm that is known by exactly this name, no extension that must be
 * understood. What fails leaves nothing to end. The text must outlive the token. */
enum fault token_open(struct token *t, struct weir_str text, size_t longest);
void token_end(struct token *t);

#endif
