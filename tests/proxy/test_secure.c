/* test_secure.c - TLS for a session and its exchanges: the handshake, who the client is, what it may ask. */
#include "core/proxy/secure.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "core/net/tls_server.h"
#include "tests/certs.h"
#include "tests/proxy/lone.h"
#include "tests/proxy/scene.h"

static struct certs certs;

static int make_certs(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	certs_make(&certs);
	return 0;
}

static int remove_certs(void **state)
{
	(void)state;
	certs_remove(&certs);
	return 0;
}

/* A listener with the certificates of edge.example and shop.example. */
static struct tls_server *serving(enum tls_ask ask)
{
	char files[5][256];
	const struct tls_pair_files pairs[] = { { .cert = files[0], .key = files[1] },
						{ .cert = files[2], .key = files[3] } };
	struct tls_server_spec spec = { .name = STR("edge"), .pairs = pairs, .pair_count = 2,
					.ask = ask, .places = 1 };
	static const char *const names[] = { "edge.pem", "edge.key", "shop.pem", "shop.key",
					     "ca.pem" };
	struct weir_error error = { "" };
	struct tls_server *server;

	for (int i = 0; i < 5; i++)
		(void)snprintf(files[i], sizeof(files[i]), "%s/%s", certs.dir, names[i]);
	if (ask != TLS_ASK_NONE)
		spec.client_ca = files[4];
	server = tls_server_new(&spec, &error);
	assert_string_equal(error.text, "");
	return server;
}

static struct scene *secured(enum tls_ask ask)
{
	struct scene *s = scene_new();

	s->lp.tls = serving(ask);
	s->lp.tls_timeout = 60 * NS_PER_S;
	return s;
}

static void ends(struct scene *s)
{
	struct tls_server *server = s->lp.tls;

	scene_free(s);
	tls_server_free(server);
}

/* The client of the scene, speaking TLS. */
struct guest {
	SSL_CTX *ctx;
	SSL *ssl;
};

static bool goes_on(struct scene *s, struct guest *g, int result)
{
	int why = SSL_get_error(g->ssl, result);

	ERR_clear_error();
	if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
		return false;
	scene_turns(s, 0);
	return true;
}

/* `cert`: "client", or NULL. */
static void guest_comes(struct scene *s, struct guest *g, const char *name, const char *cert)
{
	char file[256];
	int result;

	client_connects(s);
	assert_int_equal(fcntl(s->client, F_SETFL, O_NONBLOCK), 0);
	g->ctx = SSL_CTX_new(TLS_client_method());
	if (cert != NULL) {
		(void)snprintf(file, sizeof(file), "%s/%s.pem", certs.dir, cert);
		assert_int_equal(SSL_CTX_use_certificate_file(g->ctx, file, SSL_FILETYPE_PEM), 1);
		(void)snprintf(file, sizeof(file), "%s/%s.key", certs.dir, cert);
		assert_int_equal(SSL_CTX_use_PrivateKey_file(g->ctx, file, SSL_FILETYPE_PEM), 1);
	}
	g->ssl = SSL_new(g->ctx);
	SSL_set_fd(g->ssl, s->client);
	SSL_set_tlsext_host_name(g->ssl, name);
	while ((result = SSL_connect(g->ssl)) != 1)
		if (!goes_on(s, g, result))
			fail_msg("the handshake failed");
}

static void guest_leaves(struct scene *s, struct guest *g)
{
	SSL_free(g->ssl);
	SSL_CTX_free(g->ctx);
	client_closes(s);
}

static void guest_asks(struct guest *g, const char *host)
{
	char head[256];
	int len = snprintf(head, sizeof(head), "GET /x HTTP/1.1\r\nhost: %s\r\n"
			   "x-forwarded-client-cert: mine\r\n\r\n", host);

	assert_int_equal(SSL_write(g->ssl, head, len), len);
}

