/* test_predicate.c - what routes ask beside host, path and method; and matchers, which ask it
 * alone. */
#include "tests/route/route.h"

/* One route with one predicate: does this request pass? */
static bool passes(void **state, enum predicate_on on, enum predicate_test test, const char *name,
		   const char *value, const char *line, const char *fields)
{
	struct desk *d = *state;
	enum route_result got;

	table_free(d->table);
	d->count = 0;
	memset(d->specs, 0, sizeof(d->specs));
	with(d, add(d, NULL, NULL, NULL), on, test, name, value);
	build(d);
	got = ask(d, line, "h", fields);
	assert_int_not_equal(got, ROUTE_METHOD);
	return got == ROUTE_FOUND;
}

static void a_header_is_compared_with_every_line_of_it(void **state)
{
	const char *two = "X-Role: user\r\nx-role: admin\r\n";

	assert_true(passes(state, ON_HEADER, TEST_IS, "x-Role", "admin", "GET /", two));
	assert_true(passes(state, ON_HEADER, TEST_IS, "X-ROLE", "user", "GET /", two));
	assert_false(passes(state, ON_HEADER, TEST_IS, "x-role", "user, admin", "GET /", two));
	assert_false(passes(state, ON_HEADER, TEST_IS, "x-role", "Admin", "GET /", two));
	assert_false(passes(state, ON_HEADER, TEST_IS, "x-role", "admin", "GET /", NULL));
	assert_true(passes(state, ON_HEADER, TEST_REGEX, "x-role", "^adm", "GET /", two));
	assert_false(passes(state, ON_HEADER, TEST_REGEX, "x-role", "^min", "GET /", two));
}

static void known_headers_are_found_by_their_number(void **state)
{
	assert_true(passes(state, ON_HEADER, TEST_IS, "ACCEPT", "a", "GET /", "accept: a\r\n"));
	assert_false(passes(state, ON_HEADER, TEST_PRESENT, "cookie", NULL, "GET /", "X: y\r\n"));
}

static void present_and_absent_are_opposites(void **state)
{
	const char *fields = "X-Debug:\r\n";

	assert_true(passes(state, ON_HEADER, TEST_PRESENT, "x-debug", NULL, "GET /", fields));
	assert_false(passes(state, ON_HEADER, TEST_ABSENT, "x-debug", NULL, "GET /", fields));
	assert_false(passes(state, ON_HEADER, TEST_PRESENT, "x-debug", NULL, "GET /", NULL));
	assert_true(passes(state, ON_HEADER, TEST_ABSENT, "x-debug", NULL, "GET /", NULL));
	assert_true(passes(state, ON_QUERY, TEST_ABSENT, "a", NULL, "GET /?b=a", NULL));
	assert_false(passes(state, ON_QUERY, TEST_ABSENT, "a", NULL, "GET /?a", NULL));
	assert_true(passes(state, ON_COOKIE, TEST_ABSENT, "a", NULL, "GET /", "Cookie: b=a\r\n"));
	assert_true(passes(state, ON_CLAIM, TEST_ABSENT, "a", NULL, "GET /", NULL));
}

static void a_query_parameter_is_compared_decoded_wherever_it_stands(void **state)
{
	assert_true(passes(state, ON_QUERY, TEST_IS, "beta", "1 2", "GET /?x&%62eta=1%202", NULL));
	assert_true(passes(state, ON_QUERY, TEST_IS, "beta", "1", "GET /?beta=0&beta=1", NULL));
	assert_false(passes(state, ON_QUERY, TEST_IS, "beta", "1", "GET /?beta=11", NULL));
	assert_false(passes(state, ON_QUERY, TEST_IS, "beta", "1", "GET /?Beta=1", NULL));
	assert_false(passes(state, ON_QUERY, TEST_IS, "beta", "", "GET /", NULL));
	assert_true(passes(state, ON_QUERY, TEST_IS, "beta", "", "GET /?beta", NULL));
	assert_true(passes(state, ON_QUERY, TEST_REGEX, "b", "^[a-c ]+$", "GET /?b=a+%62", NULL));
}

static void a_cookie_is_found_in_every_cookie_line(void **state)
{
	const char *two = "Cookie: a=1; b=2\r\nCookie: c=3\r\n";

	assert_true(passes(state, ON_COOKIE, TEST_IS, "c", "3", "GET /", two));
	assert_true(passes(state, ON_COOKIE, TEST_REGEX, "b", "[0-9]", "GET /", two));
	assert_false(passes(state, ON_COOKIE, TEST_IS, "C", "3", "GET /", two));
}

static struct weir_str anna_in_two_groups(void *arg, struct weir_str name, uint32_t n)
{
	static const struct weir_str groups[] = { { "staff", 5 }, { "it", 2 } };

	(void)arg;
	if (str_eq(name, STR("sub")) && n == 0)
		return STR("anna");
	return str_eq(name, STR("groups")) && n < 2 ? groups[n] : STR_ABSENT;
}

