/* test_tokens.c - tokens before a service: good ones, and every forgery. */
#include "tests/e2e/tokens.h"

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
	for (int i = 0; i < 8; i++) {
		asks_with(s, text);
		client_saw(s->client, 200, NULL);
	}
	/* once on each worker that saw it */
	assert_in_range(gateway_metric(s->gateway, "weir_plugin_events_total", "event=\"verified\"", NULL), 1, 2);
	assert_in_range(gateway_metric(s->gateway, "weir_plugin_events_total", "event=\"remembered\"", NULL), 6, 7);
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
	       "services: {app: {endpoints: [\"${A}\"]}, gold: {endpoints: [\"${B}\"]}}\n"
	       "routes: [{to: app}, {match: {claim: {tier: gold}}, to: gold}]\n");

	brings(s, good("\"tier\":\"gold\""));
	client_saw(s->client, 200, NULL);
	assert_int_equal(origin_count(s->b, NULL), 1);
	brings(s, good("\"tier\":\"lead\""));
	client_saw(s->client, 200, NULL);
	assert_int_equal(origin_count(s->a, NULL), 1);
}

static void claims_stand_in_keys_and_headers(struct story *s)
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

/* Each with its own key: what one signs in the name of the other is nothing. */
static void several_issuers_are_told_apart(struct story *s)
{
	struct mint shared;
	const char *of_billing = "{\"iss\":\"billing\",\"aud\":\"orders\",\"exp\":9999999999}";

	begins(s, NULL);
	mint_open(&shared, ALG_HS256);
	gateway_writes_file(s->gateway, "pem", mint_pem(&other));
	memcpy(shared.secret, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", 64);
	story_starts(s, LISTEN "services: {app: {endpoints: [\"${A}\"]}}\n"
		     "routes: [{policies: [jwt: {issuers: [" ISSUER ",\n"
		     "  {issuer: shipping, audience: orders, pem: \"${DIR}/pem\"},\n"
		     "  {issuer: billing, audience: orders, algorithms: HS256,\n"
		     "   secret: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}]}], to: app}]\n");
	story_reconnects(s);

	brings(s, good(""));
	client_saw(s->client, 200, NULL);
	brings(s, mint_plain(&shared, NULL, of_billing));
	client_saw(s->client, 200, NULL);
	brings(s, mint_plain(&other, NULL, "{\"iss\":\"shipping\",\"aud\":[\"orders\"],\"exp\":9999999999}"));
	client_saw(s->client, 200, NULL);
	brings(s, mint_plain(&shared, NULL, body("")));
	client_saw_reason(s->client, 401, "token-invalid");
	brings(s, mint_plain(&key, "k1", of_billing));
	client_saw_reason(s->client, 401, "token-invalid");
	brings(s, mint_plain(&other, NULL, of_billing));
	client_saw_reason(s->client, 401, "token-invalid");
	mint_close(&shared);
}

/* Refusals -------------------------------------------------------------------- */

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
#define IS_REFUSED(token) (brings(s, token), refused(s, 401, "token-invalid", "error=\"invalid_token\""))
#define IS_REFUSED_FOR(token, sentence) \
	(brings(s, token), refused(s, 401, "token-invalid", "error_description=\"" sentence "\""))

static struct mint rsa, hmac;

static void begins_with_two_keys(struct story *s)
{
	mint_open(&rsa, ALG_RS256);
	mint_open(&hmac, ALG_HS256);
	begins(s, NULL);
	publishes(s, mint_set(mint_jwk(&key, "\"kid\":\"k1\""), mint_jwk(&rsa, "\"kid\":\"r1\"")));
	story_starts(s, JWT(", unknown_key: 1h"));
	story_reconnects(s);
}

/* A forged one has spoilt nothing: who is good passes, and nobody was led astray. */
static void the_good_one_still_passes(struct story *s)
{
	assert_int_equal(origin_count(s->d, "GET /evil"), 0);
	brings(s, good(""));
	client_saw(s->client, 200, NULL);
	mint_close(&rsa);
	mint_close(&hmac);
}

static void signatures_of_nobody_and_of_others_are_refused(struct story *s)
{
	char text[4096];

	begins_with_two_keys(s);
	IS_REFUSED(mint_token(&key, "{\"alg\":\"none\"}", body("")));
	IS_REFUSED(mint_token(&key, "{\"alg\":\"None\",\"kid\":\"k1\"}", body("")));
	snprintf(text, sizeof(text), "%s", good(""));
	*(strrchr(text, '.') + 1) = '\0';
	IS_REFUSED(text);
	IS_REFUSED(mint_plain(&other, "k1", body("")));
	IS_REFUSED(mint_plain(&other, NULL, body("")));
	IS_REFUSED(mint_plain(&other, "unknown", body("")));
	IS_REFUSED(mint_plain(&other, "../../../dev/null", body("")));
	IS_REFUSED(mint_plain(&other, "k1' OR '1'='1", body("")));
	/* with a key that the token brings itself, or tells us to fetch */
	snprintf(text, sizeof(text), "{\"alg\":\"ES256\",\"jwk\":%s,\"jku\":\"%s/evil\",\"x5u\":\"%s/evil\"}",
		 mint_jwk(&other, ""), issuer, issuer);
	IS_REFUSED(mint_token(&other, text, body("")));
	assert_int_equal(origin_count(s->d, "GET /keys"), 2);	/* an unknown key was asked for once */
	the_good_one_still_passes(s);
}

static void algorithms_and_keys_are_not_mixed(struct story *s)
{
	begins_with_two_keys(s);
	/* the public key taken for a secret; the algorithm of another key; another spelling */
	snprintf((char *)hmac.secret, sizeof(hmac.secret), "%.60s", mint_pem(&rsa));
	IS_REFUSED(mint_plain(&hmac, "r1", body("")));
	IS_REFUSED(mint_token(&hmac, "{\"alg\":\"HS256\"}", body("")));
	IS_REFUSED(mint_token_with_secret("{\"alg\":\"HS256\",\"kid\":\"r1\"}", body(""), mint_pem(&rsa)));
	IS_REFUSED(mint_token(&key, "{\"alg\":\"es256\",\"kid\":\"k1\"}", body("")));
	IS_REFUSED(mint_token(&key, "{\"alg\":\"ES256K\",\"kid\":\"k1\"}", body("")));
	IS_REFUSED(mint_token(&rsa, "{\"alg\":\"PS256\",\"kid\":\"r1\"}", body("")));
	IS_REFUSED(mint_token(&rsa, "{\"alg\":\"RS256\",\"kid\":\"k1\"}", body("")));
	/* what must be understood and is not; another type */
	IS_REFUSED(mint_token(&key, "{\"alg\":\"ES256\",\"kid\":\"k1\",\"crit\":[\"x\"],\"x\":1}", body("")));
	IS_REFUSED(mint_token(&key, "{\"alg\":\"ES256\",\"kid\":\"k1\",\"b64\":false}", body("")));
	IS_REFUSED(mint_token(&key, "{\"alg\":\"none\",\"kid\":\"k1\",\"alg\":\"ES256\"}", body("")));
	IS_REFUSED(mint_token(&key, "{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"logout+jwt\"}", body("")));
	the_good_one_still_passes(s);
}

static void a_token_has_one_writing_and_all_of_it_is_signed(struct story *s)
{
	static char longest[9000];
	const char *token, *claims;
	char text[4096];

	begins_with_two_keys(s);
	token = good("\"admin\":false");
	claims = body("\"admin\":true");
	snprintf(text, sizeof(text), "%.*s.%s%s", (int)(strchr(token, '.') - token), token,
		 mint_base64(claims, strlen(claims)), strrchr(token, '.'));
	IS_REFUSED(text);
	IS_REFUSED("e30.AA.AA.AA.AA");		/* an encrypted one */
	snprintf(text, sizeof(text), "%s=", good(""));
	IS_REFUSED(text);
	snprintf(text, sizeof(text), "%s.", good(""));
	IS_REFUSED(text);
	snprintf(text, sizeof(text), "%s AAAA", good(""));
	IS_REFUSED(text);
	memset(longest, 'a', sizeof(longest) - 1);
	IS_REFUSED(longest);
	the_good_one_still_passes(s);
}

/* Signed as it should be, by who should, and still not for us. */
static void claims_are_demanded_to_the_letter(struct story *s)
{
	char text[4096];

	begins_with_two_keys(s);
#define CLAIMS(format) (snprintf(text, sizeof(text), "{\"iss\":\"%s\"," format "}", issuer), \
			mint_plain(&key, "k1", text))
	IS_REFUSED(CLAIMS("\"aud\":\"billing\",\"exp\":9999999999"));
	IS_REFUSED(CLAIMS("\"exp\":9999999999"));
	IS_REFUSED(CLAIMS("\"aud\":\"orders\""));
	IS_REFUSED(CLAIMS("\"aud\":\"orders\",\"exp\":\"9999999999\""));
	IS_REFUSED(CLAIMS("\"aud\":\"orders\",\"exp\":-1"));
	IS_REFUSED(CLAIMS("\"aud\":\"orders\",\"exp\":1e300"));
	IS_REFUSED(mint_plain(&key, "k1", "{\"iss\":\"https://evil/\",\"aud\":\"orders\",\"exp\":9999999999}"));
	IS_REFUSED(mint_plain(&key, "k1", "{\"aud\":\"orders\",\"exp\":9999999999}"));
	IS_REFUSED(mint_plain(&key, "k1", body("\"nbf\":9999999999")));
	IS_REFUSED(mint_plain(&key, "k1", body("\"sub\":\"root\"")));	/* a member twice */
	brings(s, CLAIMS("\"aud\":\"orders\",\"exp\":1000000000"));
	refused(s, 401, "token-expired", "error=\"invalid_token\"");
	the_good_one_still_passes(s);
}

