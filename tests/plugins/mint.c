/* mint.c - keys and tokens for tests: made with OpenSSL, good or forged. */
#include "tests/plugins/mint.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <time.h>

#include "tests/test.h"

/* Rooms in turn, so that a few texts live at the same time. */
static char *room(void)
{
	static char rooms[512][MINT_ROOM];
	static unsigned turn;

	return rooms[turn++ % 512];
}

static const char *print(const char *format, ...) __attribute__((format(printf, 1, 2)));

static const char *print(const char *format, ...)
{
	char *out = room();
	va_list args;

	va_start(args, format);
	assert_true(vsnprintf(out, MINT_ROOM, format, args) < MINT_ROOM);
	va_end(args);
	return out;
}

const char *mint_base64(const void *bytes, size_t len)
{
	char *out = room(), *end;

	assert_true(len * 4 / 3 + 4 < MINT_ROOM);
	(void)EVP_EncodeBlock((unsigned char *)out, bytes, (int)len);
	for (end = out; *end != '\0' && *end != '='; end++)
		*end = *end == '+' ? '-' : *end == '/' ? '_' : *end;
	*end = '\0';
	return out;
}

/* Keys ---------------------------------------------------------------------- */

static const char *group(enum alg alg)
{
	return alg == ALG_ES256 ? "P-256" : alg == ALG_ES384 ? "P-384" : "P-521";
}

void mint_open(struct mint *m, enum alg alg)
{
	*m = (struct mint){ .alg = alg };
	for (size_t i = 0; i < sizeof(m->secret); i++)
		m->secret[i] = (unsigned char)(i * 7 + 1);
	switch (alg_row(alg)->family) {
	case FAMILY_HMAC:
		return;
	case FAMILY_RSA:
	case FAMILY_PSS:
		m->pkey = EVP_RSA_gen(2048);
		break;
	case FAMILY_EC:
		m->pkey = EVP_EC_gen(group(alg));
		break;
	case FAMILY_ED:
		m->pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		break;
	}
	assert_non_null(m->pkey);
}

void mint_close(struct mint *m)
{
	EVP_PKEY_free(m->pkey);
}

static const char *number(EVP_PKEY *pkey, const char *name, size_t width)
{
	unsigned char bytes[1024];
	BIGNUM *n = NULL;
	int len;

	assert_int_equal(EVP_PKEY_get_bn_param(pkey, name, &n), 1);
	len = width > 0 ? BN_bn2binpad(n, bytes, (int)width) : BN_bn2bin(n, bytes);
	BN_free(n);
	return mint_base64(bytes, (size_t)len);
}

const char *mint_jwk(const struct mint *m, const char *more)
{
	const struct alg_row *row = alg_row(m->alg);
	const char *comma = more[0] != '\0' ? "," : "";
	unsigned char raw[64];
	size_t len = sizeof(raw);

	switch (row->family) {
	case FAMILY_HMAC:
		return print("{\"kty\":\"oct\",\"k\":\"%s\"%s%s}", mint_base64(m->secret, 64), comma, more);
	case FAMILY_EC:
		return print("{\"kty\":\"EC\",\"crv\":\"%s\",\"x\":\"%s\",\"y\":\"%s\"%s%s}", row->curve,
			     number(m->pkey, OSSL_PKEY_PARAM_EC_PUB_X, row->bytes),
			     number(m->pkey, OSSL_PKEY_PARAM_EC_PUB_Y, row->bytes), comma, more);
	case FAMILY_ED:
		assert_int_equal(EVP_PKEY_get_raw_public_key(m->pkey, raw, &len), 1);
		return print("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"%s%s}",
			     mint_base64(raw, len), comma, more);
	default:
		return print("{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"%s%s}",
			     number(m->pkey, OSSL_PKEY_PARAM_RSA_N, 0),
			     number(m->pkey, OSSL_PKEY_PARAM_RSA_E, 0), comma, more);
	}
}

const char *mint_set(const char *jwk, const char *other)
{
	return print("{\"keys\":[%s%s%s]}", jwk, other != NULL ? "," : "", other != NULL ? other : "");
}

const char *mint_pem(const struct mint *m)
{
	BIO *bio = BIO_new(BIO_s_mem());
	const char *out;
	char *text;
	long len;

	assert_int_equal(PEM_write_bio_PUBKEY(bio, m->pkey), 1);
	len = BIO_get_mem_data(bio, &text);
	out = print("%.*s", (int)len, text);
	BIO_free(bio);
	return out;
}

/* Tokens -------------------------------------------------------------------- */

static const char *raw_of_der(const unsigned char *der, size_t len, size_t half)
{
	unsigned char raw[2 * 66];
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);

	assert_non_null(sig);
	assert_true(BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, (int)half) > 0);
	assert_true(BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + half, (int)half) > 0);
	ECDSA_SIG_free(sig);
	return mint_base64(raw, 2 * half);
}

static const char *sign(const struct mint *m, const char *data)
{
	const struct alg_row *row = alg_row(m->alg);
	const EVP_MD *md = row->digest != NULL ? EVP_get_digestbyname(row->digest) : NULL;
	unsigned char out[1024];
	EVP_PKEY_CTX *inner = NULL;
	size_t len = sizeof(out);
	unsigned short_len;
	EVP_MD_CTX *ctx;

	if (row->family == FAMILY_HMAC) {
		HMAC(md, m->secret, 64, (const unsigned char *)data, strlen(data), out, &short_len);
		return mint_base64(out, short_len);
	}
	ctx = EVP_MD_CTX_new();
	assert_int_equal(EVP_DigestSignInit(ctx, &inner, md, NULL, m->pkey), 1);
	if (row->family == FAMILY_PSS) {
		assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(inner, RSA_PKCS1_PSS_PADDING), 1);
		assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(inner, RSA_PSS_SALTLEN_DIGEST), 1);
	}
	assert_int_equal(EVP_DigestSign(ctx, out, &len, (const unsigned char *)data, strlen(data)), 1);
	EVP_MD_CTX_free(ctx);
	return row->family == FAMILY_EC ? raw_of_der(out, len, row->bytes) : mint_base64(out, len);
}

const char *mint_token(const struct mint *m, const char *head, const char *body)
{
	const char *data = print("%s.%s", mint_base64(head, strlen(head)),
				 mint_base64(body, strlen(body)));

	return print("%s.%s", data, sign(m, data));
}

const char *mint_token_with_secret(const char *head, const char *body, const char *secret)
{
	const char *data = print("%s.%s", mint_base64(head, strlen(head)),
				 mint_base64(body, strlen(body)));
	unsigned char out[64];
	unsigned len;

	HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)data, strlen(data), out, &len);
	return print("%s.%s", data, mint_base64(out, len));
}

const char *mint_plain(const struct mint *m, const char *kid, const char *body)
{
	if (kid == NULL)
		return mint_token(m, print("{\"alg\":\"%s\"}", alg_row(m->alg)->name), body);
	return mint_token(m, print("{\"alg\":\"%s\",\"kid\":\"%s\"}", alg_row(m->alg)->name, kid), body);
}

const char *mint_body(const char *more)
{
	return print("{\"iss\":\"https://a.example/\",\"aud\":\"orders\",\"sub\":\"ann\",\"exp\":%lld%s%s}",
		     (long long)time(NULL) + 3600, more[0] != '\0' ? "," : "", more);
}
