/* tls_client.c - TLS towards somebody else. */
#include "core/net/tls_client.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdatomic.h>

#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/fiber/worker.h"
#include "core/net/tls_files.h"
#include "core/net/tls_inside.h"

struct tls_client {
	_Atomic uint32_t refs;
	X509_STORE *store;		/* shared by the contexts; NULL: nothing is verified */
	struct tls_pair *pair;		/* or NULL */
	char *server_name;		/* or NULL */
	char *ciphers;			/* or NULL */
	bool trusting, only_13;
	uint64_t identity;
	pthread_mutex_t lock;		/* around the only context, when all share it */
	uint32_t places;
	SSL_CTX **contexts;		/* by the worker's place; made at first use */
};

/* Identity --------------------------------------------------------------------------------- */

static bool add_bytes(EVP_MD_CTX *md, struct weir_str s)
{
	uint64_t len = s.data != NULL ? s.len : UINT64_MAX;	/* nothing is not the same as empty */

	return EVP_DigestUpdate(md, &len, sizeof(len)) == 1 &&
	       (s.len == 0 || EVP_DigestUpdate(md, s.data, s.len) == 1);
}

static bool add_file(EVP_MD_CTX *md, const char *path)
{
	struct weir_str bytes = STR_ABSENT;
	bool ok;

	if (path != NULL && !tls_file_read(path, &bytes, NULL))
		return false;
	ok = add_bytes(md, bytes);
	tls_bytes_free(&bytes);
	return ok;
}

static struct weir_str text_of(const char *s)
{
	return s != NULL ? str_from(s) : STR_ABSENT;
}

static bool add_all(EVP_MD_CTX *md, const struct tls_client *c, const struct tls_client_spec *spec)
{
	const char flags[] = { spec->trusting ? 't' : 'v', spec->only_13 ? '3' : '2' };

	return EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1 && add_file(md, spec->ca) &&
	       add_file(md, spec->crl) &&
	       add_bytes(md, c->pair != NULL ? c->pair->cert : STR_ABSENT) &&
	       add_bytes(md, c->pair != NULL ? c->pair->key : STR_ABSENT) &&
	       add_bytes(md, spec->server_name) && add_bytes(md, text_of(spec->ciphers)) &&
	       add_bytes(md, str_of(flags, sizeof(flags)));
}

static bool learn_identity(struct tls_client *c, const struct tls_client_spec *spec)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char digest[EVP_MAX_MD_SIZE];
	bool ok = md != NULL && add_all(md, c, spec) && EVP_DigestFinal_ex(md, digest, NULL) == 1;

	EVP_MD_CTX_free(md);
	if (!ok)
		return false;
	memcpy(&c->identity, digest, sizeof(c->identity));
	c->identity |= 1;		/* 0 is a plain connection's */
	return true;
}

/* Life ------------------------------------------------------------------------------------- */

static bool fill(struct tls_client *c, const struct tls_client_spec *spec, struct weir_error *error)
{
	if (spec->server_name.len > 0)
		c->server_name = str_dup(spec->server_name);
	if (spec->ciphers != NULL)
		c->ciphers = str_dup(str_from(spec->ciphers));
	c->contexts = mem_array(c->places, sizeof(SSL_CTX *));
	if ((spec->server_name.len > 0 && c->server_name == NULL) || c->contexts == NULL ||
	    (spec->ciphers != NULL && c->ciphers == NULL))
		return fail_memory(error);
	if (!spec->trusting) {
		c->store = tls_store_load(spec->ca, spec->crl, error);
		if (c->store == NULL)
			return false;
	}
	if (spec->cert != NULL && spec->key != NULL) {
		c->pair = tls_pair_load(spec->cert, spec->key, NULL, error);
		if (c->pair == NULL)
			return false;
	}
	return learn_identity(c, spec) || fail_memory(error);
}

static SSL_CTX *context_new(const struct tls_client *c, struct weir_error *error);

struct tls_client *tls_client_new(const struct tls_client_spec *spec, struct weir_error *error)
{
	struct tls_client *c = mem_alloc(sizeof(*c));
	SSL_CTX *trial;

	if (c == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	c->refs = 1;
	c->places = spec->places > 0 ? spec->places : 1;
	c->trusting = spec->trusting;
	c->only_13 = spec->only_13;
	pthread_mutex_init(&c->lock, NULL);
	trial = fill(c, spec, error) ? context_new(c, error) : NULL;
	if (trial == NULL) {
		tls_client_unref(c);
		return NULL;
	}
	SSL_CTX_free(trial);
	return c;
}

struct tls_client *tls_client_ref(struct tls_client *c)
{
	atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
	return c;
}

void tls_client_unref(struct tls_client *c)
{
	if (c == NULL || atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) > 1)
		return;
	for (uint32_t i = 0; c->contexts != NULL && i < c->places; i++)
		SSL_CTX_free(c->contexts[i]);
	mem_free(c->contexts);
	X509_STORE_free(c->store);
	tls_pair_free(c->pair);
	mem_free(c->server_name);
	mem_free(c->ciphers);
	pthread_mutex_destroy(&c->lock);
	mem_free(c);
}

