/* test_tokens.c - tokens before a service: good ones, every forgery, keys that come late, change, and go away. */
#include "tests/e2e/story.h"

#include <stdlib.h>

#include "tests/e2e/load.h"
#include "tests/plugins/mint.h"

#define ISSUER "{issuer: \"http://${D}\", audience: orders}"
#define JWT(options) LISTEN \
	"services: {app: {endpoints: [\"${A}\"]}}\n" \
	"routes: [{name: r, policies: [jwt: {issuers: [" ISSUER "]" options "}], to: app}]\n"

/* The issuer is the origin d; what it says lives as long as the story. */
static struct mint key, other;
static char description[512], keys[8192], issuer[64];

static void publishes(struct story *s, const char *set)
{
	snprintf(issuer, sizeof(issuer), "http://%s", origin_address(s->d));
	snprintf(description, sizeof(description), "{\"issuer\":\"%s\",\"jwks_uri\":\"%s/keys\"}", issuer,
		 issuer);
	snprintf(keys, sizeof(keys), "%s", set);
	origin_at(s->d, "/.well-known/openid-configuration", answers(200, description));
	origin_at(s->d, "/keys", answers_with(200, "cache-control: max-age=600\r\n", keys));
}

static const char *body(const char *more)
{
	static char text[4096];

	snprintf(text, sizeof(text), "{\"iss\":\"%s\",\"aud\":\"orders\",\"sub\":\"ann\",\"exp\":%lld%s%s}",
		 issuer, (long long)time(NULL) + 3600, more[0] != '\0' ? "," : "", more);
	return text;
}

static const char *good(const char *more)
{
	return mint_plain(&key, "k1", body(more));
}

static void begins(struct story *s, const char *config)
{
	mint_open(&key, ALG_ES256);
	mint_open(&other, ALG_ES256);
	publishes(s, mint_set(mint_jwk(&key, "\"kid\":\"k1\""), NULL));
	if (config != NULL) {
		story_starts(s, config);
		story_reconnects(s);
	}
}

static void asks_with(struct story *s, const char *headers)
{
	char text[20000];

	snprintf(text, sizeof(text), "GET /x HTTP/1.1\r\nhost: a.example\r\n%s\r\n", headers);
	client_sends(s->client, text);
	assert_true(client_reads(s->client));
}

static void brings(struct story *s, const char *token)
{
	char text[16384];

	snprintf(text, sizeof(text), "authorization: Bearer %s\r\n", token);
	asks_with(s, text);
}

/* Good ones ------------------------------------------------------------------ */

static void who_brings_a_token_passes(struct story *s)
{
	begins(s, JWT(", headers: {x-user: sub, x-groups: groups}"));

	brings(s, good("\"groups\":[\"a\",\"b\"]"));

	client_saw(s->client, 200, NULL);
	assert_str(origin_last_header(s->a, "x-user"), "ann");
	assert_str(origin_last_header(s->a, "x-groups"), "a,b");
	assert_true(weir_str_present(origin_last_header(s->a, "authorization")));
	assert_int_equal(origin_count(s->d, "GET /keys"), 1);
}

static void the_scheme_has_no_case_and_the_same_token_is_good_again(struct story *s)
{
	char text[2048];

	begins(s, JWT(""));
	snprintf(text, sizeof(text), "authorization: BEARER   %s\r\n", good(""));
	asks_with(s, text);
	client_saw(s->client, 200, NULL);
	asks_with(s, text);
	client_saw(s->client, 200, NULL);
}

static void the_service_need_not_see_it(struct story *s)
{
	char text[4096];

	begins(s, JWT(", query: t, forward: false"));
	snprintf(text, sizeof(text), "GET /x?a=1&t=%s&b=2 HTTP/1.1\r\nhost: a\r\n\r\n", good(""));
	client_sends(s->client, text);
	assert_true(client_reads(s->client));

	client_saw(s->client, 200, NULL);
	assert_non_null(strstr(origin_last_head(s->a), "GET /x?a=1&b=2 "));
}

