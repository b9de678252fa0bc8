/* test_traces.c - what becomes a span, below which other, and what endpoints are told of it. */
#include "tests/e2e/collector.h"
#include "tests/e2e/secure.h"

#include <stdlib.h>

#define T "0af7651916cd43dd8448eb211c80319c"
#define S "b7ad6b7169203331"

#define EXPORT "export: {otlp: \"http://${COLLECTOR}/v1/traces\"}"
#define TRACED(more) "trace: {every: 20ms, " more EXPORT "}\n"
#define APP LISTEN \
	"services: {app: {endpoints: [\"${A}\", \"${B}\"], balance: round_robin}, " \
	"other: {endpoints: [\"${C}\"]}}\n" \
	"routes: [{name: all, match: {path: \"/t/{code}\"}, to: app, " \
	"retry: {attempts: 3, when: [connect, reset]}}]\n"

static void begins(struct story *s, const char *config)
{
	collector_opens(s);
	story_starts(s, config);
	story_reconnects(s);
}

static void asks_with(struct story *s, const char *headers)
{
	char request[512];

	(void)snprintf(request, sizeof(request), "GET /t/1 HTTP/1.1\r\nhost: h\r\n%s\r\n", headers);
	client_sends(s->client, request);
	assert_true(client_reads(s->client));
}

static void assert_below(json_t *child, json_t *parent)
{
	assert_string_equal(span_text(child, "trace"), span_text(parent, "trace"));
	assert_string_equal(span_text(child, "parent"), span_text(parent, "span"));
	assert_true(json_integer_value(json_object_get(child, "start")) >=
		    json_integer_value(json_object_get(parent, "start")));
	assert_true(json_integer_value(json_object_get(child, "end")) <=
		    json_integer_value(json_object_get(parent, "end")));
}

static void a_request_is_a_span_and_its_attempt_one_below(struct story *s)
{
	json_t *spans, *server, *client;

	begins(s, APP TRACED(""));
	client_gets(s->client, "/t/0901?token=secret&n=1");
	client_saw(s->client, 200, NULL);
	spans = collector_spans(2);
	server = span_of_kind(spans, "SERVER", 0);
	client = span_of_kind(spans, "CLIENT", 0);

	assert_string_equal(span_text(server, "name"), "GET /t/{code}");
	assert_string_equal(span_text(server, "parent"), "");
	assert_string_equal(span_attribute(server, "http.route"), "/t/{code}");
	assert_string_equal(span_attribute(server, "url.path"), "/t/0901");
	assert_string_equal(span_attribute(server, "url.query"), "token=***&n=1");
	assert_string_equal(span_attribute(server, "weir.route"), "all");
	assert_int_equal(span_number(server, "http.response.status_code"), 200);
	assert_false(span_failed(server));
	assert_below(client, server);
	assert_string_equal(span_text(client, "name"), "GET");
	assert_int_equal(span_number(client, "weir.attempt"), 1);
	assert_string_equal(span_attribute(client, "server.address"), "127.0.0.1");
	assert_non_null(json_object_get(json_object_get(client, "events"), "weir.connected"));
	assert_non_null(json_object_get(json_object_get(client, "events"), "weir.first_byte"));
	json_decref(spans);
}

static void assert_told(struct origin *o, json_t *attempt)
{
	char want[64];

	(void)snprintf(want, sizeof(want), "00-%s-%s-01", span_text(attempt, "trace"),
		       span_text(attempt, "span"));
	assert_str(origin_last_header(o, "traceparent"), want);
}

