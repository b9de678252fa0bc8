/* test_span.c - a finished exchange as a span, and its way to another thread. */
#include "tests/test.h"

#include <stdlib.h>

#include "core/telemetry/span.h"
#include "tests/telemetry/example.h"

static const struct span_origin origin = {
	.kind = WEIR_SPAN_SERVER,
	.high = 0x4bf92f3577b34da6, .low = 0xa3ce929d0e0e4736,
	.span = 0x00f067aa0ba902b7, .parent = 0xb7ad6b7169203331,
	.flags = 1,
	.state = { "a=b", 3 },
	.pattern = { "/tariff/{code}", 14 },
};

/* With the times that traces want. */
static void traced_record(struct record *r)
{
	example_record(r);
	r->query = STR("lang=en&api_key=geheim");
	r->attempt[0].start = r->first_attempt;
	r->attempt[0].span = 0x11;
	r->attempt[1].start = r->first_attempt + 400 * NS_PER_US;
	r->attempt[1].connected = r->attempt[1].start + 50 * NS_PER_US;
	r->attempt[1].span = 0x22;
	(void)record_add_extra(r, STR("declarant"), STR("Ada"));
	(void)record_add_extra(r, STR("authorization"), STR("Bearer x"));
}

static void a_span_says_what_the_record_says(void **state)
{
	struct span_room room;
	struct weir_span s;
	struct record r;

	(void)state;
	traced_record(&r);
	s = span_of(&r, &origin, &room);

	assert_memory_equal(s.trace_id, "\x4b\xf9\x2f\x35\x77\xb3\x4d\xa6\xa3\xce\x92\x9d\x0e\x0e\x47\x36", 16);
	assert_memory_equal(s.span_id, "\x00\xf0\x67\xaa\x0b\xa9\x02\xb7", 8);
	assert_true(s.start_ns == EXAMPLE_WALL);
	assert_true(s.end_ns == EXAMPLE_WALL + (r.end - r.start));
	assert_str(s.query, "lang=en&api_key=***");
	assert_str(s.route, "tariff");
	assert_int_equal(s.status, 200);
	assert_false(s.failed);
	assert_null(s.reason.data);
	assert_int_equal(s.value_count, 2);
	assert_str(s.values[0].value, "Ada");
	assert_str(s.values[1].value, "***");
}

static void the_last_attempt_goes_on_to_the_end_and_others_to_their_failure(void **state)
{
	const struct weir_span_attempt *first, *last;
	struct span_room room;
	struct weir_span s;
	struct record r;

	(void)state;
	traced_record(&r);
	s = span_of(&r, &origin, &room);
	first = weir_span_attempt_at(&s, 0);
	last = weir_span_attempt_at(&s, 1);

	assert_int_equal(s.attempt_count, 2);
	assert_str(first->reason, "connect-refused");
	assert_true(first->end_ns == first->start_ns + 400 * NS_PER_US);
	assert_true(first->first_byte_ns == 0 && first->connected_ns == 0);
	assert_true(last->end_ns == s.end_ns && last->number == 2);
	assert_true(last->connected_ns == last->start_ns + 50 * NS_PER_US);
	assert_true(last->first_byte_ns == last->start_ns + 10600 * NS_PER_US);
	assert_null(last->reason.data);
}

static void an_answer_that_was_cut_says_so_of_its_attempt(void **state)
{
	struct span_room room;
	struct weir_span s;
	struct record r;

	(void)state;
	traced_record(&r);
	r.why = REASON_UPSTREAM_CUT;
	s = span_of(&r, &origin, &room);

	assert_true(s.failed);
	assert_str(weir_span_attempt_at(&s, 1)->reason, "upstream-cut");
}

