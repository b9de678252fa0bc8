/* test_explain.c - what would happen to a request: said without one. */
#include "tests/weir/desk.h"

#include "core/weir/explain.h"

#define CONF "listen:\n  edge: {address: 0.0.0.0:1, policies: [knows]}\n" \
	"  http: {address: 0.0.0.0:2, redirect: {scheme: https}}\n" \
	"services: {app: {endpoints: [\"h:1\", \"h:2\"]}, other: {endpoints: [\"h:3\"]}}\n" \
	"routes:\n" \
	"  - {name: admin, match: {path: /x, claim: {role: admin}}, to: other}\n" \
	"  - {name: inside, match: {path: /x, client: 10.0.0.0/8, header: {x-a: \"1\"}}, to: other}\n" \
	"  - {name: x, match: {path: /x, method: GET}, policies: [guards], to: app}\n" \
	"  - {name: gone, match: {path: /gone}, respond: {status: 410}}\n"

static json_t *asked(struct desk *desk, const struct admin_question *q)
{
	struct weir_error error = { "" };
	json_t *answer;

	desk_fine(desk, CONF);
	answer = explain(desk->w, NULL, q, &error);
	if (answer == NULL)
		fail_msg("%s", error.text);
	return answer;
}

static const char *text(const json_t *answer, const char *key)
{
	const char *value = json_string_value(json_object_get(answer, key));

	return value != NULL ? value : "";
}

static void goes_to(struct desk *desk, const struct admin_question *q, const char *route)
{
	json_t *answer = asked(desk, q);

	assert_string_equal(text(answer, "result"), "route");
	assert_string_equal(text(answer, "route"), route);
	json_decref(answer);
}

static void the_best_route_and_all_that_belongs_to_it_are_told(void **state)
{
	struct admin_question q = { .method = STR("GET"), .url = STR("http://a.example/x?y") };
	json_t *answer = asked(*state, &q), *services, *policies;

	assert_string_equal(text(answer, "route"), "x");
	assert_string_equal(text(answer, "listener"), "edge");
	assert_string_equal(text(answer, "host"), "a.example");
	assert_int_equal(json_array_size(json_object_get(answer, "routes")), 4);
	policies = json_object_get(answer, "policies");
	assert_int_equal(json_array_size(policies), 2);
	assert_string_equal(text(json_array_get(policies, 0), "policy"), "knows");
	assert_string_equal(text(json_array_get(policies, 1), "policy"), "guards");
	services = json_object_get(answer, "services");
	assert_int_equal(json_array_size(services), 1);
	assert_int_equal(json_array_size(json_object_get(json_array_get(services, 0), "endpoints")), 2);
	json_decref(answer);
}

static void claims_that_a_policy_would_learn_count(void **state)
{
	struct admin_question q = { .method = STR("GET"), .url = STR("/x"), .claim_count = 2,
				    .claims = { { STR("role"), STR("guest") },
						{ STR("role"), STR("admin") } } };

	goes_to(*state, &q, "admin");
	q.claim_count = 1;
	goes_to(*state, &q, "x");
}

static void the_clients_address_and_headers_count(void **state)
{
	struct admin_question q = { .method = STR("GET"), .url = STR("/x"), .client = STR("10.1.2.3"),
				    .header_count = 1, .headers = { { STR("X-A"), STR("1") } } };

	goes_to(*state, &q, "inside");
	q.client = STR("11.1.2.3");
	goes_to(*state, &q, "x");
}

static void what_is_not_found_is_told_with_its_reason(void **state)
{
	struct admin_question none = { .method = STR("GET"), .url = STR("/nowhere") };
	struct admin_question method = { .method = STR("PUT"), .url = STR("/x") };
	json_t *answer = asked(*state, &none);

	assert_string_equal(text(answer, "result"), "no-route");
	json_decref(answer);
	answer = asked(*state, &method);
	assert_string_equal(text(answer, "result"), "method-not-allowed");
	assert_string_equal(text(answer, "allow"), "GET");
	json_decref(answer);
}

static void routes_and_listeners_that_answer_themselves_say_so(void **state)
{
	struct admin_question gone = { .method = STR("GET"), .url = STR("/gone") };
	struct admin_question http = { .method = STR("GET"), .url = STR("/"), .listener = STR("http") };
	json_t *answer = asked(*state, &gone);

	assert_int_equal(json_integer_value(json_object_get(answer, "status")), 410);
	json_decref(answer);
	answer = asked(*state, &http);
	assert_string_equal(text(answer, "result"), "redirect");
	json_decref(answer);
}

/* A URL may stand in the query of another. */
static void host_path_and_query_are_told_apart(void **state)
{
	static const struct { const char *url, *host, *path; } urls[] = {
		{ "http://a.example", "a.example", "/" }, { "HTTPS://a.example/x", "a.example", "/x" },
		{ "http://a.example?u=/x", "a.example", "/" }, { "/x?u=http://b/c", "localhost", "/x" },
		{ "http://a.example/x?u=http://b/c", "a.example", "/x" },
	};
	struct admin_question q = { .url = STR("http://b.example/x"), .header_count = 1,
					.headers = { { STR("host"), STR("a.example") } } };
	json_t *answer;

	desk_fine(*state, CONF);
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		answer = asked(*state, &(struct admin_question){ .url = str_from(urls[i].url) });
		assert_string_equal(text(answer, "host"), urls[i].host);
		assert_string_equal(text(answer, "path"), urls[i].path);
		json_decref(answer);
	}
	answer = asked(*state, &q);
	assert_string_equal(text(answer, "host"), "a.example");
	json_decref(answer);
}

static void a_question_without_sense_gets_a_sentence(void **state)
{
	static const struct { struct admin_question q; const char *sentence; } none[] = {
		{ { .url = { "/x", 2 }, .client = { "me", 2 } }, "client \"me\" is not an IP address" },
		{ { .url = { "/x", 2 }, .listener = { "no", 2 } }, "there is no listener \"no\"" },
		{ { .url = { "x", 1 } }, "\"x\" is not a URL that a request can have; write "
					 "http://HOST/PATH or /PATH" },
		{ { .url = { "/a%2fb", 6 } }, "\"/a%2fb\" is not a URL that a request can have; write "
					      "http://HOST/PATH or /PATH" },
		{ { .url = { "ftp://a/x", 9 } }, "\"ftp://a/x\" is not a URL that a request can have; "
						 "write http://HOST/PATH or /PATH" },
		{ { .url = { "/x", 2 }, .method = { "G T", 3 } }, "\"G T\" is not a method; write GET, "
								  "POST or another" },
		{ { .url = { "/x", 2 }, .headers = { { { "x y", 3 }, { "z", 1 } } }, .header_count = 1 },
		  "\"x y\" is not a header's name; write NAME: VALUE" },
	};
	struct desk *desk = *state;

	desk_fine(desk, CONF);
	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		struct weir_error error = { "" };

		assert_null(explain(desk->w, NULL, &none[i].q, &error));
		assert_string_equal(error.text, none[i].sentence);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(the_best_route_and_all_that_belongs_to_it_are_told),
		DESK_TEST(claims_that_a_policy_would_learn_count),
		DESK_TEST(the_clients_address_and_headers_count),
		DESK_TEST(what_is_not_found_is_told_with_its_reason),
		DESK_TEST(routes_and_listeners_that_answer_themselves_say_so),
		DESK_TEST(host_path_and_query_are_told_apart),
		DESK_TEST(a_question_without_sense_gets_a_sentence),
	};

	return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
