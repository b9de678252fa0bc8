/* test_table.c - which route: host, then path, then number of predicates, then position. */
#include "tests/route/route.h"

static void an_exact_host_is_better_than_a_wildcard_and_that_than_none(void **state)
{
	struct desk *d = *state;

	add(d, NULL, NULL, NULL);
	add(d, "*.example.com", NULL, NULL);
	add(d, "*.api.example.com", NULL, NULL);
	add(d, "api.example.com", NULL, NULL);
	build(d);

	goes_to(d, "GET /", "api.example.com", NULL, 3);
	goes_to(d, "GET /", "v1.api.example.com", NULL, 2);
	goes_to(d, "GET /", "a.b.c.api.example.com", NULL, 2);
	goes_to(d, "GET /", "www.example.com", NULL, 1);
	goes_to(d, "GET /", "a.b.example.com", NULL, 1);
	goes_to(d, "GET /", "example.com", NULL, 0);
	goes_to(d, "GET /", "badexample.com", NULL, 0);
	goes_to(d, "GET /", NULL, NULL, 0);
}

static void hosts_have_no_case_and_no_port(void **state)
{
	struct desk *d = *state;

	add(d, "Api.Example.COM *.Other.org [::1]", NULL, NULL);
	build(d);

	goes_to(d, "GET /", "aPI.example.com:8080", NULL, 0);
	goes_to(d, "GET /", "X.OTHER.ORG.", NULL, 0);
	goes_to(d, "GET /", "[::1]:80", NULL, 0);
	goes_nowhere(d, "GET /", "api.example.org", NULL);
}

static void a_host_hides_no_less_precise_one(void **state)
{
	struct desk *d = *state;

	add(d, NULL, "/everywhere", NULL);
	add(d, "*.example.com", "/below", NULL);
	add(d, "api.example.com", "/here", NULL);
	build(d);

	goes_to(d, "GET /here", "api.example.com", NULL, 2);
	goes_to(d, "GET /below", "api.example.com", NULL, 1);
	goes_to(d, "GET /everywhere", "api.example.com", NULL, 0);
	goes_nowhere(d, "GET /nowhere", "api.example.com", NULL);
}

static void the_host_decides_before_the_path(void **state)
{
	struct desk *d = *state;

	add(d, NULL, "/a/b/c", NULL);
	add(d, "h", "/*", NULL);
	build(d);

	goes_to(d, "GET /a/b/c", "h", NULL, 1);
	goes_to(d, "GET /a/b/c", "i", NULL, 0);
}

static void text_is_better_than_a_name_and_that_than_a_regex_and_that_than_a_star(void **state)
{
	struct desk *d = *state;

	add(d, NULL, "/a/*", NULL);
	add(d, NULL, "/a/.+", NULL)->path_is_regex = true;
	add(d, NULL, "/a/{x}", NULL);
	add(d, NULL, "/a/b", NULL);
	build(d);

	goes_to(d, "GET /a/b", "h", NULL, 3);
	goes_to(d, "GET /a/c", "h", NULL, 2);
	goes_to(d, "GET /a/c/d", "h", NULL, 1);
	goes_to(d, "GET /a/", "h", NULL, 0);
	goes_to(d, "GET /a", "h", NULL, 0);
	goes_nowhere(d, "GET /ab", "h", NULL);
}

static void the_first_segment_that_differs_decides(void **state)
{
	struct desk *d = *state;

	add(d, NULL, "/{x}/b/c/d", NULL);
	add(d, NULL, "/a/*", NULL);
	add(d, NULL, "/a/{x}/c/*", NULL);
	build(d);

	goes_to(d, "GET /a/b/c/d", "h", NULL, 2);
	goes_to(d, "GET /a/b/x/d", "h", NULL, 1);
	goes_to(d, "GET /z/b/c/d", "h", NULL, 0);
}