static void claims_choose_the_route(struct story *s)
{
	begins(s, "listen: {edge: {address: \"${EDGE}\", policies: [jwt: {issuers: [" ISSUER "]}]}}\n"
	       "services: {app: {endpoints: [\"${A}\"]}}\n"
	       "routes: [{name: r, to: app, request_headers: {set: {x-tier: \"{claim.tier}\", "
	       "x-who: \"{client.identity}\"}}}]\n");

	brings(s, good("\"tier\":\"gold\""));

	client_saw(s->client, 200, NULL);
	assert_str(origin_last_header(s->a, "x-tier"), "gold");
	assert_str(origin_last_header(s->a, "x-who"), "ann");
}

/* Refusals -------------------------------------------------------------------- */

static void refused(struct story *s, unsigned status, const char *reason, const char *challenge)
{
	client_saw_reason(s->client, status, reason);
	if (str_find_str(client_header(s->client, "www-authenticate"), str_from(challenge)) ==
	    client_header(s->client, "www-authenticate").len)
		fail_msg("www-authenticate is \"%.*s\", without %s",
			 STR_ARG(client_header(s->client, "www-authenticate")), challenge);
	assert_int_equal(origin_count(s->a, NULL), 0);
}

static void without_a_token_nobody_passes_and_no_error_is_named(struct story *s)
{
	begins(s, JWT(", realm: shop"));

	client_gets(s->client, "/x");
	refused(s, 401, "token-missing", "Bearer realm=\"shop\"");
	client_saw_header(s->client, "www-authenticate", "Bearer realm=\"shop\"");
	asks_with(s, "authorization: Basic YTpi\r\n");
	refused(s, 401, "token-missing", "Bearer");
}

