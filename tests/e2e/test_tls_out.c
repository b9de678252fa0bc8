/* test_tls_out.c - services that are spoken to in TLS: nginx and openssl as endpoints, trusted and not. */
#include "tests/e2e/secure.h"

#include <signal.h>
#include <sys/wait.h>

#define SERVICE(tls) LISTEN \
	"services: {app: {endpoints: [\"${SPARE}\"], tls: {" tls "}}}\n" \
	"routes: [{to: app, retry: {attempts: 1}}]\n"
#define CA "ca: \"${CERTS}/ca.pem\""
#define GOOD SERVICE(CA ", server_name: upstream.internal")
#define SHOWS(name) SERVICE(CA ", server_name: upstream.internal, cert: \"${CERTS}/" name ".pem\", " \
	"key: \"${CERTS}/" name ".key\"")

static pid_t nginx;

/* nginx with this certificate; `more` are further lines of its server. */
static void nginx_shows(struct story *s, const char *certificate, const char *more)
{
	char conf[2048], path[128];

	(void)snprintf(conf, sizeof(conf),
		       "daemon off; master_process off; pid %s/nginx.pid; error_log %s/nginx.log;\n"
		       "events { worker_connections 512; }\n"
		       "http { access_log off; server { listen %s ssl; ssl_certificate %s/%s.pem;\n"
		       "  ssl_certificate_key %s/%s.key; %s\n"
		       "  location / { return 200 \"$ssl_server_name $ssl_session_reused $ssl_client_s_dn "
		       "$connection\"; } location /bye { return 200 bye; keepalive_timeout 0; } } }\n",
		       s->gateway->dir, s->gateway->dir, s->spare, certs.dir, certificate, certs.dir,
		       certificate, more);
	gateway_writes_file(s->gateway, "nginx.conf", conf);
	(void)snprintf(path, sizeof(path), "%s/nginx.conf", s->gateway->dir);
	nginx = fork();
	if (nginx == 0) {
		execlp("nginx", "nginx", "-e", "/dev/null", "-c", path, (char *)NULL);
		_exit(127);
	}
	assert_true(eventually(strstr(run_shell("openssl s_client -connect %s </dev/null 2>&1", s->spare),
				      "BEGIN CERTIFICATE") != NULL));
}

static void nginx_stops(void)
{
	kill(nginx, SIGTERM);
	waitpid(nginx, NULL, 0);
}

static void asks_for_certificates(struct story *s)
{
	char more[512];

	(void)snprintf(more, sizeof(more), "ssl_verify_client on; ssl_client_certificate %s/ca.pem;", certs.dir);
	nginx_shows(s, "upstream", more);
}

static void begin(struct story *s, const char *config)
{
	story_starts(s, config);
	s->client = client_connect(s->edge);
}

static const char *answer(struct story *s)
{
	client_gets(s->client, "/");
	return s->client->answer.body;
}

/* Trust ---------------------------------------------------------------------------------------- */

static void a_verified_endpoint_answers_on_a_connection_that_is_kept(struct story *s)
{
	char first[128];

	nginx_shows(s, "upstream", "");
	begin(s, GOOD);

	(void)snprintf(first, sizeof(first), "%s", answer(s));
	holds(first, "upstream.internal . ");
	assert_string_equal(answer(s), first);		/* the same connection */
	nginx_stops();
}

static void sessions_are_used_again(struct story *s)
{
	nginx_shows(s, "upstream", "");
	s->gateway->says_workers = true;
	begin(s, "workers: 1\n" GOOD);

	client_gets(s->client, "/bye");
	client_saw(s->client, 200, "bye");
	holds(answer(s), "upstream.internal r ");
	nginx_stops();
}

static void an_unknown_authority_is_not_believed(struct story *s)
{
	nginx_shows(s, "upstream", "");
	begin(s, SERVICE("ca: \"${CERTS}/stranger.pem\", server_name: upstream.internal"));

	client_gets(s->client, "/");

	client_saw_reason(s->client, 502, "tls-verify");
	assert_true(gateway_logs(s->gateway, "tls-verify"));
	assert_true(gateway_metric(s->gateway, "weir_attempts_total", "tls-verify", NULL) == 1);
	nginx_stops();
}

