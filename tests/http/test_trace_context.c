/* test_trace_context.c - where a request stands in a trace: four ways to say it. */
#include "tests/http/http.h"

#include "core/base/mem.h"

#include "core/http/trace_context.h"

#define T "0af7651916cd43dd8448eb211c80319c"
#define S "b7ad6b7169203331"

static const uint64_t high = 0x0af7651916cd43dd, low = 0x8448eb211c80319c,
		      span = 0xb7ad6b7169203331;

static const enum trace_format order[] = { TRACE_W3C, TRACE_B3, TRACE_B3_MULTI, TRACE_JAEGER };

static void assert_ours(const struct trace_context *c, enum trace_decision decision)
{
	assert_true(c->high == high && c->low == low && c->span == span);
	assert_int_equal(c->decision, decision);
}

static void a_traceparent_is_read(void **state)
{
	struct trace_context c;

	(void)state;
	assert_true(trace_read_w3c(STR("00-" T "-" S "-01"), &c));
	assert_ours(&c, TRACE_SAMPLED);
	assert_true(trace_read_w3c(STR("00-" T "-" S "-00"), &c));
	assert_ours(&c, TRACE_DROPPED);
	assert_true(trace_read_w3c(STR("00-" T "-" S "-03"), &c));
	assert_int_equal(c.flags, 2);
}

static void a_later_version_is_read_as_far_as_it_is_known(void **state)
{
	struct trace_context c;

	(void)state;
	assert_true(trace_read_w3c(STR("cc-" T "-" S "-01-what-the-future-holds"), &c));
	assert_ours(&c, TRACE_SAMPLED);
	assert_false(trace_read_w3c(STR("cc-" T "-" S "-01.what"), &c));
}

static void a_traceparent_that_is_not_valid_is_none(void **state)
{
	static const char *const bad[] = {
		"", "00", "00-" T "-" S, "00-" T "-" S "-1", "00-" T "-" S "-01-", "ff-" T "-" S "-01",
		"00-" T "-0000000000000000-01", "00-00000000000000000000000000000000-" S "-01",
		"00-0AF7651916cd43dd8448eb211c80319c-" S "-01", "00-" T "-B7ad6b7169203331-01",
		"00-" T "_" S "-01", "0g-" T "-" S "-01", "00-" T "-" S "-0x", " 00-" T "-" S "-01",
	};
	struct trace_context c;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_false(trace_read_w3c(str_from(bad[i]), &c));
		assert_false(trace_known(&c));
	}
}

static void b3_in_one_header_is_read(void **state)
{
	struct trace_context c;

	(void)state;
	assert_true(trace_read_b3(STR(T "-" S "-1-05e3ac9a4f6e3b90"), &c));
	assert_ours(&c, TRACE_SAMPLED);
	assert_true(trace_read_b3(STR(T "-" S), &c));
	assert_ours(&c, TRACE_UNDECIDED);
	assert_true(trace_read_b3(STR(T "-" S "-d"), &c));
	assert_true(c.debug && c.decision == TRACE_SAMPLED);
	assert_true(trace_read_b3(STR("8448eb211c80319c-" S "-0"), &c));
	assert_true(c.high == 0 && c.low == low && c.decision == TRACE_DROPPED);
	assert_true(trace_read_b3(STR("0"), &c));
	assert_true(!trace_known(&c) && c.decision == TRACE_DROPPED);
}

static void b3_that_is_not_valid_is_none(void **state)
{
	static const char *const bad[] = {
		"", "2", "-", T, T "-", T "-" S "-2", T "-" S "-1-", T "-" S "-1-" S "-",
		"0af7651916cd43dd8448eb211c8031-" S, T "-b7ad6b71", T "-0000000000000000",
		"0000000000000000-" S,
	};
	struct trace_context c;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_false(trace_read_b3(str_from(bad[i]), &c));
		assert_true(!trace_known(&c) && c.decision == TRACE_UNDECIDED);
	}
}

