/* test_tls.c - a listener that speaks TLS: certificates by name, versions, tickets, and rules broken. */
#include "tests/e2e/secure.h"

#include <signal.h>

#define ROUTES \
	"services: {app: {endpoints: [\"${A}\"]}}\n" \
	"routes: [{to: app}]\n"
#define EDGE TLS_LISTEN("") ROUTES
#define MANY \
	"listen: {edge: {address: \"${EDGE}\", tls: {certs: [" CERTS_OF("edge") ", " \
	CERTS_OF("edge-rsa") ", " CERTS_OF("shop") "]}}}\n" ROUTES
#define LIVE_EDGE "listen: {edge: {address: \"${EDGE}\", tls: {certs: " LIVE "}}}\n" ROUTES

/* Certificates ------------------------------------------------------------------------------ */

static void the_name_that_is_asked_for_chooses_the_certificate(struct story *s)
{
	holds(s_client(s, "", "-servername shop.example"), "CN = shop.example");
	holds(s_client(s, "", "-servername edge.example"), "CN = edge.example");
	holds(s_client(s, "", "-servername SHOP.Example."), "CN = shop.example");
	holds(s_client(s, "", "-servername a.wild.example"), "CN = edge.example");
	holds(s_client(s, "", "-servername nobody.example"), "CN = edge.example");
	holds(s_client(s, "", "-noservername"), "CN = edge.example");
}

static void the_client_gets_the_kind_of_key_that_it_can_use(struct story *s)
{
	holds(s_client(s, "", "-servername edge.example -sigalgs ECDSA+SHA256"), "Peer signature type: ECDSA");
	holds(s_client(s, "", "-servername edge.example -sigalgs rsa_pss_rsae_sha256"),
	     "Peer signature type: RSA-PSS");
	holds(s_client(s, "", "-servername edge.example -tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256"),
	     "Cipher is ECDHE-RSA-AES128-GCM-SHA256");
}

static void one_connection_carries_many_requests_and_large_bodies(struct story *s)
{
	struct caller *c = caller_new(s, NULL);

	origin_at(s->a, "/big", gives(5000000));
	origin_at(s->a, "/chunks", gives_chunked(3000000));
	for (int i = 0; i < 10; i++) {
		assert_int_equal(caller_gets(c, "edge.example", "/"), 200);
		assert_string_equal(c->body, "A");
	}
	assert_int_equal(caller_gets(c, "edge.example", "/big"), 200);
	assert_int_equal(c->len, 5000000);
	assert_int_equal(caller_gets(c, "edge.example", "/chunks"), 200);
	assert_int_equal(c->len, 3000000);

	assert_true(eventually(handshakes(s, "full") == 1));
	caller_free(c);
}

static void an_upload_arrives_whole(struct story *s)
{
	struct caller *c = caller_new(s, NULL);
	char *body = malloc(4000000);

	pattern_fill(body, 4000000, 0);
	curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE, 4000000L);

	assert_int_equal(caller_gets(c, "edge.example", "/up"), 200);

	assert_int_equal(origin_last_body_len(s->a), 4000000);
	assert_true(origin_last_body_hash(s->a) == pattern_hash(4000000));
	free(body);
	caller_free(c);
}

static size_t sip(char *data, size_t size, size_t count, void *arg)
{
	(void)data;
	usleep(2000);
	*(size_t *)arg += size * count;
	return size * count;
}

static void a_slow_reader_gets_all_of_it(struct story *s)
{
	struct caller *c = caller_new(s, NULL);
	size_t got = 0;

	origin_at(s->a, "/big", gives(8000000));
	curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, sip);
	curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &got);

	assert_int_equal(caller_gets(c, "edge.example", "/big"), 200);

	assert_int_equal(got, 8000000);
	caller_free(c);
}

static void services_learn_that_it_was_https(struct story *s)
{
	assert_int_equal(gets_securely(s, "edge.example", NULL, "/"), 200);

	holds(origin_last_head(s->a), "x-forwarded-proto: https\r\n");
}

