/* test_path.c - one form for every path. */
#include "tests/http/http.h"

static void becomes(void **state, const char *from, const char *want)
{
	struct parsed *p = *state;
	struct weir_str in = exact(from, strlen(from)), out;

	if (path_normalise(&p->arena, in, false, &out) != REASON_NONE)
		fail_msg("refused: %s", from);
	assert_str(out, want);
	if (strcmp(from, want) == 0)
		assert_ptr_equal(out.data, in.data);
	exact_free(in);
}

static void is_refused(void **state, struct weir_str path)
{
	struct parsed *p = *state;
	struct weir_str out;

	if (path_normalise(&p->arena, path, false, &out) != REASON_BAD_PATH)
		fail_msg("taken: %.*s", STR_ARG(path));
}

static void a_normal_path_stays_where_it_is(void **state)
{
	becomes(state, "/", "/");
	becomes(state, "/a", "/a");
	becomes(state, "/a/b/", "/a/b/");
	becomes(state, "/.well-known/x", "/.well-known/x");
	becomes(state, "/...", "/...");
	becomes(state, "/a%20b%25", "/a%20b%25");
	becomes(state, "/a;v=1/b,c@d:e!$&'()*+=~", "/a;v=1/b,c@d:e!$&'()*+=~");
}

static void unreserved_escapes_are_decoded_and_others_upper_cased(void **state)
{
	becomes(state, "/%61%62%7e%5F", "/ab~_");
	becomes(state, "/a%3ab", "/a%3Ab");
	becomes(state, "/%c3%a9", "/%C3%A9");
	becomes(state, "/%2541", "/%2541");
}

static void raw_bytes_that_no_path_may_have_are_escaped(void **state)
{
	becomes(state, "/\xc3\xa9", "/%C3%A9");
	becomes(state, "/a|b\"c<d>e^f`g{h}i[j]", "/a%7Cb%22c%3Cd%3Ee%5Ef%60g%7Bh%7Di%5Bj%5D");
}

static void doubled_slashes_are_one(void **state)
{
	becomes(state, "//", "/");
	becomes(state, "//admin", "/admin");
	becomes(state, "/a///b//", "/a/b/");
}

static void dot_segments_are_walked(void **state)
{
	becomes(state, "/.", "/");
	becomes(state, "/a/.", "/a/");
	becomes(state, "/a/./b", "/a/b");
	becomes(state, "/a/b/..", "/a/");
	becomes(state, "/a/../b", "/b");
	becomes(state, "/a/b/../../c", "/c");
	becomes(state, "/a/..", "/");
	becomes(state, "/a//../b", "/b");
}

static void dots_and_slashes_are_seen_through_escapes(void **state)
{
	becomes(state, "/a/%2e%2E/b", "/b");
	becomes(state, "/a/.%2e/b", "/b");
	becomes(state, "/a/%2e/b", "/a/b");
}

static void climbing_above_the_root_is_refused(void **state)
{
	is_refused(state, STR("/.."));
	is_refused(state, STR("/../a"));
	is_refused(state, STR("/a/../../b"));
	is_refused(state, STR("/%2e%2e"));
	is_refused(state, STR("//../a"));
}

static void what_two_servers_read_differently_is_refused(void **state)
{
	is_refused(state, STR("/a%2fb"));
	is_refused(state, STR("/a%2Fb"));
	is_refused(state, STR("/a%5cb"));
	is_refused(state, STR("/a%5Cb"));
	is_refused(state, STR("/a%00"));
	is_refused(state, STR("/a\\b"));
	is_refused(state, STR("/a#b"));
	is_refused(state, STR("/a b"));
	is_refused(state, STR("/a\tb"));
	is_refused(state, STR("/a\x7f"));
	is_refused(state, STR("/a\0b"));
	is_refused(state, STR("/a?b"));
}

static void half_an_escape_is_refused(void **state)
{
	is_refused(state, STR("/%"));
	is_refused(state, STR("/%4"));
	is_refused(state, STR("/%4g"));
	is_refused(state, STR("/%2%35"));
	is_refused(state, STR("/%u0041"));
}

static void parameters_do_not_hide_dots(void **state)
{
	is_refused(state, STR("/a/..;/b"));
	is_refused(state, STR("/a/..;x=1/b"));
	is_refused(state, STR("/a/.;x"));
	is_refused(state, STR("/a/%2e%2e;x"));
	becomes(state, "/a/...;x", "/a/...;x");
	becomes(state, "/a/b..;x", "/a/b..;x");
}

static void a_path_begins_with_a_slash(void **state)
{
	is_refused(state, STR(""));
	is_refused(state, STR("a"));
	is_refused(state, STR("*"));
	is_refused(state, STR("%2fa"));
}

static void a_kept_slash_is_no_way_to_climb(void **state)
{
	struct parsed *p = *state;
	struct weir_str out;

	assert_int_equal(path_normalise(&p->arena, STR("/a%2fb"), true, &out), REASON_NONE);
	assert_str(out, "/a%2Fb");
	assert_int_equal(path_normalise(&p->arena, STR("/x/..%2fb"), true, &out), REASON_BAD_PATH);
	assert_int_equal(path_normalise(&p->arena, STR("/x/a%2f%2e%2e"), true, &out),
			 REASON_BAD_PATH);
	assert_int_equal(path_normalise(&p->arena, STR("/x%2f..%2fy"), true, &out),
			 REASON_BAD_PATH);
	assert_int_equal(path_normalise(&p->arena, STR("/x%2f..;a"), true, &out), REASON_BAD_PATH);
	assert_int_equal(path_normalise(&p->arena, STR("/x%2f..."), true, &out), REASON_NONE);
}

static void no_memory_is_not_a_bad_path(void **state)
{
	struct arena none;
	struct weir_str out;

	(void)state;
	arena_init(&none, NULL, 0);
	assert_int_equal(path_normalise(&none, STR("/%61"), false, &out), REASON_OUT_OF_MEMORY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		http_test(a_normal_path_stays_where_it_is),
		http_test(unreserved_escapes_are_decoded_and_others_upper_cased),
		http_test(raw_bytes_that_no_path_may_have_are_escaped),
		http_test(doubled_slashes_are_one),
		http_test(dot_segments_are_walked),
		http_test(dots_and_slashes_are_seen_through_escapes),
		http_test(climbing_above_the_root_is_refused),
		http_test(what_two_servers_read_differently_is_refused),
		http_test(half_an_escape_is_refused),
		http_test(parameters_do_not_hide_dots),
		http_test(a_path_begins_with_a_slash),
		http_test(a_kept_slash_is_no_way_to_climb),
		http_test(no_memory_is_not_a_bad_path),
	};

	return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