/* What OpenSSL would make of the key itself: two numbers in DER, whose length is not that of JOSE. */
static const char *signature_in_der(const struct mint *m, const char *text, size_t len)
{
	unsigned char der[256];
	size_t size = sizeof(der);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, m->pkey), 1);
	assert_int_equal(EVP_DigestSign(ctx, der, &size, (const unsigned char *)text, len), 1);
	EVP_MD_CTX_free(ctx);
	return mint_base64(der, size);
}

static void signatures_of_another_shape_are_refused(struct story *s)
{
	static const unsigned char zeros[64];
	char text[4096], *end;

	begins_with_two_keys(s);
	snprintf(text, sizeof(text), "%s", good(""));
	end = strrchr(text, '.') + 1;
	snprintf(end, 256, "%s", mint_base64(zeros, sizeof(zeros)));
	IS_REFUSED_FOR(text, "the token's signature is wrong");
	snprintf(end, 256, "%s", signature_in_der(&key, text, (size_t)(end - text) - 1));
	IS_REFUSED_FOR(text, "the token's signature is wrong");
	the_good_one_still_passes(s);
}

static void a_token_is_not_deeper_than_it_need_be(struct story *s)
{
	char deep[2100] = "\"a\":", *at = deep + strlen(deep);

	begins_with_two_keys(s);
	memset(at, '[', 1000);
	memset(at + 1000, ']', 1000);
	IS_REFUSED_FOR(good(deep), "the token is not a signed JWT");
	the_good_one_still_passes(s);
}

