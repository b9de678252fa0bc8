/* test_fetch_tls.c - the small client over TLS, with openssl as the server: whom it believes. */
#include "core/codec/fetch.h"

#include "core/base/clock.h"
#include "core/fiber/wait.h"
#include "tests/certs.h"

#define LONG_TIME (20 * NS_PER_S)

static struct {
	struct certs certs;
	struct worker worker;
	struct arena arena;
	struct far_end server;
	struct address to;
	struct fetch f;
	struct fetch_answer answer;
	enum reason why;
	bool over;
} s;

static int make_certs(void **state)
{
	(void)state;
	certs_make(&s.certs);
	return 0;
}

static int remove_certs(void **state)
{
	(void)state;
	certs_remove(&s.certs);
	tls_trust_forget();
	return 0;
}

static int begin(void **state)
{
	struct weir_error error = { "" };

	(void)state;
	assert_true(worker_init(&s.worker, 0, NULL, &error));
	assert_true(buffers_open(&s.worker, &error));
	arena_init(&s.arena, &s.worker.chunks, 4 << 20);
	return 0;
}

static int end(void **state)
{
	(void)state;
	assert_int_equal(buffers_lent(&s.worker), 0);
	tls_client_unref(s.f.tls);
	arena_reset(&s.arena);
	buffers_close(&s.worker);
	worker_fini(&s.worker);
	far_end_ends(&s.server);
	return 0;
}

static void server_shows(const char *certificate, const char *more)
{
	char arguments[512];

	(void)snprintf(arguments, sizeof(arguments), "-www -cert %s/%s.pem -key %s/%s.key %s",
		       s.certs.dir, certificate, s.certs.dir, certificate, more);
	far_end_starts(&s.server, arguments);
}

static void fetches(void *arg)
{
	struct deadline d;

	(void)arg;
	deadline_enter(&d, clock_after(loop_now(&s.worker.loop), LONG_TIME), REASON_TIMEOUT);
	s.why = fetch_run(&s.worker, &s.f, &s.arena, &s.answer);
	deadline_leave(&d);
	s.over = true;
}

static void client_gets(const char *name, struct tls_client *tls)
{
	char address[32];

	(void)snprintf(address, sizeof(address), "127.0.0.1:%u", s.server.port);
	assert_true(address_parse(&s.to, str_from(address), NULL));
	s.f = (struct fetch){ .to = &s.to, .host = STR("x"), .method = STR("GET"), .path = STR("/"),
			      .most = 65536, .tls = tls, .server_name = str_from(name) };
	s.over = false;
	assert_non_null(fiber_start(&s.worker.loop, fetches, NULL));
	for (int i = 0; i < 10000 && !s.over; i++)
		loop_turn(&s.worker.loop, 10 * NS_PER_MS);
	assert_true(s.over);
}

static struct tls_client *believes(const char *authority)
{
	struct weir_error error = { "" };
	struct tls_client *c = tls_trust(certs_path(&s.certs, authority), &error);

	assert_string_equal(error.text, "");
	return c;
}

static void a_verified_server_answers(void **state)
{
	(void)state;
	server_shows("edge", "");

	client_gets("edge.example", believes("ca.pem"));

	assert_int_equal(s.why, REASON_NONE);
	assert_int_equal(s.answer.head.status, 200);
	assert_true(str_find_str(s.answer.body, STR("New, TLSv1.3")) < s.answer.body.len);
}

static void tls_1_2_will_do(void **state)
{
	(void)state;
	server_shows("edge-rsa", "-tls1_2");

	client_gets("edge.example", believes("ca.pem"));

	assert_int_equal(s.why, REASON_NONE);
	assert_true(str_find_str(s.answer.body, STR("New, TLSv1.2")) < s.answer.body.len);
}

static void an_address_is_verified_too(void **state)
{
	(void)state;
	server_shows("edge", "");

	client_gets("127.0.0.1", believes("ca.pem"));

	assert_int_equal(s.why, REASON_NONE);
}

static void a_wildcard_stands_for_one_label(void **state)
{
	(void)state;
	server_shows("edge", "");

	client_gets("a.wild.example", believes("ca.pem"));
	assert_int_equal(s.why, REASON_NONE);
	tls_client_unref(s.f.tls);

	client_gets("a.b.wild.example", believes("ca.pem"));
	assert_int_equal(s.why, REASON_TLS_NAME);
}

