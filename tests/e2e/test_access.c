/* test_access.c - who may come in: keys, passwords, addresses, rules, and a service that is asked. */
#include "tests/e2e/story.h"

#include <stdlib.h>

#define WITH(policies) LISTEN \
	"services: {app: {endpoints: [\"${A}\"]}, auth: {endpoints: [\"${B}\"]}}\n" \
	"routes: [{name: r, policies: [" policies "], to: app}]\n"

/* sha256("key of acme"), sha256("key of other") */
#define ACME "fb59bed05bd29dd4accc0ff9ecec97b417f3c1a13a5a93705cdbefca2275c00a"
#define OTHER "b3eb4c3731cd077b297fc16e09d2804c0794a2e41b0dd96984e01633c83084a0"
/* openssl passwd -5 -salt saltsalt orange, and apple */
#define ORANGE "$5$saltsalt$NpqJP7gSMKSjkzC8ywX7cD.LmGwN7K/FZfI8A/ngrs3"
#define APPLE "$5$saltsalt$1VMowKg36KkaPpaY5bfF2O3Bf3.ODJkpMhfa/FErcb5"

static void begins(struct story *s, const char *config)
{
	story_starts(s, config);
	story_reconnects(s);
}

static void asks(struct story *s, const char *target, const char *headers)
{
	char text[4096];

	snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nhost: shop.example\r\n%s\r\n", target, headers);
	client_sends(s->client, text);
	assert_true(client_reads(s->client));
}

/* Until the file that changed has been read. */
static void asks_until(struct story *s, const char *headers, unsigned status)
{
	for (int i = 0; i < 1000; i++) {
		asks(s, "/x", headers);
		if (wire_status(&s->client->answer) == status)
			return;
		usleep(20000);
	}
	client_saw(s->client, status, NULL);
}

/* Keys ------------------------------------------------------------------------- */

#define KEYS WITH("api_key: {file: \"${DIR}/keys\", query: key}")

static void a_key_says_whose_it_is(struct story *s)
{
	gateway_writes_file(s->gateway, "keys", ACME " acme tier=gold\n");
	begins(s, LISTEN "services: {app: {endpoints: [\"${A}\"]}}\n"
	       "routes: [{policies: [api_key: \"${DIR}/keys\"], to: app,\n"
	       "          request_headers: {set: {x-who: \"{client.identity} {claim.tier}\"}}}]\n");

	asks(s, "/x", "x-api-key: key of acme\r\n");

	client_saw(s->client, 200, NULL);
	assert_str(origin_last_header(s->a, "x-who"), "acme gold");
	assert_false(weir_str_present(origin_last_header(s->a, "x-api-key")));
}

static void a_wrong_key_none_and_two_are_refused(struct story *s)
{
	gateway_writes_file(s->gateway, "keys", ACME " acme\n");
	begins(s, KEYS);

	asks(s, "/x", "");
	client_saw_reason(s->client, 401, "credentials-missing");
	asks(s, "/x", "x-api-key:\r\n");
	client_saw_reason(s->client, 401, "credentials-missing");
	asks(s, "/x", "x-api-key: " ACME "\r\n");	/* the hash is no key */
	client_saw_reason(s->client, 401, "credentials-invalid");
	asks(s, "/x", "x-api-key: key of acme\r\nx-api-key: key of acme\r\n");
	client_saw_reason(s->client, 400, "credentials-invalid");
	asks(s, "/x?key=key+of+acme", "x-api-key: key of acme\r\n");
	client_saw_reason(s->client, 400, "credentials-invalid");
	assert_int_equal(origin_count(s->a, NULL), 0);
	asks(s, "/x?a=1&key=key+of+acme", "");
	client_saw(s->client, 200, NULL);
	assert_non_null(strstr(origin_last_head(s->a), "GET /x?a=1 HTTP"));
}

static void keys_are_read_again_and_a_bad_file_changes_nothing(struct story *s)
{
	gateway_writes_file(s->gateway, "keys", ACME " acme\n");
	begins(s, KEYS);
	asks(s, "/x", "x-api-key: key of other\r\n");
	client_saw(s->client, 401, NULL);

	gateway_writes_file(s->gateway, "keys", OTHER " other\n");
	asks_until(s, "x-api-key: key of other\r\n", 200);
	asks(s, "/x", "x-api-key: key of acme\r\n");
	client_saw(s->client, 401, NULL);

	gateway_writes_file(s->gateway, "keys", OTHER " other\nrubbish\n");
	assert_true(gateway_logs(s->gateway, "line 2"));
	asks(s, "/x", "x-api-key: key of other\r\n");
	client_saw(s->client, 200, NULL);
	assert_int_equal(story_reloads(s, WITH("api_key: {file: \"${DIR}/keys\"}")), 422);
}