uint64_t tls_client_identity(const struct tls_client *c)
{
	return c != NULL ? c->identity : 0;
}

int64_t tls_client_expiry(const struct tls_client *c)
{
	return c->pair != NULL ? c->pair->not_after : 0;
}

/* Contexts --------------------------------------------------------------------------------- */

/* The far end has given a session. OpenSSL's reference becomes the memory's. */
static int on_session(SSL *ssl, SSL_SESSION *session)
{
	struct tls *l = tls_of_ssl(ssl);
	struct tls_memory *m = l != NULL ? l->memory : NULL;

	if (m == NULL)
		return 0;
	SSL_SESSION_free(m->session);
	m->session = session;
	return 1;
}

void tls_memory_forget(struct tls_memory *m)
{
	SSL_SESSION_free(m->session);
	m->session = NULL;
}

static bool fill_context(SSL_CTX *ctx, const struct tls_client *c, struct weir_error *error)
{
	static const unsigned char alpn[] = "\x08http/1.1";
	const struct tls_rules rules = { .min = c->only_13 ? TLS1_3_VERSION : TLS1_2_VERSION,
					 .max = TLS1_3_VERSION, .ciphers = c->ciphers };

	if (!tls_context_rules(ctx, &rules, error))
		return false;
	if (c->pair != NULL && !tls_pair_use(c->pair, ctx, error))
		return false;
	if (c->store != NULL)
		SSL_CTX_set1_cert_store(ctx, c->store);
	SSL_CTX_set_verify(ctx, c->trusting ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ctx, on_session);
	return SSL_CTX_set_alpn_protos(ctx, alpn, sizeof(alpn) - 1) == 0 || fail_memory(error);
}

static SSL_CTX *context_new(const struct tls_client *c, struct weir_error *error)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (ctx == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	if (fill_context(ctx, c, error))
		return ctx;
	SSL_CTX_free(ctx);
	return NULL;
}

/* The last place is of whoever is no worker: the control thread. */
static uint32_t place_of(const struct tls_client *c)
{
	const struct worker *w = worker_self();

	return w != NULL && w->index < c->places - 1 ? w->index : c->places - 1;
}

static SSL_CTX *context_shared(struct tls_client *c)
{
	SSL_CTX *ctx;

	pthread_mutex_lock(&c->lock);
	if (c->contexts[0] == NULL)
		c->contexts[0] = context_new(c, NULL);
	ctx = c->contexts[0];
	pthread_mutex_unlock(&c->lock);
	return ctx;
}

static SSL_CTX *context_here(struct tls_client *c)
{
	SSL_CTX **at = &c->contexts[place_of(c)];

	if (c->places == 1)
		return context_shared(c);
	if (*at == NULL)
		*at = context_new(c, NULL);
	return *at;
}

/* Connecting ------------------------------------------------------------------------------- */

static bool is_ip(const char *name)
{
	unsigned char room[16];

	return inet_pton(AF_INET, name, room) == 1 || inet_pton(AF_INET6, name, room) == 1;
}

/* Names are asked for and verified; addresses are only verified. */
static bool set_name(SSL *ssl, const struct tls_client *c, struct weir_str name)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	char text[256];

	if (c->server_name != NULL)
		name = str_from(c->server_name);
	if (name.len == 0 || name.len >= sizeof(text))
		return c->trusting;
	memcpy(text, name.data, name.len);
	text[name.len] = '\0';
	if (is_ip(text))
		return X509_VERIFY_PARAM_set1_ip_asc(param, text) == 1;
	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set_tlsext_host_name(ssl, text) == 1 &&
	       X509_VERIFY_PARAM_set1_host(param, text, name.len) == 1;
}

static void use_memory(SSL *ssl, const struct tls_client *c, struct tls_memory *m)
{
	if (m == NULL)
		return;
	if (m->identity != c->identity)
		tls_memory_forget(m);
	m->identity = c->identity;
	if (m->session != NULL)
		(void)SSL_set_session(ssl, m->session);
	tls_of_ssl(ssl)->memory = m;
}

enum reason tls_connect(struct transport *t, struct tls_client *c, struct weir_str name,
			struct tls_memory *memory, struct weir_error *error)
{
	SSL_CTX *ctx = context_here(c);
	SSL *ssl = ctx != NULL ? SSL_new(ctx) : NULL;

	if (ssl == NULL) {
		ERR_clear_error();
		return REASON_OUT_OF_MEMORY;
	}
	SSL_set_connect_state(ssl);
	if (!set_name(ssl, c, name)) {
		SSL_free(ssl);
		(void)fail(error, "there is no name to verify its certificate by; write tls.server_name");
		return REASON_TLS_NAME;
	}
	if (!tls_layer_open(t, ssl, false))
		return REASON_OUT_OF_MEMORY;
	use_memory(ssl, c, memory);
	return tls_handshake(t, error);
}