static void another_name_is_refused(void **state)
{
	(void)state;
	server_shows("shop", "");

	client_gets("edge.example", believes("ca.pem"));

	assert_int_equal(s.why, REASON_TLS_NAME);
	assert_string_equal(s.answer.words.text, "hostname mismatch");
}

static void an_unknown_authority_is_refused(void **state)
{
	(void)state;
	server_shows("edge", "");

	client_gets("edge.example", believes("stranger.pem"));

	assert_int_equal(s.why, REASON_TLS_VERIFY);
	assert_true(strlen(s.answer.words.text) > 0);
}

static void an_expired_certificate_is_refused(void **state)
{
	(void)state;
	server_shows("old-edge", "");

	client_gets("edge.example", believes("ca.pem"));

	assert_int_equal(s.why, REASON_TLS_VERIFY);
	assert_string_equal(s.answer.words.text, "certificate has expired");
}

static void the_machines_own_authorities_do_not_know_ours(void **state)
{
	struct weir_error error = { "" };

	(void)state;
	server_shows("edge", "");

	client_gets("edge.example", tls_trust(NULL, &error));

	assert_int_equal(s.why, REASON_TLS_VERIFY);
}

static void a_certificate_is_shown_to_who_asks(void **state)
{
	char ca[256], cert[256], key[256], more[600];
	struct weir_error error = { "" };
	struct tls_client_spec spec = { .ca = ca, .cert = cert, .key = key };

	(void)state;
	(void)snprintf(ca, sizeof(ca), "%s/ca.pem", s.certs.dir);
	(void)snprintf(cert, sizeof(cert), "%s/client.pem", s.certs.dir);
	(void)snprintf(key, sizeof(key), "%s/client.key", s.certs.dir);
	(void)snprintf(more, sizeof(more), "-Verify 2 -verify_return_error -CAfile %s/ca.pem", s.certs.dir);
	server_shows("edge", more);

	client_gets("edge.example", tls_client_new(&spec, &error));

	assert_string_equal(error.text, "");
	assert_int_equal(s.why, REASON_NONE);
}

static void who_wants_a_certificate_and_gets_none_is_a_reason(void **state)
{
	char more[600];

	(void)state;
	(void)snprintf(more, sizeof(more), "-Verify 2 -verify_return_error -CAfile %s/ca.pem", s.certs.dir);
	server_shows("edge", more);

	client_gets("edge.example", believes("ca.pem"));

	assert_int_equal(s.why, REASON_TLS_REFUSED);
}

static void another_certificates_key_is_refused_with_words(void **state)
{
	char cert[256], key[256];
	struct weir_error error = { "" };
	struct tls_client_spec spec = { .cert = cert, .key = key, .trusting = true };

	(void)state;
	server_shows("edge", "");
	s.f.tls = NULL;
	(void)snprintf(cert, sizeof(cert), "%s/client.pem", s.certs.dir);
	(void)snprintf(key, sizeof(key), "%s/edge.key", s.certs.dir);

	assert_null(tls_client_new(&spec, &error));

	assert_non_null(strstr(error.text, "is another certificate's"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_verified_server_answers, begin, end),
		cmocka_unit_test_setup_teardown(tls_1_2_will_do, begin, end),
		cmocka_unit_test_setup_teardown(an_address_is_verified_too, begin, end),
		cmocka_unit_test_setup_teardown(a_wildcard_stands_for_one_label, begin, end),
		cmocka_unit_test_setup_teardown(another_name_is_refused, begin, end),
		cmocka_unit_test_setup_teardown(an_unknown_authority_is_refused, begin, end),
		cmocka_unit_test_setup_teardown(an_expired_certificate_is_refused, begin, end),
		cmocka_unit_test_setup_teardown(the_machines_own_authorities_do_not_know_ours, begin, end),
		cmocka_unit_test_setup_teardown(a_certificate_is_shown_to_who_asks, begin, end),
		cmocka_unit_test_setup_teardown(who_wants_a_certificate_and_gets_none_is_a_reason, begin,
						end),
		cmocka_unit_test_setup_teardown(another_certificates_key_is_refused_with_words, begin, end),
	};

	return cmocka_run_group_tests_name("fetch over tls", tests, make_certs, remove_certs);
}