static void every_try_is_a_span_and_its_endpoint_is_told_that_one(struct story *s)
{
	json_t *spans, *server, *first, *second;
	struct origin *failing, *other;

	begins(s, APP TRACED(""));
	client_gets(s->client, "/t/1");
	failing = origin_count(s->a, NULL) == 0 ? s->a : s->b;
	other = failing == s->a ? s->b : s->a;
	origin_once(failing, resetting(says("")));
	client_gets(s->client, "/t/2");
	client_saw(s->client, 200, NULL);
	spans = collector_spans(5);
	server = span_of_kind(spans, "SERVER", 1);
	first = span_of_kind(spans, "CLIENT", 1);
	second = span_of_kind(spans, "CLIENT", 2);

	assert_below(first, server);
	assert_below(second, server);
	assert_string_equal(span_attribute(first, "weir.reason"), "upstream-reset");
	assert_true(span_failed(first));
	assert_int_equal(span_number(second, "http.request.resend_count"), 1);
	assert_false(span_failed(second) || span_failed(server));
	assert_int_equal(span_number(server, "weir.attempts"), 2);
	assert_told(failing, first);
	assert_told(other, second);
	json_decref(spans);
}

static void a_try_that_found_nobody_is_a_span_too(struct story *s)
{
	json_t *spans, *first;

	origin_refuses(s->a);
	origin_refuses(s->b);
	begins(s, APP TRACED("sample: 0%, "));
	client_gets(s->client, "/t/1");
	client_saw_reason(s->client, 503, "connect-refused");
	spans = collector_spans(4);
	first = span_of_kind(spans, "CLIENT", 0);

	assert_string_equal(span_attribute(first, "error.type"), "connect-refused");
	assert_true(span_failed(first) && span_failed(span_of_kind(spans, "SERVER", 0)));
	assert_string_equal(span_attribute(span_of_kind(spans, "SERVER", 0), "weir.reason"),
			    "connect-refused");
	json_decref(spans);
}

static void a_client_that_goes_away_ends_the_spans_and_is_no_failure(struct story *s)
{
	json_t *spans, *server;

	origin_always(s->a, hanging(says("")));
	origin_always(s->b, hanging(says("")));
	begins(s, APP TRACED(""));
	client_asks(s->client, "GET", "/t/1");
	assert_true(eventually(origin_count(s->a, NULL) + origin_count(s->b, NULL) == 1));
	client_aborts(s->client);
	s->client = NULL;
	spans = collector_spans(2);
	server = span_of_kind(spans, "SERVER", 0);

	assert_string_equal(span_attribute(server, "weir.reason"), "client-gone");
	assert_false(span_failed(server));
	assert_below(span_of_kind(spans, "CLIENT", 0), server);
	json_decref(spans);
}

static void assert_continues(struct story *s, const char *headers, const char *parent)
{
	json_t *spans, *server;
	size_t before;

	spans = collector_spans(0);
	before = json_array_size(spans);
	json_decref(spans);
	asks_with(s, headers);
	spans = collector_spans(before + 2);
	server = json_array_get(spans, before);

	assert_string_equal(span_text(server, "trace"), T);
	assert_string_equal(span_text(server, "parent"), parent);
	json_decref(spans);
}

static void a_trace_is_continued_whatever_family_says_it(struct story *s)
{
	begins(s, APP TRACED("sample: 0%, "));

	assert_continues(s, "traceparent: 00-" T "-" S "-01\r\ntracestate: a=b\r\n", S);
	assert_continues(s, "b3: " T "-" S "-1\r\n", S);
	assert_continues(s, "X-B3-TraceId: " T "\r\nX-B3-SpanId: " S "\r\nX-B3-Sampled: 1\r\n", S);
	assert_continues(s, "uber-trace-id: " T ":3331:0:1\r\n", "0000000000003331");
}

static void the_state_of_a_trace_is_passed_on_and_kept(struct story *s)
{
	json_t *spans;

	begins(s, APP TRACED(""));
	asks_with(s, "traceparent: 00-" T "-" S "-01\r\ntracestate: a=b\r\ntracestate: c=d\r\n");
	spans = collector_spans(2);

	assert_string_equal(span_text(json_array_get(spans, 0), "state"), "a=b, c=d");
	assert_non_null(strstr(origin_last_head(origin_count(s->a, NULL) > 0 ? s->a : s->b),
			       "tracestate: a=b"));
	json_decref(spans);
}

