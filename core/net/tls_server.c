/* tls_server.c - TLS of a listener: each worker's contexts, and what OpenSSL asks during a handshake. */
#include "core/net/tls_server.h"

#include <openssl/err.h>
#include <pthread.h>

#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/fiber/worker.h"
#include "core/net/tls_face.h"
#include "core/net/tls_inside.h"
#include "core/net/tls_name.h"

#define TICKET_LIFE 7200	/* seconds; keys are older than that when they are forgotten */

/* One worker's. */
struct tls_here {
	_Alignas(64) uint32_t version;
	struct tls_face *face;		/* ref held */
	SSL_CTX **contexts;		/* by choice; made at first use */
	struct ticket_ring tickets;
	struct tls_server *server;
};

struct tls_server {
	struct tls_server_spec spec;	/* all of it owned */
	struct tls_pair_files *files;
	pthread_mutex_t lock;		/* around `face` */
	struct tls_face *face;		/* the newest; ref held */
	_Atomic uint32_t version;	/* of it */
	struct tls_here *places;
};

/* One worker's share ------------------------------------------------------------------------- */

static void drop_contexts(struct tls_here *h)
{
	for (uint32_t i = 0; h->contexts != NULL && i < h->face->choice_count; i++)
		SSL_CTX_free(h->contexts[i]);
	mem_free(h->contexts);
	h->contexts = NULL;
	face_unref(h->face);
	h->face = NULL;
	ticket_ring_forget(&h->tickets);
}

static bool take_newest(struct tls_here *h)
{
	struct tls_server *s = h->server;

	if (h->face != NULL)
		drop_contexts(h);
	pthread_mutex_lock(&s->lock);
	h->face = face_ref(s->face);
	h->version = atomic_load_explicit(&s->version, memory_order_relaxed);
	pthread_mutex_unlock(&s->lock);
	h->contexts = mem_array(h->face->choice_count, sizeof(SSL_CTX *));
	return h->contexts != NULL;
}

/* The calling worker's, up to date; NULL without memory. */
static struct tls_here *here_of(struct tls_server *s)
{
	const struct worker *w = worker_self();
	struct tls_here *h = &s->places[w != NULL && w->index < s->spec.places ? w->index
										: s->spec.places];

	if (likely(h->contexts != NULL &&
		   h->version == atomic_load_explicit(&s->version, memory_order_acquire)))
		return h;
	return take_newest(h) ? h : NULL;
}

/* What OpenSSL asks -------------------------------------------------------------------------- */

static SSL_CTX *context_of(struct tls_here *h, const struct face_choice *choice);

static struct tls_here *asked(const SSL *ssl)
{
	struct tls *l = tls_of_ssl(ssl);

	return l != NULL ? l->here : NULL;
}

static int on_name(SSL *ssl, int *alert, void *arg)
{
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	struct tls_here *h = asked(ssl);
	const struct face_choice *choice;
	struct weir_str folded;
	char room[256];
	SSL_CTX *ctx;

	(void)arg;
	if (name == NULL || h == NULL)
		return SSL_TLSEXT_ERR_NOACK;
	folded = tls_name_fold(str_from(name), room);
	if (folded.data == NULL)
		return SSL_TLSEXT_ERR_NOACK;	/* no host name: whoever asks so gets the first */
	choice = face_choose(h->face, folded);
	ctx = context_of(h, choice);
	if (ctx == NULL) {
		*alert = SSL_AD_INTERNAL_ERROR;
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	}
	if (ctx != SSL_get_SSL_CTX(ssl))
		(void)SSL_set_SSL_CTX(ssl, ctx);
	return SSL_TLSEXT_ERR_OK;
}

