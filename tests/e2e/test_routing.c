/* test_routing.c - where requests go, and what becomes of them on the way. */
#include "tests/e2e/story.h"

#define SERVICES LISTEN \
	"services:\n" \
	"  a: {endpoints: [\"${A}\"]}\n" \
	"  b: {endpoints: [\"${B}\"]}\n" \
	"  c: {endpoints: [\"${C}\"]}\n" \
	"routes:\n"

#define PRECEDENCE SERVICES \
	"  - {match: {path: /*}, to: a}\n" \
	"  - {match: {path: \"/tariff/{code}\"}, to: b}\n" \
	"  - {match: {path: /tariff/special}, to: c}\n" \
	"  - {match: {path: /tariff/special, header: {x-channel: web}}, to: a}\n" \
	"  - {match: {path: /only-post, method: POST}, to: b}\n" \
	"  - {match: {host: \"*.example.org\", path: /tariff/special}, to: b}\n"

static const char *asked(struct story *s, const char *host, const char *path, const char *header)
{
	char text[512];

	(void)snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nhost: %s\r\n%s\r\n", path, host, header);
	client_sends(s->client, text);
	assert_true(client_reads(s->client));
	client_saw(s->client, 200, NULL);
	return s->client->answer.body;
}

static void the_most_precise_route_wins(struct story *s)
{
	assert_string_equal(asked(s, "x", "/", ""), "A");
	assert_string_equal(asked(s, "x", "/tariff/0901", ""), "B");
	assert_string_equal(asked(s, "x", "/tariff/0901/more", ""), "A");
	assert_string_equal(asked(s, "x", "/tariff/special", ""), "C");
	assert_string_equal(asked(s, "x", "/tariff/special", "x-channel: web\r\n"), "A");
	assert_string_equal(asked(s, "www.example.org", "/tariff/special", ""), "B");
	assert_string_equal(asked(s, "WWW.EXAMPLE.ORG:80", "/tariff/special", ""), "B");
}

static void what_was_decided_is_what_is_sent(struct story *s)
{
	assert_string_equal(asked(s, "x", "/%74ariff/./x/../special", ""), "C");
	assert_int_equal(origin_count(s->c, "GET /tariff/special"), 1);
}

static void nothing_matching_is_404_and_a_wrong_method_405(struct story *s)
{
	client_gets(s->client, "/nowhere");
	client_saw_reason(s->client, 404, "no-route");

	client_asks(s->client, "DELETE", "/only");
	assert_true(client_reads(s->client));
	client_saw_reason(s->client, 405, "method-not-allowed");
	client_saw_header(s->client, "allow", "GET, POST");
}

#define METHODS SERVICES \
	"  - {match: {path: /only, method: [GET, POST]}, to: a}\n"

static void paths_and_hosts_are_rewritten(struct story *s)
{
	client_gets(s->client, "/tariff/0901?lang=en");
	assert_int_equal(origin_count(s->a, "GET /v2/0901?lang=en"), 1);
	assert_str(origin_last_header(s->a, "host"), "tariff.internal");

	client_gets(s->client, "/files/a/b/c");
	assert_int_equal(origin_count(s->b, "GET /a/b/c"), 1);

	client_gets(s->client, "/user/42/orders");
	assert_int_equal(origin_count(s->c, "GET /orders/of/42"), 1);
}

#define REWRITES SERVICES \
	"  - {match: {path: \"/tariff/{code}\"}, rewrite: {path: \"/v2/{code}\", host: tariff.internal}, to: a}\n" \
	"  - {match: {path: /files/*}, rewrite: \"/{*}\", to: b}\n" \
	"  - {match: {path: {regex: \"/user/([0-9]+)/orders\"}}, rewrite: \"/orders/of/{1}\", to: c}\n"

