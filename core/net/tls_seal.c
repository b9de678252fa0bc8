/* tls_seal.c - under OpenSSL: we seal records where it would let the kernel do that. */
#include "core/net/tls_inside.h"

#include <linux/tls.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdatomic.h>

#include "core/base/mem.h"

/* OpenSSL hands the keys for what is sent to a BIO that can seal (SSL_OP_ENABLE_KTLS: the kernel, as it
 * thinks), and from then on gives it plain bytes with their type. So there is no buffer and no copy, and one
 * context per thread, warm, instead of one per connection. When keys change, OpenSSL takes over again with
 * the new ones, which it has had all the time. */

enum {
	HEAD = 5,
	TAG = 16,
	DATA = 23,			/* the type of what the writer writes */
	HANDSHAKE = 22,
	KEY_UPDATE = 24,		/* the first byte of that message */
};

/* The thread's: keyed for the connection that wrote last. */
struct tls_sealer {
	EVP_CIPHER_CTX *ctx[2];		/* for keys of 16 and of 32 bytes */
	uint64_t keyed[2];		/* the seal's id */
};

void tls_sealer_free(struct tls_sealer *s)
{
	if (s == NULL)
		return;
	EVP_CIPHER_CTX_free(s->ctx[0]);
	EVP_CIPHER_CTX_free(s->ctx[1]);
	mem_free(s);
}

static EVP_CIPHER_CTX *context_for(const char *name)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
	EVP_CIPHER_CTX *ctx = cipher != NULL ? EVP_CIPHER_CTX_new() : NULL;

	if (ctx != NULL && EVP_EncryptInit_ex(ctx, cipher, NULL, NULL, NULL) != 1) {
		EVP_CIPHER_CTX_free(ctx);
		ctx = NULL;
	}
	EVP_CIPHER_free(cipher);
	return ctx;
}

struct tls_sealer *tls_sealer_new(void)
{
	struct tls_sealer *s = mem_alloc(sizeof(*s));

	if (s == NULL)
		return NULL;
	s->ctx[0] = context_for("AES-128-GCM");
	s->ctx[1] = context_for("AES-256-GCM");
	if (s->ctx[0] != NULL && s->ctx[1] != NULL)
		return s;
	tls_sealer_free(s);
	ERR_clear_error();
	return NULL;
}

/* Keys ------------------------------------------------------------------------------- */

static void take(struct tls_seal *s, const unsigned char *key, uint8_t key_len, const unsigned char *salt,
		 const unsigned char *iv, const unsigned char *number)
{
	static _Atomic uint64_t ids;

	memcpy(s->key, key, key_len);
	memcpy(s->iv, salt, 4);
	memcpy(s->iv + 4, iv, 8);
	s->next = 0;
	for (int i = 0; i < 8; i++)
		s->next = s->next << 8 | number[i];
	s->key_len = key_len;
	s->type = DATA;
	s->id = atomic_fetch_add_explicit(&ids, 1, memory_order_relaxed) + 1;
}

/* What we do not seal OpenSSL does: other versions, other ciphers. */
bool tls_seal_take(struct tls_seal *s, const struct tls_crypto_info *info)
{
	const struct tls12_crypto_info_aes_gcm_128 *short_key = (const void *)info;
	const struct tls12_crypto_info_aes_gcm_256 *long_key = (const void *)info;

	if (info->version != TLS1_3_VERSION || s->changed)
		return false;
	switch (info->cipher_type) {
	case TLS_CIPHER_AES_GCM_128:
		take(s, short_key->key, sizeof(short_key->key), short_key->salt, short_key->iv,
		     short_key->rec_seq);
		return true;
	case TLS_CIPHER_AES_GCM_256:
		take(s, long_key->key, sizeof(long_key->key), long_key->salt, long_key->iv,
		     long_key->rec_seq);
		return true;
	default:
		return false;
	}
}

void tls_seal_forget(struct tls_seal *s)
{
	OPENSSL_cleanse(s->key, sizeof(s->key));
	s->key_len = 0;
}

/* Records ---------------------------------------------------------------------------- */

static void nonce_of(const struct tls_seal *s, unsigned char nonce[12])
{
	memcpy(nonce, s->iv, 12);
	for (int i = 0; i < 8; i++)
		nonce[4 + i] ^= (unsigned char)(s->next >> (56 - 8 * i));
}

static EVP_CIPHER_CTX *keyed_context(struct tls_sealer *by, const struct tls_seal *s)
{
	int which = s->key_len == 32;
	unsigned char nonce[12];

	nonce_of(s, nonce);
	if (EVP_EncryptInit_ex(by->ctx[which], NULL, NULL, by->keyed[which] == s->id ? NULL : s->key,
			       nonce) != 1) {
		by->keyed[which] = 0;
		return NULL;
	}
	by->keyed[which] = s->id;
	return by->ctx[which];
}

static bool encrypt(EVP_CIPHER_CTX *ctx, unsigned char type, const char *data, size_t len, unsigned char *out)
{
	unsigned char *at = out + HEAD;
	int n, more;

	return EVP_EncryptUpdate(ctx, NULL, &n, out, HEAD) == 1 &&
	       EVP_EncryptUpdate(ctx, at, &n, (const unsigned char *)data, (int)len) == 1 &&
	       EVP_EncryptUpdate(ctx, at + n, &more, &type, 1) == 1 &&
	       EVP_EncryptFinal_ex(ctx, at + n + more, &n) == 1 &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG, at + len + 1) == 1;
}

size_t tls_seal_record(struct tls_sealer *by, struct tls_seal *s, const char *data, size_t len, char *out)
{
	size_t inner = len + 1 + TAG;
	unsigned char *at = (unsigned char *)out;
	EVP_CIPHER_CTX *ctx;

	if (len > TLS_RECORD || s->next == UINT64_MAX)
		return 0;
	at[0] = DATA;
	at[1] = at[2] = 3;
	at[3] = (unsigned char)(inner >> 8);
	at[4] = (unsigned char)inner;
	ctx = keyed_context(by, s);
	if (ctx == NULL || !encrypt(ctx, s->type, data, len, at))
		return 0;
	s->next++;
	if (s->type == HANDSHAKE && len > 0 && data[0] == KEY_UPDATE) {
		s->changed = true;
		tls_seal_forget(s);
	}
	s->type = DATA;
	return HEAD + inner;
}
