/* test_fixed.c - routes that answer by themselves. */
#include "tests/proxy/scene.h"

#include "core/route/key.h"

static const struct template *template(struct scene *s, const char *text)
{
	struct weir_error error = { "" };
	const struct template *t = template_compile(&s->arena, str_from(text), &error);

	assert_string_equal(error.text, "");
	return t;
}

static struct scene *redirecting(const char *location)
{
	struct scene *s = scene_new();

	s->plan.kind = PLAN_REDIRECT;
	s->plan.status = 308;
	s->plan.location = template(s, location);
	return s;
}

static void location_is(struct scene *s, const char *target, const char *location)
{
	struct weir_str heard;

	client_says(s, "GET ");
	client_says(s, target);
	client_says(s, " HTTP/1.1\r\nhost: a.example\r\n\r\n");
	heard = client_hears(s, "\r\n\r\n");
	if (str_find_str(heard, str_from(location)) == heard.len)
		fail_msg("no \"%s\" in \"%.*s\"", location, STR_ARG(heard));
}

static void a_redirect_keeps_the_query(void **state)
{
	struct scene *s = redirecting("https://{host}/new");

	(void)state;
	location_is(s, "/x", "location: https://a.example/new\r\n");
	location_is(s, "/x?y=1", "location: https://a.example/new?y=1\r\n");
	assert_false(origin_is_asked_again(s));
	scene_free(s);
}

static void but_for_one_that_has_its_own(void **state)
{
	struct scene *s = redirecting("https://{host}/new?z=2");

	(void)state;
	location_is(s, "/x?y=1", "location: https://a.example/new?z=2\r\n");
	scene_free(s);
}

static void a_redirect_may_keep_the_path(void **state)
{
	struct scene *s = redirecting("https://{host}");

	(void)state;
	s->plan.whole_path = true;
	location_is(s, "/a/b?y", "location: https://a.example/a/b?y\r\n");
	scene_free(s);
}

static void a_body_may_ask_the_request(void **state)
{
	struct header_edit edit = { .kind = EDIT_SET, .name = STR("x-a"), .text = STR("1") };
	struct scene *s = scene_new();
	struct weir_str heard;

	(void)state;
	s->plan.kind = PLAN_RESPOND;
	s->plan.status = 203;
	s->plan.content_type = STR("text/plain");
	s->plan.body = template(s, "you are {client.ip}\n");
	s->plan.respond_headers = (struct header_edits){ .at = &edit, .count = 1 };
	client_says(s, GET);
	heard = client_hears(s, "you are 192.0.2.1\n");

	assert_true(str_starts(heard, STR("HTTP/1.1 203 ")));
	assert_true(str_find_str(heard, STR("x-a: 1\r\n")) < heard.len);
	assert_true(str_find_str(heard, STR("content-type: text/plain\r\n")) < heard.len);
	assert_int_equal(str_find_str(heard, STR("weir-reason")), heard.len);
	scene_free(s);
}

static void a_head_gets_the_length_and_no_body(void **state)
{
	struct scene *s = scene_new();
	struct weir_str heard;

	(void)state;
	s->plan.kind = PLAN_RESPOND;
	s->plan.status = 200;
	s->plan.body_file = STR("a file");
	client_says(s, "HEAD / HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n");
	heard = client_hears(s, "a file");

	assert_int_equal(str_find_str(heard, STR("\r\n\r\nHTTP/1.1 200 ")) < heard.len, true);
	assert_true(str_find_str(heard, STR("content-length: 6\r\n")) < heard.len);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_redirect_keeps_the_query),
		cmocka_unit_test(but_for_one_that_has_its_own),
		cmocka_unit_test(a_redirect_may_keep_the_path),
		cmocka_unit_test(a_body_may_ask_the_request),
		cmocka_unit_test(a_head_gets_the_length_and_no_body),
	};

	return cmocka_run_group_tests_name("fixed", tests, NULL, NULL);
}
