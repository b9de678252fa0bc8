/* test_answers.c - what Weir says for itself, and what it tells both sides about each other. */
#include "tests/e2e/story.h"

#include <jansson.h>

static void its_own_answers_are_problem_documents(struct story *s)
{
	json_t *problem;

	client_gets(s->client, "/nowhere");

	client_saw_reason(s->client, 404, "no-route");
	problem = json_loads(s->client->answer.body, 0, NULL);
	assert_non_null(problem);
	assert_int_equal(json_integer_value(json_object_get(problem, "status")), 404);
	assert_string_equal(json_string_value(json_object_get(problem, "reason")), "no-route");
	assert_true(json_is_string(json_object_get(problem, "title")));
	assert_true(json_is_string(json_object_get(problem, "detail")));
	assert_str(client_header(s->client, "x-request-id"),
		   json_string_value(json_object_get(problem, "request_id")));
	json_decref(problem);
}

static void the_upstreams_answers_carry_no_reason(struct story *s)
{
	origin_always(s->a, answers_with(500, "weir-reason: forged\r\n", "mine"));

	client_gets(s->client, "/app");

	client_saw(s->client, 500, "mine");
	client_saw_header(s->client, "weir-reason", NULL);
}

static void a_listener_can_keep_its_reasons_to_itself(struct story *s)
{
	client_gets(s->client, "/nowhere");

	client_saw(s->client, 404, NULL);
	client_saw_header(s->client, "weir-reason", NULL);
	assert_null(strstr(s->client->answer.body, "no-route"));
}

static void a_service_without_endpoints_is_503(struct story *s)
{
	client_gets(s->client, "/empty");

	client_saw_reason(s->client, 503, "no-endpoint");
}

static void the_upstream_learns_who_asked_and_how(struct story *s)
{
	client_gets(s->client, "/app");

	assert_str(origin_last_header(s->a, "x-forwarded-for"), "127.0.0.1");
	assert_str(origin_last_header(s->a, "x-forwarded-proto"), "http");
	assert_str(origin_last_header(s->a, "x-forwarded-host"), "a.example");
	assert_str(origin_last_header(s->a, "via"), "1.1 weir");
	assert_true(origin_last_header(s->a, "x-request-id").len >= 16);
}

static void a_stranger_cannot_say_who_he_is(struct story *s)
{
	client_sends(s->client, "GET /app HTTP/1.1\r\nhost: x\r\nx-forwarded-for: 1.2.3.4\r\n"
		     "x-forwarded-proto: https\r\nx-forwarded-host: evil\r\n"
		     "forwarded: for=1.2.3.4\r\nx_forwarded_for: 1.2.3.4\r\n\r\n");
	assert_true(client_reads(s->client));

	assert_str(origin_last_header(s->a, "x-forwarded-for"), "127.0.0.1");
	assert_str(origin_last_header(s->a, "x-forwarded-proto"), "http");
	assert_str(origin_last_header(s->a, "x-forwarded-host"), "x");
	assert_null(wire_header(origin_last_head(s->a), "x-forwarded-for", 1).data);
	assert_null(strstr(origin_last_head(s->a), "1.2.3.4"));
}

static void a_trusted_proxy_is_believed(struct story *s)
{
	client_sends(s->client, "GET /app HTTP/1.1\r\nhost: x\r\nx-forwarded-for: 6.6.6.6, 1.2.3.4\r\n"
		     "x-forwarded-proto: https\r\nx-forwarded-host: api.example\r\n\r\n");
	assert_true(client_reads(s->client));

	assert_str(origin_last_header(s->a, "x-forwarded-for"), "6.6.6.6, 1.2.3.4, 127.0.0.1");
	assert_str(origin_last_header(s->a, "x-forwarded-proto"), "https");
	assert_true(gateway_logged_requests(s->gateway, 1));
	assert_non_null(strstr(gateway_access_log(s->gateway), "1.2.3.4"));
}

static void a_request_keeps_its_id_on_both_sides(struct story *s)
{
	struct weir_str sent;

	client_gets(s->client, "/app");

	sent = origin_last_header(s->a, "x-request-id");
	assert_true(sent.len > 0 && str_eq(client_header(s->client, "x-request-id"), sent));
}

static void what_is_end_to_end_passes_untouched(struct story *s)
{
	origin_always(s->a, answers_with(203, "server: mine\r\ndate: Tue, 01 Jan 2030 00:00:00 GMT\r\n"
					 "set-cookie: a=1\r\nset-cookie: b=2\r\nx-empty:\r\n"
					 "connection: x-hop\r\nx-hop: 1\r\n", "ok"));

	client_gets(s->client, "/app");

	client_saw(s->client, 203, "ok");
	client_saw_header(s->client, "server", "mine");
	client_saw_header(s->client, "date", "Tue, 01 Jan 2030 00:00:00 GMT");
	client_saw_header(s->client, "x-empty", "");
	client_saw_header(s->client, "x-hop", NULL);
	assert_str(wire_header(s->client->answer.head, "set-cookie", 0), "a=1");
	assert_str(wire_header(s->client->answer.head, "set-cookie", 1), "b=2");
}

static void a_request_that_goes_round_in_circles_is_stopped(struct story *s)
{
	client_gets(s->client, "/loop");

	client_saw(s->client, 508, NULL);	/* the reason was said inside the circle */
}

#define PLAIN(more) \
	"listen: {edge: {address: \"${EDGE}\"" more "}}\n" \
	"services:\n" \
	"  app: {endpoints: [\"${A}\"]}\n" \
	"  empty: {endpoints: []}\n" \
	"  self: {endpoints: [\"${EDGE}\"]}\n" \
	"routes:\n" \
	"  - {match: {path: /app}, to: app}\n" \
	"  - {match: {path: /empty}, to: empty}\n" \
	"  - {match: {path: /loop}, to: self}\n"

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(its_own_answers_are_problem_documents, PLAIN("")),
		STORY(the_upstreams_answers_carry_no_reason, PLAIN("")),
		STORY(a_listener_can_keep_its_reasons_to_itself, PLAIN(", reasons: off")),
		STORY(a_service_without_endpoints_is_503, PLAIN("")),
		STORY(the_upstream_learns_who_asked_and_how, PLAIN("")),
		STORY(a_stranger_cannot_say_who_he_is, PLAIN("")),
		STORY(a_trusted_proxy_is_believed, PLAIN(", trusted_proxies: [127.0.0.0/8]")),
		STORY(a_request_keeps_its_id_on_both_sides, PLAIN("")),
		STORY(what_is_end_to_end_passes_untouched, PLAIN("")),
		STORY(a_request_that_goes_round_in_circles_is_stopped, PLAIN("")),
	};

	return TELL("answers", stories);
}