/* Passwords -------------------------------------------------------------------- */

/* ann:orange, ann:apple, nobody:orange */
#define ANN "authorization: Basic YW5uOm9yYW5nZQ==\r\n"
#define ANN_APPLE "authorization: Basic YW5uOmFwcGxl\r\n"
#define NOBODY "authorization: Basic bm9ib2R5Om9yYW5nZQ==\r\n"

static void a_password_lets_pass_and_is_not_forwarded(struct story *s)
{
	gateway_writes_file(s->gateway, "users", "ann:" ORANGE "\n");
	begins(s, WITH("basic: {file: \"${DIR}/users\", realm: shop}"));

	asks(s, "/x", "");
	client_saw_reason(s->client, 401, "credentials-missing");
	client_saw_header(s->client, "www-authenticate", "Basic realm=\"shop\", charset=\"UTF-8\"");
	asks(s, "/x", ANN);
	client_saw(s->client, 200, NULL);
	assert_false(weir_str_present(origin_last_header(s->a, "authorization")));
	asks(s, "/x", ANN);		/* remembered */
	client_saw(s->client, 200, NULL);
	asks(s, "/x", ANN_APPLE);
	client_saw_reason(s->client, 401, "credentials-invalid");
	asks(s, "/x", NOBODY);
	client_saw_reason(s->client, 401, "credentials-invalid");
	asks(s, "/x", "authorization: Basic YW5uOm8=YQ==\r\n");
	client_saw_reason(s->client, 401, "credentials-invalid");
	assert_int_equal(origin_count(s->a, NULL), 2);
}

static void a_new_password_forgets_the_old_one(struct story *s)
{
	gateway_writes_file(s->gateway, "users", "ann:" ORANGE "\n");
	begins(s, WITH("basic: {file: \"${DIR}/users\"}"));
	asks(s, "/x", ANN);
	client_saw(s->client, 200, NULL);

	gateway_writes_file(s->gateway, "users", "ann:" APPLE "\n");

	asks_until(s, ANN, 401);
	asks(s, "/x", ANN_APPLE);
	client_saw(s->client, 200, NULL);
}

static void one_of_several_is_enough(struct story *s)
{
	gateway_writes_file(s->gateway, "users", "ann:" ORANGE "\n");
	gateway_writes_file(s->gateway, "keys", ACME " acme\n");
	begins(s, WITH("{any: [{api_key: \"${DIR}/keys\"}, {basic: \"${DIR}/users\"}]}"));

	asks(s, "/x", ANN);
	client_saw(s->client, 200, NULL);
	client_saw_header(s->client, "www-authenticate", NULL);
	asks(s, "/x", "x-api-key: key of acme\r\n");
	client_saw(s->client, 200, NULL);
	asks(s, "/x", ANN_APPLE);
	client_saw_reason(s->client, 401, "credentials-invalid");
}

/* Addresses -------------------------------------------------------------------- */

#define TRUSTING(policies, trusted) \
	"listen: {edge: {address: \"${EDGE}\", trusted_proxies: [" trusted "], policies: [" policies "]}}\n" \
	"services: {app: {endpoints: [\"${A}\"]}}\nroutes: [{to: app}]\n"

static void an_address_is_that_behind_trusted_proxies(struct story *s)
{
	begins(s, TRUSTING("ip: {allow: [192.0.2.0/24, \"2001:db8::/32\"], deny: 192.0.2.13}", "127.0.0.0/8"));

	asks(s, "/x", "x-forwarded-for: 192.0.2.7\r\n");
	client_saw(s->client, 200, NULL);
	asks(s, "/x", "x-forwarded-for: 2001:db8::1\r\n");
	client_saw(s->client, 200, NULL);
	asks(s, "/x", "x-forwarded-for: 192.0.2.13\r\n");
	client_saw_reason(s->client, 403, "denied");
	asks(s, "/x", "x-forwarded-for: 192.0.2.7, 198.51.100.1\r\n");	/* the left one is anybody's word */
	client_saw_reason(s->client, 403, "denied");
	asks(s, "/x", "");
	client_saw_reason(s->client, 403, "denied");
}