/* RFC 6797 7.2: over TLS, and only there; see test_guards for the other half. */
static void browsers_are_told_to_come_back_by_tls(struct story *s)
{
	holds(run_shell("curl -s -i --cacert \"$CERTS/ca.pem\" --connect-to edge.example:443:%s "
			"https://edge.example/", s->edge), "strict-transport-security: max-age=31536000\r\n");
}

/* Sessions ---------------------------------------------------------------------------------- */

static void sessions_are_resumed_on_every_worker(struct story *s)
{
	static const char ask[] = "GET / HTTP/1.1\\r\\nhost: edge.example\\r\\nconnection: close\\r\\n\\r\\n";
	char arguments[256];

	(void)snprintf(arguments, sizeof(arguments), "-ign_eof -sess_out %s/session", s->gateway->dir);
	holds(s_client(s, ask, arguments), "New, TLSv1.3");
	(void)snprintf(arguments, sizeof(arguments), "-ign_eof -sess_in %s/session", s->gateway->dir);
	for (int i = 0; i < 8; i++)
		holds(s_client(s, ask, arguments), "Reused, TLSv1.3");
	(void)snprintf(arguments, sizeof(arguments), "-tls1_2 -ign_eof -sess_out %s/old", s->gateway->dir);
	holds(s_client(s, ask, arguments), "New, TLSv1.2");
	(void)snprintf(arguments, sizeof(arguments), "-tls1_2 -ign_eof -sess_in %s/old", s->gateway->dir);
	holds(s_client(s, ask, arguments), "Reused, TLSv1.2");

	assert_true(eventually(handshakes(s, "resumed") == 9));
}

/* RFC 8446 C.4: a ticket is used once, so that each handshake must bring the next one. */
static void a_resumed_session_brings_the_next_ticket(struct story *s)
{
	static const char ask[] = "GET / HTTP/1.1\\r\\nhost: edge.example\\r\\nconnection: close\\r\\n\\r\\n";
	char arguments[256];

	(void)snprintf(arguments, sizeof(arguments), "-ign_eof -sess_out %s/session", s->gateway->dir);
	holds(s_client(s, ask, arguments), "New, TLSv1.3");
	(void)snprintf(arguments, sizeof(arguments),
		       "-ign_eof -sess_in %s/session -sess_out %s/session -msg", s->gateway->dir,
		       s->gateway->dir);
	for (int i = 0; i < 3; i++) {
		const char *said = s_client(s, ask, arguments);

		holds(said, "Reused, TLSv1.3");
		holds(said, "NewSessionTicket");
	}
	assert_true(eventually(handshakes(s, "resumed") == 3));
}

static void without_tickets_there_is_nothing_to_resume(struct story *s)
{
	holds(s_client(s, "", "-tls1_2 -reconnect"), "New, TLSv1.2");

	assert_true(eventually(handshakes(s, "resumed") == 0));
}

/* Those who break the rules ------------------------------------------------------------------- */

static void old_versions_and_unknown_protocols_are_refused(struct story *s)
{
	holds(s_client(s, "", "-tls1_1 -cipher ALL:@SECLEVEL=0"), "alert protocol version");
	holds(s_client(s, "", "-alpn h2"), "alert no application protocol");
	holds(s_client(s, "", "-alpn h2,http/1.1"), "ALPN protocol: http/1.1");
	holds(s_client(s, "", "-tls1_2 -cipher AES128-SHA"), "alert handshake failure");

	assert_true(eventually(handshakes(s, "tls-no-common") == 3));
}

static void renegotiation_is_refused(struct story *s)
{
	holds(run_shell("mkfifo %s/asks && exec 3<>%s/asks && echo R >&3 && "
			"timeout 20 openssl s_client -connect %s -tls1_2 <&3 2>&1",
			s->gateway->dir, s->gateway->dir, s->edge),
	      "no renegotiation");
}

static void plain_http_is_told_so(struct story *s)
{
	client_gets(s->client, "/");

	client_saw_reason(s->client, 400, "http-on-tls");
	client_saw_the_end(s->client);
	assert_true(eventually(handshakes(s, "http-on-tls") == 1));
	assert_true(gateway_logs(s->gateway, "http-on-tls"));
}

