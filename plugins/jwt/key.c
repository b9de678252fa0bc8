/* key.c - one key that tokens are checked with: what kind it is, and what it is for. */
#include "plugins/jwt/key.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "plugins/common/base64.h"
#include "plugins/jwt/jwk.h"
#include "plugins/jwt/json.h"

enum { RSA_BITS_LEAST = 2048, RSA_BITS_MOST = 8192 };

/* Algorithms ---------------------------------------------------------------- */

/* All that a public key could be used with; *first when nobody says more. */
static alg_set algs_of_public(EVP_PKEY *pkey, alg_set *first)
{
	char group[32] = "";

	if (EVP_PKEY_is_a(pkey, "RSA")) {
		*first = ALG_BIT(ALG_RS256);
		return ALGS_RSA;
	}
	if (EVP_PKEY_is_a(pkey, "EC") &&
	    EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) == 1)
		return *first = strcmp(group, "prime256v1") == 0 ? ALG_BIT(ALG_ES256)
			      : strcmp(group, "secp384r1") == 0  ? ALG_BIT(ALG_ES384)
			      : strcmp(group, "secp521r1") == 0  ? ALG_BIT(ALG_ES512) : 0;
	if (EVP_PKEY_is_a(pkey, "ED25519") || EVP_PKEY_is_a(pkey, "ED448"))
		return *first = ALG_BIT(ALG_EDDSA);
	return *first = 0;
}

/* `said`: the one the key names itself, 0: none. */
static bool bind(struct key *key, alg_set possible, alg_set first, alg_set said, alg_set allowed,
		 struct weir_error *error)
{
	key->algs = possible & (said != 0 ? said : allowed != 0 ? allowed : first);
	if (allowed != 0)
		key->algs &= allowed;
	return key->algs != 0 ||
	       weir_fail(error, "it is for none of the algorithms that are allowed");
}

static bool public_is_sound(EVP_PKEY *pkey, struct weir_error *error)
{
	int bits = EVP_PKEY_get_bits(pkey);

	if (!EVP_PKEY_is_a(pkey, "RSA"))
		return true;
	if (bits < RSA_BITS_LEAST || bits > RSA_BITS_MOST)
		return weir_fail(error, "an RSA key must have 2048 to 8192 bits, and it has %d", bits);
	return true;
}

static bool take_public(struct key *out, EVP_PKEY *pkey, alg_set said, alg_set allowed,
			struct weir_error *error)
{
	alg_set first = 0, possible = algs_of_public(pkey, &first);

	out->public = pkey;
	return public_is_sound(pkey, error) && bind(out, possible, first, said, allowed, error);
}

/* Secrets ------------------------------------------------------------------- */

static alg_set long_enough(alg_set algs, size_t len)
{
	for (unsigned a = ALG_HS256; a <= ALG_HS512; a++)
		if (len < alg_row((enum alg)a)->bytes)
			algs &= ~ALG_BIT(a);
	return algs;
}

static bool take_secret(struct key *out, const void *secret, size_t len, alg_set said,
			alg_set allowed, struct weir_error *error)
{
	if (!bind(out, ALGS_HMAC, ALG_BIT(ALG_HS256), said, allowed, error))
		return false;
	out->algs = long_enough(out->algs, len);
	if (out->algs == 0)
		return weir_fail(error, "the secret has %zu bytes; HS256 needs 32 or more, HS384 48, "
					"HS512 64", len);
	out->secret = malloc(len);
	if (out->secret == NULL)
		return weir_fail(error, "out of memory");
	memcpy(out->secret, secret, len);
	out->secret_len = len;
	return true;
}

bool key_from_secret(struct key *out, struct weir_str secret, const struct key_rules *rules,
		     struct weir_error *error)
{
	*out = (struct key){ 0 };
	return take_secret(out, secret.data, secret.len, 0, rules->algs, error);
}

static bool secret_from_jwk(struct key *out, const json_t *jwk, alg_set said,
			    const struct key_rules *rules, struct weir_error *error)
{
	struct weir_str k = json_member_text(jwk, "k");
	unsigned char bytes[1024];
	size_t len;
	bool ok;

	if (!rules->secrets)
		return weir_fail(error, "a shared secret stands in a key set that others can read");
	if (k.data == NULL || BASE64_ROOM(k.len) > sizeof(bytes) || !base64url_read(k, bytes, &len))
		return weir_fail(error, "its `k` is no base64url, or too long");
	ok = take_secret(out, bytes, len, said, rules->algs, error);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return ok;
}

/* JWK ------------------------------------------------------------------------ */

