/* test_answer.c - what Weir says itself. */
#include "tests/proxy/scene.h"

#include <sys/socket.h>

#include "core/base/json.h"
#include "core/route/key.h"

/* A world whose origin listens no more. */
static struct scene *without_origin(void)
{
	struct scene *s = scene_new();

	shutdown(s->listener, SHUT_RDWR);
	return s;
}

static struct weir_str body_of(struct weir_str heard)
{
	return str_skip(heard, str_find_str(heard, STR("\r\n\r\n")) + 4);
}

static bool says(struct weir_str heard, const char *text)
{
	return str_find_str(heard, str_from(text)) < heard.len;
}

static void a_failure_is_a_problem_document(void **state)
{
	struct scene *s = without_origin();
	struct weir_str heard;
	json_t *json;

	(void)state;
	client_says(s, "GET / HTTP/1.1\r\nhost: a\r\nx-request-id: me\r\n\r\n");
	heard = client_hears(s, "}\n");
	json = json_loadb(body_of(heard).data, body_of(heard).len, 0, NULL);

	assert_true(str_starts(heard, STR("HTTP/1.1 503 Service Unavailable\r\n")));
	assert_true(says(heard, "content-type: application/problem+json\r\n"));
	assert_true(says(heard, "weir-reason: connect-refused\r\n"));
	assert_true(says(heard, "x-request-id: me\r\n"));
	assert_true(says(heard, "cache-control: no-store\r\n"));
	assert_true(says(heard, "date: "));
	assert_int_equal(json_integer_value(json_object_get(json, "status")), 503);
	assert_string_equal(json_string_value(json_object_get(json, "reason")), "connect-refused");
	assert_string_equal(json_string_value(json_object_get(json, "request_id")), "me");
	json_decref(json);
	scene_free(s);
}

static void a_listener_may_hide_its_reasons(void **state)
{
	struct scene *s = without_origin();
	struct weir_str heard;

	(void)state;
	s->lp.tell_reasons = false;
	client_says(s, GET);
	heard = client_hears(s, "}\n");

	assert_false(says(heard, "weir-reason"));
	assert_false(says(heard, "connect-refused"));
	scene_free(s);
}

static void a_reason_of_the_upstreams_is_not_ours(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, GET);
	origin_accepts(s);
	origin_says(s, "HTTP/1.1 503 X\r\nweir-reason: forged\r\ncontent-length: 2\r\n\r\nno");

	assert_false(says(client_hears(s, "\r\n\r\nno"), "weir-reason"));
	scene_free(s);
}

static void the_answer_to_a_head_has_no_body(void **state)
{
	struct scene *s = without_origin();
	struct weir_str heard;

	(void)state;
	client_says(s, "HEAD / HTTP/1.1\r\nhost: a\r\n\r\n");
	heard = client_hears(s, "\r\n\r\n");

	assert_true(str_starts(heard, STR("HTTP/1.1 503 ")));
	assert_true(says(heard, "content-length: "));
	assert_int_equal(body_of(heard).len, 0);
	assert_true(client_hears_nothing(s));
	scene_free(s);
}

static void the_connection_goes_on_after_a_failure(void **state)
{
	struct scene *s = without_origin();

	(void)state;
	for (int i = 0; i < 3; i++) {
		client_says(s, GET);
		assert_false(says(client_hears(s, "}\n"), "connection: close"));
	}
	assert_int_equal(s->px->session_count, 1);
	scene_free(s);
}

static void also_after_a_body_that_was_not_wanted_but_is_here(void **state)
{
	struct scene *s = without_origin();

	(void)state;
	s->lp.routes = NULL;
	s->lp.redirect = &s->plan;
	s->plan.kind = PLAN_RESPOND;
	s->plan.status = 410;
	client_says(s, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhelloGET / HTTP/1.1\r\n"
		       "host: a\r\n\r\n");
	(void)client_hears(s, "HTTP/1.1 410 ");
	(void)client_hears_nothing(s);

	assert_int_equal(s->px->idle_sessions, 1);
	scene_free(s);
}

/* What is still to come would be taken for the next request. */
static void but_not_after_one_that_is_not(void **state)
{
	struct scene *s = without_origin();
	struct weir_str heard;

	(void)state;
	s->lp.redirect = &s->plan;
	s->plan.kind = PLAN_RESPOND;
	s->plan.status = 410;
	client_says(s, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 50\r\n\r\nhello");
	heard = client_hears(s, "\r\n\r\n");
	assert_true(says(heard, "connection: close"));
	client_says(s, "GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n");

	client_hears_the_end(s);
	client_closes(s);
	scene_until(s, nobody_is_connected);
	scene_free(s);
}

static void who_asks_to_close_is_let_go(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, OK);
	assert_true(says(client_hears(s, "\r\n\r\nok"), "connection: close\r\n"));

	client_hears_the_end(s);
	scene_turns(s, 0);
	assert_int_equal(s->px->session_count, 0);	/* all was read: nothing is lingered for */
	scene_free(s);
}

static void http_1_0_is_kept_only_when_it_asks(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, "GET / HTTP/1.0\r\nhost: a\r\nconnection: keep-alive\r\n\r\n");
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, OK);
	assert_true(says(client_hears(s, "\r\n\r\nok"), "connection: keep-alive\r\n"));
	client_says(s, "GET / HTTP/1.0\r\nhost: a\r\n\r\n");
	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
	assert_false(says(client_hears(s, "\r\n\r\nok"), "chunked"));

	client_hears_the_end(s);
	scene_free(s);
}

static void a_fixed_answer_needs_no_upstream(void **state)
{
	struct scene *s = without_origin();
	struct weir_error error = { "" };
	struct arena arena;
	struct weir_str heard;

	(void)state;
	arena_init(&arena, NULL, 65536);
	s->plan.kind = PLAN_REDIRECT;
	s->plan.status = 308;
	s->plan.whole_path = true;
	s->plan.location = template_compile(&arena, STR("https://{host}"), &error);
	assert_non_null(s->plan.location);
	client_says(s, "GET /a/b?c=d HTTP/1.1\r\nhost: x.example\r\n\r\n");
	heard = client_hears(s, "\r\n\r\n");

	assert_true(str_starts(heard, STR("HTTP/1.1 308 ")));
	assert_true(says(heard, "location: https://x.example/a/b?c=d\r\n"));
	scene_free(s);
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_is_a_problem_document),
		cmocka_unit_test(a_listener_may_hide_its_reasons),
		cmocka_unit_test(a_reason_of_the_upstreams_is_not_ours),
		cmocka_unit_test(the_answer_to_a_head_has_no_body),
		cmocka_unit_test(the_connection_goes_on_after_a_failure),
		cmocka_unit_test(also_after_a_body_that_was_not_wanted_but_is_here),
		cmocka_unit_test(but_not_after_one_that_is_not),
		cmocka_unit_test(who_asks_to_close_is_let_go),
		cmocka_unit_test(http_1_0_is_kept_only_when_it_asks),
		cmocka_unit_test(a_fixed_answer_needs_no_upstream),
	};

	return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