static void tls_on_a_plain_port_has_a_reason(struct story *s)
{
	holds(s_client(s, "", ""), "wrong version number");

	assert_true(eventually(gateway_metric(s->gateway, "weir_reasons_total", "tls-on-http", NULL) == 1));
}

static void garbage_ends_the_handshake(struct story *s)
{
	client_sends(s->client, "\x01\x02\x03 this is nothing at all");

	assert_true(eventually(handshakes(s, "tls-broken") == 1));
}

static void who_does_not_finish_is_left(struct story *s)
{
	static const char half[] = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";

	assert_true(client_try_send(s->client, half, sizeof(half) - 1));

	client_saw_the_end(s->client);
	assert_true(eventually(handshakes(s, "tls-slow") == 1));
}

static void who_says_nothing_is_left_too(struct story *s)
{
	client_saw_the_end(s->client);
}

static void a_client_that_does_not_know_the_authority_says_so(struct story *s)
{
	struct caller *c = caller_new(s, NULL);

	curl_easy_setopt(c->curl, CURLOPT_CAINFO, certs_path(&certs, "stranger.pem"));
	assert_int_equal(caller_gets(c, "edge.example", "/"), 0);

	assert_int_equal(c->result, CURLE_PEER_FAILED_VERIFICATION);
	assert_true(eventually(handshakes(s, "tls-rejected") == 1));
	caller_free(c);
}

static void a_request_for_a_name_with_another_certificate_is_misdirected(struct story *s)
{
	struct caller *c = caller_new(s, NULL);

	caller_header(c, "host: shop.example");
	assert_int_equal(caller_gets(c, "edge.example", "/"), 421);
	holds(c->body, "\"reason\":\"misdirected\"");
	caller_free(c);

	c = caller_new(s, NULL);
	caller_header(c, "host: a.wild.example");
	assert_int_equal(caller_gets(c, "edge.example", "/"), 200);
	caller_free(c);
	assert_int_equal(gets_securely(s, "shop.example", NULL, "/"), 200);
}

static void an_answer_that_breaks_off_does_not_look_whole(struct story *s)
{
	struct caller *c = caller_new(s, NULL);

	origin_always(s->a, closing((struct act){ .kind = ACT_SAY, .text = "HTTP/1.1 200 OK\r\ncontent-length: "
						  "100\r\n\r\nonly this" }));
	assert_int_equal(caller_gets(c, "edge.example", "/"), 0);

	assert_int_not_equal(c->result, CURLE_OK);
	caller_free(c);
}

/* Certificates that change -------------------------------------------------------------------- */

static bool shows(struct story *s, const char *name)
{
	char theirs[256];

	(void)snprintf(theirs, sizeof(theirs), "%s", run_shell("openssl x509 -in %s/%s.pem -noout -serial",
							      certs.dir, name));
	return strcmp(theirs, run_shell("openssl s_client -connect %s </dev/null 2>/dev/null | "
					"openssl x509 -noout -serial", s->edge)) == 0;
}

static void begin_live(struct story *s)
{
	goes_live(s, "edge");
	story_starts(s, LIVE_EDGE);
}

static void a_changed_certificate_is_shown_and_connections_stay(struct story *s)
{
	struct caller *c;

	begin_live(s);
	c = caller_new(s, NULL);
	assert_int_equal(caller_gets(c, "edge.example", "/"), 200);
	assert_true(shows(s, "edge"));

	goes_live(s, "renewed");

	assert_true(eventually(shows(s, "renewed")));
	assert_int_equal(caller_gets(c, "edge.example", "/"), 200);
	assert_true(gateway_metric(s->gateway, "weir_certificate_reads_total", "accepted", NULL) >= 1);
	assert_int_equal(origin_accepted(s->a) <= 2, 1);
	caller_free(c);
}

static void a_bad_pair_keeps_the_old_one(struct story *s)
{
	begin_live(s);
	gateway_writes_file(s->gateway, "live.pem", "this is no certificate\n");

	assert_true(gateway_logs(s->gateway, "holds no certificate in PEM form"));
	assert_true(shows(s, "edge"));
	assert_true(gateway_metric(s->gateway, "weir_certificate_reads_total", "refused", NULL) >= 1);
	gateway_forgets_log(s->gateway);
	gateway_signal(s->gateway, SIGHUP);
	assert_true(gateway_logs(s->gateway, "reload failed"));
	holds(gateway_log(s->gateway), "holds no certificate in PEM form");
	assert_true(shows(s, "edge"));

	goes_live(s, "renewed");
	assert_true(eventually(shows(s, "renewed")));
}

