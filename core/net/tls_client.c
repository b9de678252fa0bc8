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

/* What the files said at one moment: immutable. */
struct tls_creds {
	_Atomic uint32_t refs;
	X509_STORE *store;		/* shared by the contexts; NULL: nothing is verified */
	struct tls_pair *pair;		/* or NULL */
	uint64_t identity;
};

/* One worker's. */
struct client_here {
	_Alignas(64) uint32_t version;
	struct tls_creds *creds;	/* ref held; NULL: not yet */
	SSL_CTX *context;
};

struct tls_client {
	_Atomic uint32_t refs;
	struct tls_client_spec spec;	/* all of it owned */
	pthread_mutex_t lock;		/* around `creds`, and around the only place, when all share it */
	struct tls_creds *creds;	/* the newest; ref held */
	_Atomic uint32_t version;	/* of them */
	struct client_here *places;
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

static bool add_all(EVP_MD_CTX *md, const struct tls_creds *k, const struct tls_client_spec *spec)
{
	const char flags[] = { spec->trusting ? 't' : 'v', spec->only_13 ? '3' : '2' };

	return EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1 && add_file(md, spec->ca) &&
	       add_file(md, spec->crl) &&
	       add_bytes(md, k->pair != NULL ? k->pair->cert : STR_ABSENT) &&
	       add_bytes(md, k->pair != NULL ? k->pair->key : STR_ABSENT) &&
	       add_bytes(md, spec->server_name) && add_bytes(md, text_of(spec->ciphers)) &&
	       add_bytes(md, str_of(flags, sizeof(flags)));
}

static bool learn_identity(struct tls_creds *k, const struct tls_client_spec *spec)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char digest[EVP_MAX_MD_SIZE];
	bool ok = md != NULL && add_all(md, k, spec) && EVP_DigestFinal_ex(md, digest, NULL) == 1;

	EVP_MD_CTX_free(md);
	if (!ok)
		return false;
	memcpy(&k->identity, digest, sizeof(k->identity));
	k->identity |= 1;		/* 0 is a plain connection's */
	return true;
}

/* What the files say ----------------------------------------------------------------------- */

static void creds_unref(struct tls_creds *k)
{
	if (k == NULL || atomic_fetch_sub_explicit(&k->refs, 1, memory_order_acq_rel) > 1)
		return;
	X509_STORE_free(k->store);
	tls_pair_free(k->pair);
	mem_free(k);
}

static SSL_CTX *context_new(const struct tls_creds *k, const struct tls_client_spec *spec,
			    struct weir_error *error);

static bool load(struct tls_creds *k, const struct tls_client_spec *spec, struct weir_error *error)
{
	SSL_CTX *trial;

	if (!spec->trusting) {
		k->store = tls_store_load(spec->ca, spec->crl, error);
		if (k->store == NULL)
			return false;
	}
	if (spec->cert != NULL && spec->key != NULL) {
		k->pair = tls_pair_load(spec->cert, spec->key, NULL, error);
		if (k->pair == NULL)
			return false;
	}
	if (!learn_identity(k, spec))
		return fail_memory(error);
	trial = context_new(k, spec, error);
	SSL_CTX_free(trial);
	return trial != NULL;
}

static struct tls_creds *creds_load(const struct tls_client_spec *spec, struct weir_error *error)
{
	struct tls_creds *k = mem_alloc(sizeof(*k));

