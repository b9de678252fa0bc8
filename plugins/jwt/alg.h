/* alg.h - the algorithms of signatures (RFC 7518, RFC 8037): one table. */
#ifndef PLUGINS_JWT_ALG_H
#define PLUGINS_JWT_ALG_H

#include <stdint.h>
#include <weir/str.h>

enum alg {
	ALG_HS256, ALG_HS384, ALG_HS512,
	ALG_RS256, ALG_RS384, ALG_RS512,
	ALG_PS256, ALG_PS384, ALG_PS512,
	ALG_ES256, ALG_ES384, ALG_ES512,
	ALG_EDDSA,
	ALG_COUNT
};

enum alg_family { FAMILY_HMAC, FAMILY_RSA, FAMILY_PSS, FAMILY_EC, FAMILY_ED };

struct alg_row {
	const char *name;
	enum alg_family family;
	const char *digest;	/* as OpenSSL calls it; NULL: it has its own */
	uint16_t bytes;		/* of the hash; of EC: of one half of the signature */
	const char *curve;	/* of EC: as JWK calls it */
};

const struct alg_row *alg_row(enum alg a);

/* Exactly this name, in this case. ALG_COUNT: none of ours ("none" is none). */
enum alg alg_of(struct weir_str name);

/* Sets of algorithms. */
typedef uint32_t alg_set;
#define ALG_BIT(a) ((alg_set)1 << (a))
#define ALGS_RSA (ALG_BIT(ALG_RS256) | ALG_BIT(ALG_RS384) | ALG_BIT(ALG_RS512) | \
		  ALG_BIT(ALG_PS256) | ALG_BIT(ALG_PS384) | ALG_BIT(ALG_PS512))
#define ALGS_HMAC (ALG_BIT(ALG_HS256) | ALG_BIT(ALG_HS384) | ALG_BIT(ALG_HS512))

/* That of an EC key on this curve (JWK's word); 0: none. */
alg_set alg_of_curve(struct weir_str curve);

#endif