static void this_machines_authorities_are_believed_unless_others_are_named(struct story *s)
{
	nginx_shows(s, "upstream", "");
	begin(s, SERVICE("server_name: upstream.internal"));

	client_gets(s->client, "/");

	client_saw_reason(s->client, 502, "tls-verify");
	nginx_stops();
}

static void another_name_is_not_believed(struct story *s)
{
	nginx_shows(s, "shop", "");
	begin(s, GOOD);

	client_gets(s->client, "/");

	client_saw_reason(s->client, 502, "tls-name");
	nginx_stops();
}

static void without_a_name_the_endpoints_own_is_verified(struct story *s)
{
	nginx_shows(s, "edge", "");		/* it is for 127.0.0.1 too */
	begin(s, SERVICE(CA));
	client_gets(s->client, "/");
	assert_int_equal(wire_status(&s->client->answer), 200);
	nginx_stops();

	nginx_shows(s, "upstream", "");
	client_gets(s->client, "/again");
	client_saw_reason(s->client, 502, "tls-name");
	nginx_stops();
}

static void an_expired_certificate_is_not_believed(struct story *s)
{
	nginx_shows(s, "old-edge", "");
	begin(s, SERVICE(CA ", server_name: edge.example"));

	client_gets(s->client, "/");

	client_saw_reason(s->client, 502, "tls-verify");
	assert_true(gateway_logs(s->gateway, "certificate has expired"));
	nginx_stops();
}

static void whoever_is_told_to_verifies_nothing(struct story *s)
{
	nginx_shows(s, "old-edge", "");
	begin(s, SERVICE("verify: false"));

	client_gets(s->client, "/");

	assert_int_equal(wire_status(&s->client->answer), 200);
	nginx_stops();
}

static void an_endpoint_that_speaks_no_tls_is_a_reason(struct story *s)
{
	begin(s, LISTEN "services: {app: {endpoints: [\"${A}\"], tls: {" CA "}}}\n"
	      "routes: [{to: app, retry: {attempts: 1}}]\n");
	origin_always(s->a, unread((struct act){ .kind = ACT_SAY, .text = "220 this is mail\\r\\n" }));

	client_gets(s->client, "/");

	client_saw_reason(s->client, 502, "tls-failed");
}

static void an_endpoint_that_does_not_shake_hands_ends_with_the_connect_time(struct story *s)
{
	begin(s, LISTEN "services: {app: {endpoints: [\"${A}\"], tls: {" CA "}, timeouts: {connect: 200ms}}}\n"
	      "routes: [{to: app, retry: {attempts: 1}}]\n");
	origin_always(s->a, hanging((struct act){ .kind = ACT_SAY, .text = "", .unread = true }));

	client_gets(s->client, "/");

	client_saw_reason(s->client, 504, "connect-timeout");
}

static void any_method_is_tried_elsewhere_when_the_handshake_fails(struct story *s)
{
	nginx_shows(s, "upstream", "");
	begin(s, LISTEN "services: {app: {endpoints: [\"${A}\", \"${SPARE}\"], balance: round_robin, tls: {" CA
	      ", server_name: upstream.internal}}}\nroutes: [{to: app}]\n");
	origin_always(s->a, unread((struct act){ .kind = ACT_SAY, .text = "no TLS here\\r\\n" }));

	for (int i = 0; i < 4; i++) {
		client_posts(s->client, "/", "body");
		assert_int_equal(wire_status(&s->client->answer), 200);
	}
	nginx_stops();
}

/* Showing a certificate -------------------------------------------------------------------------- */

static void an_endpoint_that_asks_is_shown_a_certificate(struct story *s)
{
	asks_for_certificates(s);
	begin(s, SHOWS("client"));

	holds(answer(s), "CN=web,O=Weir tests");
	nginx_stops();
}