/* Each forgery that is known of tokens; all of them end here. */
static void forgeries_are_refused(struct story *s)
{
	static char long_one[9000];
	struct mint rsa, hmac;
	const char *good_one, *wrong_end;
	char cut[4096];

	mint_open(&rsa, ALG_RS256);
	mint_open(&hmac, ALG_HS256);
	begins(s, NULL);
	publishes(s, mint_set(mint_jwk(&key, "\"kid\":\"k1\""), mint_jwk(&rsa, "\"kid\":\"r1\"")));
	story_starts(s, JWT(", unknown_key: 1h"));
	story_reconnects(s);

#define IS_REFUSED(token) (brings(s, token), refused(s, 401, "token-invalid", "error=\"invalid_token\""))
	/* nobody's signature */
	IS_REFUSED(mint_token(&key, "{\"alg\":\"none\"}", body("")));
	IS_REFUSED(mint_token(&key, "{\"alg\":\"None\",\"kid\":\"k1\"}", body("")));
	snprintf(cut, sizeof(cut), "%s", good(""));
	*(strrchr(cut, '.') + 1) = '\0';
	IS_REFUSED(cut);
	/* somebody else's */
	IS_REFUSED(mint_plain(&other, "k1", body("")));
	IS_REFUSED(mint_plain(&other, NULL, body("")));
	IS_REFUSED(mint_plain(&other, "unknown", body("")));
	IS_REFUSED(mint_plain(&other, "../../../dev/null", body("")));
	IS_REFUSED(mint_plain(&other, "k1' OR '1'='1", body("")));
	/* with a key that the token brings itself, or tells us to fetch */
	snprintf(cut, sizeof(cut), "{\"alg\":\"ES256\",\"jwk\":%s,\"jku\":\"%s/evil\",\"x5u\":\"%s/evil\"}",
		 mint_jwk(&other, ""), issuer, issuer);
	IS_REFUSED(mint_token(&other, cut, body("")));
	/* the public key taken for a secret; the algorithm of another key; another spelling */
	snprintf((char *)hmac.secret, sizeof(hmac.secret), "%.60s", mint_pem(&rsa));
	IS_REFUSED(mint_plain(&hmac, "r1", body("")));
	IS_REFUSED(mint_token(&hmac, "{\"alg\":\"HS256\"}", body("")));
	IS_REFUSED(mint_token(&key, "{\"alg\":\"es256\",\"kid\":\"k1\"}", body("")));
	IS_REFUSED(mint_token(&rsa, "{\"alg\":\"PS256\",\"kid\":\"r1\"}", body("")));
	IS_REFUSED(mint_token(&rsa, "{\"alg\":\"RS256\",\"kid\":\"k1\"}", body("")));
	/* what must be understood and is not; another type */
	IS_REFUSED(mint_token(&key, "{\"alg\":\"ES256\",\"kid\":\"k1\",\"crit\":[\"x\"],\"x\":1}", body("")));
	IS_REFUSED(mint_token(&key, "{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"logout+jwt\"}", body("")));
	/* changed after it was signed */
	good_one = good("\"admin\":false");
	wrong_end = strchr(strchr(good_one, '.') + 1, '.');
	snprintf(cut, sizeof(cut), "%.*s.%s%s", (int)(strchr(good_one, '.') - good_one), good_one,
		 mint_base64(body("\"admin\":true"), strlen(body("\"admin\":true"))), wrong_end);
	IS_REFUSED(cut);
	/* five parts are an encrypted one; padding, white space and a tail are none of it */
	IS_REFUSED("e30.AA.AA.AA.AA");
	snprintf(cut, sizeof(cut), "%s=", good(""));
	IS_REFUSED(cut);
	snprintf(cut, sizeof(cut), "%s.", good(""));
	IS_REFUSED(cut);
	snprintf(cut, sizeof(cut), "%s AAAA", good(""));
	IS_REFUSED(cut);
	/* for somebody else; from somebody else; without an end; twice the same member */
	snprintf(cut, sizeof(cut), "{\"iss\":\"%s\",\"aud\":\"billing\",\"exp\":9999999999}", issuer);
	IS_REFUSED(mint_plain(&key, "k1", cut));
	IS_REFUSED(mint_plain(&key, "k1", "{\"iss\":\"https://evil/\",\"aud\":\"orders\",\"exp\":9999999999}"));
	IS_REFUSED(mint_plain(&key, "k1", "{\"aud\":\"orders\",\"exp\":9999999999}"));
	snprintf(cut, sizeof(cut), "{\"iss\":\"%s\",\"aud\":\"orders\"}", issuer);
	IS_REFUSED(mint_plain(&key, "k1", cut));
	snprintf(cut, sizeof(cut), "{\"iss\":\"%s\",\"aud\":\"orders\",\"exp\":\"9999999999\"}", issuer);
	IS_REFUSED(mint_plain(&key, "k1", cut));
	IS_REFUSED(mint_plain(&key, "k1", body("\"nbf\":9999999999")));
	IS_REFUSED(mint_plain(&key, "k1", body("\"sub\":\"root\"")));
	/* too long */
	memset(long_one, 'a', sizeof(long_one) - 1);
	IS_REFUSED(long_one);
	/* too late is its own word */
	snprintf(cut, sizeof(cut), "{\"iss\":\"%s\",\"aud\":\"orders\",\"exp\":1000000000}", issuer);
	brings(s, mint_plain(&key, "k1", cut));
	refused(s, 401, "token-expired", "error=\"invalid_token\"");

	/* Nobody was led astray, and an unknown key was asked for once. */
	assert_int_equal(origin_count(s->d, "GET /evil"), 0);
	assert_int_equal(origin_count(s->d, "GET /keys"), 2);
	brings(s, good(""));
	client_saw(s->client, 200, NULL);
	mint_close(&rsa);
	mint_close(&hmac);
}

static void two_tokens_are_one_too_many(struct story *s)
{
	char text[8192];

	begins(s, JWT(", header: authorization, cookie: t"));
	snprintf(text, sizeof(text), "authorization: Bearer %s\r\nauthorization: Bearer %s\r\n", good(""),
		 good(""));
	asks_with(s, text);
	client_saw(s->client, 400, NULL);
	story_reconnects(s);
	snprintf(text, sizeof(text), "authorization: Bearer %s\r\ncookie: t=%s\r\n", good(""), good(""));
	asks_with(s, text);
	refused(s, 400, "token-invalid", "error=\"invalid_request\"");
	snprintf(text, sizeof(text), "cookie: a=b; t=%s\r\n", good(""));
	asks_with(s, text);
	client_saw(s->client, 200, NULL);
}