static void another_key_is_refused_by_name(struct story *s)
{
	begin_live(s);
	goes_live(s, "shop");
	assert_true(eventually(shows(s, "shop")));
	(void)run_shell("cp %s/edge.key %s/live.key", certs.dir, s->gateway->dir);

	assert_true(gateway_logs(s->gateway, "is another certificate's"));
	assert_true(shows(s, "shop"));
}

/* A new connection for each request, until the other certificate is shown. */
static bool all_are_served_until_it_shows(struct story *s, struct caller *c, const char *name)
{
	for (int i = 0; i < 5; i++)
		if (caller_gets(c, "edge.example", "/") != 200)
			fail_msg("a request failed: %s", curl_easy_strerror(c->result));
	return shows(s, name);
}

static void certificates_swapped_under_load_fail_nobody(struct story *s)
{
	static const char *const names[] = { "renewed", "edge", "renewed" };
	struct caller *c, *kept;

	begin_live(s);
	c = caller_new(s, NULL);
	kept = caller_new(s, NULL);
	curl_easy_setopt(c->curl, CURLOPT_FRESH_CONNECT, 1L);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		assert_int_equal(caller_gets(kept, "edge.example", "/"), 200);
		goes_live(s, names[i]);
		assert_true(eventually(all_are_served_until_it_shows(s, c, names[i])));
	}
	assert_int_equal(caller_gets(kept, "edge.example", "/"), 200);
	assert_true(gateway_metric(s->gateway, "weir_certificate_reads_total", "accepted", NULL) >= 3);
	caller_free(c);
	caller_free(kept);
}

/* Of the test authority about a certificate, as `openssl ocsp` gives it. */
static void answers_ocsp(struct story *s, const char *name, const char *until)
{
	holds(run_shell("D=%s C=%s.pem && cd %s && printf 'V\\t%%s\\t\\t%%s\\tunknown\\t/CN=edge\\n' "
			"300101000000Z $(openssl x509 -in $C -noout -serial | cut -d= -f2) >$D/ocsp.txt && "
			"openssl ocsp -issuer ca.pem -cert $C -no_nonce -reqout $D/ocsp.req 2>&1 && "
			"openssl ocsp -index $D/ocsp.txt -rsigner ca.pem -rkey ca.key -CA ca.pem "
			"-reqin $D/ocsp.req -respout $D/new.der %s 2>&1; mv $D/new.der $D/ocsp.der && "
			"ls $D/ocsp.der", s->gateway->dir, name, certs.dir, until), "ocsp.der");
}

#define STAPLES(name) "listen: {edge: {address: \"${EDGE}\", tls: {certs: [{" \
	"cert: \"${CERTS}/" name ".pem\", key: \"${CERTS}/" name ".key\", " \
	"ocsp: \"${DIR}/ocsp.der\"}]}}}\n" ROUTES

static void an_ocsp_answer_is_shown_with_the_certificate(struct story *s)
{
	answers_ocsp(s, "edge", "-ndays 3");
	story_starts(s, STAPLES("edge"));

	holds(s_client(s, "", "-status"), "OCSP Response Status: successful");
	holds(s_client(s, "", "-status"), "Cert Status: good");
}

static void one_that_is_over_or_about_another_is_not(struct story *s)
{
	answers_ocsp(s, "shop", "-ndays 3");
	story_starts(s, STAPLES("edge"));
	assert_true(gateway_logs(s->gateway, "is an OCSP answer about another certificate"));
	holds(s_client(s, "", "-status"), "OCSP response: no response sent");

	answers_ocsp(s, "edge", "-ndays 3");
	assert_true(eventually(strstr(s_client(s, "", "-status"), "Cert Status: good") != NULL));
	/* openssl makes none that is over: another year is written into it */
	answers_ocsp(s, "edge", "-ndays 36500 && "
		     "LC_ALL=C sed -i s/$(date -u -d +36500days +%Y)/2001/ $D/new.der");
	assert_true(eventually(strstr(s_client(s, "", "-status"), "no response sent") != NULL));
}

