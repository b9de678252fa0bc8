/* alg.c - the table of algorithms. */
#include "plugins/jwt/alg.h"

static const struct alg_row rows[ALG_COUNT] = {
	[ALG_HS256] = { "HS256", FAMILY_HMAC, "SHA256", 32, NULL },
	[ALG_HS384] = { "HS384", FAMILY_HMAC, "SHA384", 48, NULL },
	[ALG_HS512] = { "HS512", FAMILY_HMAC, "SHA512", 64, NULL },
	[ALG_RS256] = { "RS256", FAMILY_RSA, "SHA256", 32, NULL },
	[ALG_RS384] = { "RS384", FAMILY_RSA, "SHA384", 48, NULL },
	[ALG_RS512] = { "RS512", FAMILY_RSA, "SHA512", 64, NULL },
	[ALG_PS256] = { "PS256", FAMILY_PSS, "SHA256", 32, NULL },
	[ALG_PS384] = { "PS384", FAMILY_PSS, "SHA384", 48, NULL },
	[ALG_PS512] = { "PS512", FAMILY_PSS, "SHA512", 64, NULL },
	[ALG_ES256] = { "ES256", FAMILY_EC, "SHA256", 32, "P-256" },
	[ALG_ES384] = { "ES384", FAMILY_EC, "SHA384", 48, "P-384" },
	[ALG_ES512] = { "ES512", FAMILY_EC, "SHA512", 66, "P-521" },
	[ALG_EDDSA] = { "EdDSA", FAMILY_ED, NULL, 0, NULL },
};

const struct alg_row *alg_row(enum alg a)
{
	return &rows[a];
}

enum alg alg_of(struct weir_str name)
{
	for (unsigned a = 0; a < ALG_COUNT; a++)
		if (weir_str_eq(name, weir_str_from(rows[a].name)))
			return (enum alg)a;
	return ALG_COUNT;
}

alg_set alg_of_curve(struct weir_str curve)
{
	for (unsigned a = ALG_ES256; a <= ALG_ES512; a++)
		if (weir_str_eq(curve, weir_str_from(rows[a].curve)))
			return ALG_BIT(a);
	return 0;
}