/* Until `text` has come; "": the end. */
static const char *guest_hears(struct scene *s, struct guest *g, const char *text)
{
	static char heard[65536];
	uint64_t until = clock_now() + 20 * NS_PER_S;
	int len = 0;

	while (clock_now() < until) {
		int n = SSL_read(g->ssl, heard + len, (int)sizeof(heard) - 1 - len);

		len += n > 0 ? n : 0;
		heard[len] = '\0';
		if (*text != '\0' && strstr(heard, text) != NULL)
			return heard;
		if (n <= 0 && !goes_on(s, g, n)) {
			if (*text != '\0')
				fail_msg("it ended after \"%s\"", heard);
			return heard;
		}
	}
	fail_msg("\"%s\" did not come, only \"%s\"", text, heard);
	return heard;
}

static struct weir_str origin_is_asked(struct scene *s)
{
	struct weir_str heard;

	if (s->origin < 0)
		origin_accepts(s);
	heard = origin_hears(s, "\r\n\r\n");
	origin_says(s, OK);
	return heard;
}

static bool has(struct weir_str heard, const char *text)
{
	return str_find_str(heard, str_from(text)) < heard.len;
}

/* The handshake. */

static void a_request_over_tls_is_https(void **state)
{
	struct scene *s = secured(TLS_ASK_NONE);
	struct weir_str heard;
	struct guest g;

	(void)state;
	guest_comes(s, &g, "edge.example", NULL);
	guest_asks(&g, "edge.example");
	heard = origin_is_asked(s);
	(void)guest_hears(s, &g, "\r\n\r\nok");

	assert_true(has(heard, "x-forwarded-proto: https\r\n"));
	assert_false(has(heard, "x-forwarded-client-cert"));
	guest_leaves(s, &g);
	ends(s);
}

static void who_speaks_no_tls_is_told_so(void **state)
{
	struct scene *s = secured(TLS_ASK_NONE);
	struct weir_str heard;

	(void)state;
	client_says(s, GET);
	heard = client_hears(s, "}\n");
	assert_true(str_starts(heard, STR("HTTP/1.1 400 ")));
	assert_true(has(heard, "weir-reason: http-on-tls\r\n"));
	assert_true(has(heard, "use https://"));
	client_closes(s);
	ends(s);
}

/* The length that is told is the length that comes. */
static void he_is_not_told_why_where_reasons_are_kept_back(void **state)
{
	static const char want[] = "HTTP/1.1 400 Bad Request\r\n"
				   "content-type: application/problem+json\r\n"
				   "content-length: 37\r\nconnection: close\r\n\r\n"
				   "{\"status\":400,\"title\":\"Bad Request\"}\n";
	struct scene *s = secured(TLS_ASK_NONE);
	struct weir_str heard;

	(void)state;
	s->lp.tell_reasons = false;
	client_says(s, GET);
	heard = client_hears(s, "}\n");

	assert_true(str_eq(heard, STR(want)));
	assert_int_equal(strlen(strstr(want, "\r\n\r\n") + 4), 37);
	client_closes(s);
	ends(s);
}

static void a_handshake_that_takes_too_long_is_given_up(void **state)
{
	struct scene *s = secured(TLS_ASK_NONE);

	(void)state;
	s->lp.tls_timeout = 30 * NS_PER_MS;
	client_says_bytes(s, "\x16\x03\x01", 3);
	client_hears_the_end(s);
	client_closes(s);
	ends(s);
}

static void who_vanishes_in_the_handshake_leaves_nothing(void **state)
{
	struct scene *s = secured(TLS_ASK_NONE);

	(void)state;
	client_says_bytes(s, "\x16\x03\x01", 3);
	client_resets(s);
	scene_until(s, nobody_is_connected);
	client_says_bytes(s, "\x16\x03\x01", 3);
	client_closes(s);
	scene_until(s, nobody_is_connected);
	ends(s);
}