static int on_protocols(SSL *ssl, const unsigned char **out, unsigned char *out_len,
			const unsigned char *in, unsigned in_len, void *arg)
{
	static const unsigned char spoken[] = "\x08http/1.1\x08http/1.0";

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto((unsigned char **)(uintptr_t)out, out_len, spoken, sizeof(spoken) - 1, in,
				  in_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	return SSL_TLSEXT_ERR_OK;
}

static int on_ticket_key(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
			 EVP_MAC_CTX *mac, int seals)
{
	struct tls_here *h = asked(ssl);

	if (h == NULL || !ticket_ring_follow(&h->tickets, h->face->policy))
		return seals ? -1 : 0;
	return ticket_crypt(&h->tickets, name, iv, cipher, mac, seals);
}

/* A session does not outlive the certificate that the client showed when it began. */
static bool client_still_good(SSL_SESSION *session)
{
	X509 *shown = SSL_SESSION_get0_peer(session);

	return shown == NULL || X509_cmp_current_time(X509_get0_notAfter(shown)) > 0;
}

/* RFC 8446 C.4: in TLS 1.3 a ticket is used once, and without a new one every second handshake would be a
 * full one. Who showed a certificate proves again that the key is his when the first ticket is used up. */
static bool gives_another(const SSL *ssl, SSL_SESSION *session)
{
	return SSL_version(ssl) >= TLS1_3_VERSION && SSL_SESSION_get0_peer(session) == NULL;
}

static SSL_TICKET_RETURN on_ticket(SSL *ssl, SSL_SESSION *session, const unsigned char *name, size_t len,
				   SSL_TICKET_STATUS status, void *arg)
{
	(void)name;
	(void)len;
	(void)arg;
	if (status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW)
		return SSL_TICKET_RETURN_IGNORE_RENEW;
	if (!client_still_good(session))
		return SSL_TICKET_RETURN_IGNORE_RENEW;
	return status == SSL_TICKET_SUCCESS_RENEW || gives_another(ssl, session)
		       ? SSL_TICKET_RETURN_USE_RENEW
		       : SSL_TICKET_RETURN_USE;
}

/* NULL: the files were read again since the handshake began. */
static const struct face_choice *choice_shown(const SSL *ssl)
{
	const struct tls_here *h = asked(ssl);

	for (uint32_t i = 0; h != NULL && i < h->face->choice_count; i++)
		if (h->contexts[i] == SSL_get_SSL_CTX(ssl))
			return &h->face->choices[i];
	return NULL;
}

/* The OCSP answer that belongs to the certificate which is about to be shown. */
static int on_status(SSL *ssl, void *arg)
{
	const struct face_choice *choice = choice_shown(ssl);
	EVP_PKEY *key = SSL_get_privatekey(ssl);
	int kind = key != NULL ? EVP_PKEY_get_base_id(key) : 0;

	(void)arg;
	for (uint32_t i = 0; choice != NULL && i < choice->count; i++) {
		const struct tls_pair *p = choice->pairs[i];
		unsigned char *copy;

		if (p->kind != kind || !tls_staple_is_fresh(p))
			continue;
		copy = OPENSSL_memdup(p->staple.data, p->staple.len);
		if (copy == NULL)
			break;
		(void)SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)p->staple.len);
		return SSL_TLSEXT_ERR_OK;
	}
	return SSL_TLSEXT_ERR_NOACK;
}

static void set_calls(SSL_CTX *ctx)
{
	(void)SSL_CTX_set_tlsext_servername_callback(ctx, on_name);
	SSL_CTX_set_alpn_select_cb(ctx, on_protocols, NULL);
	(void)SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, on_ticket_key);
	(void)SSL_CTX_set_session_ticket_cb(ctx, NULL, on_ticket, NULL);
	(void)SSL_CTX_set_timeout(ctx, TICKET_LIFE);
	(void)SSL_CTX_set_tlsext_status_cb(ctx, on_status);
}

static SSL_CTX *context_of(struct tls_here *h, const struct face_choice *choice)
{
	SSL_CTX **at = &h->contexts[choice - h->face->choices];

	if (*at == NULL) {
		*at = face_context(h->face, choice, NULL);
		if (*at != NULL)
			set_calls(*at);
	}
	return *at;
}

/* Use ---------------------------------------------------------------------------------------- */

static uint64_t policy_of(const struct tls_face *f)
{
	uint64_t policy;

	memcpy(&policy, f->policy, sizeof(policy));
	return policy;
}

bool tls_accept(struct transport *t, struct tls_server *s)
{
	struct tls_here *h = here_of(s);
	SSL_CTX *ctx = h != NULL ? context_of(h, &h->face->choices[0]) : NULL;
	SSL *ssl = ctx != NULL ? SSL_new(ctx) : NULL;

	if (ssl == NULL) {
		ERR_clear_error();
		return false;
	}
	SSL_set_accept_state(ssl);
	if (!tls_layer_open(t, ssl, true))
		return false;
	tls_of(t)->here = h;
	tls_of(t)->state.policy = policy_of(h->face);
	return true;
}

static bool choice_covers(const struct face_choice *choice, struct weir_str host)
{
	for (uint32_t i = 0; i < choice->count; i++)
		for (uint32_t n = 0; n < choice->pairs[i]->name_count; n++)
			if (tls_name_covers(choice->pairs[i]->names[n], host))
				return true;
	return false;
}

bool tls_server_covers(struct tls_server *s, const struct transport *t, struct weir_str host)
{
	struct weir_str asked_for = tls_server_name(t), folded;
	struct tls_here *h;
	char room[256];

	if (asked_for.data == NULL || str_eq(asked_for, host))
		return true;
	h = here_of(s);
	if (h == NULL || h->face->choice_count == 1)
		return true;
	folded = tls_name_fold(asked_for, room);
	return folded.data == NULL || face_choose(h->face, folded) == face_choose(h->face, host) ||
	       choice_covers(face_choose(h->face, folded), host);
}

uint64_t tls_server_policy(struct tls_server *s)
{
	const struct tls_here *h = here_of(s);

	return h != NULL ? policy_of(h->face) : 0;
}