static void headers_are_changed_on_both_ways(struct story *s)
{
	origin_always(s->a, answers_with(200, "x-internal: 1\r\nvary: accept\r\n", "ok"));

	client_sends(s->client, "GET /h/7 HTTP/1.1\r\nhost: x\r\nx-user: forged\r\nx-internal: 1\r\n\r\n");
	assert_true(client_reads(s->client));

	assert_str(origin_last_header(s->a, "x-user"), "user-7");
	assert_null(wire_header(origin_last_head(s->a), "x-user", 1).data);
	assert_null(origin_last_header(s->a, "x-internal").data);
	client_saw_header(s->client, "x-internal", NULL);
	client_saw_header(s->client, "vary", "accept");
	assert_str(wire_header(s->client->answer.head, "vary", 1), "x-channel");
}

#define HEADERS SERVICES \
	"  - match: {path: \"/h/{id}\"}\n" \
	"    request_headers: {set: {x-user: \"user-{id}\"}, remove: [x-internal]}\n" \
	"    response_headers: {add: {vary: x-channel}, remove: [x-internal]}\n" \
	"    to: a\n"

static void asks_as(struct story *s, const char *roles)
{
	client_sends(s->client, "GET / HTTP/1.1\r\nhost: x\r\n");
	client_sends(s->client, roles);
	client_sends(s->client, "\r\n");
	assert_true(client_reads(s->client));
}

static void what_a_listeners_policy_learns_decides_the_route(struct story *s)
{
	gateway_writes_file(s->gateway, "roles.lua",
			    "local policy = {}\n"
			    "function policy.request(req)\n"
			    "  req.claims.role = req.headers['x-role'] or 'none'\n"
			    "end\n"
			    "return policy\n");
	story_starts(s, "listen: {edge: {address: \"${EDGE}\", policies: [roles]}}\n"
		     "lua: {path: [\"${DIR}\"]}\n"
		     "services: {a: {endpoints: [\"${A}\"]}, b: {endpoints: [\"${B}\"]}}\n"
		     "routes: [{match: {claim: {role: admin}}, to: a}, {to: b}]\n");
	story_reconnects(s);

	asks_as(s, "x-role: admin\r\n");
	client_saw(s->client, 200, "A");
	asks_as(s, "x-role: guest\r\n");
	client_saw(s->client, 200, "B");
	asks_as(s, "");
	client_saw(s->client, 200, "B");
}

static void redirects_keep_what_they_do_not_change(struct story *s)
{
	client_gets(s->client, "/old/x?y=1");
	client_saw(s->client, 308, NULL);
	client_saw_header(s->client, "location", "https://a.example/old/x?y=1");

	client_gets(s->client, "/moved/x");
	client_saw(s->client, 302, NULL);
	client_saw_header(s->client, "location", "http://new.example/x");
}

#define REDIRECTS SERVICES \
	"  - {match: {path: /old/*}, redirect: {scheme: https, status: 308}}\n" \
	"  - {match: {path: /moved/*}, redirect: {to: \"http://new.example/{*}\", status: 302}}\n"

static void a_route_can_answer_by_itself(struct story *s)
{
	client_gets(s->client, "/hello/you");
	client_saw(s->client, 418, "hello you");
	client_saw_header(s->client, "x-kind", "made here");

	client_asks(s->client, "HEAD", "/hello/you");
	assert_true(client_reads(s->client));
	client_saw(s->client, 418, "");
	client_saw_header(s->client, "content-length", "9");
}

#define RESPONDS SERVICES \
	"  - match: {path: \"/hello/{who}\"}\n" \
	"    respond: {status: 418, headers: {x-kind: made here}, body: \"hello {who}\"}\n"

static void a_split_gives_each_its_share(struct story *s)
{
	for (int i = 0; i < 400; i++)
		client_gets(s->client, "/dice");
	assert_int_equal(origin_count(s->a, NULL) + origin_count(s->b, NULL), 400);
	/* 100 expected, deviation 9: this is eight of them away. */
	assert_in_range(origin_count(s->b, NULL), 30, 170);
}

