/* test_trace.c - an exchange's place in a trace: whom it believes, what it tells, what is kept. */
#include "tests/proxy/traced.h"

#include "core/plugin/use.h"

#define HIGH 0x0af7651916cd43ddull
#define LOW 0x8448eb211c80319cull
#define SPAN 0xb7ad6b7169203331ull
#define PARENT(flags) \
	"traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-" flags "\r\n"

static struct traced traced;

static struct lone *asked(void **state, const char *fields)
{
	struct lone *l = *state;
	char head[512];

	(void)snprintf(head, sizeof(head), "GET /x HTTP/1.1\r\nhost: a\r\n%s\r\n", fields);
	lone_asks(l, head);
	return l;
}

static int begin(void **state)
{
	return lone_begins(state) == 0 && traced_begins(*state, &traced) != NULL ? 0 : -1;
}

static int end(void **state)
{
	traced_ends(&traced);
	return lone_ends(state);
}

static bool continues(const struct lone *l)
{
	const struct trace_context *c = &l->ex.trace.context;

	return c->high == HIGH && c->low == LOW && c->span == SPAN;
}

static struct weir_str told(const struct lone *l, const char *name)
{
	return headers_get_at(&l->ex.req.headers, str_from(name), 0);
}

/* The beginning. */

static void a_client_that_is_believed_is_followed(void **state)
{
	struct lone *l = asked(state, PARENT("01"));

	trace_begin(&l->ex);

	assert_true(continues(l));
	assert_true(l->ex.trace.sampled);
	assert_true(l->ex.trace.span != 0 && l->ex.trace.span != SPAN);
	assert_str(l->ex.record.trace_id, "0af7651916cd43dd8448eb211c80319c");
	assert_int_equal(l->ex.record.span_id.len, 16);
}

/* What the caller has decided holds, whatever the dice say. */
static void what_the_caller_dropped_is_not_recorded(void **state)
{
	struct lone *l = asked(state, PARENT("00"));

	trace_begin(&l->ex);

	assert_true(continues(l));
	assert_false(l->ex.trace.sampled);
}

static void what_the_caller_records_is_recorded(void **state)
{
	struct lone *l = asked(state, PARENT("01"));

	traced.here.rules.sample = 0;
	trace_begin(&l->ex);

	assert_true(l->ex.trace.sampled);
}

static void a_stranger_is_not_followed_where_only_trusted_are(void **state)
{
	struct lone *l = asked(state, PARENT("01"));

	traced.here.rules.parent = PARENT_TRUSTED;
	traced.here.rules.sample = 0;
	trace_begin(&l->ex);

	assert_false(continues(l));
	assert_false(l->ex.trace.sampled);
	assert_int_equal(l->ex.trace.context.span, 0);
}

static void a_trusted_proxy_is_followed_there(void **state)
{
	struct lone *l = asked(state, PARENT("01"));

	traced.here.rules.parent = PARENT_TRUSTED;
	l->ex.peer_trusted = true;
	trace_begin(&l->ex);

	assert_true(continues(l));
}

static void nobody_is_followed_when_told_so(void **state)
{
	struct lone *l = asked(state, PARENT("01"));

	traced.here.rules.parent = PARENT_IGNORE;
	l->ex.peer_trusted = true;
	trace_begin(&l->ex);

	assert_false(continues(l));
}

static void without_a_trace_one_begins(void **state)
{
	struct lone *l = asked(state, "");

	trace_begin(&l->ex);

	assert_true(trace_known(&l->ex.trace.context));
	assert_int_equal(l->ex.trace.context.span, 0);
	assert_int_equal(l->ex.record.trace_id.len, 32);
}

/* "b3: 0" asks for no trace, and names none. */
static void a_decision_without_a_trace_is_kept(void **state)
{
	struct lone *l = asked(state, "b3: 0\r\n");

	trace_begin(&l->ex);

	assert_true(trace_known(&l->ex.trace.context));
	assert_false(l->ex.trace.sampled);
}

static void beginning_twice_is_harmless(void **state)
{
	struct lone *l = asked(state, "");
	uint64_t span;

	trace_begin(&l->ex);
	span = l->ex.trace.span;
	trace_begin(&l->ex);

	assert_true(l->ex.trace.span == span);
}

static void without_rules_nothing_begins(void **state)
{
	struct lone *l = asked(state, PARENT("01"));

	l->px.tracing = NULL;
	trace_begin(&l->ex);
	trace_begin_inside(&l->ex, &(struct trace_context){ .high = 1 });
	trace_attempt(&l->ex);
	trace_finish(&l->ex);
	trace_finish_inside(&l->ex);

	assert_int_equal(l->ex.trace.span, 0);
	assert_int_equal(l->ex.attempt.span, 0);
	assert_null(l->ex.record.trace_id.data);
}

/* Inside. */

