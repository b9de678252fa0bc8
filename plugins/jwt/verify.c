/* verify.c - is a signature that of a key? By OpenSSL, on keys that were read before. */
#include "plugins/jwt/verify.h"

#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>
#include <pthread.h>

enum { DER_BYTES = 160 };	/* of two numbers of 66 bytes each */

/* Fetched once: asking by name each time costs more than the hash. */
static EVP_MD *digests[ALG_COUNT];
static pthread_once_t fetched = PTHREAD_ONCE_INIT;

static void fetch(void)
{
	for (unsigned a = 0; a < ALG_COUNT; a++)
		if (alg_row((enum alg)a)->digest != NULL)
			digests[a] = EVP_MD_fetch(NULL, alg_row((enum alg)a)->digest, NULL);
}

static const unsigned char *bytes_of(struct weir_str s)
{
	return (const unsigned char *)s.data;
}

static bool verify_hmac(const struct key *key, enum alg alg, struct weir_str data,
			struct weir_str signature)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (key->secret == NULL || signature.len != alg_row(alg)->bytes)
		return false;
	if (HMAC(digests[alg], key->secret, (int)key->secret_len, bytes_of(data), data.len, mac,
		 &len) == NULL || len != signature.len)
		return false;
	return CRYPTO_memcmp(mac, signature.data, len) == 0;
}

/* JOSE writes both numbers one after the other, at full width; OpenSSL wants them in DER. */
static bool to_der(enum alg alg, struct weir_str raw, unsigned char *out, size_t *len)
{
	size_t half = alg_row(alg)->bytes;
	ECDSA_SIG *sig;
	BIGNUM *r, *s;
	int n = 0;

	if (raw.len != 2 * half)
		return false;
	sig = ECDSA_SIG_new();
	r = BN_bin2bn(bytes_of(raw), (int)half, NULL);
	s = BN_bin2bn(bytes_of(raw) + half, (int)half, NULL);
	if (sig == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(sig, r, s) != 1) {
		BN_free(r);
		BN_free(s);
	} else {
		n = i2d_ECDSA_SIG(sig, &out);
	}
	ECDSA_SIG_free(sig);
	*len = n > 0 ? (size_t)n : 0;
	return n > 0 && n <= DER_BYTES;
}

static bool begin(EVP_MD_CTX *ctx, const struct key *key, enum alg alg)
{
	EVP_PKEY_CTX *inner = NULL;

	if (EVP_DigestVerifyInit(ctx, &inner, digests[alg], NULL, key->public) != 1)
		return false;
	if (alg_row(alg)->family != FAMILY_PSS)
		return true;
	return EVP_PKEY_CTX_set_rsa_padding(inner, RSA_PKCS1_PSS_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(inner, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static bool verify_public(const struct key *key, enum alg alg, struct weir_str data,
			  struct weir_str signature)
{
	unsigned char der[DER_BYTES];
	EVP_MD_CTX *ctx;
	size_t len;
	bool ok;

	if (alg_row(alg)->family == FAMILY_EC) {
		if (!to_der(alg, signature, der, &len))
			return false;
		signature = (struct weir_str){ (const char *)der, len };
	}
	ctx = EVP_MD_CTX_new();
	ok = ctx != NULL && begin(ctx, key, alg) &&
	     EVP_DigestVerify(ctx, bytes_of(signature), signature.len, bytes_of(data), data.len) == 1;
	EVP_MD_CTX_free(ctx);
	if (!ok)
		ERR_clear_error();	/* TLS on this thread looks at the queue too */
	return ok;
}

bool verify_signature(const struct key *key, enum alg alg, struct weir_str data,
		      struct weir_str signature)
{
	if ((unsigned)alg >= ALG_COUNT || (key->algs & ALG_BIT(alg)) == 0)
		return false;
	(void)pthread_once(&fetched, fetch);
	if (alg_row(alg)->digest != NULL && digests[alg] == NULL)
		return false;
	if (alg_row(alg)->family == FAMILY_HMAC)
		return verify_hmac(key, alg, data, signature);
	return key->public != NULL && verify_public(key, alg, data, signature);
}
