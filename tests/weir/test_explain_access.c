/* test_explain_access.c - what policies about who may come in say that they want, or would decide. */
#include "tests/weir/desk.h"

#include "core/weir/explain.h"

#define SECRET "secret: 0123456789abcdef0123456789abcdef"
#define LOGIN "issuer: \"https://login.example/\", audience: orders"
#define NEEDY "jwt: {issuers: [{" LOGIN "}], scopes: [read, write], claims: {tier: {is: [gold, silver]}, " \
	"email: {}}}"
#define CLAIM(name, value) { { name, sizeof(name) - 1 }, { value, sizeof(value) - 1 } }

static json_t *policy_of(struct desk *desk, const char *policy, const struct admin_question *q)
{
	struct weir_error error = { "" };
	char conf[2048];
	json_t *answer, *one;

	(void)snprintf(conf, sizeof(conf), "listen: {edge: {address: 0.0.0.0:1}}\n"
		       "services: {app: {endpoints: [\"h:1\"]}, auth: {endpoints: [\"h:2\"]}}\n"
		       "routes:\n  - policies:\n      - %s\n    to: app\n", policy);
	desk_fine(desk, conf);
	answer = explain(desk->w, NULL, q, &error);
	if (answer == NULL)
		fail_msg("%s", error.text);
	one = json_incref(json_array_get(json_object_get(answer, "policies"), 0));
	json_decref(answer);
	return one;
}

static void says(struct desk *desk, const char *policy, const struct admin_question *given,
		 const char *verdict, const char *sentence)
{
	struct admin_question q = *given;
	json_t *one;
	const char *was, *said;

	q.method = STR("GET");
	q.url = STR("/x");
	one = policy_of(desk, policy, &q);
	was = json_string_value(json_object_get(one, "verdict"));
	said = json_string_value(json_object_get(one, "says"));
	if (was == NULL || strcmp(was, verdict) != 0 || strcmp(said, sentence) != 0)
		fail_msg("%s\nis explained as \"%s: %s\"", policy, was != NULL ? was : "", said != NULL ? said : "");
	json_decref(one);
}

static const struct admin_question nothing;

static void each_says_what_it_wants(void **state)
{
	static const struct { const char *policy, *wants; } cases[] = {
		{ "jwt: {issuers: [{" LOGIN "}]}",
		  "a token of https://login.example/ for orders, in authorization: Bearer" },
		{ "jwt: {issuers: [{" LOGIN "}, {issuer: b, audience: [x, y], " SECRET "}], cookie: t, query: q}",
		  "a token of https://login.example/ for orders, or of b for x or y, in the cookie t or the query's q" },
		{ "jwt: {issuers: [{any_audience: true, " SECRET "}], header: x-token}",
		  "a token of any issuer, in x-token" },
		{ NEEDY, "a token of https://login.example/ for orders, in authorization: Bearer, with the scopes "
		  "read and write, with the claim tier: gold or silver, with the claim email" },
		{ "api_key: {file: p.keys, query: k}", "a key of p.keys, in x-api-key or the query's k" },
		{ "basic: users", "a user of users and the password, in authorization: Basic" },
		{ "mtls", "a client certificate that the listener's client_ca has signed" },
		{ "mtls: {dns: [\"*.a.example\", b.example], spiffe: \"spiffe://x/a\", fingerprint: "
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}",
		  "a client certificate with dns *.a.example or b.example, or spiffe spiffe://x/a, or a fingerprint "
		  "that is listed" },
		{ "mtls: {email: a@b.example}", "a client certificate with email a@b.example" },
		{ "forward_auth: {service: auth, path: /verify}",
		  "that service auth answers GET /verify with 2xx, by what it knows and authorization, cookie" },
		{ "forward_auth: {url: \"http://a/check\", send: [], method: HEAD}",
		  "that http://a/check answers HEAD with 2xx" },
		{ "rate_limit: {rates: [100/s, {rate: 2000/m, burst: 3}], key: [client.ip, header.x-a]}",
		  "no more than 100 requests in 1 s, 100 at once, nor than 2000 requests in 60 s, 3 at once, counted by "
		  "client.ip and header.x-a" },
		{ "ip: {allow: 10.0.0.0/8}", "the client's address (--client)" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		says(*state, cases[i].policy, &nothing, "wants", cases[i].wants);
}

static void who_need_not_bring_anything_passes(void **state)
{
	says(*state, "jwt: {issuers: [{" LOGIN "}], optional: true}", &nothing, "passes",
	     "no token is needed; one that comes must be a token of https://login.example/ for orders, in "
	     "authorization: Bearer");
	says(*state, "rate_limit: {rate: 5/s, dry_run: true}", &nothing, "passes",
	     "no more than 5 requests in 1 s, 5 at once; more are counted, and pass (dry_run)");
}

static void claims_are_held_against_what_a_token_must_say(void **state)
{
	static const struct admin_question enough = { .claim_count = 3, .claims = {
		CLAIM("scope", "read other write"), CLAIM("tier", "silver"), CLAIM("email", "a@b") } };
	static const struct admin_question no_scope = { .claim_count = 3, .claims = {
		CLAIM("scope", "read"), CLAIM("tier", "silver"), CLAIM("email", "a@b") } };
	static const struct admin_question no_tier = { .claim_count = 3, .claims = {
		CLAIM("scope", "read"), CLAIM("scope", "write"), CLAIM("tier", "lead") } };

	says(*state, NEEDY, &enough, "passes", "these claims are enough, if they come with a token of "
	     "https://login.example/ for orders, in authorization: Bearer, with the scopes read and write, with the "
	     "claim tier: gold or silver, with the claim email");
	says(*state, NEEDY, &no_scope, "refuses", "the token lacks a scope that is needed: write");
	says(*state, NEEDY, &no_tier, "refuses", "the token lacks a claim that is needed: tier");
}

static void an_identity_is_held_against_names_of_certificates(void **state)
{
	const struct admin_question web = { .identity = STR("spiffe://x/ns/a") };
	const struct admin_question other = { .identity = STR("spiffe://y/ns/a") };

	says(*state, "mtls: {spiffe: \"spiffe://x/ns/*\"}", &web, "passes",
	     "spiffe://x/ns/a is allowed, by a client certificate with spiffe spiffe://x/ns/*");
	says(*state, "mtls: {spiffe: \"spiffe://x/ns/*\"}", &other, "wants",
	     "a client certificate with spiffe spiffe://x/ns/*");
}

static void addresses_are_judged_as_far_as_options_go(void **state)
{
	const struct admin_question inside = { .client = STR("10.1.2.3") }, outside = { .client = STR("11.1.2.3") };

	says(*state, "ip: {allow: 10.0.0.0/8}", &inside, "passes", "10.1.2.3 passes");
	says(*state, "ip: {allow: 10.0.0.0/8}", &outside, "refuses", "11.1.2.3 is not in `allow`");
	says(*state, "ip: {deny: 10.0.0.0/8, deny_file: more}", &inside, "refuses", "10.1.2.3 is in `deny`");
	says(*state, "ip: {deny: 10.0.0.0/8, deny_file: more}", &outside, "wants",
	     "what the files say of 11.1.2.3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(each_says_what_it_wants),
		DESK_TEST(who_need_not_bring_anything_passes),
		DESK_TEST(claims_are_held_against_what_a_token_must_say),
		DESK_TEST(an_identity_is_held_against_names_of_certificates),
		DESK_TEST(addresses_are_judged_as_far_as_options_go),
	};

	return cmocka_run_group_tests_name("explain_access", tests, NULL, NULL);
}