static void what_the_caller_does_not_record_is_not_recorded_unless_it_fails(struct story *s)
{
	json_t *spans;

	begins(s, APP TRACED(""));
	asks_with(s, "traceparent: 00-" T "-" S "-00\r\n");
	assert_non_null(strstr(origin_last_head(origin_count(s->a, NULL) > 0 ? s->a : s->b),
			       "-00\r\n"));
	origin_always(s->a, answers(503, "no"));
	origin_always(s->b, answers(503, "no"));
	asks_with(s, "traceparent: 00-" T "-0000000000000007-00\r\n");
	spans = collector_spans(2);

	assert_int_equal(json_array_size(spans), 2);
	assert_string_equal(span_text(json_array_get(spans, 0), "parent"), "0000000000000007");
	assert_true(span_failed(json_array_get(spans, 0)));
	json_decref(spans);
}

static void a_share_is_recorded_and_the_same_traces_everywhere(struct story *s)
{
	json_t *spans, *span;
	size_t i;

	begins(s, APP TRACED("sample: 50%, failures: false, "));
	for (int n = 0; n < 64; n++)
		client_gets(s->client, "/t/1");
	client_close(s->client);
	s->client = NULL;
	assert_int_equal(gateway_stop(s->gateway), 0);	/* all of them are out */
	spans = collector_spans(2);

	assert_in_range(json_array_size(spans), 2 * 8, 2 * 56);
	json_array_foreach(spans, i, span)
		assert_non_null(strchr("89abcdef", span_text(span, "trace")[18]));
	json_decref(spans);
}

static void endpoints_are_told_in_the_families_that_are_chosen(struct story *s)
{
	struct weir_str b3, jaeger;
	json_t *spans;

	begins(s, APP TRACED("propagate: [b3, b3multi, jaeger], "));
	origin_refuses(s->b);
	asks_with(s, "traceparent: 00-" T "-" S "-01\r\n");
	client_saw(s->client, 200, "A");
	spans = collector_spans(2);
	b3 = origin_last_header(s->a, "b3");
	jaeger = origin_last_header(s->a, "uber-trace-id");

	assert_null(origin_last_header(s->a, "traceparent").data);
	assert_true(str_starts(b3, STR(T "-")) && str_ends(b3, STR("-1")));
	assert_true(str_starts(jaeger, STR(T ":")) && str_ends(jaeger, STR(":0:1")));
	assert_str(origin_last_header(s->a, "x-b3-traceid"), T);
	assert_true(str_eq(origin_last_header(s->a, "x-b3-spanid"), str_of(b3.data + 33, 16)));
	assert_true(str_eq(str_of(jaeger.data + 33, 16), str_of(b3.data + 33, 16)));
	json_decref(spans);
}

static void nobodys_trace_is_continued_where_nobody_is_believed(struct story *s)
{
	json_t *spans;

	begins(s, APP TRACED("parent: trusted, "));
	asks_with(s, "traceparent: 00-" T "-" S "-00\r\n");
	spans = collector_spans(2);

	assert_string_not_equal(span_text(json_array_get(spans, 0), "trace"), T);
	assert_string_equal(span_text(json_array_get(spans, 0), "parent"), "");
	json_decref(spans);
}

static void calls_of_policies_and_mirrors_stand_in_the_trace(struct story *s)
{
	json_t *spans, *server, *call, *mirror;

	const char *build = getenv("WEIR_BUILD");
	char folder[512];

	(void)snprintf(folder, sizeof(folder), "%s/tests/plugins", build != NULL ? build : ".");
	gateway_knows(s->gateway, "PLUGINS", folder);
	begins(s, LISTEN "plugins: {path: \"${PLUGINS}\"}\n"
	       "services: {app: {endpoints: [\"${A}\"]}, other: {endpoints: [\"${C}\"]}, "
	       "copy: {endpoints: [\"${D}\"]}}\n"
	       "routes: [{policies: [waiter: {call: other}], to: app, mirror: {to: copy}}]\n"
	       TRACED(""));
	client_gets(s->client, "/t/1");
	client_saw(s->client, 200, "A");
	spans = collector_spans(6);
	server = span_of_kind(spans, "SERVER", 0);
	call = span_named(spans, "INTERNAL", "call other");
	mirror = span_named(spans, "INTERNAL", "call copy");

	assert_below(call, server);
	assert_string_equal(span_text(mirror, "parent"), span_text(server, "span"));
	assert_non_null(strstr(origin_last_head(s->c), span_text(server, "trace")));
	assert_non_null(strstr(origin_last_head(s->d), span_text(server, "trace")));
	assert_null(strstr(origin_last_head(s->c), span_text(call, "span")));
	json_decref(spans);
}

