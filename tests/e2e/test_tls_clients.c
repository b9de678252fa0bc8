/* test_tls_clients.c - mutual TLS: which clients may come in, who they are, and who only says so. */
#include "tests/e2e/secure.h"

#define APP "services: {app: {endpoints: [\"${A}\"]}}\n"
#define ROUTES APP "routes: [{to: app}, {match: {path: /who}, respond: {body: \"{client.identity}\"}}]\n"
#define ASKS(how, more) TLS_LISTEN(", client_ca: \"${CERTS}/ca.pem\", client_cert: " how more)
#define OPTIONAL ASKS("optional", "") ROUTES
#define REQUIRED ASKS("required", "") ROUTES
#define FORWARDS ASKS("optional", ", forward_client_cert: true") ROUTES
#define REVOKES ASKS("required", ", client_crl: \"${CERTS}/revoked.pem\"") ROUTES
#define WEB_ID "spiffe://example.org/ns/default/sa/web"

/* Who may come in --------------------------------------------------------------------------- */

static void without_a_certificate_nobody_comes_in_where_one_is_required(struct story *s)
{
	assert_int_equal(gets_securely(s, "edge.example", NULL, "/"), 0);
	assert_int_equal(gets_securely(s, "edge.example", "client", "/"), 200);

	assert_true(eventually(handshakes(s, "client-cert-missing") == 1));
	assert_true(gateway_logs(s->gateway, "client-cert-missing"));
	assert_int_equal(origin_count(s->a, NULL), 1);
}

static void tls_1_2_is_no_way_around(struct story *s)
{
	static const char ask[] = "GET / HTTP/1.1\\r\\nhost: edge.example\\r\\nconnection: close\\r\\n\\r\\n";

	lacks(s_client(s, ask, "-tls1_2 -ign_eof"), "200 OK");
	assert_int_equal(origin_count(s->a, NULL), 0);
}

static void a_certificate_of_another_authority_is_refused(struct story *s)
{
	assert_int_equal(gets_securely(s, "edge.example", "strange-client", "/"), 0);

	assert_true(eventually(handshakes(s, "client-cert-invalid") == 1));
}

static void one_that_cannot_be_verified_is_refused_also_where_it_is_optional(struct story *s)
{
	assert_int_equal(gets_securely(s, "edge.example", "strange-client", "/"), 0);
	assert_int_equal(gets_securely(s, "edge.example", "old-client", "/"), 0);
	assert_int_equal(gets_securely(s, "edge.example", NULL, "/"), 200);

	assert_true(eventually(handshakes(s, "client-cert-invalid") == 1));
	assert_true(eventually(handshakes(s, "client-cert-expired") == 1));
	assert_int_equal(origin_count(s->a, NULL), 1);
}

static void a_revoked_certificate_is_refused(struct story *s)
{
	assert_int_equal(gets_securely(s, "edge.example", "revoked-client", "/"), 0);
	assert_int_equal(gets_securely(s, "edge.example", "client", "/"), 200);

	assert_true(eventually(handshakes(s, "client-cert-revoked") == 1));
}

/* Somebody else's certificate with a key that claims to be its own: OpenSSL believes the public half that
 * stands in the file, and signs with the other. */
static void a_certificate_without_its_key_is_nobodys(struct story *s)
{
	static const char ask[] = "GET / HTTP/1.1\\r\\nhost: edge.example\\r\\nconnection: close\\r\\n\\r\\n";
	char arguments[600];

	holds(run_shell("cd %s && C=%s && openssl ec -in $C/client.key -outform DER -out forged.der 2>&1 && "
			"openssl ec -in $C/strange-client.key -outform DER -out own.der 2>&1 && "
			"dd if=own.der of=forged.der bs=1 skip=7 seek=7 count=32 conv=notrunc 2>&1 && "
			"openssl ec -inform DER -in forged.der -out forged.key 2>&1; ls forged.key",
			s->gateway->dir, certs.dir), "forged.key");
	(void)snprintf(arguments, sizeof(arguments), "-cert %s/client.pem -key %s/forged.key -ign_eof",
		       certs.dir, s->gateway->dir);

	holds(s_client(s, ask, arguments), "alert decrypt error");

	assert_true(eventually(handshakes(s, "tls-broken") == 1));
	assert_int_equal(origin_count(s->a, NULL), 0);
}

/* Who they are ------------------------------------------------------------------------------- */

static void the_verified_client_is_the_identity(struct story *s)
{
	struct caller *c = caller_new(s, "client");

	assert_int_equal(caller_gets(c, "edge.example", "/who"), 200);
	assert_string_equal(c->body, WEB_ID);
	caller_free(c);
	c = caller_new(s, NULL);
	assert_int_equal(caller_gets(c, "edge.example", "/who"), 200);
	assert_string_equal(c->body, "");
	caller_free(c);
	c = caller_new(s, "revoked-client");		/* this listener has no list */
	assert_int_equal(caller_gets(c, "edge.example", "/who"), 200);
	assert_string_equal(c->body, "gone.example");
	caller_free(c);
	assert_true(gateway_logged_requests(s->gateway, 3));
	holds(gateway_access_log(s->gateway), "\"identity\":\"" WEB_ID "\"");
}