/* In every spelling that an application takes for it, whether there is a claim for it or not. */
static void headers_of_claims_do_not_come_from_clients(struct story *s)
{
	char text[4096];

	begins(s, JWT(", optional: true, headers: {x-user: sub, x-user-role: role}"));
	snprintf(text, sizeof(text), "X-User: root\r\nx_user: root\r\nX_USER_ROLE: admin\r\n"
		 "x-user_role: admin\r\nx-user-role: admin\r\nauthorization: Bearer %s\r\n", good(""));
	asks_with(s, text);
	client_saw(s->client, 200, NULL);
	assert_str(origin_last_header(s->a, "x-user"), "ann");
	assert_null(strstr(origin_last_head(s->a), "root"));
	assert_null(strstr(origin_last_head(s->a), "admin"));

	asks_with(s, "x-user: root\r\nx_user: root\r\n");
	client_saw(s->client, 200, NULL);
	assert_null(strstr(origin_last_head(s->a), "root"));
	brings(s, "e30.e30.AA");			/* optional is not: anything goes */
	client_saw_reason(s->client, 401, "token-invalid");
}

static void a_claim_that_is_no_header_is_refused(struct story *s)
{
	begins(s, JWT(", headers: {x-user: name}"));

	brings(s, good("\"name\":\"a\\r\\nx-admin: yes\""));

	refused(s, 401, "token-invalid", "error=\"invalid_token\"");
}

static void scopes_and_claims_are_demanded(struct story *s)
{
	begins(s, JWT(", scopes: [read, write], claims: {tier: {is: [gold, silver]}, email: {}}"));

	brings(s, good("\"scope\":\"read\",\"tier\":\"gold\",\"email\":\"a\""));
	refused(s, 403, "scope-missing", "error=\"insufficient_scope\"");
	refused(s, 403, "scope-missing", "scope=\"write\"");
	brings(s, good("\"scope\":\"read write\",\"tier\":\"lead\",\"email\":\"a\""));
	refused(s, 403, "scope-missing", "insufficient_scope");
	brings(s, good("\"scope\":\"read write\",\"tier\":\"gold\""));
	refused(s, 403, "scope-missing", "insufficient_scope");
	brings(s, good("\"scp\":[\"write\",\"read\"],\"tier\":[\"x\",\"silver\"],\"email\":\"a\""));
	client_saw(s->client, 200, NULL);
}

/* Chaos ----------------------------------------------------------------------- */

static bool waits_ready(struct story *s, long status)
{
	for (int i = 0; i < 400; i++) {
		if (admin_get(s->gateway, "/readyz") == status)
			return true;
		usleep(25000);
	}
	return false;
}

/* Runs, is not ready, says why; the reason is another than that of a wrong token. */
static void an_issuer_away_at_start_is_waited_for(struct story *s)
{
	begins(s, NULL);
	origin_refuses(s->d);
	gateway_writes(s->gateway, JWT(""));
	gateway_start_somehow(s->gateway);
	assert_true(gateway_logs(s->gateway, "could not be read"));
	assert_true(waits_ready(s, 503));
	assert_non_null(strstr(s->gateway->text, "the keys of issuer http://"));
	story_reconnects(s);
	brings(s, good(""));
	client_saw_reason(s->client, 503, "keys-unavailable");
	client_saw_header(s->client, "retry-after", "5");
	brings(s, "e30.e30.AA");
	client_saw_reason(s->client, 401, "token-invalid");

	origin_listens(s->d);
	assert_true(waits_ready(s, 200));
	brings(s, good(""));
	client_saw(s->client, 200, NULL);
}

static void an_issuer_that_goes_away_later_leaves_its_keys(struct story *s)
{
	begins(s, JWT(", unknown_key: 1ms"));

	origin_refuses(s->d);
	brings(s, mint_plain(&other, "new", body("")));	/* makes us ask, in vain */
	refused(s, 401, "token-invalid", "invalid_token");
	assert_true(gateway_logs(s->gateway, "those known before stay"));
	brings(s, good(""));
	client_saw(s->client, 200, NULL);
}