/* Into its own TLS listener: what the first hop tells is what the second one hears. */
static void two_hops_are_one_trace(struct story *s)
{
	json_t *spans, *outer, *there, *inner;

	begins(s, "listen: {edge: \"${EDGE}\", inner: {address: \"${SPARE}\", "
	       "tls: {certs: " CERTS_OF("edge") "}}}\n"
	       "services: {app: {endpoints: [\"${A}\"]}, next: {endpoints: [\"${SPARE}\"], "
	       "tls: {ca: \"${CERTS}/ca.pem\"}}}\n"
	       "routes: [{name: first, listeners: [edge], to: next}, "
	       "{name: second, listeners: [inner], to: app}]\n" TRACED(""));
	client_gets(s->client, "/x");
	client_saw(s->client, 200, "A");
	spans = collector_spans(4);
	outer = span_with(spans, "SERVER", "weir.route", "first");
	there = span_with(spans, "CLIENT", "weir.service", "next");
	inner = span_with(spans, "SERVER", "weir.route", "second");

	assert_below(there, outer);
	assert_string_equal(span_text(inner, "parent"), span_text(there, "span"));
	assert_string_equal(span_text(inner, "trace"), span_text(outer, "trace"));
	assert_string_equal(span_attribute(inner, "url.scheme"), "https");
	assert_true(str_starts(str_from(span_attribute(there, "url.full")), STR("https://")));
	assert_non_null(json_object_get(json_object_get(there, "events"), "weir.tls"));
	json_decref(spans);
}

static void a_fetch_of_a_policy_is_a_client_span(struct story *s)
{
	json_t *spans, *server, *fetch;
	char told[64];

	begins(s, LISTEN "services: {app: {endpoints: [\"${A}\"]}}\n"
	       "routes: [{policies: [forward_auth: {url: \"http://${C}/verify?x=1\"}], to: app}]\n"
	       TRACED(""));
	client_gets(s->client, "/");
	client_saw(s->client, 200, "A");
	spans = collector_spans(3);
	server = span_of_kind(spans, "SERVER", 0);
	fetch = span_of_kind(spans, "CLIENT", 0);
	if (*span_attribute(fetch, "weir.service") != '\0')
		fetch = span_of_kind(spans, "CLIENT", 1);
	(void)snprintf(told, sizeof(told), "00-%s-%s-01", span_text(server, "trace"),
		       span_text(fetch, "span"));

	assert_below(fetch, server);
	assert_non_null(strstr(span_attribute(fetch, "url.full"), "/verify?x=1"));
	assert_int_equal(span_number(fetch, "http.response.status_code"), 200);
	assert_int_equal(span_number(fetch, "server.port"), atoi(strchr(origin_address(s->c), ':') + 1));
	assert_str(origin_last_header(s->c, "traceparent"), told);
	json_decref(spans);
}

static void calls_of_scripts_stand_in_the_trace(struct story *s)
{
	json_t *spans;

	gateway_writes_file(s->gateway, "asks.lua",
			    "local policy = {}\nfunction policy.request(req)\n"
			    "  req.headers['x-heard'] = weir.call('other', '/ask').body\nend\nreturn policy\n");
	begins(s, LISTEN "lua: {path: [\"${DIR}\"]}\n"
	       "services: {app: {endpoints: [\"${A}\"]}, other: {endpoints: [\"${C}\"]}}\n"
	       "routes: [{policies: [asks], to: app}]\n" TRACED(""));
	client_gets(s->client, "/");
	client_saw(s->client, 200, "A");
	assert_str(origin_last_header(s->a, "x-heard"), "C");
	spans = collector_spans(4);

	assert_below(span_named(spans, "INTERNAL", "call other"), span_of_kind(spans, "SERVER", 0));
	json_decref(spans);
}

