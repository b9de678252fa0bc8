/* test_url.c - absolute URLs, taken apart. */
#include "tests/test.h"

#include "core/http/url.h"

static int begin(void **state)
{
	static struct arena arena;

	arena_init(&arena, NULL, 1 << 16);
	*state = &arena;
	return 0;
}

static int end(void **state)
{
	arena_reset(*state);
	return 0;
}

static struct url read_it(void **state, const char *text)
{
	struct url u;

	if (!url_read(*state, str_from(text), &u))
		fail_msg("\"%s\" was not taken", text);
	return u;
}

static void a_url_has_its_parts(void **state)
{
	struct url u = read_it(state, "https://A.example:8443/p/q?x=1&y#here");

	assert_true(u.secure);
	assert_str(u.authority, "a.example:8443");
	assert_str(u.host, "a.example");
	assert_int_equal(u.port, 8443);
	assert_str(u.target, "/p/q?x=1&y");
	assert_str(u.path, "/p/q");
	assert_str(u.query, "x=1&y");
}

static void a_scheme_has_a_port_and_no_case(void **state)
{
	assert_int_equal(read_it(state, "HTTP://a").port, 80);
	assert_int_equal(read_it(state, "hTTps://a").port, 443);
	assert_str(read_it(state, "https://a").authority, "a");
}

static void there_is_always_a_path(void **state)
{
	assert_str(read_it(state, "http://a").target, "/");
	assert_null(read_it(state, "http://a").query.data);
	assert_str(read_it(state, "http://a#b").target, "/");
	assert_str(read_it(state, "http://a?x=/y").target, "/?x=/y");
	assert_str(read_it(state, "http://a?x=/y").query, "x=/y");
	assert_str(read_it(state, "http://a/?").target, "/?");
	assert_int_equal(read_it(state, "http://a/?").query.len, 0);
}

static void an_address_may_stand_for_a_name(void **state)
{
	struct url u = read_it(state, "http://[::1]:81/x");

	assert_str(u.host, "[::1]");
	assert_int_equal(u.port, 81);
	assert_str(read_it(state, "http://127.0.0.1/x").host, "127.0.0.1");
}

static void anything_else_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "a", "/x", "ftp://a/", "http:/a", "http:a", "http://", "http:///x", "https://?x",
		"http://a:0/", "http://a:65536/", "http://a b/", "http://[::1/", "http://a%41/",
		"http://me:secret@a/", "http://me@a/", "http://a\\b/",
	};
	struct url u;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (url_read(*state, str_from(bad[i]), &u))
			fail_msg("\"%s\" was taken", bad[i]);
}

static void what_does_not_fit_is_refused(void **state)
{
	struct arena tiny;
	struct url u;

	(void)state;
	arena_init(&tiny, NULL, 1);
	assert_false(url_read(&tiny, STR("http://a?x"), &u));
	arena_reset(&tiny);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_url_has_its_parts),
		TEST(a_scheme_has_a_port_and_no_case),
		TEST(there_is_always_a_path),
		TEST(an_address_may_stand_for_a_name),
		TEST(anything_else_is_refused),
		TEST(what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests_name("url", tests, NULL, NULL);
}