static void a_poisoned_key_set_changes_nothing(struct story *s)
{
	static const char *const poison[] = {
		"<html>", "{\"keys\":[]}", "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"new\",\"k\":"
		"\"AQgPFh0kKzI5QEdOVVxjanF4f4aNlJuiqbC3vsXM09rh6O_2_QQLEhkgJy41PENKUVhfZm10e4KJkJeepayzug\"}]}",
	};
	struct mint hmac;

	mint_open(&hmac, ALG_HS256);
	begins(s, JWT(", unknown_key: 1ms"));
	for (size_t i = 0; i < sizeof(poison) / sizeof(poison[0]); i++) {
		publishes(s, poison[i]);
		brings(s, mint_plain(&hmac, "new", body("")));
		refused(s, 401, "token-invalid", "invalid_token");
	}
	brings(s, good(""));
	client_saw(s->client, 200, NULL);
	mint_close(&hmac);
}

static void a_new_key_is_fetched_when_the_first_token_names_it(struct story *s)
{
	begins(s, JWT(""));
	brings(s, good(""));
	client_saw(s->client, 200, NULL);

	publishes(s, mint_set(mint_jwk(&other, "\"kid\":\"k2\""), NULL));
	brings(s, mint_plain(&other, "k2", body("")));
	client_saw(s->client, 200, NULL);
	assert_int_equal(origin_count(s->d, "GET /keys"), 2);

	/* The old one is gone, also for tokens that were good before. */
	brings(s, good(""));
	client_saw_reason(s->client, 401, "token-invalid");
}

/* However many names are made up, the issuer is asked once in a while. */
static void made_up_keys_do_not_flood_the_issuer(struct story *s)
{
	begins(s, JWT(", unknown_key: 1h"));
	for (int i = 0; i < 50; i++) {
		char kid[16];

		snprintf(kid, sizeof(kid), "x%d", i);
		brings(s, mint_plain(&other, kid, body("")));
		refused(s, 401, "token-invalid", "invalid_token");
	}
	assert_int_equal(origin_count(s->d, "GET /keys"), 2);
}

/* While the key changes under load nobody with a token of the day is turned away. */
static void keys_rotate_under_load(struct story *s)
{
	begins(s, JWT(", unknown_key: 1ms"));
	for (int round = 0; round < 4; round++) {
		struct mint *now = round % 2 == 0 ? &other : &key;
		char kid[16];

		snprintf(kid, sizeof(kid), "round%d", round);
		{
			char said[32];

			snprintf(said, sizeof(said), "\"kid\":\"%s\"", kid);
			publishes(s, mint_set(mint_jwk(now, said), NULL));
		}
		for (int i = 0; i < 50; i++) {
			char more[32];

			snprintf(more, sizeof(more), "\"n\":%d", i);
			brings(s, mint_plain(now, kid, body(more)));
			client_saw(s->client, 200, NULL);
		}
	}
	assert_int_equal(origin_count(s->d, "GET /keys"), 5);
}

/* Ten thousand that are all different pass through a cache of a hundred, over a few connections. */
static void ten_thousand_tokens_at_once(struct story *s)
{
	enum { CLIENTS = 8, EACH = 1250 };
	struct client *clients[CLIENTS];
	size_t memory;

	begins(s, JWT(", cache: 100"));
	brings(s, good(""));
	memory = gateway_memory(s->gateway);
	for (int i = 0; i < CLIENTS; i++)
		clients[i] = story_client(s);
	for (int n = 0; n < EACH; n++) {
		for (int i = 0; i < CLIENTS; i++) {
			char text[2048], more[32];

			snprintf(more, sizeof(more), "\"n\":%d", n * CLIENTS + i);
			snprintf(text, sizeof(text), "GET /x HTTP/1.1\r\nhost: a\r\nauthorization: Bearer %s\r\n\r\n",
				 good(more));
			client_sends(clients[i], text);
		}
		for (int i = 0; i < CLIENTS; i++) {
			assert_true(client_reads(clients[i]));
			client_saw(clients[i], 200, NULL);
		}
	}
	for (int i = 0; i < CLIENTS; i++)
		client_close(clients[i]);
	assert_memory_below(gateway_memory(s->gateway), memory + (12u << 20));
	assert_int_equal(origin_count(s->d, "GET /keys"), 1);
}

