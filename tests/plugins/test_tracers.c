/* test_tracers.c - both tracers in the fake world: what they send, and what they make of the answers. */
#include <weir/fake_roles.h>

#include "tests/test.h"

#define SECOND 1000000000ull
#define OTLP "http://127.0.0.1:4318/v1/traces"
#define ZIPKIN "http://127.0.0.1:9411/api/v2/spans"

static struct weir_span_attempt attempt = {
	.span_id = { 2 }, .start_ns = 1000, .end_ns = 2000, .endpoint = { "10.0.0.1:80", 11 },
	.number = 1, .status = 200,
};

static struct weir_span span = {
	.size = sizeof(span), .kind = WEIR_SPAN_SERVER, .trace_id = { 1 }, .span_id = { 1 },
	.status = 200, .start_ns = 1000, .end_ns = 3000, .method = { "GET", 3 },
	.attempt_size = sizeof(attempt), .attempts = &attempt, .attempt_count = 1,
};

struct world {
	struct weir_fake *fake;
	struct weir_fake_use *use;
	struct weir_batch batch;
	struct weir_error error;
};

static void begin(struct world *w, const char *name, const char *options)
{
	const struct weir_plugin *plugin;
	char path[64];

	*w = (struct world){ .fake = weir_fake_new(),
			     .batch = { .size = sizeof(w->batch), .span_size = sizeof(span),
					.spans = &span, .count = 1 } };
	(void)snprintf(path, sizeof(path), "plugins/%s/%s.so", name, name);
	plugin = weir_fake_load(path, &w->error);
	if (plugin != NULL)
		w->use = weir_fake_open(w->fake, plugin, options, &w->error);
	if (w->use == NULL)
		fail_msg("%s", w->error.text);
}

static void end(struct world *w)
{
	assert_true(weir_fake_free(w->fake));
}

static enum weir_sent after(struct world *w, const char *url, const struct weir_fake_answer *answer)
{
	weir_fake_service(w->fake, url, answer);
	return weir_fake_send(w->use, &w->batch);
}

static struct weir_str header_of(const struct weir_call_request *r, const char *name)
{
	for (size_t i = 0; r != NULL && i < r->header_count; i++)
		if (weir_str_eq(r->headers[i].name, weir_str_from(name)))
			return r->headers[i].value;
	return WEIR_ABSENT;
}

static void a_batch_is_posted_as_what_it_is(void **state)
{
	const struct weir_fake_answer ok = { .status = 200 };
	const struct weir_call_request *sent;
	struct world w;

	(void)state;
	begin(&w, "otlp", "{format: json, headers: {x-key: k}}");
	assert_int_equal(after(&w, OTLP, &ok), WEIR_SENT);
	sent = weir_fake_call(w.fake, 0);
	assert_str(sent->method, "POST");
	assert_str(header_of(sent, "content-type"), "application/json");
	assert_str(header_of(sent, "x-key"), "k");
	assert_null(header_of(sent, "content-encoding").data);
	assert_true(sent->body.len > 2 && sent->body.data[0] == '{');
	end(&w);

	begin(&w, "otlp", "{compression: gzip}");
	assert_int_equal(after(&w, OTLP, &ok), WEIR_SENT);
	sent = weir_fake_call(w.fake, 0);
	assert_str(header_of(sent, "content-type"), "application/x-protobuf");
	assert_str(header_of(sent, "content-encoding"), "gzip");
	assert_memory_equal(sent->body.data, "\x1f\x8b", 2);
	end(&w);

	begin(&w, "zipkin", NULL);
	assert_int_equal(after(&w, ZIPKIN, &ok), WEIR_SENT);
	assert_true(weir_fake_call(w.fake, 0)->body.data[0] == '[');
	end(&w);
}

