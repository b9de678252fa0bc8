/* test_policies.c - refuse, headers and hello, in the fake world that authors of plugins get. */
#include "tests/plugins/world.h"

static struct weir_exchange *exchange;

static void begin(const char *method, const char *path)
{
	exchange = weir_fake_exchange(world, method, path);
}

static void has(const char *name, const char *value)
{
	weir_fake_add_header(exchange, WEIR_REQUEST, name, weir_str_from(value));
}

/* The verdict of `refuse` with these options on the exchange that was begun. */
static enum weir_verdict refuse_says(const char *options)
{
	return weir_fake_on_request(use("refuse", options), exchange);
}

static void refuse_looks_at_the_method(void **state)
{
	(void)state;
	begin("DELETE", "/x");
	assert_int_equal(refuse_says("{method: [PUT, DELETE], why: no writing}"), WEIR_REFUSED);
	assert_int_equal(weir_fake_status(exchange), 403);
	assert_str(weir_fake_why(exchange), "no writing");
	assert_int_equal(refuse_says("{method: PUT}"), WEIR_NEXT);
	assert_int_equal(refuse_says("{method: delete}"), WEIR_NEXT);	/* methods have case */
}

static void refuse_looks_at_the_path(void **state)
{
	(void)state;
	begin("GET", "/admin/users");
	assert_int_equal(refuse_says("{path: /admin/*, status: 404}"), WEIR_REFUSED);
	assert_int_equal(weir_fake_status(exchange), 404);
	assert_int_equal(refuse_says("{path: /admin}"), WEIR_NEXT);
	assert_int_equal(refuse_says("{path: /adm/*}"), WEIR_NEXT);
	assert_int_equal(refuse_says("{path: /*}"), WEIR_REFUSED);
	begin("GET", "/admin");
	assert_int_equal(refuse_says("{path: /admin/*}"), WEIR_REFUSED);
	begin("GET", "/administrator");
	assert_int_equal(refuse_says("{path: /admin/*}"), WEIR_NEXT);
}

/* A second value of a header is a value too. */
static void refuse_looks_at_every_value(void **state)
{
	(void)state;
	begin("GET", "/x");
	has("x-role", "guest");
	has("X-Role", "root");
	assert_int_equal(refuse_says("{header: {x-role: root}}"), WEIR_REFUSED);
	assert_int_equal(refuse_says("{header: {x-role: '*'}}"), WEIR_REFUSED);
	assert_int_equal(refuse_says("{header: {x-role: admin}}"), WEIR_NEXT);
	assert_int_equal(refuse_says("{header: {x-role: root, x-other: '*'}}"), WEIR_NEXT);
}

static void refuse_looks_for_what_is_missing(void **state)
{
	(void)state;
	begin("POST", "/x");
	assert_int_equal(refuse_says("{missing: X-API-Key, status: 401}"), WEIR_REFUSED);
	assert_int_equal(weir_fake_status(exchange), 401);
	has("x-api-key", "k");
	assert_int_equal(refuse_says("{missing: x-api-key}"), WEIR_NEXT);
	assert_int_equal(refuse_says("{missing: [x-api-key, x-more]}"), WEIR_REFUSED);
}

static void all_conditions_must_hold(void **state)
{
	(void)state;
	begin("DELETE", "/a/b");
	assert_int_equal(refuse_says("{method: DELETE, path: /b}"), WEIR_NEXT);
	assert_int_equal(refuse_says("{method: DELETE, path: /a/*}"), WEIR_REFUSED);
	assert_int_equal(refuse_says("{}"), WEIR_REFUSED);
}

static void bad_paths_are_refused_by_its_check(void **state)
{
	(void)state;
	assert_null(use("refuse", "{path: admin}"));
	assert_string_equal(error.text, "the path `admin` must begin with /");
	assert_null(use("refuse", "{path: [/a, '/a*']}"));
	assert_string_equal(error.text, "in the path `/a*` a * may only stand at the end, behind a /");
}

static void headers_are_removed_then_set_then_added(void **state)
{
	(void)state;
	begin("GET", "/x");
	has("x-in", "old");
	has("x-gone", "1");
	(void)weir_fake_run(use("headers", "{request: {remove: [x-gone, x-in], set: {x-new: n, "
				"x-in: one}, add: {x-in: two}}}"), exchange);
	assert_false(weir_str_present(weir_fake_header(exchange, WEIR_REQUEST, "x-gone")));
	assert_str(weir_fake_header(exchange, WEIR_REQUEST, "x-new"), "n");
	assert_str(weir_fake_header(exchange, WEIR_REQUEST, "x-in"), "one, two");
	assert_false(weir_str_present(weir_fake_header(exchange, WEIR_RESPONSE, "x-new")));
}

static void headers_of_the_answer_are_edited_on_its_way(void **state)
{
	(void)state;
	begin("GET", "/x");
	assert_int_equal(weir_fake_run(use("headers", "{response: {set: {x-served-by: weir}}}"),
				       exchange), 200);
	assert_str(weir_fake_header(exchange, WEIR_RESPONSE, "x-served-by"), "weir");
}

/* Going on without a header that somebody relies on would be worse. */
static void a_header_that_cannot_be_set_is_a_failure(void **state)
{
	(void)state;
	begin("GET", "/x?user=two%0d%0alines");
	assert_int_equal(weir_fake_on_request(use("headers",
						  "{request: {set: {x-user: '{query.user}'}}}"),
					      exchange), WEIR_FAILED);
	assert_int_equal(weir_fake_status(exchange), 500);
	assert_true(weir_fake_blames(world, "bad-header"));
}

static void names_that_are_none_are_refused(void **state)
{
	(void)state;
	assert_null(use("headers", "{request: {set: {'x user': a}}}"));
	assert_string_equal(error.text, "`x user` under `set` is no name of a header");
	assert_null(use("headers", "{}"));
	assert_string_equal(error.text, "there is nothing to do; give `request` or `response`");
}

static void hello_greets(void **state)
{
	(void)state;
	begin("GET", "/");
	assert_int_equal(weir_fake_on_request(use("hello", "{to: Ada}"), exchange), WEIR_ANSWERED);
	assert_int_equal(weir_fake_status(exchange), 200);
	assert_str(weir_fake_body(exchange, WEIR_RESPONSE), "hello, Ada\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
		TEST(refuse_looks_at_the_method),
		TEST(refuse_looks_at_the_path),
		TEST(refuse_looks_at_every_value),
		TEST(refuse_looks_for_what_is_missing),
		TEST(all_conditions_must_hold),
		TEST(bad_paths_are_refused_by_its_check),
		TEST(headers_are_removed_then_set_then_added),
		TEST(headers_of_the_answer_are_edited_on_its_way),
		TEST(a_header_that_cannot_be_set_is_a_failure),
		TEST(names_that_are_none_are_refused),
		TEST(hello_greets),
	};

	return cmocka_run_group_tests_name("policies", tests, NULL, NULL);
}