/* Which requests. */

/* Another connection will show it the certificate of that name. */
static void a_name_with_another_certificate_wants_another_connection(void **state)
{
	struct scene *s = secured(TLS_ASK_NONE);
	const char *heard;
	struct guest g;

	(void)state;
	guest_comes(s, &g, "edge.example", NULL);
	guest_asks(&g, "shop.example");
	heard = guest_hears(s, &g, "");

	assert_int_equal(strncmp(heard, "HTTP/1.1 421 ", 13), 0);
	assert_non_null(strstr(heard, "connection: close\r\n"));
	assert_false(origin_is_asked_again(s));
	guest_leaves(s, &g);
	ends(s);
}

static void who_was_not_asked_for_his_certificate_comes_again(void **state)
{
	struct scene *s = secured(TLS_ASK_NONE);
	struct tls_server *before = s->lp.tls;
	struct guest g;

	(void)state;
	guest_comes(s, &g, "edge.example", NULL);
	guest_asks(&g, "edge.example");
	(void)origin_is_asked(s);
	(void)guest_hears(s, &g, "\r\n\r\nok");
	s->lp.tls = serving(TLS_ASK_REQUIRED);	/* a reload */
	guest_asks(&g, "edge.example");

	assert_int_equal(strncmp(guest_hears(s, &g, ""), "HTTP/1.1 421 ", 13), 0);
	guest_leaves(s, &g);
	scene_until(s, nobody_is_connected);
	ends(s);
	tls_server_free(before);
}

/* Where less is asked now, this request is served, and the connection ends. */
static void after_a_reload_that_asks_less_the_connection_ends(void **state)
{
	struct scene *s = secured(TLS_ASK_OPTIONAL);
	struct tls_server *before = s->lp.tls;
	struct guest g;

	(void)state;
	guest_comes(s, &g, "edge.example", NULL);
	s->lp.tls = serving(TLS_ASK_NONE);
	guest_asks(&g, "edge.example");
	(void)origin_is_asked(s);

	assert_non_null(strstr(guest_hears(s, &g, ""), "connection: close\r\n"));
	guest_leaves(s, &g);
	scene_until(s, nobody_is_connected);
	ends(s);
	tls_server_free(before);
}

/* Who the client is. */

static void a_client_is_told_by_its_certificate_and_by_nothing_else(void **state)
{
	struct scene *s = secured(TLS_ASK_REQUIRED);
	struct weir_str heard;
	struct guest g;

	(void)state;
	s->lp.forward_client_cert = true;
	guest_comes(s, &g, "edge.example", "client");
	guest_asks(&g, "edge.example");
	heard = origin_is_asked(s);
	(void)guest_hears(s, &g, "\r\n\r\nok");

	assert_true(has(heard, "x-forwarded-client-cert: Hash="));
	assert_true(has(heard, ";Subject=\"CN=web,O=Weir tests\";"));
	assert_true(has(heard, ";URI=spiffe://example.org/ns/default/sa/web"));
	assert_true(has(heard, ";DNS=web.example"));
	assert_false(has(heard, "mine"));
	guest_leaves(s, &g);
	ends(s);
}

/* A header made of it. */

static const struct tls_peer *peer_with_quotes(void)
{
	static struct tls_alternative names[] = { { TLS_SAN_EMAIL, STR("me@example") },
						  { TLS_SAN_DNS, STR("a.example") },
						  { TLS_SAN_IP, STR("192.0.2.7") } };
	static const struct tls_peer peer = { .fingerprint = STR("f00d"), .names = names,
					      .name_count = 3,
					      .subject = STR("CN=a\"b\\c\nd\x80,O=x;Hash=1") };

	return &peer;
}