static void nobody_is_believed_who_is_not_trusted(struct story *s)
{
	begins(s, TRUSTING("ip: {allow: 192.0.2.0/24, status: 404}", "10.0.0.0/8"));

	asks(s, "/x", "x-forwarded-for: 192.0.2.7\r\nx-real-ip: 192.0.2.7\r\nforwarded: for=192.0.2.7\r\n");

	client_saw_reason(s->client, 404, "denied");
	assert_int_equal(origin_count(s->a, NULL), 0);
}

static void a_list_in_a_file_is_read_again(struct story *s)
{
	gateway_writes_file(s->gateway, "deny", "# nobody\n");
	begins(s, WITH("ip: {deny_file: \"${DIR}/deny\"}"));
	asks(s, "/x", "");
	client_saw(s->client, 200, NULL);

	gateway_writes_file(s->gateway, "deny", "127.0.0.0/8\n");

	asks_until(s, "", 403);
}

/* Rules ------------------------------------------------------------------------ */

#define RULES WITH("{api_key: {file: \"${DIR}/keys\"}, on_error: continue}, " \
	"acl: {rules: [{name: health, allow: {path: /health}}, " \
	"{name: no partners, deny: {claim: {realm: partner}, method: [POST, DELETE]}}, " \
	"{allow: {path: /orders/*, scope: orders.read}}, " \
	"{allow: {identity: \"admin-*\"}}]}")

static void the_first_rule_that_is_about_a_request_decides(struct story *s)
{
	gateway_writes_file(s->gateway, "keys", ACME " acme scope=orders.read realm=partner\n"
			    OTHER " admin-1\n");
	begins(s, RULES);

	asks(s, "/health", "");
	client_saw(s->client, 200, NULL);
	asks(s, "/orders/7", "");
	client_saw_reason(s->client, 403, "denied");
	asks(s, "/orders/7", "x-api-key: key of acme\r\n");
	client_saw(s->client, 200, NULL);
	client_sends(s->client, "POST /orders/7 HTTP/1.1\r\nhost: a\r\nx-api-key: key of acme\r\n"
		     "content-length: 0\r\n\r\n");
	assert_true(client_reads(s->client));
	client_saw_reason(s->client, 403, "denied");
	asks(s, "/other", "x-api-key: key of acme\r\n");
	client_saw_reason(s->client, 403, "denied");
	asks(s, "/other", "x-api-key: key of other\r\n");
	client_saw(s->client, 200, NULL);
	assert_true(gateway_logged_requests(s->gateway, 6));
	assert_non_null(strstr(gateway_access_log(s->gateway), "rule 2 \\\"no partners\\\": deny"));
}

/* Whatever way it is written, rules see what the service gets. */
static void a_path_has_one_writing(struct story *s)
{
	begins(s, WITH("acl: {rules: [{deny: {path: /admin/*}}], otherwise: allow}"));

	asks(s, "/public/../admin/x", "");
	client_saw_reason(s->client, 403, "denied");
	asks(s, "//admin", "");
	client_saw_reason(s->client, 403, "denied");
	asks(s, "/%61dmin/x", "");
	client_saw_reason(s->client, 403, "denied");
	asks(s, "/admin%2fx", "");
	client_saw_reason(s->client, 400, "bad-path");
	assert_int_equal(origin_count(s->a, NULL), 0);
}

#define MOVES "local policy = {options = {to = {type = 'text'}}}\n" \
	"function policy.request(req, options) req.path = options.to end\nreturn policy\n"
#define MOVING "lua: {path: [\"${DIR}\"]}\nservices: {app: {endpoints: [\"${A}\"]}}\n"
#define ONLY_PUBLIC "acl: {rules: [{allow: {path: /public/*}}]}"

/* A listener's policies come first: what they make of a path is routed, and allowed, as if it had come so. */
static void a_path_that_a_listener_changes_is_routed_and_judged_as_it_is_then(struct story *s)
{
	gateway_writes_file(s->gateway, "move.lua", MOVES);
	begins(s, "listen: {edge: {address: \"${EDGE}\", policies: [move: {to: /admin/x}]}}\n" MOVING
	       "routes: [{match: {path: /public/*}, to: app},\n"
	       "  {match: {path: /admin/*}, policies: [" ONLY_PUBLIC "], to: app}]\n");

	asks(s, "/public/x", "");

	client_saw_reason(s->client, 403, "denied");
	assert_int_equal(origin_count(s->a, NULL), 0);
}