/* The same text, good a moment ago: what is remembered of it ends with it. Where a machine is so slow
 * that it is over before it came, one that lives longer is tried. */
static void a_good_token_ends_with_its_time(struct story *s)
{
	char token[2048], claims[256];
	unsigned status = 0;

	begins(s, "listen: {edge: {address: \"${EDGE}\"}}\nservices: {app: {endpoints: [\"${A}\"]}}\n"
	       "routes: [{policies: [jwt: {issuers: [{issuer: \"http://${D}\", audience: orders, leeway: 0s}]}], "
	       "to: app}]\n");
	for (int life = 2; status != 200 && life < 100; life *= 2) {
		snprintf(claims, sizeof(claims), "{\"iss\":\"%s\",\"aud\":\"orders\",\"exp\":%lld}", issuer,
			 (long long)time(NULL) + life);
		snprintf(token, sizeof(token), "%s", mint_plain(&key, "k1", claims));
		brings(s, token);
		status = wire_status(&s->client->answer);
	}
	assert_int_equal(status, 200);
	for (int i = 0; i < 2000 && wire_status(&s->client->answer) == 200; i++) {
		usleep(50000);
		brings(s, token);
	}
	client_saw_reason(s->client, 401, "token-expired");
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

/* What comes behind the body is no place for them either. */
static void nor_in_trailers(struct story *s)
{
	begins(s, LISTEN "services: {app: {endpoints: [\"${A}\"]}}\n"
	       "routes: [{policies: [jwt: {issuers: [" ISSUER "], optional: true,\n"
	       "          headers: {x-user: sub}}], to: app,\n"
	       "          request_headers: {remove: [x-internal]}}]\n");
	origin_always(s->a, echoes());

	client_sends(s->client, "POST /x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n");
	client_sends(s->client, "2\r\nok\r\n0\r\nx-user: root\r\nX_User: root\r\nx-internal: 1\r\n"
		     "x-sum: 7\r\n\r\n");
	assert_true(client_reads(s->client));

	client_saw(s->client, 200, NULL);
	assert_string_equal(origin_last_trailers(s->a), "x-sum: 7\r\n");
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

int main(void)
{
	const struct CMUnitTest stories[] = {
		TOKENS(who_brings_a_token_passes),
		TOKENS(the_scheme_has_no_case_and_the_same_token_is_good_again),
		TOKENS(the_service_need_not_see_it),
		TOKENS(several_issuers_are_told_apart),
		TOKENS(claims_choose_the_route),
		TOKENS(claims_stand_in_keys_and_headers),
		TOKENS(without_a_token_nobody_passes_and_no_error_is_named),
		TOKENS(signatures_of_nobody_and_of_others_are_refused),
		TOKENS(algorithms_and_keys_are_not_mixed),
		TOKENS(a_token_has_one_writing_and_all_of_it_is_signed),
		TOKENS(claims_are_demanded_to_the_letter),
		TOKENS(signatures_of_another_shape_are_refused),
		TOKENS(a_token_is_not_deeper_than_it_need_be),
		TOKENS(a_good_token_ends_with_its_time),
		TOKENS(two_tokens_are_one_too_many),
		TOKENS(headers_of_claims_do_not_come_from_clients),
		TOKENS(nor_in_trailers),
		TOKENS(a_claim_that_is_no_header_is_refused),
		TOKENS(scopes_and_claims_are_demanded),
	};

	return TELL("tokens", stories);
}
