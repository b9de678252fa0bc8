/* tls_trial.c - a handshake with oneself, in memory, before the first real one. */
#include <openssl/err.h>
#include <stdatomic.h>

#include "core/base/error.h"
#include "core/net/tls_files.h"
#include "core/net/tls_inside.h"

enum { PIPE = 65536, STEPS = 8 };

/* Each turn lets both sides go on as far as they can. */
static bool shake(SSL *server, SSL *client)
{
	bool done = false;

	for (int i = 0; i < STEPS && !done; i++) {
		bool one = SSL_do_handshake(client) == 1;

		done = SSL_do_handshake(server) == 1 && one;
	}
	return done;
}

static bool try_with(SSL_CTX *ctx, SSL_CTX *client_ctx)
{
	SSL *server = SSL_new(ctx), *client = SSL_new(client_ctx);
	BIO *one = NULL, *other = NULL;
	bool ok = server != NULL && client != NULL && BIO_new_bio_pair(&one, PIPE, &other, PIPE) == 1;

	if (ok) {
		SSL_set_bio(server, one, one);
		SSL_set_bio(client, other, other);
		SSL_set_verify(server, SSL_VERIFY_NONE, NULL);
		SSL_set_accept_state(server);
		SSL_set_connect_state(client);
		ok = shake(server, client);
	}
	SSL_free(server);
	SSL_free(client);
	return ok;
}

/* OpenSSL loads its algorithms when they are first needed, and one for which there was no memory just then
 * stays missing. So all that a handshake needs is loaded here, while it still can be said that it failed. */
bool tls_trial(SSL_CTX *ctx, struct weir_error *error)
{
	static atomic_bool done;
	SSL_CTX *client;
	bool ok;

	if (atomic_load_explicit(&done, memory_order_acquire))
		return true;
	client = SSL_CTX_new(TLS_client_method());
	ok = client != NULL && try_with(ctx, client);
	SSL_CTX_free(client);
	if (!ok)
		return fail(error, "a handshake with itself failed: %s", tls_words().text);
	atomic_store_explicit(&done, true, memory_order_release);
	return true;
}