static void hooks_of_policies_are_spans_where_that_is_wanted(struct story *s)
{
	json_t *spans, *server, *script, *refusal;

	gateway_writes_file(s->gateway, "nods.lua",
			    "local policy = {}\nfunction policy.request(req)\n  weir.sleep(0.005)\nend\n"
			    "return policy\n");
	begins(s, LISTEN "lua: {path: [\"${DIR}\"]}\n"
	       "services: {app: {endpoints: [\"${A}\"]}}\n"
	       "routes: [{name: r, policies: [nods, refuse: {path: /no}], to: app}]\n"
	       TRACED("policies: true, "));
	client_gets(s->client, "/no");
	client_saw_reason(s->client, 403, "refused");
	spans = collector_spans(3);
	server = span_of_kind(spans, "SERVER", 0);
	script = span_named(spans, "INTERNAL", "policy nods");
	refusal = span_named(spans, "INTERNAL", "policy refuse");

	assert_below(script, server);
	assert_below(refusal, server);
	assert_string_equal(span_attribute(script, "weir.verdict"), "next");
	assert_true(json_integer_value(json_object_get(script, "end")) -
		    json_integer_value(json_object_get(script, "start")) > 0);
	assert_string_equal(span_attribute(refusal, "weir.verdict"), "refused");
	assert_string_equal(span_attribute(refusal, "weir.place"), "route r, policy 2");
	assert_false(span_failed(refusal) || span_failed(server));
	json_decref(spans);
}

static void the_access_log_names_the_span(struct story *s)
{
	json_t *spans, *line;

	begins(s, APP TRACED(""));
	client_gets(s->client, "/t/1");
	assert_true(gateway_logged_requests(s->gateway, 1));
	spans = collector_spans(2);
	line = json_loads(gateway_access_log(s->gateway), JSON_DISABLE_EOF_CHECK, NULL);

	assert_string_equal(span_text(line, "trace_id"), span_text(json_array_get(spans, 0), "trace"));
	assert_string_equal(span_text(line, "span_id"), span_text(json_array_get(spans, 0), "span"));
	json_decref(line);
	json_decref(spans);
}

static void what_never_came_to_a_route_is_a_span_as_well(struct story *s)
{
	json_t *spans, *server;

	begins(s, APP TRACED(""));
	client_gets(s->client, "/nowhere");
	spans = collector_spans(1);
	server = json_array_get(spans, 0);

	assert_string_equal(span_text(server, "name"), "GET");
	assert_string_equal(span_attribute(server, "weir.reason"), "no-route");
	assert_false(span_failed(server));
	json_decref(spans);
}

static int end(void **state)
{
	return collector_ends(state) + secure_end(state);
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(a_request_is_a_span_and_its_attempt_one_below, NULL),
		STORY(every_try_is_a_span_and_its_endpoint_is_told_that_one, NULL),
		STORY(a_try_that_found_nobody_is_a_span_too, NULL),
		STORY(a_client_that_goes_away_ends_the_spans_and_is_no_failure, NULL),
		STORY(a_trace_is_continued_whatever_family_says_it, NULL),
		STORY(the_state_of_a_trace_is_passed_on_and_kept, NULL),
		STORY(what_the_caller_does_not_record_is_not_recorded_unless_it_fails, NULL),
		STORY(a_share_is_recorded_and_the_same_traces_everywhere, NULL),
		STORY(endpoints_are_told_in_the_families_that_are_chosen, NULL),
		STORY(nobodys_trace_is_continued_where_nobody_is_believed, NULL),
		STORY(calls_of_policies_and_mirrors_stand_in_the_trace, NULL),
		STORY(two_hops_are_one_trace, NULL),
		STORY(a_fetch_of_a_policy_is_a_client_span, NULL),
		STORY(calls_of_scripts_stand_in_the_trace, NULL),
		STORY(hooks_of_policies_are_spans_where_that_is_wanted, NULL),
		STORY(the_access_log_names_the_span, NULL),
		STORY(what_never_came_to_a_route_is_a_span_as_well, NULL),
	};

	return cmocka_run_group_tests_name("traces", stories, secure_begin, end);
}