static void answers_are_judged_as_they_are_meant(void **state)
{
	static const struct { uint16_t status; enum weir_sent sent; } cases[] = {
		{ 200, WEIR_SENT }, { 202, WEIR_SENT }, { 301, WEIR_SEND_NEVER },
		{ 400, WEIR_SEND_NEVER }, { 401, WEIR_SEND_NEVER }, { 404, WEIR_SEND_NEVER },
		{ 408, WEIR_SEND_LATER }, { 413, WEIR_SEND_NEVER }, { 429, WEIR_SEND_LATER },
		{ 500, WEIR_SEND_NEVER }, { 502, WEIR_SEND_LATER }, { 503, WEIR_SEND_LATER },
		{ 504, WEIR_SEND_LATER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct weir_fake_answer answer = { .status = cases[i].status };
		struct world w;

		begin(&w, i % 2 == 0 ? "otlp" : "zipkin", NULL);
		assert_int_equal(after(&w, i % 2 == 0 ? OTLP : ZIPKIN, &answer), cases[i].sent);
		assert_true(cases[i].sent == WEIR_SENT || w.batch.why.len > 0);
		end(&w);
	}
}

/* In seconds or until a date, and never for longer than an hour. */
static void who_asks_for_time_gets_it(void **state)
{
	static const struct { const char *value; uint64_t seconds; } cases[] = {
		{ "7", 7 }, { "0", 0 }, { "99999999999999999999", 3600 }, { "3601", 3600 }, { "-1", 0 },
		{ "", 0 },
		{ "Sun, 06 Nov 1994 08:49:42 GMT", 5 }, { "Sun, 06 Nov 1994 08:49:30 GMT", 0 },
		{ "Sun, 06 Nov 2094 08:49:37 GMT", 3600 }, { "tomorrow", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct weir_field header = { WEIR_STR("Retry-After"), weir_str_from(cases[i].value) };
		const struct weir_fake_answer busy = { .status = 503, .headers = &header,
						       .header_count = 1 };
		struct world w;

		begin(&w, i % 2 == 0 ? "otlp" : "zipkin", NULL);
		weir_fake_set_wall(w.fake, 784111777 * SECOND);	/* 08:49:37 of that day */
		assert_int_equal(after(&w, i % 2 == 0 ? OTLP : ZIPKIN, &busy), WEIR_SEND_LATER);
		if (w.batch.retry_after_ns != cases[i].seconds * SECOND)
			fail_msg("\"%s\" is %ju ns", cases[i].value, (uintmax_t)w.batch.retry_after_ns);
		end(&w);
	}
}

static void who_is_not_there_is_asked_later(void **state)
{
	const struct weir_fake_answer nobody = { .reason = WEIR_STR("connect-refused") };
	struct world w;

	(void)state;
	begin(&w, "zipkin", NULL);
	assert_int_equal(after(&w, ZIPKIN, &nobody), WEIR_SEND_LATER);
	assert_str(w.batch.why, ZIPKIN " gave no answer (connect-refused)");
	end(&w);
}

static void what_was_rejected_is_told(void **state)
{
	const struct weir_fake_answer partial = {
		.status = 200, .body = WEIR_STR("\x0a\x09\x08\x03\x12\x05" "sorry") };
	struct world w;

	(void)state;
	begin(&w, "otlp", NULL);
	assert_int_equal(after(&w, OTLP, &partial), WEIR_SENT);
	assert_int_equal(w.batch.rejected, 3);
	assert_str(w.batch.why, OTLP " rejected some spans: sorry");
	end(&w);
}

static void whoever_is_cancelled_comes_back(void **state)
{
	struct world w;

	(void)state;
	for (uint32_t n = 1; n <= 2; n++) {
		begin(&w, "otlp", "{compression: gzip}");
		weir_fake_service(w.fake, OTLP, &(struct weir_fake_answer){ .status = 200 });
		weir_fake_cancel_at(w.fake, n);
		(void)weir_fake_send(w.use, &w.batch);
		weir_fake_cancel_at(w.fake, 0);
		end(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_batch_is_posted_as_what_it_is),
		cmocka_unit_test(answers_are_judged_as_they_are_meant),
		cmocka_unit_test(who_asks_for_time_gets_it),
		cmocka_unit_test(who_is_not_there_is_asked_later),
		cmocka_unit_test(what_was_rejected_is_told),
		cmocka_unit_test(whoever_is_cancelled_comes_back),
	};

	return cmocka_run_group_tests_name("tracers", tests, NULL, NULL);
}