static void what_is_made_inside_continues_what_it_is_made_for(void **state)
{
	struct lone *l = asked(state, PARENT("01"));
	struct trace_context below;

	trace_begin(&l->ex);
	below = trace_below(&l->ex);
	memset(&l->ex.trace, 0, sizeof(l->ex.trace));
	trace_begin_inside(&l->ex, &below);

	assert_true(l->ex.trace.context.high == HIGH && l->ex.trace.context.low == LOW);
	assert_true(l->ex.trace.context.span == below.span && below.span != SPAN);
	assert_true(l->ex.trace.sampled);
}

static void what_is_made_for_nobody_is_not_recorded(void **state)
{
	struct lone *l = asked(state, "");

	trace_begin_inside(&l->ex, &(struct trace_context){ 0 });

	assert_true(trace_known(&l->ex.trace.context));
	assert_false(l->ex.trace.sampled);
}

/* Endpoints. */

static void an_endpoint_is_told_the_id_of_its_attempt(void **state)
{
	struct lone *l = asked(state, PARENT("01") "tracestate: v=1\r\n");
	char want[64];

	trace_begin(&l->ex);
	trace_tell(&l->ex);
	for (int i = 0; i < 2; i++) {	/* two attempts, one head */
		trace_attempt(&l->ex);
		(void)snprintf(want, sizeof(want), "00-0af7651916cd43dd8448eb211c80319c-%016llx-01",
			       (unsigned long long)l->ex.attempt.span);
		assert_str(told(l, "traceparent"), want);
	}

	assert_int_equal(headers_count(&l->ex.req.headers, STR("traceparent")), 1);
	assert_str(told(l, "tracestate"), "v=1");
}

/* It belongs to the trace that is not followed. */
static void the_state_of_a_stranger_goes(void **state)
{
	struct lone *l = asked(state, PARENT("01") "tracestate: v=1\r\n");

	traced.here.rules.parent = PARENT_IGNORE;
	trace_begin(&l->ex);
	trace_tell(&l->ex);

	assert_null(told(l, "tracestate").data);
	assert_int_equal(headers_count(&l->ex.req.headers, STR("traceparent")), 1);
}

/* What stands in it is the application's, whoever's trace it is. */
static void baggage_is_passed_on_in_any_case(void **state)
{
	struct lone *l = asked(state, PARENT("01") "baggage: user=7;a=b, k=v\r\n");

	traced.here.rules.parent = PARENT_IGNORE;
	trace_begin(&l->ex);
	trace_tell(&l->ex);

	assert_str(told(l, "baggage"), "user=7;a=b, k=v");
}

static void each_format_that_is_written_says_the_same(void **state)
{
	struct lone *l = asked(state, PARENT("01") "x-b3-sampled: 0\r\n");
	struct trace_rules *rules = &traced.here.rules;

	rules->write[1] = TRACE_B3_MULTI;
	rules->write[2] = TRACE_JAEGER;
	rules->writes = 3;
	trace_begin(&l->ex);
	trace_tell(&l->ex);
	trace_attempt(&l->ex);

	assert_str(told(l, "x-b3-sampled"), "1");	/* and not the client's */
	assert_int_equal(headers_count(&l->ex.req.headers, STR("x-b3-sampled")), 1);
	assert_memory_equal(told(l, "traceparent").data + 36, told(l, "x-b3-spanid").data, 16);
	assert_memory_equal(told(l, "uber-trace-id").data + 33, told(l, "x-b3-spanid").data, 16);
}