	if (k == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	k->refs = 1;
	if (load(k, spec, error))
		return k;
	creds_unref(k);
	return NULL;
}

/* Life ------------------------------------------------------------------------------------- */

static bool copy_path(const char **to, const char *from)
{
	*to = from != NULL ? str_dup(str_from(from)) : NULL;
	return from == NULL || *to != NULL;
}

static bool copy_spec(struct tls_client *c, const struct tls_client_spec *given)
{
	c->spec = (struct tls_client_spec){ .trusting = given->trusting, .only_13 = given->only_13,
					    .places = given->places > 0 ? given->places : 1 };
	if (given->server_name.len > 0) {
		c->spec.server_name = str_of(str_dup(given->server_name), given->server_name.len);
		if (c->spec.server_name.data == NULL)
			return false;
	}
	return copy_path(&c->spec.ca, given->ca) && copy_path(&c->spec.crl, given->crl) &&
	       copy_path(&c->spec.cert, given->cert) && copy_path(&c->spec.key, given->key) &&
	       copy_path(&c->spec.ciphers, given->ciphers);
}

static bool make_places(struct tls_client *c)
{
	size_t bytes = c->spec.places * sizeof(*c->places);

	c->places = aligned_alloc(64, bytes);
	if (c->places == NULL)
		return false;
	memset(c->places, 0, bytes);
	return true;
}

struct tls_client *tls_client_new(const struct tls_client_spec *spec, struct weir_error *error)
{
	struct tls_client *c = mem_alloc(sizeof(*c));