static void a_failure_is_the_gateways_or_the_upstreams(void **state)
{
	static const struct {
		enum reason why;
		uint16_t status;
		bool failed;
	} cases[] = {
		{ REASON_NONE, 200, false }, { REASON_NONE, 404, false }, { REASON_NONE, 500, true },
		{ REASON_NO_ROUTE, 404, false }, { REASON_REFUSED, 403, false },
		{ REASON_CLIENT_GONE, 0, false }, { REASON_BAD_REQUEST, 400, false },
		{ REASON_NO_ENDPOINT, 503, true }, { REASON_UPSTREAM_CUT, 200, true },
		{ REASON_ALL_TIMEOUT, 200, true }, { REASON_CONNECT_REFUSED, 0, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct record r;

		record_init(&r);
		r.why = cases[i].why;
		r.status = cases[i].status;
		assert_int_equal(record_failed(&r), cases[i].failed);
	}
}

static void of_many_attempts_the_last_keeps_its_number(void **state)
{
	struct span_room room;
	struct weir_span s;
	struct record r;

	(void)state;
	example_record(&r);
	for (int i = 0; i < 20; i++)
		record_add_attempt(&r, &(struct record_attempt){ .why = REASON_CONNECT_REFUSED });
	s = span_of(&r, &origin, &room);

	assert_int_equal(s.attempt_count, RECORD_ATTEMPTS);
	assert_int_equal(weir_span_attempt_at(&s, 0)->number, 1);
	assert_int_equal(weir_span_attempt_at(&s, RECORD_ATTEMPTS - 1)->number, 22);
}

static void long_texts_are_cut(void **state)
{
	static char text[100000];
	struct span_room room;
	struct weir_span s;
	struct record r;

	(void)state;
	memset(text, 'x', sizeof(text));
	example_record(&r);
	r.path = r.query = r.user_agent = r.host = r.method = str_of(text, sizeof(text));
	s = span_of(&r, &origin, &room);

	assert_true(span_packed_size(&s) < 16384);
}

static void what_is_packed_is_unpacked_elsewhere(void **state)
{
	const struct weir_span_policy policies[] = {
		{ .span_id = { 1 }, .name = STR("acl"), .place = STR("route r, policy 1"),
		  .verdict = STR("next") },
		{ .span_id = { 2 }, .name = STR("refuse"), .verdict = STR("refused"), .response = true },
	};
	struct span_origin with_policies = origin;
	struct span_room room;
	struct weir_span s, out;
	struct arena arena;
	struct record r;
	size_t size;
	char *at;

	(void)state;
	traced_record(&r);
	r.host = STR("");
	with_policies.policies = policies;
	with_policies.policy_count = 2;
	s = span_of(&r, &with_policies, &room);
	size = span_packed_size(&s);
	at = malloc(size);
	span_pack(&s, at);
	memset(&room, 0xff, sizeof(room));
	memset(&r, 0xff, sizeof(r));
	arena_init(&arena, NULL, 1 << 20);
	assert_true(span_unpack(str_of(at, size), &arena, &out));
	free(at);

	assert_memory_equal(out.trace_id, s.trace_id, 16);
	assert_str(out.path, "/tariff/010121");
	assert_str(out.query, "lang=en&api_key=***");
	assert_str(out.pattern, "/tariff/{code}");
	assert_str(out.state, "a=b");
	assert_true(out.host.data != NULL && out.host.len == 0);
	assert_null(out.reason.data);
	assert_null(out.identity.data);
	assert_str(weir_span_attempt_at(&out, 0)->endpoint, "10.0.0.11:9000");
	assert_str(weir_span_attempt_at(&out, 0)->reason, "connect-refused");
	assert_null(weir_span_attempt_at(&out, 1)->reason.data);
	assert_str(out.values[0].name, "declarant");
	assert_int_equal(out.policy_count, 2);
	assert_str(weir_span_policy_at(&out, 0)->place, "route r, policy 1");
	assert_str(weir_span_policy_at(&out, 1)->verdict, "refused");
	assert_null(weir_span_policy_at(&out, 1)->place.data);
	assert_true(weir_span_policy_at(&out, 1)->response);
	arena_reset(&arena);
}

static void without_memory_nothing_is_unpacked(void **state)
{
	struct span_room room;
	struct weir_span s, out;
	struct arena arena;
	struct record r;
	char at[8192];

	(void)state;
	traced_record(&r);
	s = span_of(&r, &origin, &room);
	span_pack(&s, at);
	arena_init(&arena, NULL, 16);

	assert_false(span_unpack(str_of(at, span_packed_size(&s)), &arena, &out));
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_span_says_what_the_record_says),
		cmocka_unit_test(the_last_attempt_goes_on_to_the_end_and_others_to_their_failure),
		cmocka_unit_test(an_answer_that_was_cut_says_so_of_its_attempt),
		cmocka_unit_test(a_failure_is_the_gateways_or_the_upstreams),
		cmocka_unit_test(of_many_attempts_the_last_keeps_its_number),
		cmocka_unit_test(long_texts_are_cut),
		cmocka_unit_test(what_is_packed_is_unpacked_elsewhere),
		cmocka_unit_test(without_memory_nothing_is_unpacked),
	};

	return cmocka_run_group_tests_name("span", tests, NULL, NULL);
}