static void a_rotated_certificate_is_shown_from_then_on(struct story *s)
{
	asks_for_certificates(s);
	goes_live(s, "client");
	begin(s, SERVICE(CA ", server_name: upstream.internal, cert: \"${DIR}/live.pem\", "
			 "key: \"${DIR}/live.key\""));
	holds(answer(s), "CN=web,O=Weir tests");

	goes_live(s, "other-client");

	assert_true(eventually(strstr(answer(s), "CN=batch,O=Weir tests") != NULL));
	nginx_stops();
}

static void connections_of_another_identity_are_not_used(struct story *s)
{
	asks_for_certificates(s);
	begin(s, SHOWS("client"));
	holds(answer(s), "CN=web,O=Weir tests");

	assert_int_equal(story_reloads(s, SHOWS("other-client")), 200);

	for (int i = 0; i < 4; i++)
		holds(answer(s), "CN=batch,O=Weir tests");
	nginx_stops();
}

static void who_is_refused_for_want_of_a_certificate_hears_why(struct story *s)
{
	char arguments[512];
	struct far_end f;
	char config[512];

	(void)snprintf(arguments, sizeof(arguments), "-www -cert %s/upstream.pem -key %s/upstream.key -Verify 1 "
		       "-verify_return_error -CAfile %s/ca.pem", certs.dir, certs.dir, certs.dir);
	far_end_starts(&f, arguments);
	(void)snprintf(config, sizeof(config), LISTEN "services: {app: {endpoints: [\"127.0.0.1:%u\"], tls: {" CA
		       ", server_name: upstream.internal}}}\nroutes: [{to: app, retry: {attempts: 1}}]\n", f.port);
	begin(s, config);

	client_gets(s->client, "/");

	client_saw_reason(s->client, 502, "tls-refused");
	far_end_ends(&f);
}

/* Checks ------------------------------------------------------------------------------------------ */

static void checks_speak_tls_too(struct story *s)
{
	nginx_shows(s, "upstream", "");
	begin(s, LISTEN "services:\n"
	      "  good: {endpoints: [\"${SPARE}\"], tls: {" CA ", server_name: upstream.internal}, health: {path: /, "
	      "interval: 50ms}}\n"
	      "  bare: {endpoints: [\"${SPARE}\"], tls: {" CA ", server_name: upstream.internal}, "
	      "health: {interval: 50ms}}\n"
	      "  bad: {endpoints: [\"${SPARE}\"], tls: {" CA ", server_name: other.internal}, health: {path: /, "
	      "interval: 50ms}}\n"
	      "routes: [{to: good}]\n");

	assert_true(gateway_logs(s->gateway, "service good: endpoint"));
	assert_true(gateway_logs(s->gateway, "its check ended with tls-name"));
	assert_true(eventually(gateway_metric(s->gateway, "weir_endpoint_state", "service=\"bare\"",
					      "state=\"healthy\"", NULL) == 1));
	nginx_stops();
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(a_verified_endpoint_answers_on_a_connection_that_is_kept, NULL),
		STORY(sessions_are_used_again, NULL),
		STORY(an_unknown_authority_is_not_believed, NULL),
		STORY(this_machines_authorities_are_believed_unless_others_are_named, NULL),
		STORY(another_name_is_not_believed, NULL),
		STORY(without_a_name_the_endpoints_own_is_verified, NULL),
		STORY(an_expired_certificate_is_not_believed, NULL),
		STORY(whoever_is_told_to_verifies_nothing, NULL),
		STORY(an_endpoint_that_speaks_no_tls_is_a_reason, NULL),
		STORY(an_endpoint_that_does_not_shake_hands_ends_with_the_connect_time, NULL),
		STORY(any_method_is_tried_elsewhere_when_the_handshake_fails, NULL),
		STORY(an_endpoint_that_asks_is_shown_a_certificate, NULL),
		STORY(a_rotated_certificate_is_shown_from_then_on, NULL),
		STORY(connections_of_another_identity_are_not_used, NULL),
		STORY(who_is_refused_for_want_of_a_certificate_hears_why, NULL),
		STORY(checks_speak_tls_too, NULL),
	};

	return cmocka_run_group_tests_name("tls out", stories, secure_begin, secure_end);
}
