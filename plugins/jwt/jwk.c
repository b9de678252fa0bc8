/* jwk.c - the public part of a JSON Web Key made into a key of OpenSSL. */
#include "plugins/jwt/jwk.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "plugins/common/base64.h"
#include "plugins/jwt/alg.h"
#include "plugins/jwt/json.h"

enum { MEMBER_BYTES = 1100, EXPONENT_BYTES = 8 };

/* A member in base64url; 0 bytes: it is not there, or no such thing. */
static size_t member(const json_t *jwk, const char *name, unsigned char *out, size_t most)
{
	struct weir_str text = json_member_text(jwk, name);
	size_t len;

	if (text.data == NULL || BASE64_ROOM(text.len) > MEMBER_BYTES ||
	    !base64url_read(text, out, &len) || len > most)
		return 0;
	return len;
}

/* Takes the builder. */
static EVP_PKEY *build(const char *type, OSSL_PARAM_BLD *builder, struct weir_error *error)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *pkey = NULL;

	if (params == NULL || ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		(void)weir_fail(error, "its numbers make no %s key", type);
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(builder);
	return pkey;
}

static EVP_PKEY *checked(EVP_PKEY *pkey, struct weir_error *error)
{
	EVP_PKEY_CTX *ctx = pkey != NULL ? EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL) : NULL;
	bool sound = ctx != NULL && EVP_PKEY_public_check(ctx) == 1;

	EVP_PKEY_CTX_free(ctx);
	if (sound)
		return pkey;
	EVP_PKEY_free(pkey);
	(void)weir_fail(error, "its point does not lie on its curve");
	return NULL;
}

/* A large exponent would make every check slow. */
static EVP_PKEY *rsa(const json_t *jwk, struct weir_error *error)
{
	unsigned char bytes_n[MEMBER_BYTES], bytes_e[MEMBER_BYTES];
	size_t n_len = member(jwk, "n", bytes_n, sizeof(bytes_n));
	size_t e_len = member(jwk, "e", bytes_e, EXPONENT_BYTES);
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	BIGNUM *n = BN_bin2bn(bytes_n, (int)n_len, NULL), *e = BN_bin2bn(bytes_e, (int)e_len, NULL);
	EVP_PKEY *pkey = NULL;

	if (n_len == 0 || e_len == 0 || n == NULL || e == NULL || !BN_is_odd(n) || !BN_is_odd(e) ||
	    BN_is_one(e) || builder == NULL ||
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) != 1 ||
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) != 1) {
		OSSL_PARAM_BLD_free(builder);
		(void)weir_fail(error, "its `n` or `e` is missing or no number of an RSA key");
	} else {
		pkey = build("RSA", builder, error);
	}
	BN_free(n);
	BN_free(e);
	return pkey;
}

static const char *group_of(const struct alg_row *row)
{
	return row->bytes == 32 ? "prime256v1" : row->bytes == 48 ? "secp384r1" : "secp521r1";
}

static const struct alg_row *curve_row(struct weir_str curve)
{
	alg_set set = alg_of_curve(curve);

	for (unsigned a = 0; a < ALG_COUNT; a++)
		if (set == ALG_BIT(a))
			return alg_row((enum alg)a);
	return NULL;
}

static EVP_PKEY *ec(const json_t *jwk, struct weir_error *error)
{
	const struct alg_row *row = curve_row(json_member_text(jwk, "crv"));
	unsigned char point[1 + 2 * 66] = { 4 }, x[MEMBER_BYTES], y[MEMBER_BYTES];
	OSSL_PARAM_BLD *builder;

	if (row == NULL || member(jwk, "x", x, row->bytes) != row->bytes ||
	    member(jwk, "y", y, row->bytes) != row->bytes) {
		(void)weir_fail(error, "its curve is not P-256, P-384 or P-521, or its point is not whole");
		return NULL;
	}
	memcpy(point + 1, x, row->bytes);
	memcpy(point + 1 + row->bytes, y, row->bytes);
	builder = OSSL_PARAM_BLD_new();
	if (builder == NULL ||
	    OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, group_of(row), 0) != 1 ||
	    OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point,
					     1 + 2 * (size_t)row->bytes) != 1) {
		OSSL_PARAM_BLD_free(builder);
		(void)weir_fail(error, "out of memory");
		return NULL;
	}
	return checked(build("EC", builder, error), error);
}

static EVP_PKEY *edwards(const json_t *jwk, struct weir_error *error)
{
	struct weir_str curve = json_member_text(jwk, "crv");
	bool small = weir_str_eq(curve, WEIR_STR("Ed25519"));
	unsigned char x[MEMBER_BYTES];
	size_t len = member(jwk, "x", x, sizeof(x));
	EVP_PKEY *pkey = NULL;

	if (small || weir_str_eq(curve, WEIR_STR("Ed448")))
		pkey = EVP_PKEY_new_raw_public_key(small ? EVP_PKEY_ED25519 : EVP_PKEY_ED448, NULL, x, len);
	if (pkey == NULL)
		(void)weir_fail(error, "its curve is not Ed25519 or Ed448, or `x` has not its length");
	return pkey;
}

EVP_PKEY *jwk_public(const json_t *jwk, struct weir_str kty, struct weir_error *error)
{
	if (weir_str_eq(kty, WEIR_STR("RSA")))
		return rsa(jwk, error);
	if (weir_str_eq(kty, WEIR_STR("EC")))
		return ec(jwk, error);
	if (weir_str_eq(kty, WEIR_STR("OKP")))
		return edwards(jwk, error);
	(void)weir_fail(error, "its `kty` is not RSA, EC, OKP or oct");
	return NULL;
}
