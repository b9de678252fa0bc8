/* test_spans.c - what tracers share, and what they write and read without a gateway. */
#include "tests/test.h"

#include <stdlib.h>

#include <jansson.h>
#include <weir/host.h>

#include "plugins/otlp/encode.h"
#include "plugins/spans/model.h"
#include "plugins/zipkin/zipkin_json.h"

const struct weir_host *weir_host_slot;		/* nobody calls it here */

static struct weir_str written(const struct out *o)
{
	return (struct weir_str){ o->data, o->len };
}

static void texts_become_utf8(void **state)
{
	static const struct { const char *in, *out; } cases[] = {
		{ "plain", "plain" }, { "\xc3\xa9", "\xc3\xa9" }, { "\xff", "\xef\xbf\xbd" },
		{ "a\xc3", "a\xef\xbf\xbd" }, { "\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
		{ "\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct out o = { NULL, 0, 0, false };

		out_utf8(&o, cases[i].in, strlen(cases[i].in));
		assert_str(written(&o), cases[i].out);
		out_free(&o);
	}
}

static void json_texts_are_escaped(void **state)
{
	struct out o = { NULL, 0, 0, false };

	(void)state;
	out_json(&o, "a\"b\\c\n\x01\xff", 8);
	assert_str(written(&o), "\"a\\\"b\\\\c\\u000a\\u0001\xef\xbf\xbd\"");
	out_free(&o);
}

static void numbers_are_decimal(void **state)
{
	struct out o = { NULL, 0, 0, false };

	(void)state;
	out_number(&o, 0);
	out_char(&o, ' ');
	out_number(&o, INT64_MIN);
	out_char(&o, ' ');
	out_number(&o, INT64_MAX);
	assert_str(written(&o), "0 -9223372036854775808 9223372036854775807");
	out_free(&o);
}

static void nothing_is_added_once_it_failed(void **state)
{
	struct out o = { NULL, 0, 0, false };

	(void)state;
	out_text(&o, "abc");
	assert_null(out_take(&o, OUT_MOST));
	assert_true(o.failed);
	out_text(&o, "def");
	assert_str(written(&o), "abc");
	out_free(&o);
}

static void addresses_are_taken_apart(void **state)
{
	static const struct { const char *in, *host; uint16_t port; } cases[] = {
		{ "10.0.0.1:80", "10.0.0.1", 80 }, { "[::1]:8443", "::1", 8443 },
		{ "unix:/run/x", "unix:/run/x", 0 }, { "a.example", "a.example", 0 },
		{ "a:99999", "a:99999", 0 }, { "", "", 0 }, { "[::1]", "[::1]", 0 },
	};
	uint16_t port;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_str(model_address(weir_str_from(cases[i].in), &port), cases[i].host);
		assert_int_equal(port, cases[i].port);
	}
}

/* --- A batch of one. ----------------------------------------------------------------------------- */

static struct weir_span_attempt attempt = {
	.span_id = { 0, 0, 0, 0, 0, 0, 0, 2 },
	.start_ns = 1000000000, .end_ns = 1005000000, .first_byte_ns = 1004000000,
	.endpoint = { "[::1]:9000", 10 }, .number = 1, .status = 200, .secure = true,
};

static struct weir_span span_at(void)
{
	return (struct weir_span){
		.size = sizeof(struct weir_span), .kind = WEIR_SPAN_SERVER,
		.trace_id = { 0xab }, .span_id = { 0, 0, 0, 0, 0, 0, 0, 1 }, .flags = 1,
		.status = 200, .start_ns = 1000000000, .end_ns = 1006000000,
		.method = WEIR_STR("GET"), .scheme = WEIR_STR("https"), .host = WEIR_STR("h"),
		.path = WEIR_STR("/t/1"), .query = WEIR_STR("a=b"), .protocol = WEIR_STR("HTTP/2"),
		.pattern = WEIR_STR("/t/{code}"), .service = WEIR_STR("app"),
		.client = WEIR_STR("192.0.2.1"),
		.attempt_size = sizeof(attempt), .attempts = &attempt, .attempt_count = 1,
	};
}

static struct weir_str text_of(const struct model_span *m, const char *key)
{
	for (unsigned i = 0; i < m->attribute_count; i++)
		if (weir_str_eq(m->attributes[i].key, weir_str_from(key)))
			return m->attributes[i].text;
	return WEIR_ABSENT;
}

static void names_are_those_of_the_conventions(void **state)
{
	struct weir_span s = span_at();
	struct model_span *m = malloc(sizeof(*m));

	(void)state;
	model_of_span(&s, m);
	assert_str(m->name, "GET /t/{code}");
	assert_null(m->parent_id);
	assert_str(text_of(m, "network.protocol.version"), "2");
	assert_str(text_of(m, "url.scheme"), "https");
	model_of_attempt(&s, 0, m);
	assert_str(m->name, "GET");
	assert_str(text_of(m, "url.full"), "https://h/t/1?a=b");
	assert_str(text_of(m, "network.peer.address"), "::1");
	assert_memory_equal(m->parent_id, s.span_id, 8);
	free(m);
}

static void methods_that_somebody_made_up_name_nothing(void **state)
{
	struct weir_span s = span_at();
	struct model_span *m = malloc(sizeof(*m));

	(void)state;
	s.method = WEIR_STR("FROBNICATE");
	model_of_span(&s, m);

	assert_str(m->name, "HTTP /t/{code}");
	assert_str(text_of(m, "http.request.method"), "_OTHER");
	assert_str(text_of(m, "http.request.method_original"), "FROBNICATE");
	free(m);
}

static void more_than_fits_is_left_out(void **state)
{
	static char long_path[MODEL_ROOM];
	struct weir_field values[64];
	struct weir_span s = span_at();
	struct model_span *m = malloc(sizeof(*m));

	(void)state;
	memset(long_path, 'p', sizeof(long_path));
	s.path = (struct weir_str){ long_path, sizeof(long_path) };
	for (unsigned i = 0; i < 64; i++)
		values[i] = (struct weir_field){ WEIR_STR("key"), WEIR_STR("value") };
	s.values = values;
	s.value_count = 64;
	model_of_span(&s, m);
	assert_int_equal(m->attribute_count, MODEL_ATTRIBUTES);
	model_of_attempt(&s, 0, m);
	assert_true(m->used <= MODEL_ROOM);
	free(m);
}

static void both_kinds_of_json_are_json(void **state)
{
	struct weir_span s = span_at();
	struct weir_batch batch = { .size = sizeof(batch), .span_size = sizeof(s), .spans = &s,
				    .count = 1 };
	const struct weir_field name = { WEIR_STR("service.name"), WEIR_STR("edge") };
	const struct otlp_resource resource = { &name, 1, WEIR_STR("1") };
	struct out o = { NULL, 0, 0, false };
	json_t *doc;

	(void)state;
	s.path = WEIR_STR("/\"\n");
	otlp_json(&o, &batch, &resource);
	doc = json_loadb(o.data, o.len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(doc);
	json_decref(doc);
	out_clear(&o);
	zipkin_json(&o, &batch, WEIR_STR("edge"));
	doc = json_loadb(o.data, o.len, JSON_REJECT_DUPLICATES, NULL);
	assert_int_equal(json_array_size(doc), 2);
	json_decref(doc);
	out_free(&o);
}

/* --- What collectors answer. --------------------------------------------------------------------- */

static void a_partial_success_is_understood(void **state)
{
	struct weir_str why;
	uint32_t rejected;

	(void)state;
	assert_true(otlp_answer_protobuf(WEIR_STR("\x0a\x09\x08\x03\x12\x05" "sorry"), &rejected, &why));
	assert_int_equal(rejected, 3);
	assert_str(why, "sorry");
	assert_true(otlp_answer_protobuf(WEIR_STR(""), &rejected, &why));
	assert_int_equal(rejected, 0);
	assert_true(otlp_answer_json(WEIR_STR("{\"partialSuccess\":{\"rejectedSpans\": \"17\","
					      "\"errorMessage\":\"so \\\"sorry\"}}"), &rejected, &why));
	assert_int_equal(rejected, 17);
	assert_str(why, "so \\\"sorry");
	assert_true(otlp_answer_json(WEIR_STR("{}"), &rejected, &why));
	assert_int_equal(rejected, 0);
}

static void nonsense_is_no_partial_success(void **state)
{
	static const struct weir_str bad[] = {
		{ "\x0a\x09\x08\x03", 4 }, { "\x0a", 1 }, { "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 11 },
		{ "<html>", 6 }, { "\x0a\x02\x08\xff", 4 },
	};
	struct weir_str why;
	uint32_t rejected;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(otlp_answer_protobuf(bad[i], &rejected, &why));
		assert_int_equal(rejected, 0);
	}
	assert_false(otlp_answer_json(WEIR_STR("oops"), &rejected, &why));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_become_utf8),
		cmocka_unit_test(json_texts_are_escaped),
		cmocka_unit_test(numbers_are_decimal),
		cmocka_unit_test(nothing_is_added_once_it_failed),
		cmocka_unit_test(addresses_are_taken_apart),
		cmocka_unit_test(names_are_those_of_the_conventions),
		cmocka_unit_test(methods_that_somebody_made_up_name_nothing),
		cmocka_unit_test(more_than_fits_is_left_out),
		cmocka_unit_test(both_kinds_of_json_are_json),
		cmocka_unit_test(a_partial_success_is_understood),
		cmocka_unit_test(nonsense_is_no_partial_success),
	};

	return cmocka_run_group_tests_name("spans", tests, NULL, NULL);
}