static void a_split_by_key_is_always_the_same_for_that_key(struct story *s)
{
	char first[8];

	for (int user = 0; user < 20; user++) {
		char header[32];

		(void)snprintf(header, sizeof(header), "x-user: %d\r\n", user);
		(void)snprintf(first, sizeof(first), "%s", asked(s, "x", "/keyed", header));
		for (int i = 0; i < 5; i++)
			assert_string_equal(asked(s, "x", "/keyed", header), first);
	}
	assert_true(origin_count(s->a, NULL) > 0 && origin_count(s->b, NULL) > 0);
}

#define SPLITS SERVICES \
	"  - {match: {path: /dice}, split: {a: 3, b: 1}}\n" \
	"  - {match: {path: /keyed}, split: {a: 1, b: 1}, split_by: header.x-user}\n"

static void a_mirror_gets_copies_and_its_answers_matter_to_nobody(struct story *s)
{
	origin_always(s->b, resetting(says("")));

	client_sends(s->client, "POST / HTTP/1.1\r\nhost: x\r\nauthorization: secret\r\n"
		     "content-length: 4\r\n\r\ncopy");
	assert_true(client_reads(s->client));
	client_saw(s->client, 200, "A");

	assert_true(origin_sees(s->b, "POST /", 1));
	assert_true(eventually(strcmp(origin_last_body(s->b), "copy") == 0));
	assert_null(origin_last_header(s->b, "authorization").data);
	assert_str(origin_last_header(s->a, "authorization"), "secret");
	assert_true(gateway_is_idle(s->gateway));
}

#define MIRRORS SERVICES "  - {to: a, mirror: {to: b, remove: [authorization]}}\n"

static void named_listeners_serve_only_the_routes_that_list_them(struct story *s)
{
	assert_int_equal(get_once(s->edge, "/"), 200);
	assert_int_equal(get_once(s->spare, "/"), 404);
	assert_int_equal(get_once(s->spare, "/inner"), 200);
	assert_int_equal(get_once(s->edge, "/inner"), 200);
	assert_int_equal(origin_count(s->b, "GET /inner"), 1);
}

#define LISTENERS \
	"listen:\n" \
	"  edge: \"${EDGE}\"\n" \
	"  mesh: {address: \"${SPARE}\", routes: named}\n" \
	"services: {a: {endpoints: [\"${A}\"]}, b: {endpoints: [\"${B}\"]}}\n" \
	"routes:\n" \
	"  - {to: a}\n" \
	"  - {listeners: [mesh], match: {path: /inner}, to: b}\n"

static void a_listener_may_only_redirect(struct story *s)
{
	client_gets(s->client, "/x?y");

	client_saw(s->client, 308, NULL);
	client_saw_header(s->client, "location", "https://a.example/x?y");
}

#define ONLY_REDIRECT \
	"listen: {http: {address: \"${EDGE}\", redirect: {scheme: https, status: 308}}}\n"

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(the_most_precise_route_wins, PRECEDENCE),
		STORY(what_was_decided_is_what_is_sent, PRECEDENCE),
		STORY(nothing_matching_is_404_and_a_wrong_method_405, METHODS),
		STORY(paths_and_hosts_are_rewritten, REWRITES),
		STORY(headers_are_changed_on_both_ways, HEADERS),
		STORY(what_a_listeners_policy_learns_decides_the_route, NULL),
		STORY(redirects_keep_what_they_do_not_change, REDIRECTS),
		STORY(a_route_can_answer_by_itself, RESPONDS),
		STORY(a_split_gives_each_its_share, SPLITS),
		STORY(a_split_by_key_is_always_the_same_for_that_key, SPLITS),
		STORY(a_mirror_gets_copies_and_its_answers_matter_to_nobody, MIRRORS),
		STORY(named_listeners_serve_only_the_routes_that_list_them, LISTENERS),
		STORY(a_listener_may_only_redirect, ONLY_REDIRECT),
	};

	return TELL("routing", stories);
}
