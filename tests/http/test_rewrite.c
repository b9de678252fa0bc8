/* test_rewrite.c - what a policy may make of a request's path, query and host. */
#include "tests/http/http.h"

#include "core/base/mem.h"
#include "core/http/rewrite.h"

static const struct target_rules rules = { .longest = 100 };
static char xs[1000];

/* Begins with '/', so that length alone is against it. */
static struct weir_str long_text(size_t len)
{
	memset(xs, 'x', sizeof(xs));
	xs[0] = '/';
	return str_of(xs, len);
}

static bool path_from(void **state, struct weir_str value, struct weir_str query,
		      struct weir_str *out, struct weir_error *error)
{
	struct parsed *p = *state;

	error->text[0] = '\0';
	return rewrite_path(&p->arena, value, query, &rules, out, error);
}

static void a_path_gets_its_one_form(void **state)
{
	struct weir_error error;
	struct weir_str out;

	assert_true(path_from(state, STR("/a//b/../%63"), STR_ABSENT, &out, &error));
	assert_str(out, "/a/c");
}

static void what_is_no_path_is_refused_in_words(void **state)
{
	static const char *const bad[] = { "", "a", "/a b", "/a#b", "/..", "/a\\b", "/%00" };
	struct weir_str out = STR("as it was");
	struct weir_error error;

	for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
		assert_false(path_from(state, str_from(bad[i]), STR_ABSENT, &out, &error));
		assert_non_null(strstr(error.text, "is no valid path"));
		assert_str(out, "as it was");
	}
}

static void path_and_query_are_bounded_together(void **state)
{
	struct weir_error error;
	struct weir_str out;

	assert_true(path_from(state, long_text(100), STR_ABSENT, &out, &error));
	assert_false(path_from(state, long_text(101), STR_ABSENT, &out, &error));
	assert_string_equal(error.text, "path and query would have 101 bytes, and `limits.target` of "
			    "the listener allows 100");
	assert_true(path_from(state, long_text(96), STR("a=1"), &out, &error));
	assert_false(path_from(state, long_text(97), STR("a=1"), &out, &error));
}

static void a_path_that_grows_by_its_escapes_is_measured_as_it_is_sent(void **state)
{
	struct weir_str bars = long_text(50), out = STR_ABSENT;
	struct weir_error error;

	memset(xs + 1, '|', 49);	/* each becomes %7C */

	assert_false(path_from(state, bars, STR_ABSENT, &out, &error));
	assert_non_null(strstr(error.text, "148 bytes"));
	assert_true(out.data == NULL);
}

static void a_query_is_checked_and_bounded(void **state)
{
	struct parsed *p = *state;
	struct weir_error error = { "" };
	struct weir_str out;

	assert_true(rewrite_query(&p->arena, STR("a=1&b=?/"), STR("/"), &rules, &out, &error));
	assert_str(out, "a=1&b=?/");
	assert_true(rewrite_query(&p->arena, STR(""), STR("/"), &rules, &out, &error));
	assert_true(out.data == NULL);
	assert_false(rewrite_query(&p->arena, STR("a b"), STR("/"), &rules, &out, NULL));
	assert_false(rewrite_query(&p->arena, STR("a#b"), STR("/"), &rules, &out, NULL));
	assert_false(rewrite_query(&p->arena, long_text(99), STR("/"), &rules, &out, &error));
	assert_non_null(strstr(error.text, "101 bytes"));
}

static void a_host_is_checked_and_bounded(void **state)
{
	struct parsed *p = *state;
	struct weir_error error = { "" };
	struct weir_str whole, host;

	assert_true(rewrite_host(&p->arena, STR("A.example:81"), &whole, &host, &error));
	assert_str(whole, "a.example:81");
	assert_str(host, "a.example");
	assert_false(rewrite_host(&p->arena, STR("a b"), &whole, &host, &error));
	assert_string_equal(error.text, "\"a b\" is no valid HOST or HOST:PORT");
	error.text[0] = '\0';
	assert_false(rewrite_host(&p->arena, long_text(400), &whole, &host, &error));
	assert_non_null(strstr(error.text, "the host has 400 bytes"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		http_test(a_path_gets_its_one_form),
		http_test(what_is_no_path_is_refused_in_words),
		http_test(path_and_query_are_bounded_together),
		http_test(a_path_that_grows_by_its_escapes_is_measured_as_it_is_sent),
		http_test(a_query_is_checked_and_bounded),
		http_test(a_host_is_checked_and_bounded),
	};

	return cmocka_run_group_tests_name("rewrite", tests, NULL, NULL);
}
