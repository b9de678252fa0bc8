/* test_trace_export.c - spans on their way out: formats; collectors that are slow, busy, wrong or gone. */
#include "tests/e2e/collector.h"
#include "tests/e2e/secure.h"

#include <signal.h>
#include <stdlib.h>

#define APP LISTEN \
	"services: {app: {endpoints: [\"${A}\"]}}\n" \
	"routes: [{to: app}]\n"
#define OTLP "otlp: {endpoint: \"http://${COLLECTOR}/v1/traces\"}"
#define HASTY "otlp: {endpoint: \"http://${COLLECTOR}/v1/traces\", timeout: 100ms}"
#define EVERY "trace: {every: 20ms, "

static void begins(struct story *s, const char *config)
{
	collector_opens(s);
	story_starts(s, config);
	story_reconnects(s);
}

static double dropped(struct story *s, const char *reason)
{
	char label[64];

	(void)snprintf(label, sizeof(label), "reason=\"%s\"", reason);
	return gateway_metric(s->gateway, "weir_trace_spans_dropped_total", label, NULL);
}

static double sent(struct story *s)
{
	return gateway_metric(s->gateway, "weir_trace_spans_sent_total", NULL);
}

static void asks_some(struct story *s, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		client_gets(s->client, "/");
		client_saw(s->client, 200, "A");
	}
}

/* What one format says, the others say too. */
static void all_formats_say_the_same(struct story *s)
{
	json_t *spans, *one;
	unsigned servers = 0;
	size_t i;

	begins(s, APP EVERY "export: [" OTLP ", otlp: {endpoint: \"http://${COLLECTOR}/v1/traces\", "
	       "format: json, compression: gzip, headers: {x-key: secret}, service: edge, "
	       "resource: {deployment.environment.name: test}}, "
	       "zipkin: {endpoint: \"http://${COLLECTOR}/api/v2/spans\", service: edge}]}\n");
	asks_some(s, 1);
	spans = collector_spans(6);

	json_array_foreach(spans, i, one) {
		json_t *first = json_array_get(spans, 0);

		assert_string_equal(span_text(one, "trace"), span_text(first, "trace"));
		servers += strcmp(span_text(one, "kind"), "SERVER") == 0;
		assert_string_equal(span_attribute(one, "http.request.method"), "GET");
		if (strcmp(span_text(one, "format"), "json") != 0)
			continue;
		assert_string_equal(span_text(one, "key"), "secret");
		assert_string_equal(span_text(one, "coding"), "gzip");
		assert_string_equal(span_text(json_object_get(one, "resource"),
					      "deployment.environment.name"), "test");
	}
	assert_int_equal(servers, 3);
	json_decref(spans);
}

static void texts_that_are_no_utf8_are_made_so(struct story *s)
{
	json_t *spans;

	begins(s, APP EVERY "export: [" OTLP ", otlp: {endpoint: \"http://${COLLECTOR}/v1/traces\", "
	       "format: json}, zipkin: \"http://${COLLECTOR}/api/v2/spans\"]}\n");
	client_sends(s->client, "G3T / HTTP/1.1\r\nhost: h\r\nuser-agent: \xff\xfe\"\\\xc3\xa9\r\n\r\n");
	assert_true(client_reads(s->client));
	spans = collector_spans(6);

	assert_string_equal(span_attribute(json_array_get(spans, 0), "user_agent.original"),
			    "\xef\xbf\xbd\xef\xbf\xbd\"\\\xc3\xa9");
	assert_string_equal(span_attribute(json_array_get(spans, 0), "http.request.method"), "_OTHER");
	assert_string_equal(span_text(json_array_get(spans, 0), "name"), "HTTP");
	json_decref(spans);
}

/* Through a TLS listener of its own, which is recorded as well. */
static void a_collector_may_be_reached_by_https(struct story *s)
{
	json_t *spans;

	begins(s, "listen: {edge: \"${EDGE}\", inner: {address: \"${SPARE}\", "
	       "tls: {certs: " CERTS_OF("edge") "}}}\n"
	       "services: {app: {endpoints: [\"${A}\"]}, sink: {endpoints: [\"${COLLECTOR}\"]}}\n"
	       "routes: [{match: {path: /v1/traces}, to: sink}, {to: app}]\n"
	       EVERY "export: {otlp: {endpoint: \"https://${SPARE}/v1/traces\", "
	       "ca: \"${CERTS}/ca.pem\"}}}\n");
	asks_some(s, 1);
	spans = collector_spans(2);

	assert_string_equal(span_attribute(json_array_get(spans, 0), "url.scheme"), "http");
	json_decref(spans);
}

