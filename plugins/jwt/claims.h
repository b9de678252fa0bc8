/* claims.h - are the claims of a token, whose signature was right, as they must be? */
#ifndef PLUGINS_JWT_CLAIMS_H
#define PLUGINS_JWT_CLAIMS_H

#include "plugins/jwt/token.h"

/* Lends; all times in seconds. */
struct claims_rules {
	struct weir_str issuer;			/* exactly this; absent: any, or none */
	const struct weir_str *audiences;	/* one of them must be the token's */
	uint32_t audience_count;		/* 0: not asked */
	const struct weir_str *types;		/* of the head's typ, without case */
	uint32_t type_count;			/* 0: none, JWT and at+jwt */
	int64_t leeway;
	int64_t oldest;				/* since iat; 0: not asked */
};

/* `now`: seconds since 1970. Gives in *expires when the token ends, leeway included. */
enum fault claims_check(const struct token *t, const struct claims_rules *rules, int64_t now,
			int64_t *expires);

#endif
