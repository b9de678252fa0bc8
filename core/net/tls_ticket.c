/* tls_ticket.c - keys of session tickets. */
#include "core/net/tls_ticket.h"

#include <openssl/core_names.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "core/net/tls_server.h"

/* The process's secrets, newest first; workers copy them when the version has grown. */
struct secret {
	unsigned char name[16], bytes[32];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct secret secrets[TICKET_KEYS];
static _Atomic uint32_t version;

static void add_secret(void)
{
	struct secret fresh;

	if (RAND_bytes(fresh.name, sizeof(fresh.name)) != 1 ||
	    RAND_priv_bytes(fresh.bytes, sizeof(fresh.bytes)) != 1)
		return;		/* the old ones are good a while longer */
	if (version == 0)	/* none can be unsealed by bytes that everybody knows */
		for (int i = 0; i < TICKET_KEYS; i++)
			secrets[i] = fresh;
	memmove(&secrets[1], &secrets[0], (TICKET_KEYS - 1) * sizeof(secrets[0]));
	secrets[0] = fresh;
	OPENSSL_cleanse(&fresh, sizeof(fresh));
	atomic_fetch_add(&version, 1);
}

void tls_tickets_rotate(void)
{
	pthread_mutex_lock(&lock);
	add_secret();
	pthread_mutex_unlock(&lock);
}

static bool derive(const struct secret *s, char use, const unsigned char *binding, unsigned char *out)
{
	unsigned char text[1 + TICKET_DIGEST];

	text[0] = (unsigned char)use;
	memcpy(text + 1, binding, TICKET_DIGEST);
	return HMAC(EVP_sha256(), s->bytes, sizeof(s->bytes), text, sizeof(text), out, NULL) != NULL;
}

/* The name tells the binding too, so that a ticket of another listener is not even tried. */
static bool make_key(struct ticket_key *key, const struct secret *s, const unsigned char *binding)
{
	unsigned char name[32];

	if (!derive(s, 'c', binding, key->cipher) || !derive(s, 'm', binding, key->mac) ||
	    !derive(s, 'n', binding, name))
		return false;
	memcpy(key->name, name, sizeof(key->name));
	return true;
}

bool ticket_ring_follow(struct ticket_ring *ring, const unsigned char binding[TICKET_DIGEST])
{
	struct secret now[TICKET_KEYS];
	uint32_t newest = atomic_load_explicit(&version, memory_order_acquire);
	bool ok = true;

	if (ring->version == newest && newest != 0)
		return true;
	pthread_mutex_lock(&lock);
	if (version == 0)
		add_secret();
	newest = version;
	memcpy(now, secrets, sizeof(now));
	pthread_mutex_unlock(&lock);
	if (newest == 0)
		return false;
	for (int i = 0; ok && i < TICKET_KEYS; i++)
		ok = make_key(&ring->keys[i], &now[i], binding);
	OPENSSL_cleanse(now, sizeof(now));
	ring->version = ok ? newest : 0;
	return ok;
}

void ticket_ring_forget(struct ticket_ring *ring)
{
	OPENSSL_cleanse(ring, sizeof(*ring));
}

/* Fetched once: to look algorithms up is dear. */
static const EVP_CIPHER *ticket_cipher(void)
{
	static _Atomic(EVP_CIPHER *) cipher;
	EVP_CIPHER *have = atomic_load_explicit(&cipher, memory_order_acquire), *none = NULL;

	if (have != NULL)
		return have;
	have = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
	if (!atomic_compare_exchange_strong(&cipher, &none, have)) {
		EVP_CIPHER_free(have);
		have = none;
	}
	return have;
}

static bool set_mac(EVP_MAC_CTX *mac, const struct ticket_key *key)
{
	static char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)(uintptr_t)key->mac,
						  sizeof(key->mac)),
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};

	return EVP_MAC_CTX_set_params(mac, params) == 1;
}

static int seal(const struct ticket_key *key, unsigned char name[16], unsigned char *iv,
		EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	if (RAND_bytes(iv, 16) != 1)
		return -1;
	memcpy(name, key->name, sizeof(key->name));
	return EVP_EncryptInit_ex(cipher, ticket_cipher(), NULL, key->cipher, iv) == 1 &&
	       set_mac(mac, key) ? 1 : -1;
}

/* 2: good, and a newer one is to be given. */
int ticket_crypt(const struct ticket_ring *ring, unsigned char name[16], unsigned char *iv,
		 EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int seals)
{
	if (seals)
		return seal(&ring->keys[0], name, iv, cipher, mac);
	for (int i = 0; i < TICKET_KEYS; i++) {
		const struct ticket_key *key = &ring->keys[i];

		if (memcmp(name, key->name, sizeof(key->name)) != 0)
			continue;
		if (EVP_DecryptInit_ex(cipher, ticket_cipher(), NULL, key->cipher, iv) != 1 ||
		    !set_mac(mac, key))
			return -1;
		return i == 0 ? 1 : 2;
	}
	return 0;
}