static void without_tracing_a_valid_parent_is_passed_on(void **state)
{
	struct lone *l = asked(state, PARENT("00") "tracestate: v=1\r\n");

	l->px.tracing = NULL;
	trace_tell(&l->ex);

	assert_str(told(l, "traceparent"),
		   "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
	assert_str(told(l, "tracestate"), "v=1");
	assert_str(l->ex.record.trace_id, "0af7651916cd43dd8448eb211c80319c");
}

static void without_tracing_a_trace_begins_where_none_was(void **state)
{
	struct lone *l = asked(state, "traceparent: 00-zz\r\ntracestate: v=1\r\n");
	struct trace_context c;

	l->px.tracing = NULL;
	trace_tell(&l->ex);

	assert_true(trace_read_w3c(told(l, "traceparent"), &c));
	assert_null(told(l, "tracestate").data);
	assert_memory_equal(l->ex.record.trace_id.data, told(l, "traceparent").data + 3, 32);
	assert_memory_equal(l->ex.record.span_id.data, told(l, "traceparent").data + 36, 16);
}

/* Policies. */

static void a_hook_is_noted_with_its_verdict(void **state)
{
	struct weir_use use = { .name = STR("auth"), .path = STR("route all, policy 1") };
	const struct link link = { .use = &use };
	struct lone *l = asked(state, "");
	struct weir_span span;

	traced.here.rules.policies = true;
	trace_begin(&l->ex);
	assert_true(l->ex.trace.hooks);
	trace_hook(&l->ex, &link, false, l->ex.record.start, WEIR_REFUSED);
	trace_hook(&l->ex, &link, true, l->ex.record.start, (enum weir_verdict)99);
	trace_finish(&l->ex);

	assert_true(traced_span(&traced, &span));
	assert_int_equal(span.policy_count, 2);
	assert_str(weir_span_policy_at(&span, 0)->name, "auth");
	assert_str(weir_span_policy_at(&span, 0)->verdict, "refused");
	assert_false(weir_span_policy_at(&span, 0)->response);
	assert_str(weir_span_policy_at(&span, 1)->verdict, "failed");
	assert_true(weir_span_policy_at(&span, 1)->response);
}

static void of_very_many_hooks_the_first_sixteen_are_kept(void **state)
{
	struct weir_use use = { .name = STR("auth"), .path = STR("route all, policy 1") };
	const struct link link = { .use = &use };
	struct lone *l = asked(state, "");

	trace_begin(&l->ex);
	for (int i = 0; i < 40; i++)
		trace_hook(&l->ex, &link, false, 0, WEIR_NEXT);

	assert_int_equal(l->ex.trace.policy_count, 16);
}

/* The end. */

static void what_is_sampled_becomes_a_span(void **state)
{
	struct lone *l = asked(state, PARENT("01") "tracestate: v=1\r\n");
	struct weir_span span;

	l->plan.pattern = STR("/{x}");
	trace_begin(&l->ex);
	l->ex.record.status = 200;
	trace_finish(&l->ex);

	assert_true(traced_span(&traced, &span));
	assert_int_equal(span.kind, WEIR_SPAN_SERVER);
	assert_true(traced_id(span.trace_id) == HIGH && traced_id(span.trace_id + 8) == LOW);
	assert_true(traced_id(span.parent_id) == SPAN);
	assert_true(traced_id(span.span_id) == l->ex.trace.span);
	assert_str(span.state, "v=1");
	assert_str(span.pattern, "/{x}");
	assert_false(span.failed);
	assert_false(traced_span(&traced, &span));
}

static void what_is_not_sampled_becomes_one_when_it_fails(void **state)
{
	struct lone *l = asked(state, PARENT("00"));
	struct weir_span span;

	traced.here.rules.failures = true;
	trace_begin(&l->ex);
	l->ex.record.status = 200;
	trace_finish(&l->ex);
	assert_false(traced_span(&traced, &span));

	l->ex.record.status = 502;
	trace_finish_inside(&l->ex);
	assert_true(traced_span(&traced, &span));
	assert_true(span.failed);
	assert_int_equal(span.kind, WEIR_SPAN_INTERNAL);
}

static void nothing_is_kept_that_nobody_takes(void **state)
{
	struct lone *l = asked(state, PARENT("01"));
	struct weir_span span;

	traced.here.rules.exports = false;
	trace_begin(&l->ex);
	trace_finish(&l->ex);

	assert_false(traced_span(&traced, &span));
}

/* Refused while it was admitted: it has a span all the same. */
static void what_ended_before_it_was_admitted_is_a_span(void **state)
{
	struct lone *l = asked(state, PARENT("01"));
	struct weir_span span;

	l->ex.record.why = REASON_OVERLOADED;
	l->ex.record.status = 503;
	trace_finish(&l->ex);

	assert_true(traced_span(&traced, &span));
	assert_true(traced_id(span.parent_id) == SPAN);
	assert_true(span.failed);
}

/* Its endpoints were told of another trace, or of none. */
static void what_went_out_untraced_is_no_span(void **state)
{
	struct lone *l = asked(state, PARENT("01"));
	struct weir_span span;

	l->ex.record.attempts = 1;
	trace_finish(&l->ex);

	assert_false(traced_span(&traced, &span));
	assert_int_equal(l->ex.trace.span, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_client_that_is_believed_is_followed),
		TEST(what_the_caller_dropped_is_not_recorded),
		TEST(what_the_caller_records_is_recorded),
		TEST(a_stranger_is_not_followed_where_only_trusted_are),
		TEST(a_trusted_proxy_is_followed_there),
		TEST(nobody_is_followed_when_told_so),
		TEST(without_a_trace_one_begins),
		TEST(a_decision_without_a_trace_is_kept),
		TEST(beginning_twice_is_harmless),
		TEST(without_rules_nothing_begins),
		TEST(what_is_made_inside_continues_what_it_is_made_for),
		TEST(what_is_made_for_nobody_is_not_recorded),
		TEST(an_endpoint_is_told_the_id_of_its_attempt),
		TEST(the_state_of_a_stranger_goes),
		TEST(baggage_is_passed_on_in_any_case),
		TEST(each_format_that_is_written_says_the_same),
		TEST(without_tracing_a_valid_parent_is_passed_on),
		TEST(without_tracing_a_trace_begins_where_none_was),
		TEST(a_hook_is_noted_with_its_verdict),
		TEST(of_very_many_hooks_the_first_sixteen_are_kept),
		TEST(what_is_sampled_becomes_a_span),
		TEST(what_is_not_sampled_becomes_one_when_it_fails),
		TEST(nothing_is_kept_that_nobody_takes),
		TEST(what_ended_before_it_was_admitted_is_a_span),
		TEST(what_went_out_untraced_is_no_span),
	};

	return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