static void services_are_told_when_asked_and_forgeries_are_removed(struct story *s)
{
	static const char *const forged[] = {
		"x-forwarded-client-cert: Hash=forged;URI=spiffe://example.org/admin",
		"X_Forwarded_Client_Cert: Hash=forged", "x-client-cert: forged", "client-cert: :forged:",
	};
	struct caller *c = caller_new(s, "client");

	for (size_t i = 0; i < ARRAY_LEN(forged); i++)
		caller_header(c, forged[i]);
	assert_int_equal(caller_gets(c, "edge.example", "/"), 200);
	holds(origin_last_head(s->a), "x-forwarded-client-cert: Hash=");
	holds(origin_last_head(s->a), ";Subject=\"CN=web,O=Weir tests\";DNS=web.example;URI=" WEB_ID "\r\n");
	lacks(origin_last_head(s->a), "Hash=forged");
	lacks(origin_last_head(s->a), "forged");
	caller_free(c);

	c = caller_new(s, NULL);
	for (size_t i = 0; i < ARRAY_LEN(forged); i++)
		caller_header(c, forged[i]);
	assert_int_equal(caller_gets(c, "edge.example", "/"), 200);
	lacks(origin_last_head(s->a), "Hash=");
	caller_free(c);
}

static void a_trusted_proxy_may_not_forge_it_either(struct story *s)
{
	struct caller *c = caller_new(s, NULL);

	caller_header(c, "x-forwarded-client-cert: Hash=0");
	caller_header(c, "x-forwarded-for: 192.0.2.7");
	assert_int_equal(caller_gets(c, "edge.example", "/"), 200);

	holds(origin_last_head(s->a), "192.0.2.7");
	caller_free(c);
}

static void the_policy_decides_by_route(struct story *s)
{
	assert_int_equal(gets_securely(s, "edge.example", NULL, "/open"), 200);
	assert_int_equal(gets_securely(s, "edge.example", NULL, "/web"), 403);
	assert_int_equal(gets_securely(s, "edge.example", "client", "/web"), 200);
	assert_int_equal(gets_securely(s, "edge.example", "other-client", "/web"), 403);
	assert_int_equal(gets_securely(s, "edge.example", "other-client", "/any"), 200);

	assert_true(eventually(gateway_metric(s->gateway, "weir_reasons_total", "client-cert-missing", NULL) == 1));
	assert_true(eventually(gateway_metric(s->gateway, "weir_reasons_total", "denied", NULL) == 1));
}

static void routes_match_on_the_identity(struct story *s)
{
	assert_int_equal(gets_securely(s, "edge.example", "client", "/"), 201);
	assert_int_equal(gets_securely(s, "edge.example", "other-client", "/"), 202);
	assert_int_equal(gets_securely(s, "edge.example", NULL, "/"), 203);
}

/* Old sessions ------------------------------------------------------------------------------- */

static void a_session_is_not_resumed_where_more_is_asked(struct story *s)
{
	static const char ask[] = "GET / HTTP/1.1\\r\\nhost: edge.example\\r\\nconnection: close\\r\\n\\r\\n";
	const char *said;

	(void)run_shell("printf '%s' | timeout 20 openssl s_client -connect %s -ign_eof -sess_out %s/session 2>&1",
			ask, s->spare, s->gateway->dir);
	said = run_shell("printf '%s' | timeout 20 openssl s_client -connect %s -ign_eof -sess_in %s/session 2>&1",
			 ask, s->spare, s->gateway->dir);
	holds(said, "Reused, TLSv1.3");

	said = run_shell("printf '%s' | timeout 20 openssl s_client -connect %s -ign_eof -sess_in %s/session 2>&1",
			 ask, s->edge, s->gateway->dir);

	lacks(said, "Reused");
	lacks(said, "200 OK");
	assert_true(eventually(handshakes(s, "client-cert-missing") == 1));
}

static void a_resumed_session_still_knows_who_it_is(struct story *s)
{
	static const char ask[] = "GET /who HTTP/1.1\\r\\nhost: edge.example\\r\\nconnection: close\\r\\n\\r\\n";
	char arguments[600];

	(void)snprintf(arguments, sizeof(arguments), "-cert %s/client.pem -key %s/client.key -ign_eof -sess_out "
		       "%s/session", certs.dir, certs.dir, s->gateway->dir);
	holds(s_client(s, ask, arguments), WEB_ID);
	(void)snprintf(arguments, sizeof(arguments), "-ign_eof -sess_in %s/session", s->gateway->dir);

	holds(s_client(s, ask, arguments), "Reused, TLSv1.3");

	assert_true(eventually(handshakes(s, "resumed") == 1));
	assert_true(gateway_logged_requests(s->gateway, 2));
	lacks(gateway_access_log(s->gateway), "\"reason\"");
}