/* In one chain they are asked in their order: rules see what those before them made of the path. */
static void rules_behind_a_policy_that_changes_the_path_see_the_new_one(struct story *s)
{
	gateway_writes_file(s->gateway, "move.lua", MOVES);
	begins(s, LISTEN MOVING "routes: [{policies: [move: {to: /public/../admin}, " ONLY_PUBLIC "], to: app}]\n");
	asks(s, "/public/x", "");
	client_saw_reason(s->client, 403, "denied");

	assert_int_equal(story_reloads(s, LISTEN MOVING "routes: [{policies: [move: {to: /public/y}, "
				       ONLY_PUBLIC "], to: app}]\n"), 200);
	asks(s, "/admin", "");
	client_saw(s->client, 200, NULL);
	assert_int_equal(origin_count(s->a, "GET /public/y"), 1);
	assert_int_equal(origin_count(s->a, NULL), 1);
}

static void explain_says_which_rule_decides(struct story *s)
{
	gateway_writes_file(s->gateway, "keys", ACME " acme\n");
	begins(s, RULES);

	assert_int_equal(admin_get(s->gateway, "/explain?method=POST&url=http://a/orders/1&claim=realm=partner"),
			 200);
	assert_non_null(strstr(s->gateway->text, "rule 2 \\\"no partners\\\": deny "
			       "(rule 1 is not about this path)"));
	assert_int_equal(admin_get(s->gateway, "/explain?method=GET&url=http://a/x&identity=admin-2"), 200);
	assert_non_null(strstr(s->gateway->text, "rule 4: allow"));
	assert_non_null(strstr(s->gateway->text, "passes"));
}

/* Asking ----------------------------------------------------------------------- */

#define ASKING WITH("forward_auth: {service: auth, path: /verify, headers: [x-user, x-groups], " \
	"identity: x-user, on_answer: set-cookie, timeout: 3s}")

static void who_decides_is_asked_what_weir_understood(struct story *s)
{
	begins(s, ASKING);
	origin_always(s->b, answers_with(200, "x-user: ann\r\nx-groups: a\r\nx-groups: b\r\nx-more: no\r\n"
					 "set-cookie: s=2\r\n", ""));

	asks(s, "/a/../x?q=1", "cookie: s=1\r\nx-user: root\r\nx_groups: root\r\nx-forwarded-uri: /public\r\n"
	     "x-forwarded-for: 10.0.0.1\r\nx-forwarded-method: HEAD\r\nx-other: 1\r\n");

	client_saw(s->client, 200, NULL);
	client_saw_header(s->client, "set-cookie", "s=2");
	assert_non_null(strstr(origin_last_head(s->b), "GET /verify HTTP"));
	assert_str(origin_last_header(s->b, "x-forwarded-uri"), "/x?q=1");
	assert_str(origin_last_header(s->b, "x-forwarded-method"), "GET");
	assert_str(origin_last_header(s->b, "x-forwarded-host"), "shop.example");
	assert_str(origin_last_header(s->b, "cookie"), "s=1");
	assert_null(strstr(origin_last_head(s->b), "10.0.0.1"));
	assert_null(strstr(origin_last_head(s->b), "/public"));
	assert_null(strstr(origin_last_head(s->b), "x-other"));
	assert_str(origin_last_header(s->a, "x-user"), "ann");
	assert_null(strstr(origin_last_head(s->a), "root"));
	assert_null(strstr(origin_last_head(s->a), "x-more"));
}

static void what_it_refuses_is_its_own_answer(struct story *s)
{
	begins(s, ASKING);
	origin_once(s->b, answers_with(302, "location: http://login/\r\nset-cookie: a=1\r\nx-internal: 1\r\n", ""));
	asks(s, "/x", "");
	client_saw(s->client, 302, NULL);
	client_saw_header(s->client, "location", "http://login/");
	client_saw_header(s->client, "set-cookie", "a=1");
	client_saw_header(s->client, "x-internal", NULL);

	origin_once(s->b, answers_with(401, "www-authenticate: Custom\r\ncontent-type: text/html\r\n", "<form>"));
	asks(s, "/x", "");
	client_saw(s->client, 401, "<form>");
	client_saw_header(s->client, "www-authenticate", "Custom");
	client_saw_header(s->client, "content-type", "text/html");
	assert_int_equal(origin_count(s->a, NULL), 0);
}

static void without_an_answer_nobody_passes(struct story *s)
{
	begins(s, ASKING);
	origin_always(s->b, answers(500, "oops"));
	asks(s, "/x", "");
	client_saw_reason(s->client, 503, "auth-unavailable");
	origin_always(s->b, says("rubbish\r\n\r\n"));
	asks(s, "/x", "");
	client_saw_reason(s->client, 503, "auth-unavailable");
	origin_always(s->b, gives(1 << 20));
	asks(s, "/x", "");
	client_saw_reason(s->client, 503, "auth-unavailable");
	origin_always(s->b, hanging(says("")));
	asks(s, "/x", "");
	client_saw_reason(s->client, 503, "auth-unavailable");
	origin_refuses(s->b);
	origin_drops_connections(s->b);
	asks(s, "/x", "");
	client_saw_reason(s->client, 503, "auth-unavailable");
	assert_int_equal(origin_count(s->a, NULL), 0);
}