	if (c == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	c->refs = 1;
	c->version = 1;
	pthread_mutex_init(&c->lock, NULL);
	if (!copy_spec(c, spec) || !make_places(c))
		(void)fail_memory(error);
	else
		c->creds = creds_load(&c->spec, error);
	if (c->creds != NULL)
		return c;
	tls_client_unref(c);
	return NULL;
}

struct tls_client *tls_client_ref(struct tls_client *c)
{
	atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
	return c;
}

static void free_path(const char *path)
{
	mem_free((char *)(uintptr_t)path);
}

static void drop(struct client_here *h)
{
	SSL_CTX_free(h->context);
	creds_unref(h->creds);
	h->context = NULL;
	h->creds = NULL;
}

void tls_client_unref(struct tls_client *c)
{
	if (c == NULL || atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) > 1)
		return;
	for (uint32_t i = 0; c->places != NULL && i < c->spec.places; i++)
		drop(&c->places[i]);
	mem_free(c->places);
	creds_unref(c->creds);
	free_path(c->spec.server_name.data);
	free_path(c->spec.ca);
	free_path(c->spec.crl);
	free_path(c->spec.cert);
	free_path(c->spec.key);
	free_path(c->spec.ciphers);
	pthread_mutex_destroy(&c->lock);
	mem_free(c);
}

bool tls_client_reread(struct tls_client *c, bool *changed, struct weir_error *error)
{
	struct tls_creds *fresh = creds_load(&c->spec, error), *old;

	if (fresh == NULL)
		return false;
	*changed = fresh->identity != c->creds->identity;
	if (!*changed) {
		creds_unref(fresh);
		return true;
	}
	pthread_mutex_lock(&c->lock);
	old = c->creds;
	c->creds = fresh;
	atomic_fetch_add_explicit(&c->version, 1, memory_order_release);
	pthread_mutex_unlock(&c->lock);
	creds_unref(old);
	return true;
}

static struct tls_creds *newest(struct tls_client *c)
{
	atomic_fetch_add_explicit(&c->creds->refs, 1, memory_order_relaxed);
	return c->creds;
}

void tls_client_visit(struct tls_client *c, void (*see)(void *arg, const struct tls_pair *pair), void *arg)
{
	struct tls_creds *k;

	pthread_mutex_lock(&c->lock);
	k = newest(c);
	pthread_mutex_unlock(&c->lock);
	if (k->pair != NULL)
		see(arg, k->pair);
	creds_unref(k);
}

void tls_client_files(const struct tls_client *c, void (*see)(void *arg, const char *path), void *arg)
{
	const char *const files[] = { c->spec.ca, c->spec.crl, c->spec.cert, c->spec.key };

	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (files[i] != NULL)
			see(arg, files[i]);
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

static bool fill_context(SSL_CTX *ctx, const struct tls_creds *k, const struct tls_client_spec *spec,
			 struct weir_error *error)
{
	static const unsigned char alpn[] = "\x08http/1.1";
	const struct tls_rules rules = { .min = spec->only_13 ? TLS1_3_VERSION : TLS1_2_VERSION,
					 .max = TLS1_3_VERSION, .ciphers = spec->ciphers };

	if (!tls_context_rules(ctx, &rules, error))
		return false;
	if (k->pair != NULL && !tls_pair_use(k->pair, ctx, error))
		return false;
	if (k->store != NULL)
		SSL_CTX_set1_cert_store(ctx, k->store);
	SSL_CTX_set_verify(ctx, spec->trusting ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ctx, on_session);
	return SSL_CTX_set_alpn_protos(ctx, alpn, sizeof(alpn) - 1) == 0 || fail_memory(error);
}

static SSL_CTX *context_new(const struct tls_creds *k, const struct tls_client_spec *spec,
			    struct weir_error *error)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (ctx == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	if (fill_context(ctx, k, spec, error))
		return ctx;
	SSL_CTX_free(ctx);
	return NULL;
}

/* The last place is of whoever is no worker: the control thread. */
static uint32_t place_of(const struct tls_client *c)
{
	const struct worker *w = worker_self();

	return w != NULL && w->index < c->spec.places - 1 ? w->index : c->spec.places - 1;
}

static bool follow(struct tls_client *c, struct client_here *h)
{
	if (h->context != NULL &&
	    h->version == atomic_load_explicit(&c->version, memory_order_acquire))
		return true;
	drop(h);
	h->creds = newest(c);
	h->version = atomic_load_explicit(&c->version, memory_order_relaxed);
	h->context = context_new(h->creds, &c->spec, NULL);
	return h->context != NULL;
}

/* The calling thread's, up to date; NULL without memory. */
static struct client_here *here_of(struct tls_client *c)
{
	struct client_here *h = &c->places[place_of(c)];
	bool ok;

	if (likely(c->spec.places > 1 && h->context != NULL &&
		   h->version == atomic_load_explicit(&c->version, memory_order_acquire)))
		return h;
	pthread_mutex_lock(&c->lock);
	ok = follow(c, h);
	pthread_mutex_unlock(&c->lock);
	return ok ? h : NULL;
}

uint64_t tls_client_identity(struct tls_client *c)
{
	const struct client_here *h = c != NULL ? here_of(c) : NULL;

	return h != NULL ? h->creds->identity : 0;
}

/* Connecting ------------------------------------------------------------------------------- */

static bool is_ip(const char *name)
{
	unsigned char room[16];

	return inet_pton(AF_INET, name, room) == 1 || inet_pton(AF_INET6, name, room) == 1;
}

/* Names are asked for and verified; addresses are only verified. */
static bool set_name(SSL *ssl, const struct tls_client_spec *spec, struct weir_str name)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	char text[256];

	if (spec->server_name.len > 0)
		name = spec->server_name;
	if (name.len == 0 || name.len >= sizeof(text))
		return spec->trusting;
	memcpy(text, name.data, name.len);
	text[name.len] = '\0';
	if (is_ip(text))
		return X509_VERIFY_PARAM_set1_ip_asc(param, text) == 1;
	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set_tlsext_host_name(ssl, text) == 1 &&
	       X509_VERIFY_PARAM_set1_host(param, text, name.len) == 1;
}

static void use_memory(SSL *ssl, uint64_t identity, struct tls_memory *m)
{
	if (m == NULL)
		return;
	if (m->identity != identity)
		tls_memory_forget(m);
	m->identity = identity;
	if (m->session != NULL)
		(void)SSL_set_session(ssl, m->session);
	tls_of_ssl(ssl)->memory = m;
}

enum reason tls_connect(struct transport *t, struct tls_client *c, struct weir_str name,
			struct tls_memory *memory, struct weir_error *error)
{
	struct client_here *h = here_of(c);
	SSL *ssl = h != NULL ? SSL_new(h->context) : NULL;

	if (ssl == NULL) {
		ERR_clear_error();
		return REASON_OUT_OF_MEMORY;
	}
	SSL_set_connect_state(ssl);
	if (!set_name(ssl, &c->spec, name)) {
		SSL_free(ssl);
		(void)fail(error, "there is no name to verify its certificate by; write tls.server_name");
		return REASON_TLS_NAME;
	}
	if (!tls_layer_open(t, ssl, false))
		return REASON_OUT_OF_MEMORY;
	use_memory(ssl, h->creds->identity, memory);
	return tls_handshake(t, error);
}
