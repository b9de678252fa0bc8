/* test_issuer.c - tokens of a real issuer (jose on node): each algorithm, found by discovery, keys
 * that rotate, an issuer that comes late and goes away. */
#include "tests/e2e/story.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/certs.h"

#define CONFIG LISTEN \
	"services: {app: {endpoints: [\"${A}\"]}}\n" \
	"routes: [{policies: [jwt: {issuers: [{issuer: \"http://${ISSUER}\", audience: orders}],\n" \
	"          headers: {x-user: sub}, unknown_key: 10ms}], to: app}]\n"

static struct {
	pid_t pid;
	int leash;		/* its input: it ends with us */
	char address[80];
} issuer;

/* What node is given: the script of the source, with the packages of the build beside it. */
static const char *script(void)
{
	return "tests/e2e/issuer/node/issuer.mjs";
}

static void has_address(const char *port)
{
	snprintf(issuer.address, sizeof(issuer.address), "127.0.0.1:%s", port);
	setenv("ISSUER", issuer.address, 1);
}

/* Port "0": any; with a certificate and key (NULL: none) it speaks https. It is up when it says
 * where it listens. */
static void issuer_starts_with(const char *port, const char *cert, const char *key)
{
	int in[2], out[2];
	char line[64] = "";
	FILE *said;

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	issuer.pid = fork();
	assert_true(issuer.pid >= 0);
	if (issuer.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(in[0], 0);
		dup2(out[1], 1);
		for (int fd = 3; fd < 64; fd++)
			close(fd);
		execlp("node", "node", script(), port, cert, key, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	issuer.leash = in[1];
	said = fdopen(out[0], "r");
	assert_non_null(fgets(line, sizeof(line), said));
	fclose(said);
	line[strcspn(line, "\n")] = '\0';
	assert_int_equal(strncmp(line, "listening ", 10), 0);
	has_address(line + 10);
}

static void issuer_starts(const char *port)
{
	issuer_starts_with(port, NULL, NULL);
}

static void issuer_ends(void)
{
	if (issuer.pid <= 0)
		return;
	close(issuer.leash);
	(void)kill(issuer.pid, SIGKILL);
	(void)waitpid(issuer.pid, NULL, 0);
	issuer.pid = 0;
}

/* Lends until the next call. */
static const char *issuer_says(const char *target)
{
	static char text[8192];
	struct client *c = client_connect(issuer.address);

	client_sends(c, "GET ");
	client_sends(c, target);
	client_sends(c, " HTTP/1.1\r\nhost: issuer\r\nconnection: close\r\n\r\n");
	assert_true(client_reads(c));
	assert_int_equal(wire_status(&c->answer), 200);
	snprintf(text, sizeof(text), "%s", c->answer.body);
	client_close(c);
	return text;
}

static void brings(struct story *s, const char *token)
{
	client_sends(s->client, "GET /x HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ");
	client_sends(s->client, token);
	client_sends(s->client, "\r\n\r\n");
	assert_true(client_reads(s->client));
}

static void begins(struct story *s)
{
	issuer_starts("0");
	story_starts(s, CONFIG);
	story_reconnects(s);
}

static void each_algorithm_of_a_real_issuer_is_understood(struct story *s)
{
	static const char *const algs[] = { "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384",
		"ES512", "EdDSA" };

	begins(s);
	for (size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
		char target[64];

		snprintf(target, sizeof(target), "/token?alg=%s", algs[i]);
		brings(s, issuer_says(target));
		if (wire_status(&s->client->answer) != 200)
			print_message("%s\n", algs[i]);
		client_saw(s->client, 200, NULL);
		assert_str(origin_last_header(s->a, "x-user"), "ann");
	}
	assert_string_equal(issuer_says("/asked"), "1");
}

static void what_it_signs_for_others_is_refused(struct story *s)
{
	begins(s);
	brings(s, issuer_says("/token?aud=billing"));
	client_saw_reason(s->client, 401, "token-invalid");
	brings(s, issuer_says("/token?iss=http://other/"));
	client_saw_reason(s->client, 401, "token-invalid");
	brings(s, issuer_says("/token?exp=2%20hours%20ago"));
	client_saw_reason(s->client, 401, "token-expired");
	brings(s, issuer_says("/token?typ=logout%2Bjwt"));
	client_saw_reason(s->client, 401, "token-invalid");
	brings(s, issuer_says("/token?typ=at%2Bjwt"));
	client_saw(s->client, 200, NULL);
}

static void its_keys_rotate_and_nobody_notices(struct story *s)
{
	begins(s);
	for (int round = 0; round < 3; round++) {
		brings(s, issuer_says("/token?alg=ES256"));
		client_saw(s->client, 200, NULL);
		usleep(20000);
		assert_string_equal(issuer_says("/rotate"), "rotated");
	}
	brings(s, issuer_says("/token?alg=PS256"));
	client_saw(s->client, 200, NULL);
}

static bool becomes_ready(struct story *s)
{
	for (int i = 0; i < 400; i++) {
		if (admin_get(s->gateway, "/readyz") == 200)
			return true;
		usleep(25000);
	}
	return false;
}

static void it_comes_late_and_goes_away(struct story *s)
{
	char token[8192];

	begins(s);
	issuer_ends();
	gateway_stop(s->gateway);
	gateway_writes(s->gateway, CONFIG);
	gateway_start_somehow(s->gateway);
	assert_true(gateway_logs(s->gateway, "could not be read"));
	issuer_starts(strchr(issuer.address, ':') + 1);
	assert_true(becomes_ready(s));
	story_reconnects(s);
	snprintf(token, sizeof(token), "%s", issuer_says("/token"));
	brings(s, token);
	client_saw(s->client, 200, NULL);

	issuer_ends();
	brings(s, token);
	client_saw(s->client, 200, NULL);
}

#define SECURE(ca) LISTEN \
	"services: {app: {endpoints: [\"${A}\"]}}\n" \
	"routes: [{policies: [jwt: {issuers: [{issuer: \"https://${ISSUER}\", audience: orders,\n" \
	"          ca: \"${CERTS}/" ca ".pem\"}]}], to: app}]\n"

/* A token would have to be asked for by https; that its keys are known shows in its readiness. */
static void its_keys_come_by_https_from_who_it_says_it_is(struct story *s)
{
	struct certs certs;
	char key[256];

	certs_make(&certs);
	setenv("CERTS", certs.dir, 1);
	snprintf(key, sizeof(key), "%s", certs_path(&certs, "edge.key"));
	issuer_starts_with("0", certs_path(&certs, "edge.pem"), key);

	gateway_writes(s->gateway, SECURE("stranger"));
	gateway_start_somehow(s->gateway);
	assert_true(gateway_logs(s->gateway, "tls-verify"));
	assert_int_equal(admin_get(s->gateway, "/readyz"), 503);
	assert_int_equal(story_reloads(s, SECURE("ca")), 200);
	assert_true(becomes_ready(s));
	assert_true(gateway_logs(s->gateway, "has 10 keys"));
	certs_remove(&certs);
}

static int ends(void **state)
{
	issuer_ends();
	return story_end(state);
}

#define REAL(play_) { \
	.name = #play_, .test_func = story_tell, .setup_func = story_begin, .teardown_func = ends, \
	.initial_state = (void *)&(const struct scene){ play_, NULL } }

int main(void)
{
	const struct CMUnitTest stories[] = {
		REAL(each_algorithm_of_a_real_issuer_is_understood),
		REAL(what_it_signs_for_others_is_refused),
		REAL(its_keys_rotate_and_nobody_notices),
		REAL(it_comes_late_and_goes_away),
		REAL(its_keys_come_by_https_from_who_it_says_it_is),
	};

	if (access("tests/e2e/issuer/node/node_modules/jose", R_OK) != 0) {
		puts("skipped: a real issuer needs jose, and npm could not fetch it");
		return 77;
	}
	return TELL("issuer", stories);
}