/* As a date or in seconds; the client gets seconds. */
static void when_to_come_again_is_passed_on(struct story *s)
{
	begins(s, ASKING);
	origin_always(s->b, answers_with(429, "retry-after: 7\r\n", "slow down"));
	asks(s, "/x", "");
	client_saw_reason(s->client, 503, "auth-unavailable");
	client_saw_header(s->client, "retry-after", "7");
	origin_always(s->b, answers_with(503, "retry-after: Fri, 31 Dec 9999 23:59:59 GMT\r\n", ""));
	asks(s, "/x", "");
	client_saw_reason(s->client, 503, "auth-unavailable");
	client_saw_header(s->client, "retry-after", "3600");
	origin_always(s->b, answers_with(503, "retry-after: whenever\r\n", ""));
	asks(s, "/x", "");
	client_saw_reason(s->client, 503, "auth-unavailable");
	client_saw_header(s->client, "retry-after", NULL);
}

/* And then it passes without the headers that only the other side may set. */
static void unless_it_is_told_to_go_on(struct story *s)
{
	begins(s, WITH("{forward_auth: {service: auth, headers: x-user}, on_error: continue}"));
	origin_refuses(s->b);

	asks(s, "/x", "x-user: root\r\nx_user: root\r\n");

	client_saw(s->client, 200, NULL);
	assert_null(strstr(origin_last_head(s->a), "root"));
}

/* Half a body would be judged, and a whole one sent. */
static void a_body_goes_along_whole_or_not_at_all(struct story *s)
{
	begins(s, WITH("forward_auth: {service: auth, method: POST, body: 16b}"));

	client_posts(s->client, "/x", "sixteen bytes ok");
	client_saw(s->client, 200, NULL);
	assert_string_equal(origin_last_body(s->b), "sixteen bytes ok");
	assert_string_equal(origin_last_body(s->a), "sixteen bytes ok");
	client_posts(s->client, "/x", "seventeen bytes !");
	client_saw_reason(s->client, 413, "body-too-large");
	assert_int_equal(origin_count(s->b, NULL), 1);
	assert_int_equal(origin_count(s->a, NULL), 1);
}

static void a_url_may_be_asked_as_well(struct story *s)
{
	begins(s, WITH("forward_auth: {url: \"http://${B}/check?x=1\", identity: x-user}"));
	origin_always(s->b, answers_with(204, "x-user: ann\r\n", NULL));

	asks(s, "/x", "");

	client_saw(s->client, 200, NULL);
	assert_int_equal(origin_count(s->b, "GET /check?x=1"), 1);
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(a_key_says_whose_it_is, NULL),
		STORY(a_wrong_key_none_and_two_are_refused, NULL),
		STORY(keys_are_read_again_and_a_bad_file_changes_nothing, NULL),
		STORY(a_password_lets_pass_and_is_not_forwarded, NULL),
		STORY(a_new_password_forgets_the_old_one, NULL),
		STORY(one_of_several_is_enough, NULL),
		STORY(an_address_is_that_behind_trusted_proxies, NULL),
		STORY(nobody_is_believed_who_is_not_trusted, NULL),
		STORY(a_list_in_a_file_is_read_again, NULL),
		STORY(the_first_rule_that_is_about_a_request_decides, NULL),
		STORY(a_path_has_one_writing, NULL),
		STORY(a_path_that_a_listener_changes_is_routed_and_judged_as_it_is_then, NULL),
		STORY(rules_behind_a_policy_that_changes_the_path_see_the_new_one, NULL),
		STORY(explain_says_which_rule_decides, NULL),
		STORY(who_decides_is_asked_what_weir_understood, NULL),
		STORY(what_it_refuses_is_its_own_answer, NULL),
		STORY(without_an_answer_nobody_passes, NULL),
		STORY(when_to_come_again_is_passed_on, NULL),
		STORY(unless_it_is_told_to_go_on, NULL),
		STORY(a_body_goes_along_whole_or_not_at_all, NULL),
		STORY(a_url_may_be_asked_as_well, NULL),
	};

	return TELL("access", stories);
}