static void b3_in_several_headers_is_read(void **state)
{
	struct trace_context c;

	(void)state;
	assert_true(trace_read_b3_multi(STR(T), STR(S), STR("1"), STR_ABSENT, &c));
	assert_ours(&c, TRACE_SAMPLED);
	assert_true(trace_read_b3_multi(STR(T), STR(S), STR("false"), STR("1"), &c));
	assert_true(c.debug && c.decision == TRACE_SAMPLED);
	assert_true(trace_read_b3_multi(STR_ABSENT, STR_ABSENT, STR("0"), STR_ABSENT, &c));
	assert_true(!trace_known(&c) && c.decision == TRACE_DROPPED);
	assert_false(trace_read_b3_multi(STR(T), STR_ABSENT, STR("1"), STR_ABSENT, &c));
	assert_false(trace_read_b3_multi(STR_ABSENT, STR_ABSENT, STR("d"), STR_ABSENT, &c));
	assert_false(trace_read_b3_multi(STR_ABSENT, STR_ABSENT, STR_ABSENT, STR_ABSENT, &c));
}

static void jaegers_header_is_read(void **state)
{
	struct trace_context c;

	(void)state;
	assert_true(trace_read_jaeger(STR(T ":" S ":0:1"), &c));
	assert_ours(&c, TRACE_SAMPLED);
	assert_true(trace_read_jaeger(STR(T "%3A" S "%3a0%3A0"), &c));
	assert_ours(&c, TRACE_DROPPED);
	assert_true(trace_read_jaeger(STR("1c80319c:3331:" S ":3"), &c));
	assert_true(c.high == 0 && c.low == 0x1c80319c && c.span == 0x3331 && c.debug);
}

static void jaegers_header_that_is_not_valid_is_none(void **state)
{
	static const char *const bad[] = {
		"", ":::", T, T ":" S, T ":" S ":0", T ":" S "::1", T ":" S ":0:", T ":0:0:1",
		"0:" S ":0:1", T "0:" S ":0:1", T ":" S ":0:x", T ":" S ":0:001", T "%3b" S ":0:1",
		T ":" S ":0:1:1", "%3", "%",
	};
	struct trace_context c;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_false(trace_read_jaeger(str_from(bad[i]), &c));
		assert_false(trace_known(&c));
	}
}

static void what_is_written_is_as_its_family_says(void **state)
{
	struct trace_context c = { .high = high, .low = low, .span = span,
				   .decision = TRACE_SAMPLED };
	char text[TRACE_TEXT];

	(void)state;
	assert_str(str_between(text, trace_write(TRACE_W3C, &c, text)), "00-" T "-" S "-01");
	assert_str(str_between(text, trace_write(TRACE_B3, &c, text)), T "-" S "-1");
	assert_str(str_between(text, trace_write(TRACE_JAEGER, &c, text)), T ":" S ":0:1");
	assert_str(str_between(text, trace_write(TRACE_B3_MULTI, &c, text)), T);
	c.decision = TRACE_DROPPED;
	assert_str(str_between(text, trace_write(TRACE_W3C, &c, text)), "00-" T "-" S "-00");
}

/* --- Heads. ------------------------------------------------------------------------------------- */

struct head {
	struct arena arena;
	struct headers h;
};

static struct head *head_of(struct head *head, ...)
{
	va_list args;
	const char *name;

	arena_init(&head->arena, NULL, 1 << 20);
	headers_init(&head->h, &head->arena, 50);
	va_start(args, head);
	while ((name = va_arg(args, const char *)) != NULL)
		assert_true(headers_add(&head->h, str_from(name),
					str_from(va_arg(args, const char *))));
	va_end(args);
	return head;
}

static void each_family_is_found_in_a_head(void **state)
{
	struct trace_context c;
	struct head head;

	(void)state;
	head_of(&head, "host", "a", "Traceparent", "00-" T "-" S "-01", NULL);
	assert_true(trace_headers_read(&head.h, order, &c));
	assert_ours(&c, TRACE_SAMPLED);
	arena_reset(&head.arena);
	head_of(&head, "B3", T "-" S "-0", NULL);
	assert_true(trace_headers_read(&head.h, order, &c));
	assert_ours(&c, TRACE_DROPPED);
	arena_reset(&head.arena);
	head_of(&head, "X-B3-TraceId", T, "X-B3-SpanId", S, "X-B3-Sampled", "1", NULL);
	assert_true(trace_headers_read(&head.h, order, &c));
	assert_ours(&c, TRACE_SAMPLED);
	arena_reset(&head.arena);
	head_of(&head, "uber-trace-id", T ":" S ":0:1", NULL);
	assert_true(trace_headers_read(&head.h, order, &c));
	assert_ours(&c, TRACE_SAMPLED);
	arena_reset(&head.arena);
}