static void what_fails_further_down_is_tried_elsewhere(void **state)
{
	struct desk *d = *state;

	add(d, NULL, "/a/b/c", NULL);
	add(d, NULL, "/{x}/b/{z}", NULL);
	add(d, NULL, "/a/{y}/d", NULL);
	build(d);

	goes_to(d, "GET /a/b/c", "h", NULL, 0);
	goes_to(d, "GET /a/b/d", "h", NULL, 2);
	goes_to(d, "GET /a/b/e", "h", NULL, 1);
	goes_nowhere(d, "GET /a/c/e", "h", NULL);
}

static void a_regex_ranks_by_the_segments_it_plainly_begins_with(void **state)
{
	struct desk *d = *state;

	add(d, NULL, "/api/{version}/x", NULL);
	add(d, NULL, "/api/v1/(x|y)", NULL)->path_is_regex = true;
	add(d, NULL, "/(api|other)/v1/x", NULL)->path_is_regex = true;
	build(d);

	goes_to(d, "GET /api/v1/x", "h", NULL, 1);
	goes_to(d, "GET /api/v2/x", "h", NULL, 0);
	goes_to(d, "GET /other/v1/x", "h", NULL, 2);
}

static void a_prefix_takes_its_own_path_and_only_whole_segments(void **state)
{
	struct desk *d = *state;

	add(d, NULL, "/tariff/*", NULL);
	build(d);

	goes_to(d, "GET /tariff", "h", NULL, 0);
	goes_to(d, "GET /tariff/", "h", NULL, 0);
	goes_to(d, "GET /tariff/a/b", "h", NULL, 0);
	goes_to(d, "GET //tariff//a", "h", NULL, 0);
	goes_nowhere(d, "GET /tariffs", "h", NULL);
	goes_nowhere(d, "GET /Tariff", "h", NULL);
	goes_nowhere(d, "GET /", "h", NULL);
}

static void a_final_slash_counts(void **state)
{
	struct desk *d = *state;

	add(d, NULL, "/a", NULL);
	add(d, NULL, "/b/", NULL);
	add(d, NULL, "/c/{x}", NULL);
	build(d);

	goes_nowhere(d, "GET /a/", "h", NULL);
	goes_to(d, "GET /b/", "h", NULL, 1);
	goes_nowhere(d, "GET /b", "h", NULL);
	goes_nowhere(d, "GET /c/", "h", NULL);
	goes_nowhere(d, "GET /c/x/", "h", NULL);
}

static void patterns_are_brought_to_the_form_of_requests(void **state)
{
	struct desk *d = *state;

	add(d, NULL, "/%7Euser/a%2fb/\xc3\xa9", NULL);
	build(d);

	assert_int_equal(ask(d, "GET /~user/%61", "h", NULL), ROUTE_NONE);
	d->request.path = STR("/~user/a%2Fb/%C3%A9");
	assert_int_equal(table_find(d->table, &d->ask, &d->found, &d->allowed), ROUTE_FOUND);
}

static void what_is_captured_is_a_slice_of_the_path(void **state)
{
	struct desk *d = *state;

	add(d, NULL, "/v/{code}/{line-no}/*", NULL);
	add(d, NULL, "/r/(?<code>[0-9]+)(/x)?/(.*)", NULL)->path_is_regex = true;
	build(d);

	goes_to(d, "GET /v/8471/2/a/b?c", "h", NULL, 0);
	captured(d, "code", "8471");
	captured(d, "line-no", "2");
	captured(d, "*", "a/b");
	goes_to(d, "GET /v/8471/2", "h", NULL, 0);
	captured(d, "*", "");
	goes_to(d, "GET /r/17/z", "h", NULL, 1);
	captured(d, "1", "17");
	captured(d, "code", "17");
	captured(d, "3", "z");
	assert_true(route_capture(&d->found, STR("2")).data == NULL);
	assert_true(route_capture(&d->found, STR("none")).data == NULL);
}