/* Whatever stands in a subject, it stays between its quotes and on its line. */
static void a_subject_adds_no_parts_and_no_lines(void **state)
{
	struct lone *l = *state;

	lone_asks(l, "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
	l->ex.peer = peer_with_quotes();
	l->lp.forward_client_cert = true;
	secure_forward(&l->ex);

	assert_str(headers_joined(&l->ex.req.headers, STR("x-forwarded-client-cert")),
		   "Hash=f00d;Subject=\"CN=a\\\"b\\\\c?d?,O=x;Hash=1\";DNS=a.example");
}

static void it_is_told_to_nobody_who_did_not_ask(void **state)
{
	struct lone *l = *state;

	lone_asks(l, "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
	l->ex.peer = peer_with_quotes();
	secure_forward(&l->ex);
	l->lp.forward_client_cert = true;
	l->ex.peer = NULL;
	secure_forward(&l->ex);

	assert_null(headers_joined(&l->ex.req.headers, STR("x-forwarded-client-cert")).data);
}

/* A proxy that may say whose request it is may not say so by certificate, in any spelling. */
static void a_trusted_proxy_has_no_certificate_to_tell_of(void **state)
{
	struct lone *l = *state;

	lone_asks(l, "GET / HTTP/1.1\r\nhost: a\r\nX-Forwarded_Client-Cert: Hash=1\r\n"
		     "x-forwarded-client-cert: Hash=2\r\n\r\n");
	l->ex.peer_trusted = true;

	assert_int_equal(secure_admit(&l->ex), REASON_NONE);
	assert_int_equal(headers_count(&l->ex.req.headers, STR("x-forwarded-client-cert")), 0);
	assert_int_equal(headers_count(&l->ex.req.headers, STR("x-forwarded_client-cert")), 0);
	assert_false(l->session.ending);
}

/* A plain connection to a listener that speaks TLS since a reload. */
static void a_plain_connection_ends_where_tls_has_come(void **state)
{
	struct lone *l = *state;

	lone_asks(l, "GET / HTTP/1.1\r\nhost: edge.example\r\n\r\n");
	l->lp.tls = serving(TLS_ASK_NONE);
	assert_int_equal(secure_admit(&l->ex), REASON_NONE);
	assert_true(l->session.ending);
	tls_server_free(l->lp.tls);

	l->lp.tls = serving(TLS_ASK_REQUIRED);
	assert_int_equal(secure_admit(&l->ex), REASON_MISDIRECTED);
	tls_server_free(l->lp.tls);
}

static void bytes_of_a_handshake_are_known_on_a_plain_port(void **state)
{
	(void)state;
	assert_true(looks_like_tls(STR("\x16\x03\x01\x02")));
	assert_false(looks_like_tls(STR("\x16")));
	assert_false(looks_like_tls(STR("GET ")));
	assert_false(looks_like_tls(STR("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_over_tls_is_https),
		cmocka_unit_test(who_speaks_no_tls_is_told_so),
		cmocka_unit_test(he_is_not_told_why_where_reasons_are_kept_back),
		cmocka_unit_test(a_handshake_that_takes_too_long_is_given_up),
		cmocka_unit_test(who_vanishes_in_the_handshake_leaves_nothing),
		cmocka_unit_test(a_name_with_another_certificate_wants_another_connection),
		cmocka_unit_test(who_was_not_asked_for_his_certificate_comes_again),
		cmocka_unit_test(after_a_reload_that_asks_less_the_connection_ends),
		cmocka_unit_test(a_client_is_told_by_its_certificate_and_by_nothing_else),
		LONE_TEST(a_subject_adds_no_parts_and_no_lines),
		LONE_TEST(it_is_told_to_nobody_who_did_not_ask),
		LONE_TEST(a_trusted_proxy_has_no_certificate_to_tell_of),
		LONE_TEST(a_plain_connection_ends_where_tls_has_come),
		cmocka_unit_test(bytes_of_a_handshake_are_known_on_a_plain_port),
	};

	return cmocka_run_group_tests_name("secure", tests, make_certs, remove_certs);
}