enum tls_ask tls_server_asks(const struct tls_server *s)
{
	return s->spec.ask;
}

/* Life --------------------------------------------------------------------------------------- */

static bool copy_path(const char **to, const char *from)
{
	*to = from != NULL ? str_dup(str_from(from)) : NULL;
	return from == NULL || *to != NULL;
}

static bool copy_spec(struct tls_server *s, const struct tls_server_spec *given)
{
	s->spec = *given;
	s->spec.name = str_of(str_dup(given->name), given->name.len);
	s->spec.client_ca = s->spec.client_crl = s->spec.ciphers = NULL;
	s->spec.pair_count = 0;
	s->files = mem_array(given->pair_count + 1u, sizeof(*s->files));
	s->spec.pairs = s->files;
	if (s->spec.name.data == NULL || s->files == NULL ||
	    !copy_path(&s->spec.client_ca, given->client_ca) ||
	    !copy_path(&s->spec.client_crl, given->client_crl) ||
	    !copy_path(&s->spec.ciphers, given->ciphers))
		return false;
	for (uint32_t i = 0; i < given->pair_count; i++) {
		s->spec.pair_count++;
		if (!copy_path(&s->files[i].cert, given->pairs[i].cert) ||
		    !copy_path(&s->files[i].key, given->pairs[i].key) ||
		    !copy_path(&s->files[i].staple, given->pairs[i].staple))
			return false;
	}
	return true;
}

static bool make_places(struct tls_server *s)
{
	size_t bytes = (s->spec.places + 1u) * sizeof(*s->places);

	s->places = aligned_alloc(64, bytes);
	if (s->places == NULL)
		return false;
	memset(s->places, 0, bytes);
	for (uint32_t i = 0; i <= s->spec.places; i++)
		s->places[i].server = s;
	return true;
}

struct tls_server *tls_server_new(const struct tls_server_spec *spec, struct weir_error *error)
{
	struct tls_server *s = mem_alloc(sizeof(*s));

	if (s == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	pthread_mutex_init(&s->lock, NULL);
	s->version = 1;
	if (!copy_spec(s, spec) || !make_places(s))
		(void)fail_memory(error);
	else
		s->face = face_load(&s->spec, error);
	if (s->face != NULL)
		return s;
	tls_server_free(s);
	return NULL;
}

static void free_path(const char *path)
{
	mem_free((char *)(uintptr_t)path);
}

static void free_spec(struct tls_server *s)
{
	for (uint32_t i = 0; s->files != NULL && i < s->spec.pair_count; i++) {
		free_path(s->files[i].cert);
		free_path(s->files[i].key);
		free_path(s->files[i].staple);
	}
	mem_free(s->files);
	free_path(s->spec.name.data);
	free_path(s->spec.client_ca);
	free_path(s->spec.client_crl);
	free_path(s->spec.ciphers);
}

void tls_server_free(struct tls_server *s)
{
	if (s == NULL)
		return;
	for (uint32_t i = 0; s->places != NULL && i <= s->spec.places; i++)
		if (s->places[i].face != NULL)
			drop_contexts(&s->places[i]);
	mem_free(s->places);
	face_unref(s->face);
	free_spec(s);
	pthread_mutex_destroy(&s->lock);
	mem_free(s);
}

bool tls_server_reread(struct tls_server *s, bool *changed, struct weir_error *error)
{
	struct tls_face *fresh = face_load(&s->spec, error), *old;

	if (fresh == NULL)
		return false;
	*changed = !face_same(fresh, s->face);
	if (!*changed) {
		face_unref(fresh);
		return true;
	}
	pthread_mutex_lock(&s->lock);
	old = s->face;
	s->face = fresh;
	atomic_fetch_add_explicit(&s->version, 1, memory_order_release);
	pthread_mutex_unlock(&s->lock);
	face_unref(old);
	return true;
}

void tls_server_visit(struct tls_server *s, void (*see)(void *arg, const struct tls_pair *pair), void *arg)
{
	struct tls_face *f;

	pthread_mutex_lock(&s->lock);
	f = face_ref(s->face);
	pthread_mutex_unlock(&s->lock);
	for (uint32_t i = 0; i < f->pair_count; i++)
		see(arg, f->pairs[i]);
	face_unref(f);
}

void tls_server_files(const struct tls_server *s, void (*see)(void *arg, const char *path), void *arg)
{
	for (uint32_t i = 0; i < s->spec.pair_count; i++) {
		see(arg, s->files[i].cert);
		see(arg, s->files[i].key);
		if (s->files[i].staple != NULL)
			see(arg, s->files[i].staple);
	}
	if (s->spec.client_ca != NULL)
		see(arg, s->spec.client_ca);
	if (s->spec.client_crl != NULL)
		see(arg, s->spec.client_crl);
}