static void what_is_not_valid_hides_nothing(void **state)
{
	struct trace_context c;
	struct head head;

	(void)state;
	head_of(&head, "traceparent", "00-x", "b3", "0", "uber-trace-id", T ":" S ":0:1", NULL);
	assert_true(trace_headers_read(&head.h, order, &c));
	assert_ours(&c, TRACE_SAMPLED);
	arena_reset(&head.arena);
	head_of(&head, "b3", "0", NULL);
	assert_true(trace_headers_read(&head.h, order, &c));
	assert_true(!trace_known(&c) && c.decision == TRACE_DROPPED);
	arena_reset(&head.arena);
}

static void two_traceparents_are_none(void **state)
{
	struct trace_context c;
	struct head head;

	(void)state;
	head_of(&head, "traceparent", "00-" T "-" S "-01", "traceparent", "00-" T "-" S "-01",
		NULL);
	assert_false(trace_headers_read(&head.h, order, &c));
	arena_reset(&head.arena);
}

static void only_what_is_set_is_left(void **state)
{
	const struct trace_context c = { .high = high, .low = low, .span = span,
					 .decision = TRACE_SAMPLED };
	struct head head;
	char *id;

	(void)state;
	head_of(&head, "x-b3-parentspanid", S, "b3", "0", "x-b3-flags", "1", "uber-trace-id", "x",
		"x-b39", "stays", "tracestate", "a=b", "user-agent", "stays", NULL);
	trace_headers_strip(&head.h, false);
	id = trace_headers_set(&head.h, TRACE_B3_MULTI, &c);
	(void)trace_put_id(id, 0x1234);
	assert_str(headers_get_at(&head.h, STR("x-b3-traceid"), 0), T);
	assert_str(headers_get_at(&head.h, STR("x-b3-spanid"), 0), "0000000000001234");
	assert_str(headers_get_at(&head.h, STR("x-b3-sampled"), 0), "1");
	assert_int_equal(headers_count(&head.h, STR("x-b3-flags")), 0);
	assert_int_equal(headers_count(&head.h, STR("x-b3-parentspanid")), 0);
	assert_int_equal(headers_count(&head.h, STR("b3")), 0);
	assert_int_equal(headers_count(&head.h, STR("tracestate")), 0);
	assert_int_equal(headers_count(&head.h, STR("x-b39")), 1);
	arena_reset(&head.arena);
}

static void the_state_stays_when_it_belongs(void **state)
{
	const struct trace_context c = { .high = high, .low = low, .span = span };
	struct head head;

	(void)state;
	head_of(&head, "traceparent", "00-" T "-" S "-01", "tracestate", "a=b", NULL);
	trace_headers_strip(&head.h, true);
	(void)trace_put_id(trace_headers_set(&head.h, TRACE_W3C, &c), 1);
	assert_str(headers_get_id(&head.h, HEADER_TRACEPARENT), "00-" T "-0000000000000001-00");
	assert_str(headers_get_id(&head.h, HEADER_TRACESTATE), "a=b");
	arena_reset(&head.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_traceparent_is_read),
		cmocka_unit_test(a_later_version_is_read_as_far_as_it_is_known),
		cmocka_unit_test(a_traceparent_that_is_not_valid_is_none),
		cmocka_unit_test(b3_in_one_header_is_read),
		cmocka_unit_test(b3_that_is_not_valid_is_none),
		cmocka_unit_test(b3_in_several_headers_is_read),
		cmocka_unit_test(jaegers_header_is_read),
		cmocka_unit_test(jaegers_header_that_is_not_valid_is_none),
		cmocka_unit_test(what_is_written_is_as_its_family_says),
		cmocka_unit_test(each_family_is_found_in_a_head),
		cmocka_unit_test(what_is_not_valid_hides_nothing),
		cmocka_unit_test(two_traceparents_are_none),
		cmocka_unit_test(only_what_is_set_is_left),
		cmocka_unit_test(the_state_stays_when_it_belongs),
	};

	return cmocka_run_group_tests_name("trace_context", tests, NULL, NULL);
}
