/* test_explain.c - why each route did, or did not, match. */
#include "core/route/explain.h"

#include "tests/route/route.h"

/* The lines of one explanation. */
struct told {
	uint32_t count, numbers[MOST_ROUTES];
	bool matched[MOST_ROUTES];
	char why[MOST_ROUTES][200];
};

static void tell(void *arg, uint32_t number, bool matched, struct weir_str why)
{
	struct told *t = arg;

	t->numbers[t->count] = number;
	t->matched[t->count] = matched;
	snprintf(t->why[t->count], sizeof(t->why[0]), "%.*s", STR_ARG(why));
	t->count++;
}

static struct told explain(struct desk *d, const char *line, const char *host, const char *fields)
{
	struct told t = { .count = 0 };

	ask(d, line, host, fields);
	table_explain(d->table, &d->ask, tell, &t);
	return t;
}

#define assert_line(t, i, want_number, want_matched, want_why) \
	do { \
		assert_int_equal((t).numbers[i], want_number); \
		assert_int_equal((t).matched[i], want_matched); \
		assert_string_equal((t).why[i], want_why); \
	} while (0)

static void what_does_not_match_says_what_is_wrong(void **state)
{
	struct desk *d = *state;
	struct told t;

	add(d, "a.x *.b.x", NULL, NULL);
	add(d, NULL, "/other/{x}", NULL);
	add(d, NULL, "/a[0-9]", NULL)->path_is_regex = true;
	add(d, NULL, "/a", "POST PUT PURGE");
	with(d, add(d, NULL, "/a", NULL), ON_HEADER, TEST_IS, "x-channel", "web");
	with(d, add(d, NULL, "/a", NULL), ON_QUERY, TEST_PRESENT, "beta", NULL);
	with(d, add(d, NULL, "/a", NULL), ON_COOKIE, TEST_REGEX, "s", "^1");
	with(d, add(d, NULL, "/a", NULL), ON_HEADER, TEST_ABSENT, "x-channel", NULL);
	build(d);

	t = explain(d, "GET /a", "h", "X-Channel: app\r\nCookie: s=2\r\n");

	assert_int_equal(t.count, 8);
	assert_line(t, 0, 0, false, "host: h is not a.x, *.b.x");
	assert_line(t, 1, 1, false, "path: /a is not /other/{x}");
	assert_line(t, 2, 2, false, "path: /a is not /a[0-9] (regular expression)");
	assert_line(t, 3, 3, false, "method: GET is not POST, PUT, PURGE");
	assert_line(t, 4, 4, false, "header x-channel is \"app\", not \"web\"");
	assert_line(t, 5, 5, false, "query parameter beta is missing");
	assert_line(t, 6, 6, false, "cookie s is \"2\", which \"^1\" does not match");
	assert_line(t, 7, 7, false, "header x-channel is there");
}

static void the_best_comes_first_and_the_others_say_what_decided(void **state)
{
	struct desk *d = *state;
	struct told t;

	add(d, NULL, "/a/b", NULL);
	add(d, "h.x", "/*", NULL);
	add(d, "*.x", "/a/b", NULL);
	add(d, "h.x", "/a/{n}", NULL);
	with(d, add(d, "h.x", "/a/b", NULL), ON_HEADER, TEST_PRESENT, "x-a", NULL);
	add(d, "h.x", "/a/b", NULL);
	with(d, add(d, "h.x", "/a/b", NULL), ON_HEADER, TEST_PRESENT, "x-b", NULL);
	build(d);

	t = explain(d, "GET /a/b", "h.x", "X-A: 1\r\nX-B: 1\r\n");

	assert_line(t, 0, 4, true, "it is the most precise that matches");
	assert_line(t, 1, 6, true, "it is less precise than route r4 (position)");
	assert_line(t, 2, 5, true, "it is less precise than route r4 (number of conditions)");
	assert_line(t, 3, 3, true, "it is less precise than route r4 (path)");
	assert_line(t, 4, 1, true, "it is less precise than route r4 (path)");
	assert_line(t, 5, 2, true, "it is less precise than route r4 (host)");
	assert_line(t, 6, 0, true, "it is less precise than route r4 (host)");
	assert_int_equal(d->found.number, 4);
}

static void a_request_without_a_host_is_told_so(void **state)
{
	struct desk *d = *state;
	struct told t;

	add(d, "a", NULL, NULL);
	build(d);
	t = explain(d, "GET /", NULL, NULL);

	assert_line(t, 0, 0, false, "host: there is none, and it wants a");
}

static void an_empty_table_says_nothing(void **state)
{
	struct desk *d = *state;

	build(d);
	assert_int_equal(explain(d, "GET /", "h", NULL).count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		desk_test(what_does_not_match_says_what_is_wrong),
		desk_test(the_best_comes_first_and_the_others_say_what_decided),
		desk_test(a_request_without_a_host_is_told_so),
		desk_test(an_empty_table_says_nothing),
	};

	return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
