/* other.h - a client that is OpenSSL itself, on a thread of its own, at the other end of a TLS layer. */
#ifndef TESTS_NET_OTHER_H
#define TESTS_NET_OTHER_H

#include <openssl/ssl.h>
#include <pthread.h>

#include "core/net/tls_inside.h"
#include "core/net/tls_server.h"
#include "tests/certs.h"
#include "tests/net/scene.h"

static struct certs certs;

/* The other end: a client on a thread of its own, whose socket blocks. */
struct other {
	struct scene *s;
	SSL_CTX *ctx;
	SSL *ssl;
	pthread_t thread;
	void (*act)(struct other *o);
	const char *suite;	/* of TLS 1.3; NULL: as OpenSSL likes */
	int version;		/* 0: the newest */
	int result;		/* of SSL_connect() */
	size_t got;		/* bytes read */
	size_t good;		/* as the test counts */
};

static struct tls_server *server;

static inline int begin(void **state)
{
	char cert[256], key[256];
	const struct tls_pair_files pair = { .cert = cert, .key = key };
	const struct tls_server_spec spec = { .name = STR("test"), .pairs = &pair, .pair_count = 1, .places = 1 };
	struct weir_error error = { "" };

	(void)snprintf(cert, sizeof(cert), "%s/edge.pem", certs.dir);
	(void)snprintf(key, sizeof(key), "%s/edge.key", certs.dir);
	server = tls_server_new(&spec, &error);
	assert_string_equal(error.text, "");
	*state = scene_new();
	return 0;
}

static inline int end(void **state)
{
	scene_free(*state);
	tls_server_free(server);
	return 0;
}

static inline int make_certs(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	certs_make(&certs);
	return 0;
}

static inline int remove_certs(void **state)
{
	(void)state;
	certs_remove(&certs);
	return 0;
}

static inline void *run_other(void *arg)
{
	struct other *o = arg;

	o->result = SSL_connect(o->ssl);
	if (o->result == 1 && o->act != NULL)
		o->act(o);
	return NULL;
}

/* One that knows what it wants. */
static inline void other_begins_so(struct other *o, struct scene *s, void (*act)(struct other *o),
				   const char *suite, int version)
{
	*o = (struct other){ .s = s, .act = act, .suite = suite, .version = version };
	o->ctx = SSL_CTX_new(TLS_client_method());
	if (o->suite != NULL)
		assert_int_equal(SSL_CTX_set_ciphersuites(o->ctx, o->suite), 1);
	if (o->version != 0)
		assert_int_equal(SSL_CTX_set_max_proto_version(o->ctx, o->version), 1);
	o->ssl = SSL_new(o->ctx);
	assert_int_equal(SSL_set_fd(o->ssl, s->peer), 1);
	assert_int_equal(pthread_create(&o->thread, NULL, run_other, o), 0);
}

static inline void other_begins(struct other *o, struct scene *s, void (*act)(struct other *o))
{
	other_begins_so(o, s, act, NULL, 0);
}

static inline void other_ends(struct other *o)
{
	pthread_join(o->thread, NULL);
	SSL_free(o->ssl);
	SSL_CTX_free(o->ctx);
}

/* What the fiber on this side does. */

static inline void shakes_hands(struct scene *s)
{
	struct weir_error error = { "" };

	assert_true(tls_accept(&s->t, server));
	s->reason = tls_handshake(&s->t, &error);
}

static inline void shakes_hands_and_reads(struct scene *s)
{
	shakes_hands(s);
	if (s->reason == REASON_NONE)
		s->result = transport_read(&s->t, s->data, sizeof(s->data), &s->len);
}

#endif
