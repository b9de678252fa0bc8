/* digest.c - the door to OpenSSL's digests. */
#include "core/base/digest.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <pthread.h>

#include "core/base/mem.h"

static const struct {
	const char *word, *name;
	size_t size;
} kinds[DIGEST_COUNT] = {
	[DIGEST_SHA1] = { "sha1", "SHA1", 20 },
	[DIGEST_SHA256] = { "sha256", "SHA256", 32 },
	[DIGEST_SHA384] = { "sha384", "SHA384", 48 },
	[DIGEST_SHA512] = { "sha512", "SHA512", 64 },
};

/* Looking an algorithm up takes a lock and a microsecond: done once, and kept. A keyed one is made
 * ready for each digest and copied for each use. */
static EVP_MD *algorithms[DIGEST_COUNT];
static EVP_MAC_CTX *keyed[DIGEST_COUNT];
static pthread_once_t ready = PTHREAD_ONCE_INIT;

static EVP_MAC_CTX *prepare_keyed(EVP_MAC *mac, const char *name)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)name, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);

	if (ctx != NULL && EVP_MAC_CTX_set_params(ctx, params) != 1) {
		EVP_MAC_CTX_free(ctx);
		return NULL;
	}
	return ctx;
}

static void prepare(void)
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);

	for (int i = 0; i < DIGEST_COUNT; i++) {
		algorithms[i] = EVP_MD_fetch(NULL, kinds[i].name, NULL);
		keyed[i] = mac != NULL ? prepare_keyed(mac, kinds[i].name) : NULL;
	}
	EVP_MAC_free(mac);	/* the prepared ones hold it */
}

bool digest_parse(struct weir_str word, enum digest *out)
{
	for (int i = 0; i < DIGEST_COUNT; i++) {
		if (str_eq(word, str_from(kinds[i].word))) {
			*out = (enum digest)i;
			return true;
		}
	}
	return false;
}

size_t digest_size(enum digest d)
{
	return kinds[d].size;
}

bool digest_of(enum digest d, struct weir_str data, uint8_t out[DIGEST_MOST])
{
	pthread_once(&ready, prepare);
	return algorithms[d] != NULL &&
	       EVP_Digest(data.data != NULL ? data.data : "", data.len, out, NULL, algorithms[d],
			  NULL) == 1;
}

bool digest_hmac(enum digest d, struct weir_str key, struct weir_str data,
		 uint8_t out[DIGEST_MOST])
{
	EVP_MAC_CTX *ctx;
	size_t len;
	bool good;

	pthread_once(&ready, prepare);
	ctx = keyed[d] != NULL ? EVP_MAC_CTX_dup(keyed[d]) : NULL;
	if (ctx == NULL)
		return false;
	good = EVP_MAC_init(ctx, (const unsigned char *)(key.len > 0 ? key.data : ""), key.len,
			    NULL) == 1 &&
	       EVP_MAC_update(ctx, (const unsigned char *)data.data, data.len) == 1 &&
	       EVP_MAC_final(ctx, out, &len, DIGEST_MOST) == 1;
	EVP_MAC_CTX_free(ctx);
	return good;
}

bool digest_random(void *out, size_t size)
{
	return RAND_bytes(out, (int)size) == 1;
}