/* Reloads ---------------------------------------------------------------------- */

static void a_key_file_that_changes_is_read_again(struct story *s)
{
	begins(s, NULL);
	gateway_writes_file(s->gateway, "keys.json", mint_set(mint_jwk(&key, ""), NULL));
	story_starts(s, LISTEN "services: {app: {endpoints: [\"${A}\"]}}\n"
		     "routes: [{policies: [jwt: {issuers: [{jwks_file: \"${DIR}/keys.json\", any_audience: true}]}], "
		     "to: app}]\n");
	story_reconnects(s);
	brings(s, good(""));
	client_saw(s->client, 200, NULL);

	gateway_writes_file(s->gateway, "keys.json", "{\"keys\":");
	assert_true(gateway_logs(s->gateway, "those known before stay"));
	brings(s, good(""));
	client_saw(s->client, 200, NULL);

	gateway_writes_file(s->gateway, "keys.json", mint_set(mint_jwk(&other, ""), NULL));
	for (int i = 0; i < 200 && wire_status(&s->client->answer) != 401; i++) {
		usleep(50000);
		brings(s, good(""));
	}
	client_saw_reason(s->client, 401, "token-invalid");
	brings(s, mint_plain(&other, NULL, body("")));
	client_saw(s->client, 200, NULL);
}

static void a_reload_with_a_bad_key_file_is_refused(struct story *s)
{
	begins(s, JWT(""));
	gateway_writes_file(s->gateway, "bad.pem", "no key\n");

	assert_int_equal(story_reloads(s, LISTEN "services: {app: {endpoints: [\"${A}\"]}}\n"
			 "routes: [{policies: [jwt: {issuers: [{pem: \"${DIR}/bad.pem\", any_audience: true}]}], "
			 "to: app}]\n"), 422);

	assert_non_null(strstr(s->gateway->text, "no public key"));
	brings(s, good(""));
	client_saw(s->client, 200, NULL);
}

/* What was learnt of an issuer is not learnt again, and a reload does not wait for one that is away. */
static void a_reload_keeps_the_keys(struct story *s)
{
	begins(s, JWT(""));
	origin_refuses(s->d);

	assert_int_equal(story_reloads(s, JWT(", realm: other")), 200);

	brings(s, good(""));
	client_saw(s->client, 200, NULL);
}

static int close_mints(void **state)
{
	mint_close(&key);
	mint_close(&other);
	return story_end(state);
}

#define TOKENS(play_) { \
	.name = #play_, .test_func = story_tell, \
	.setup_func = story_begin, .teardown_func = close_mints, \
	.initial_state = (void *)&(const struct scene){ play_, NULL } }

int main(void)
{
	const struct CMUnitTest stories[] = {
		TOKENS(who_brings_a_token_passes),
		TOKENS(the_scheme_has_no_case_and_the_same_token_is_good_again),
		TOKENS(the_service_need_not_see_it),
		TOKENS(claims_choose_the_route),
		TOKENS(without_a_token_nobody_passes_and_no_error_is_named),
		TOKENS(forgeries_are_refused),
		TOKENS(two_tokens_are_one_too_many),
		TOKENS(headers_of_claims_do_not_come_from_clients),
		TOKENS(a_claim_that_is_no_header_is_refused),
		TOKENS(scopes_and_claims_are_demanded),
		TOKENS(an_issuer_away_at_start_is_waited_for),
		TOKENS(an_issuer_that_goes_away_later_leaves_its_keys),
		TOKENS(a_poisoned_key_set_changes_nothing),
		TOKENS(a_new_key_is_fetched_when_the_first_token_names_it),
		TOKENS(made_up_keys_do_not_flood_the_issuer),
		TOKENS(keys_rotate_under_load),
		TOKENS(ten_thousand_tokens_at_once),
		TOKENS(a_key_file_that_changes_is_read_again),
		TOKENS(a_reload_with_a_bad_key_file_is_refused),
		TOKENS(a_reload_keeps_the_keys),
	};

	return TELL("tokens", stories);
}