static void more_predicates_win_and_then_the_position(void **state)
{
	struct desk *d = *state;

	add(d, NULL, "/a", NULL);
	with(d, add(d, NULL, "/a", NULL), ON_HEADER, TEST_PRESENT, "x-one", NULL);
	with(d, add(d, NULL, "/a", NULL), ON_HEADER, TEST_PRESENT, "x-two", NULL);
	with(d, add(d, NULL, "/a", "GET"), ON_QUERY, TEST_IS, "beta", "1");
	build(d);

	goes_to(d, "GET /a", "h", NULL, 0);
	goes_to(d, "GET /a", "h", "X-Two: y\r\n", 2);
	goes_to(d, "GET /a", "h", "X-Two: y\r\nX-One: x\r\n", 1);
	goes_to(d, "GET /a?beta=1", "h", "X-Two: y\r\nX-One: x\r\n", 3);
	goes_to(d, "POST /a?beta=1", "h", NULL, 0);
}

static void a_path_decides_before_the_number_of_predicates(void **state)
{
	struct desk *d = *state;

	with(d, add(d, NULL, "/{x}", NULL), ON_HEADER, TEST_PRESENT, "x-one", NULL);
	add(d, NULL, "/a", NULL);
	build(d);

	goes_to(d, "GET /a", "h", "X-One: x\r\n", 1);
	goes_to(d, "GET /b", "h", "X-One: x\r\n", 0);
}

static void when_only_the_method_fails_it_is_said_which_would_do(void **state)
{
	struct desk *d = *state;

	add(d, NULL, "/a", "POST PURGE");
	add(d, NULL, "/*", "PUT GET");
	with(d, add(d, NULL, "/a", "PATCH"), ON_HEADER, TEST_PRESENT, "x-none", NULL);
	add(d, "other", "/a", "DELETE");
	build(d);

	assert_int_equal(ask(d, "OPTIONS /a", "h", NULL), ROUTE_METHOD);
	assert_str(d->allowed, "GET, POST, PUT, PURGE");
	goes_to(d, "PURGE /a", "h", NULL, 0);
	goes_to(d, "GET /a", "h", NULL, 1);
	assert_int_equal(ask(d, "purge /a", "h", NULL), ROUTE_METHOD);
	assert_int_equal(ask(d, "HEAD /b", "h", NULL), ROUTE_METHOD);
	assert_str(d->allowed, "GET, PUT");
}

static void head_is_not_get(void **state)
{
	struct desk *d = *state;

	add(d, NULL, "/a", "GET");
	build(d);

	assert_int_equal(ask(d, "HEAD /a", "h", NULL), ROUTE_METHOD);
}

static void options_star_is_for_routes_without_a_path(void **state)
{
	struct desk *d = *state;

	add(d, NULL, "/*", NULL);
	add(d, NULL, ".*", NULL)->path_is_regex = true;
	add(d, "h", NULL, "OPTIONS");
	build(d);

	goes_to(d, "OPTIONS *", "h", NULL, 2);
	goes_nowhere(d, "OPTIONS *", "i", NULL);
	goes_to(d, "OPTIONS /", "i", NULL, 1);
}

static void two_identical_matches_are_refused_by_name(void **state)
{
	struct desk *d = *state;

	add(d, "a b", "/x/{one}", "GET POST");
	add(d, "b c", "/x/{two}", "POST GET");
	not_built(d, "routes r0 and r1 match the same requests, so the second would never be used; "
		     "change or remove one");

	add(d, NULL, NULL, NULL);
	add(d, NULL, "/*", NULL);
	not_built(d, "routes r0 and r1 match the same requests, so the second would never be used; "
		     "change or remove one");

	add(d, NULL, "/a.*", NULL)->path_is_regex = true;
	add(d, NULL, "/a.*", NULL)->path_is_regex = true;
	not_built(d, "routes r0 and r1 match the same requests, so the second would never be used; "
		     "change or remove one");
}