static void a_session_does_not_outlive_the_authority(struct story *s)
{
	static const char ask[] = "GET /who HTTP/1.1\\r\\nhost: edge.example\\r\\nconnection: close\\r\\n\\r\\n";
	char arguments[600];

	(void)run_shell("cp %s/ca.pem %s/trust.pem", certs.dir, s->gateway->dir);
	story_starts(s, TLS_LISTEN(", client_ca: \"${DIR}/trust.pem\", client_cert: required") ROUTES);
	(void)snprintf(arguments, sizeof(arguments), "-cert %s/client.pem -key %s/client.key -ign_eof -sess_out "
		       "%s/session", certs.dir, certs.dir, s->gateway->dir);
	holds(s_client(s, ask, arguments), WEB_ID);

	(void)run_shell("cp %s/stranger.pem %s/new && mv %s/new %s/trust.pem", certs.dir, s->gateway->dir,
			s->gateway->dir, s->gateway->dir);
	assert_true(gateway_logs(s->gateway, "read again"));
	(void)snprintf(arguments, sizeof(arguments), "-cert %s/client.pem -key %s/client.key -ign_eof -sess_in "
		       "%s/session", certs.dir, certs.dir, s->gateway->dir);

	lacks(s_client(s, ask, arguments), WEB_ID);
	assert_true(eventually(handshakes(s, "client-cert-invalid") == 1));
}

static void a_connection_from_before_is_asked_to_come_again(struct story *s)
{
	struct caller *c = caller_new(s, NULL);

	assert_int_equal(caller_gets(c, "edge.example", "/"), 200);
	assert_int_equal(story_reloads(s, REQUIRED), 200);

	assert_int_equal(caller_gets(c, "edge.example", "/"), 421);
	holds(c->body, "misdirected");
	assert_int_equal(caller_gets(c, "edge.example", "/"), 0);	/* anew, and without a certificate */
	assert_true(eventually(handshakes(s, "client-cert-missing") == 1));
	caller_free(c);
}

#define BY_ROUTE ASKS("optional", "") APP \
	"routes:\n" \
	"  - {match: {path: /open}, to: app}\n" \
	"  - {match: {path: /any}, policies: [mtls], to: app}\n" \
	"  - {match: {path: /web}, policies: [mtls: {spiffe: \"spiffe://example.org/ns/*/sa/web\"}], to: app}\n"
#define BY_IDENTITY ASKS("optional", "") \
	"routes:\n" \
	"  - {match: {identity: \"" WEB_ID "\"}, respond: 201}\n" \
	"  - {match: {identity: {regex: \"/sa/batch$\"}}, respond: 202}\n" \
	"  - respond: 203\n"
#define TWO_LISTENERS \
	"listen:\n" \
	"  edge: {address: \"${EDGE}\", tls: {certs: " CERTS_OF("edge") ", client_cert: required, " \
	"client_ca: \"${CERTS}/ca.pem\"}}\n" \
	"  open: {address: \"${SPARE}\", tls: {certs: " CERTS_OF("edge") "}}\n" ROUTES
#define TRUSTS "listen: {edge: {address: \"${EDGE}\", trusted_proxies: 127.0.0.1, tls: {certs: " \
	CERTS_OF("edge") "}}}\n" ROUTES

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(without_a_certificate_nobody_comes_in_where_one_is_required, REQUIRED),
		STORY(tls_1_2_is_no_way_around, REQUIRED),
		STORY(a_certificate_of_another_authority_is_refused, REQUIRED),
		STORY(one_that_cannot_be_verified_is_refused_also_where_it_is_optional, OPTIONAL),
		STORY(a_revoked_certificate_is_refused, REVOKES),
		STORY(a_certificate_without_its_key_is_nobodys, REQUIRED),
		STORY(the_verified_client_is_the_identity, OPTIONAL),
		STORY(services_are_told_when_asked_and_forgeries_are_removed, FORWARDS),
		STORY(a_trusted_proxy_may_not_forge_it_either, TRUSTS),
		STORY(the_policy_decides_by_route, BY_ROUTE),
		STORY(routes_match_on_the_identity, BY_IDENTITY),
		STORY(a_session_is_not_resumed_where_more_is_asked, TWO_LISTENERS),
		STORY(a_resumed_session_still_knows_who_it_is, REQUIRED),
		STORY(a_session_does_not_outlive_the_authority, NULL),
		STORY(a_connection_from_before_is_asked_to_come_again, OPTIONAL),
	};

	return cmocka_run_group_tests_name("tls clients", stories, secure_begin, secure_end);
}
