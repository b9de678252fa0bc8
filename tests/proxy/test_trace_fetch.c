/* test_trace_fetch.c - a plugin's request to a URL, as part of the trace of the exchange it is made for. */
#include "tests/proxy/traced.h"

#include "core/proxy/trace_fetch.h"

static struct traced traced;

static int begin(void **state)
{
	return lone_begins(state) == 0 && traced_begins(*state, &traced) != NULL ? 0 : -1;
}

static int end(void **state)
{
	traced_ends(&traced);
	return lone_ends(state);
}

static struct lone *asked(void **state)
{
	struct lone *l = *state;

	lone_asks(l, "GET /x HTTP/1.1\r\nhost: a\r\n\r\n");
	trace_begin(&l->ex);
	return l;
}

static bool fetched(struct lone *l, const char *url, unsigned status, enum reason why,
		    struct weir_span *span)
{
	struct weir_call_request r = WEIR_CALL(.url = str_from(url), .method = STR("GET"));
	struct fetch_trace t = trace_fetch_begin(&l->ex, &r);

	l->w.loop.now += NS_PER_MS;
	trace_fetch_end(&t, &r, status, why);
	return traced_span(&traced, span);
}

static void a_fetch_is_a_span_below_the_exchanges(void **state)
{
	struct lone *l = asked(state);
	struct weir_span span;

	assert_true(fetched(l, "https://A.example:1/p?q=1", 200, REASON_NONE, &span));

	assert_int_equal(span.kind, WEIR_SPAN_CLIENT);
	assert_true(traced_id(span.parent_id) == l->ex.trace.span);
	assert_true(traced_id(span.trace_id) == l->ex.trace.context.high);
	assert_str(span.method, "GET");
	assert_str(span.scheme, "https");
	assert_str(span.host, "a.example:1");
	assert_str(span.path, "/p");
	assert_str(span.query, "q=1");
	assert_int_equal(span.status, 200);
	assert_true(span.end_ns - span.start_ns == NS_PER_MS);
	assert_false(span.failed);
}

static void a_fetch_without_an_answer_has_failed(void **state)
{
	struct weir_span span;

	assert_true(fetched(asked(state), "http://a/", 0, REASON_CONNECT_REFUSED, &span));

	assert_true(span.failed);
	assert_str(span.reason, "connect-refused");
}

/* Spans go to other people. */
static void no_password_of_a_url_stands_in_a_span(void **state)
{
	struct weir_span span;

	assert_true(fetched(asked(state), "https://me:secret@a.example/", 0, REASON_CONNECT_FAILED,
			    &span));

	assert_null(span.host.data);
	assert_null(span.path.data);
	assert_true(span.failed);
}

static void credentials_in_the_query_are_masked(void **state)
{
	struct weir_span span;

	assert_true(fetched(asked(state), "http://a?access_token=secret", 200, REASON_NONE, &span));

	assert_str(span.host, "a");
	assert_str(span.path, "/");
	assert_str(span.query, "access_token=***");
}

static void whoever_is_asked_is_told_the_fetchs_own_id(void **state)
{
	struct lone *l = asked(state);
	const struct weir_field field = { STR("x-a"), STR("1") };
	struct weir_call_request r = WEIR_CALL(.url = STR("http://a/"), .headers = &field,
					       .header_count = 1);
	struct fetch_trace t = trace_fetch_begin(&l->ex, &r);
	struct trace_context told;

	assert_int_equal(r.header_count, 2);
	assert_str(r.headers[0].name, "x-a");
	assert_str(r.headers[1].name, "traceparent");
	assert_true(trace_read_w3c(r.headers[1].value, &told));
	assert_true(told.span == t.span && t.span != l->ex.trace.span);
	assert_true(told.low == l->ex.trace.context.low);
}

static void a_plugin_that_tells_a_trace_itself_is_not_contradicted(void **state)
{
	struct lone *l = asked(state);
	const struct weir_field field = { STR("Traceparent"), STR("mine") };
	struct weir_call_request r = WEIR_CALL(.url = STR("http://a/"), .headers = &field,
					       .header_count = 1);

	(void)trace_fetch_begin(&l->ex, &r);

	assert_int_equal(r.header_count, 1);
	assert_str(r.headers[0].value, "mine");
}

/* It is told all the same, for whoever is asked may record it. */
static void what_is_not_sampled_is_no_span(void **state)
{
	struct lone *l = *state;
	struct weir_call_request r = WEIR_CALL(.url = STR("http://a/"), .method = STR("GET"));
	struct fetch_trace t;
	struct weir_span span;

	traced.here.rules.sample = 0;
	t = trace_fetch_begin(&asked(state)->ex, &r);
	trace_fetch_end(&t, &r, 200, REASON_NONE);

	assert_false(l->ex.trace.sampled);
	assert_int_equal(r.header_count, 1);
	assert_false(traced_span(&traced, &span));
}

static void nobodys_fetch_is_not_traced(void **state)
{
	struct lone *l = asked(state);
	struct weir_call_request r = WEIR_CALL(.url = STR("http://a/"));
	struct fetch_trace t = trace_fetch_begin(NULL, &r);
	struct weir_span span;

	trace_fetch_end(&t, &r, 200, REASON_NONE);
	l->px.tracing = NULL;
	t = trace_fetch_begin(&l->ex, &r);
	trace_fetch_end(&t, &r, 200, REASON_NONE);

	assert_int_equal(r.header_count, 0);
	assert_false(traced_span(&traced, &span));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_fetch_is_a_span_below_the_exchanges),
		TEST(a_fetch_without_an_answer_has_failed),
		TEST(no_password_of_a_url_stands_in_a_span),
		TEST(credentials_in_the_query_are_masked),
		TEST(whoever_is_asked_is_told_the_fetchs_own_id),
		TEST(a_plugin_that_tells_a_trace_itself_is_not_contradicted),
		TEST(what_is_not_sampled_is_no_span),
		TEST(nobodys_fetch_is_not_traced),
	};

	return cmocka_run_group_tests_name("trace_fetch", tests, NULL, NULL);
}