static void a_claim_is_asked_of_who_knows_it(void **state)
{
	struct desk *d = *state;

	assert_false(passes(state, ON_CLAIM, TEST_IS, "sub", "anna", "GET /", NULL));
	d->ask.claim = anna_in_two_groups;
	assert_true(passes(state, ON_CLAIM, TEST_IS, "sub", "anna", "GET /", NULL));
	assert_true(passes(state, ON_CLAIM, TEST_REGEX, "sub", "nn", "GET /", NULL));
	assert_false(passes(state, ON_CLAIM, TEST_IS, "sub", "bob", "GET /", NULL));
	assert_false(passes(state, ON_CLAIM, TEST_PRESENT, "iss", NULL, "GET /", NULL));
	assert_true(passes(state, ON_CLAIM, TEST_IS, "groups", "it", "GET /", NULL));
	assert_false(passes(state, ON_CLAIM, TEST_IS, "groups", "staff,it", "GET /", NULL));
	assert_false(passes(state, ON_CLAIM, TEST_ABSENT, "groups", NULL, "GET /", NULL));
}

static bool is_mine(void *arg, const void *networks)
{
	return arg == networks;
}

static void the_client_is_asked_of_who_knows_networks(void **state)
{
	struct route_predicate mine = { .on = ON_CLIENT, .networks = state };
	struct desk *d = *state;
	struct route_spec *spec = add(d, NULL, NULL, NULL);

	spec->predicates = &mine;
	spec->predicate_count = 1;
	build(d);

	goes_nowhere(d, "GET /", "h", NULL);
	d->ask.client_in = is_mine;
	goes_nowhere(d, "GET /", "h", NULL);
	d->ask.arg = state;
	goes_to(d, "GET /", "h", NULL, 0);
}

static void all_predicates_must_hold(void **state)
{
	struct desk *d = *state;
	struct route_spec *spec = add(d, NULL, NULL, NULL);

	with(d, spec, ON_HEADER, TEST_PRESENT, "x-a", NULL);
	with(d, spec, ON_QUERY, TEST_IS, "b", "1");
	build(d);

	goes_to(d, "GET /?b=1", "h", "X-A: 1\r\n", 0);
	goes_nowhere(d, "GET /?b=1", "h", NULL);
	goes_nowhere(d, "GET /", "h", "X-A: 1\r\n");
}

static void a_matcher_asks_all_that_a_route_would(void **state)
{
	struct desk *d = *state;
	struct route_spec *spec = add(d, "*.x", "/a/*", "GET");
	struct matcher *m;

	with(d, spec, ON_HEADER, TEST_PRESENT, "x-a", NULL);
	build(d);
	m = matcher_build(spec, &d->error);
	assert_non_null(m);

	ask(d, "GET /a/b", "h.x", "X-A: 1\r\n");
	assert_true(matcher_holds(m, &d->ask));
	ask(d, "GET /a/b", "h.y", "X-A: 1\r\n");
	assert_false(matcher_holds(m, &d->ask));
	ask(d, "GET /b", "h.x", "X-A: 1\r\n");
	assert_false(matcher_holds(m, &d->ask));
	ask(d, "POST /a/b", "h.x", "X-A: 1\r\n");
	assert_false(matcher_holds(m, &d->ask));
	ask(d, "GET /a/b", "h.x", NULL);
	assert_false(matcher_holds(m, &d->ask));
	matcher_free(m);
	matcher_free(NULL);
}

static void a_matcher_of_nothing_always_holds(void **state)
{
	struct route_spec nothing = { .number = 0 };
	struct desk *d = *state;
	struct matcher *m = matcher_build(&nothing, &d->error);

	assert_non_null(m);
	build(d);
	ask(d, "OPTIONS *", NULL, NULL);
	assert_true(matcher_holds(m, &d->ask));
	matcher_free(m);
}

static void a_matcher_that_cannot_be_compiled_says_why(void **state)
{
	struct desk *d = *state;

	assert_null(matcher_build(add(d, NULL, "x", NULL), &d->error));
	assert_string_equal(d->error.text, "route r0: path \"x\": a path begins with /");
}

static void an_identity_is_compared_whole(void **state)
{
	struct desk *d = *state;

	assert_false(passes(state, ON_IDENTITY, TEST_PRESENT, "", NULL, "GET /", NULL));
	assert_true(passes(state, ON_IDENTITY, TEST_ABSENT, "", NULL, "GET /", NULL));
	d->ask.identity = STR("spiffe://a.example/web");
	assert_true(passes(state, ON_IDENTITY, TEST_IS, "", "spiffe://a.example/web", "GET /", NULL));
	assert_false(passes(state, ON_IDENTITY, TEST_IS, "", "spiffe://a.example/we", "GET /", NULL));
	assert_true(passes(state, ON_IDENTITY, TEST_REGEX, "", "^spiffe://a[.]example/", "GET /", NULL));
	assert_false(passes(state, ON_IDENTITY, TEST_ABSENT, "", NULL, "GET /", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		desk_test(a_header_is_compared_with_every_line_of_it),
		desk_test(an_identity_is_compared_whole),
		desk_test(known_headers_are_found_by_their_number),
		desk_test(present_and_absent_are_opposites),
		desk_test(a_query_parameter_is_compared_decoded_wherever_it_stands),
		desk_test(a_cookie_is_found_in_every_cookie_line),
		desk_test(a_claim_is_asked_of_who_knows_it),
		desk_test(the_client_is_asked_of_who_knows_networks),
		desk_test(all_predicates_must_hold),
		desk_test(a_matcher_asks_all_that_a_route_would),
		desk_test(a_matcher_of_nothing_always_holds),
		desk_test(a_matcher_that_cannot_be_compiled_says_why),
	};

	return cmocka_run_group_tests_name("predicate", tests, NULL, NULL);
}