static void a_collector_that_nobody_vouches_for_gets_nothing(struct story *s)
{
	begins(s, "listen: {edge: \"${EDGE}\", inner: {address: \"${SPARE}\", "
	       "tls: {certs: " CERTS_OF("edge") "}}}\n"
	       "services: {app: {endpoints: [\"${A}\"]}, sink: {endpoints: [\"${COLLECTOR}\"]}}\n"
	       "routes: [{match: {path: /v1/traces}, to: sink}, {to: app}]\n"
	       EVERY "patience: 100ms, export: {otlp: {endpoint: \"https://${SPARE}/v1/traces\", "
	       "ca: \"${CERTS}/stranger.pem\"}}}\n");
	asks_some(s, 1);

	assert_true(eventually(dropped(s, "unreachable") == 1));
	assert_true(gateway_logs(s->gateway, "gave no answer (tls-"));
	assert_int_equal(collector_asked(), 0);
}

static void what_is_too_much_for_the_moment_comes_again(struct story *s)
{
	begins(s, APP EVERY "export: {" OTLP "}}\n");
	collector_behaves("503 429/1 drop");
	asks_some(s, 1);

	json_decref(collector_spans(2));
	assert_int_equal(collector_asked(), 4);
	assert_true(eventually(sent(s) == 1));
	assert_true(dropped(s, "unreachable") == 0);
	assert_true(gateway_logs(s->gateway, "answered 503; spans wait"));
	assert_true(gateway_logs(s->gateway, "spans are taken again"));
}

static void what_is_refused_is_counted_and_not_tried_again(struct story *s)
{
	begins(s, APP EVERY "export: {" OTLP "}}\n");
	collector_behaves("400");
	asks_some(s, 1);

	assert_true(eventually(dropped(s, "refused") == 1));
	asks_some(s, 1);
	json_decref(collector_spans(2));
	assert_int_equal(collector_asked(), 2);
}

static void what_is_rejected_of_a_batch_is_counted(struct story *s)
{
	begins(s, APP "trace: {every: 200ms, export: [" OTLP ", "
	       "otlp: {endpoint: \"http://${COLLECTOR}/v1/traces\", format: json}]}\n");
	collector_behaves("partial/1 partial/1");
	asks_some(s, 5);

	assert_true(eventually(dropped(s, "rejected") == 2));
	assert_true(eventually(sent(s) == 8));
	assert_true(gateway_logs(s->gateway, "rejected some spans: too old"));
}

static void a_collector_that_hangs_costs_its_spans_and_nothing_else(struct story *s)
{
	begins(s, APP "trace: {every: 10ms, queue: 4, batch: 2, patience: 200ms, export: {" HASTY "}}\n");
	collector_behaves("hang hang hang hang hang hang hang hang hang hang hang hang");
	asks_some(s, 50);
	assert_true(eventually(dropped(s, "queue-full") > 0));
	asks_some(s, 50);

	assert_true(eventually(dropped(s, "unreachable") >= 2));
	assert_true(eventually(gateway_metric(s->gateway, "weir_trace_spans_waiting", NULL) == 0));
	assert_true(eventually(sent(s) + dropped(s, "queue-full") + dropped(s, "unreachable") == 100));
}

static void a_collector_that_is_not_there_costs_its_spans_and_nothing_else(struct story *s)
{
	begins(s, APP EVERY "patience: 200ms, "
	       "export: {otlp: \"http://${SPARE}/v1/traces\"}}\n");
	asks_some(s, 10);

	assert_true(eventually(dropped(s, "unreachable") == 10));
	assert_true(gateway_logs(s->gateway, "gave no answer (connect-refused)"));
	asks_some(s, 1);
}

/* Nobody comes by in a minute; the bell brings somebody, or what does not fit is counted. */
static void a_full_buffer_loses_spans_and_counts_them(struct story *s)
{
	char request[4096], agent[1001];
	double all;

	memset(agent, 'a', sizeof(agent) - 1);
	agent[sizeof(agent) - 1] = '\0';
	(void)snprintf(request, sizeof(request), "GET / HTTP/1.1\r\nhost: h\r\nuser-agent: %s\r\n\r\n",
		       agent);
	begins(s, APP "trace: {every: 60s, buffer: 64k, batch: 8, export: {" OTLP "}}\n");
	for (int i = 0; i < 200; i++) {
		client_sends(s->client, request);
		assert_true(client_reads(s->client));
	}

	assert_true(eventually(sent(s) >= 20));
	all = sent(s) + dropped(s, "buffer-full");
	assert_true(all <= 200);
}