static bool meant_for_signatures(const json_t *jwk)
{
	struct weir_str use = json_member_text(jwk, "use");
	const json_t *ops = json_object_get(jwk, "key_ops"), *op;
	size_t i;

	if (use.data != NULL && !weir_str_eq(use, WEIR_STR("sig")))
		return false;
	if (ops == NULL)
		return true;
	json_array_foreach(ops, i, op)
		if (json_is_string(op) && strcmp(json_string_value(op), "verify") == 0)
			return true;
	return false;
}

static bool read_said(const json_t *jwk, alg_set *said, struct weir_error *error)
{
	struct weir_str word = json_member_text(jwk, "alg");
	enum alg alg = alg_of(word);

	*said = 0;
	if (word.data == NULL)
		return true;
	if (alg == ALG_COUNT)
		return weir_fail(error, "its `alg` \"%.*s\" is no algorithm of signatures known here",
				 (int)(word.len < 40 ? word.len : 40), word.data);
	*said = ALG_BIT(alg);
	return true;
}

static bool read_kid(struct key *out, const json_t *jwk, struct weir_error *error)
{
	struct weir_str kid = json_member_text(jwk, "kid");

	if (kid.data == NULL)
		return true;
	if (kid.len == 0 || kid.len > 256)
		return weir_fail(error, "its `kid` must have 1 to 256 bytes");
	out->kid = strndup(kid.data, kid.len);
	return out->kid != NULL || weir_fail(error, "out of memory");
}

static bool read_jwk(struct key *out, const json_t *jwk, const struct key_rules *rules,
		     struct weir_error *error)
{
	struct weir_str kty = json_member_text(jwk, "kty");
	EVP_PKEY *pkey;
	alg_set said;

	if (!meant_for_signatures(jwk))
		return weir_fail(error, "it is not meant for checking signatures");
	if (!read_said(jwk, &said, error) || !read_kid(out, jwk, error))
		return false;
	if (weir_str_eq(kty, WEIR_STR("oct")))
		return secret_from_jwk(out, jwk, said, rules, error);
	if (json_object_get(jwk, "d") != NULL)
		return weir_fail(error, "it is a private key, and whoever published it must replace it");
	pkey = jwk_public(jwk, kty, error);
	return pkey != NULL && take_public(out, pkey, said, rules->algs, error);
}

bool key_from_jwk(struct key *out, const json_t *jwk, const struct key_rules *rules,
		  struct weir_error *error)
{
	*out = (struct key){ 0 };
	if (json_is_object(jwk) && read_jwk(out, jwk, rules, error))
		return true;
	ERR_clear_error();	/* TLS on this thread looks at the queue too */
	key_end(out);
	return weir_fail(error, "it is no object");
}

/* PEM ------------------------------------------------------------------------ */

static int no_passphrase(char *room, int size, int writing, void *arg)
{
	(void)room, (void)size, (void)writing, (void)arg;
	return -1;
}

static EVP_PKEY *read_pem(struct weir_str text, int what)
{
	BIO *bio = BIO_new_mem_buf(text.data, (int)text.len);
	EVP_PKEY *pkey = NULL;
	X509 *cert;

	if (bio == NULL)
		return NULL;
	if (what == 0)
		pkey = PEM_read_bio_PUBKEY(bio, NULL, no_passphrase, NULL);
	if (what == 1 && (cert = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL)) != NULL) {
		pkey = X509_get_pubkey(cert);
		X509_free(cert);
	}
	if (what == 2)
		pkey = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	BIO_free(bio);
	return pkey;
}

bool key_from_pem(struct key *out, struct weir_str text, const struct key_rules *rules,
		  struct weir_error *error)
{
	EVP_PKEY *pkey = NULL;

	*out = (struct key){ 0 };
	for (int what = 0; what < 3 && pkey == NULL && text.len < 1 << 20; what++)
		pkey = read_pem(text, what);
	ERR_clear_error();
	if (pkey == NULL)
		return weir_fail(error, "there is no public key and no certificate in it (PEM: "
					"-----BEGIN PUBLIC KEY-----)");
	if (take_public(out, pkey, 0, rules->algs, error))
		return true;
	key_end(out);
	return false;
}

/* ---------------------------------------------------------------------------- */

void key_end(struct key *key)
{
	free(key->kid);
	EVP_PKEY_free(key->public);
	if (key->secret != NULL)
		OPENSSL_cleanse(key->secret, key->secret_len);
	free(key->secret);
	*key = (struct key){ 0 };
}

static bool same_kid(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool key_same(const struct key *a, const struct key *b)
{
	if (a->algs != b->algs || !same_kid(a->kid, b->kid))
		return false;
	if (a->public != NULL || b->public != NULL)
		return a->public != NULL && b->public != NULL &&
		       EVP_PKEY_eq(a->public, b->public) == 1;
	return a->secret_len == b->secret_len &&
	       CRYPTO_memcmp(a->secret, b->secret, a->secret_len) == 0;
}