static void a_check_warns_of_certificates_that_end(struct story *s)
{
	gateway_writes(s->gateway, "listen: {edge: {address: \"${EDGE}\", tls: {certs: ["
		       CERTS_OF("soon-edge") ", " CERTS_OF("old-edge") "]}}}\n" ROUTES);
	assert_int_equal(gateway_checks(s->gateway), 0);
	holds(gateway_log(s->gateway), "soon-edge.pem expires in 2 days");
	holds(gateway_log(s->gateway), "old-edge.pem has expired");

	gateway_writes(s->gateway, "listen: {edge: {address: \"${EDGE}\", tls: {certs: [{cert: "
		       "\"${CERTS}/edge.pem\", key: \"${CERTS}/shop.key\"}]}}}\n" ROUTES);
	assert_int_equal(gateway_checks(s->gateway), 1);
	holds(gateway_log(s->gateway), "is another certificate's");
	s->may_end_badly = true;
}

static void a_listener_may_become_secure_while_it_serves(struct story *s)
{
	client_gets(s->client, "/");
	client_saw(s->client, 200, "A");

	assert_int_equal(story_reloads(s, EDGE), 200);

	assert_int_equal(gets_securely(s, "edge.example", NULL, "/"), 200);
	client_gets(s->client, "/");
	client_saw(s->client, 200, "A");	/* the connection that was there goes on, once */
	client_saw_the_end(s->client);
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(the_name_that_is_asked_for_chooses_the_certificate, MANY),
		STORY(the_client_gets_the_kind_of_key_that_it_can_use, MANY),
		STORY(one_connection_carries_many_requests_and_large_bodies, EDGE),
		STORY(an_upload_arrives_whole, EDGE),
		STORY(a_slow_reader_gets_all_of_it, EDGE),
		STORY(services_learn_that_it_was_https, EDGE),
		STORY(browsers_are_told_to_come_back_by_tls,
		      "listen: {edge: {address: \"${EDGE}\", policies: [security_headers], "
		      "tls: {certs: [" CERTS_OF("edge") "]}}}\n" ROUTES),
		STORY(sessions_are_resumed_on_every_worker, EDGE),
		STORY(a_resumed_session_brings_the_next_ticket, TLS_LISTEN("") ROUTES),
		STORY(without_tickets_there_is_nothing_to_resume, TLS_LISTEN(", tickets: false") ROUTES),
		STORY(old_versions_and_unknown_protocols_are_refused, EDGE),
		STORY(renegotiation_is_refused, EDGE),
		STORY(plain_http_is_told_so, EDGE),
		STORY(tls_on_a_plain_port_has_a_reason, LISTEN ROUTES),
		STORY(garbage_ends_the_handshake, EDGE),
		STORY(who_does_not_finish_is_left, "timeouts: {tls: 300ms}\n" EDGE),
		STORY(who_says_nothing_is_left_too, "timeouts: {tls: 300ms}\n" EDGE),
		STORY(a_client_that_does_not_know_the_authority_says_so, EDGE),
		STORY(a_request_for_a_name_with_another_certificate_is_misdirected, MANY),
		STORY(an_answer_that_breaks_off_does_not_look_whole, EDGE),
		STORY(a_changed_certificate_is_shown_and_connections_stay, NULL),
		STORY(a_bad_pair_keeps_the_old_one, NULL),
		STORY(another_key_is_refused_by_name, NULL),
		STORY(certificates_swapped_under_load_fail_nobody, NULL),
		STORY(an_ocsp_answer_is_shown_with_the_certificate, NULL),
		STORY(one_that_is_over_or_about_another_is_not, NULL),
		STORY(a_check_warns_of_certificates_that_end, NULL),
		STORY(a_listener_may_become_secure_while_it_serves, LISTEN ROUTES),
	};

	return cmocka_run_group_tests_name("tls", stories, secure_begin, secure_end);
}