static void what_was_recorded_is_handed_on_before_the_end(struct story *s)
{
	json_t *spans;

	begins(s, APP "trace: {every: 60s, export: {" OTLP "}}\n");
	asks_some(s, 3);
	client_close(s->client);
	s->client = NULL;
	assert_int_equal(gateway_stop(s->gateway), 0);
	spans = collector_spans(6);

	assert_int_equal(json_array_size(spans), 6);
	json_decref(spans);
}

static void a_collector_that_hangs_does_not_keep_weir_from_ending(struct story *s)
{
	begins(s, APP "trace: {every: 10ms, flush: 100ms, export: {otlp: "
	       "{endpoint: \"http://${COLLECTOR}/v1/traces\", timeout: 60s}}}\n");
	collector_behaves("hang");
	asks_some(s, 3);
	assert_true(eventually(collector_asked() == 1));
	client_close(s->client);
	s->client = NULL;

	assert_int_equal(gateway_stop(s->gateway), 0);
}

static void a_reload_hands_on_what_was_recorded_before(struct story *s)
{
	begins(s, APP "trace: {every: 60s, export: {" OTLP "}}\n");
	asks_some(s, 2);
	assert_int_equal(story_reloads(s, APP), 200);
	asks_some(s, 2);
	json_decref(collector_spans(4));
	assert_int_equal(story_reloads(s, APP EVERY "export: {" OTLP "}}\n"), 200);
	asks_some(s, 1);
	json_decref(collector_spans(6));

	assert_true(eventually(sent(s) == 3));
}

static void a_replacement_hands_on_what_was_recorded_before(struct story *s)
{
	begins(s, APP "trace: {every: 60s, export: {" OTLP "}}\n");
	asks_some(s, 2);
	client_close(s->client);
	s->client = NULL;
	gateway_signal(s->gateway, SIGUSR2);

	json_decref(collector_spans(4));
	assert_int_equal(get_once(s->edge, "/"), 200);
}

static void a_mistake_in_it_refuses_the_reload(struct story *s)
{
	begins(s, APP EVERY "export: {" OTLP "}}\n");

	assert_int_equal(story_reloads(s, APP "trace: {sample: 10}\n"), 422);
	assert_non_null(strstr(s->gateway->text, "10%"));
	assert_int_equal(story_reloads(s, APP "trace: {export: jaegr}\n"), 422);
	assert_non_null(strstr(s->gateway->text, "jaegr"));
	assert_int_equal(story_reloads(s, APP "trace: {export: {otlp: {format: xml}}}\n"), 422);
	assert_int_equal(story_reloads(s, APP "trace: {export: round_robin}\n"), 422);
	assert_non_null(strstr(s->gateway->text, "tracer"));
	asks_some(s, 1);
	json_decref(collector_spans(2));
}

static int end(void **state)
{
	return collector_ends(state) + secure_end(state);
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(all_formats_say_the_same, NULL),
		STORY(texts_that_are_no_utf8_are_made_so, NULL),
		STORY(a_collector_may_be_reached_by_https, NULL),
		STORY(a_collector_that_nobody_vouches_for_gets_nothing, NULL),
		STORY(what_is_too_much_for_the_moment_comes_again, NULL),
		STORY(what_is_refused_is_counted_and_not_tried_again, NULL),
		STORY(what_is_rejected_of_a_batch_is_counted, NULL),
		STORY(a_collector_that_hangs_costs_its_spans_and_nothing_else, NULL),
		STORY(a_collector_that_is_not_there_costs_its_spans_and_nothing_else, NULL),
		STORY(a_full_buffer_loses_spans_and_counts_them, NULL),
		STORY(what_was_recorded_is_handed_on_before_the_end, NULL),
		STORY(a_collector_that_hangs_does_not_keep_weir_from_ending, NULL),
		STORY(a_reload_hands_on_what_was_recorded_before, NULL),
		STORY(a_replacement_hands_on_what_was_recorded_before, NULL),
		STORY(a_mistake_in_it_refuses_the_reload, NULL),
	};

	return cmocka_run_group_tests_name("trace_export", stories, secure_begin, end);
}