static void predicates_are_compared_as_sets(void **state)
{
	struct desk *d = *state;
	struct route_spec *one = add(d, NULL, "/a", NULL), *two = add(d, NULL, "/a", NULL);

	with(d, one, ON_HEADER, TEST_IS, "X-A", "1");
	with(d, one, ON_QUERY, TEST_REGEX, "q", "^2");
	with(d, two, ON_QUERY, TEST_REGEX, "q", "^2");
	with(d, two, ON_HEADER, TEST_IS, "x-a", "1");
	not_built(d, "routes r0 and r1 match the same requests, so the second would never be used; "
		     "change or remove one");
}

static void alike_is_not_identical(void **state)
{
	struct desk *d = *state;

	add(d, "a", "/x", NULL);
	add(d, "*.a", "/x", NULL);
	add(d, NULL, "/x", NULL);
	add(d, NULL, "/x", "GET");
	add(d, NULL, "/x", "POST");
	with(d, add(d, NULL, "/x", NULL), ON_HEADER, TEST_IS, "a", "1");
	with(d, add(d, NULL, "/x", NULL), ON_HEADER, TEST_IS, "a", "2");
	with(d, add(d, NULL, "/x", NULL), ON_HEADER, TEST_REGEX, "a", "1");
	with(d, add(d, NULL, "/x", NULL), ON_QUERY, TEST_IS, "a", "1");
	add(d, NULL, "/x/", NULL);
	add(d, NULL, "/x/*", NULL);
	build(d);
}

static void a_host_written_twice_is_no_twin_of_itself(void **state)
{
	struct desk *d = *state;

	add(d, "a A", "/x", NULL);
	build(d);
	goes_to(d, "GET /x", "a", NULL, 0);
}

static void what_cannot_be_compiled_is_told_with_the_route(void **state)
{
	struct desk *d = *state;

	add(d, NULL, "/a/*/b", NULL);
	not_built(d, "route r0: path \"/a/*/b\": * stands for everything below, at the end and "
		     "after a slash: /prefix/*");
	add(d, "a:80", NULL, NULL);
	not_built(d, "route r0: host \"a:80\": leave the port out; it does not decide");
	add(d, "a.*", NULL, NULL);
	not_built(d, "route r0: host \"a.*\": a star stands only at the front, for one or more "
		     "labels: *.example.com");
	with(d, add(d, NULL, NULL, NULL), ON_HEADER, TEST_REGEX, "x-v", "(");
	not_built(d, "route r0: header x-v: the regular expression \"(\" is wrong at character 2: "
		     "missing closing parenthesis");
}

static void an_empty_table_finds_nothing(void **state)
{
	struct desk *d = *state;

	build(d);
	goes_nowhere(d, "GET /", "h", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		desk_test(an_exact_host_is_better_than_a_wildcard_and_that_than_none),
		desk_test(hosts_have_no_case_and_no_port),
		desk_test(a_host_hides_no_less_precise_one),
		desk_test(the_host_decides_before_the_path),
		desk_test(text_is_better_than_a_name_and_that_than_a_regex_and_that_than_a_star),
		desk_test(the_first_segment_that_differs_decides),
		desk_test(what_fails_further_down_is_tried_elsewhere),
		desk_test(a_regex_ranks_by_the_segments_it_plainly_begins_with),
		desk_test(a_prefix_takes_its_own_path_and_only_whole_segments),
		desk_test(a_final_slash_counts),
		desk_test(patterns_are_brought_to_the_form_of_requests),
		desk_test(what_is_captured_is_a_slice_of_the_path),
		desk_test(more_predicates_win_and_then_the_position),
		desk_test(a_path_decides_before_the_number_of_predicates),
		desk_test(when_only_the_method_fails_it_is_said_which_would_do),
		desk_test(head_is_not_get),
		desk_test(options_star_is_for_routes_without_a_path),
		desk_test(two_identical_matches_are_refused_by_name),
		desk_test(predicates_are_compared_as_sets),
		desk_test(alike_is_not_identical),
		desk_test(a_host_written_twice_is_no_twin_of_itself),
		desk_test(what_cannot_be_compiled_is_told_with_the_route),
		desk_test(an_empty_table_finds_nothing),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
