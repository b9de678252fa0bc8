/* test_pattern.c - what a route says about the path. */
#include "core/route/pattern.h"

#include "core/route/table.h"
#include "tests/test.h"

static bool takes(const char *pattern, bool is_regex, const char *path, struct route_found *found)
{
	struct weir_error error = { "" };
	struct arena arena;
	struct pattern *p;
	bool taken;

	arena_init(&arena, NULL, 65536);
	p = pattern_open(&arena, str_from(pattern), is_regex, &error);
	if (p == NULL)
		fail_msg("%s", error.text);
	taken = pattern_match(p, str_from(path), found);
	pattern_close(p);
	arena_reset(&arena);
	return taken;
}

static void refused(const char *pattern, bool is_regex, const char *sentence)
{
	struct weir_error error = { "" };
	struct arena arena;

	arena_init(&arena, NULL, 1024 * 1024);
	if (pattern_open(&arena, str_from(pattern), is_regex, &error) != NULL)
		fail_msg("taken: %s", pattern);
	if (sentence != NULL)
		assert_string_equal(error.text, sentence);
	assert_true(error.text[0] != '\0');
	arena_reset(&arena);
}

static void segments_are_compared_one_by_one(void **state)
{
	(void)state;
	assert_true(takes("/", false, "/", NULL));
	assert_true(takes("/a/b", false, "/a/b", NULL));
	assert_false(takes("/a/b", false, "/a", NULL));
	assert_false(takes("/a/b", false, "/a/b/c", NULL));
	assert_false(takes("/a/b", false, "/a/bb", NULL));
	assert_false(takes("/a", false, "/", NULL));
	assert_true(takes("/a/", false, "/a/", NULL));
	assert_false(takes("/a/", false, "/a", NULL));
}

static void a_name_takes_one_segment_that_is_not_empty(void **state)
{
	(void)state;
	assert_true(takes("/a/{x}/c", false, "/a/anything/c", NULL));
	assert_false(takes("/a/{x}", false, "/a/", NULL));
	assert_false(takes("/a/{x}", false, "/a/b/c", NULL));
	assert_true(takes("/{x}/", false, "/a/", NULL));
}

static void a_star_takes_its_own_path_and_all_below(void **state)
{
	(void)state;
	assert_true(takes("/a/*", false, "/a", NULL));
	assert_true(takes("/a/*", false, "/a/", NULL));
	assert_true(takes("/a/*", false, "/a/b/c", NULL));
	assert_false(takes("/a/*", false, "/ab", NULL));
	assert_true(takes("/*", false, "/", NULL));
	assert_true(takes("/{x}/*", false, "/a", NULL));
	assert_false(takes("/{x}/*", false, "/", NULL));
}

static void only_a_pattern_not_written_takes_what_is_no_path(void **state)
{
	(void)state;
	assert_true(takes(NULL, false, "*", NULL));
	assert_true(takes(NULL, false, "/a", NULL));
	assert_false(takes("/*", false, "*", NULL));
	assert_false(takes(".*", true, "*", NULL));
}

static void a_regular_expression_takes_the_whole_path(void **state)
{
	(void)state;
	assert_true(takes("/v[0-9]+/.*", true, "/v12/x/y", NULL));
	assert_false(takes("/v[0-9]+", true, "/v12/x", NULL));
	assert_false(takes("v[0-9]+", true, "/v12", NULL));
}

static void fifteen_names_and_the_rest_are_captured(void **state)
{
	struct route_found found = { .capture_count = 0 };

	(void)state;
	assert_true(takes("/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}/{o}/*", false,
			  "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", &found));
	assert_int_equal(found.capture_count, 16);
	assert_str(found.captures[14].value, "15");
	assert_str(found.captures[15].value, "16/17");
	refused("/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}/{o}/{p}", false,
		"path \"/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}/{o}/{p}\": too many "
		"names; 15 can be captured");
}

static bool captures(const char *pattern, bool is_regex, const char *name)
{
	struct weir_error error = { "" };
	struct arena arena;
	struct pattern *p;
	bool has;

	arena_init(&arena, NULL, 65536);
	p = pattern_open(&arena, weir_str_from(pattern), is_regex, &error);
	assert_non_null(p);
	has = pattern_captures(p, str_from(name));
	pattern_close(p);
	arena_reset(&arena);
	return has;
}

static void what_it_captures_is_known_beforehand(void **state)
{
	(void)state;
	assert_true(captures("/t/{code}/*", false, "code"));
	assert_true(captures("/t/{code}/*", false, "*"));
	assert_false(captures("/t/{code}/*", false, "t"));
	assert_false(captures("/t/{code}/*", false, "1"));
	assert_false(captures("/t/{code}", false, "*"));
	assert_false(captures(NULL, false, "*"));
	assert_true(captures("/(a)/(?<word>b)", true, "1"));
	assert_true(captures("/(a)/(?<word>b)", true, "2"));
	assert_true(captures("/(a)/(?<word>b)", true, "word"));
	assert_false(captures("/(a)/(?<word>b)", true, "0"));
	assert_false(captures("/(a)/(?<word>b)", true, "3"));
	assert_false(captures("/(a)/(?<word>b)", true, "*"));
}

static void odd_patterns_are_refused(void **state)
{
	(void)state;
	refused("", false, "path \"\": a path begins with /");
	refused("a", false, "path \"a\": a path begins with /");
	refused("/a//b", false, "path \"/a//b\": two slashes in a row; requests come with one");
	refused("/a/*/b", false, NULL);
	refused("/a*", false, NULL);
	refused("/{x}y", false, "path \"/{x}y\": {name} stands for a whole segment, as in "
				"/tariff/{code}");
	refused("/{}", false, NULL);
	refused("/{1}", false, NULL);
	refused("/{a b}", false, NULL);
	refused("/{a.b}", false, NULL);
	refused("/{x}/{x}", false, "path \"/{x}/{x}\": two segments have the same name");
	refused("/a b", false, NULL);
	refused("/a?b", false, NULL);
	refused("/a#b", false, NULL);
	refused("/a%", false, NULL);
	refused("/..", false, NULL);
	refused("/a/./b", false, NULL);
	refused("/%2e%2e/b", false, NULL);
	refused("/a%00", false, NULL);
	refused("/(", true, NULL);
	refused("/()()()()()()()()()()()()()()()()", true, NULL);
}

static void more_than_64_segments_are_refused(void **state)
{
	char path[200];

	(void)state;
	for (size_t i = 0; i < 64; i++)
		memcpy(path + 2 * i, "/a", 3);
	assert_true(takes(path, false, path, NULL));
	strcat(path, "/a");
	refused(path, false, NULL);
}

static void leads(const char *re, const char *want)
{
	char out[256];
	size_t len = regex_leading_segments(str_from(re), out);

	if (!str_eq(str_of(out, len), str_from(want)))
		fail_msg("%s plainly begins with %s? got %.*s", re, want, (int)len, out);
}

static void what_a_regex_plainly_begins_with_ends_at_a_slash(void **state)
{
	(void)state;
	leads("/api/v1/.*", "/api/v1/");
	leads("^/api/v1/.*", "/api/v1/");
	leads("/api/v[0-9]+/x", "/api/");
	leads("/a\\.b/\\-c/x", "/a.b/-c/");
	leads("/api/(v1|v2)/x", "/api/");
	leads("/api/a+/x", "/api/");
	leads("/a/b", "/a/");
	leads("/", "/");
	leads(".*", "");
	leads("", "");
}

static void what_may_be_left_out_does_not_lead(void **state)
{
	(void)state;
	leads("/a/?", "/");
	leads("/a/b/?x", "/a/");
	leads("/a/*x", "/");
	leads("/a/{0,1}x", "/");
	leads("/a/b/{0}x", "/a/");
	leads("/a/+x", "/a/");
}

static void a_choice_leads_nowhere(void **state)
{
	(void)state;
	leads("/a/x|/b/x", "");
	leads("/a/(x)|/b/x", "");
	leads("/a/\\(|/b/x", "");
	leads("/a/[(]|/b", "");
	leads("/a/\\Q(\\E|/b", "");
	leads("/a/(?#()|/b", "");
	leads("/a/(?x)#(\n|/b", "");
	leads("/a/[|]x", "");	/* a bar in a class is not told from others */
	leads("/a/(?:x|y)", "/a/");
	leads("/a/\\|x", "/a/");
}

static void what_is_not_plain_stops_it(void **state)
{
	(void)state;
	leads("/a/(?i)b/c", "/a/");
	leads("(?i)/a/b", "");
	leads("/a/\\d/b", "/a/");
	leads("/a/\\x2f/b", "/a/");
	leads("/a/\\Qb/c\\E", "/a/");
	leads("/a//b/", "/a/");
	leads("a/b/", "");
	leads("/a/#/b/", "/a/");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(segments_are_compared_one_by_one),
		cmocka_unit_test(a_name_takes_one_segment_that_is_not_empty),
		cmocka_unit_test(a_star_takes_its_own_path_and_all_below),
		cmocka_unit_test(only_a_pattern_not_written_takes_what_is_no_path),
		cmocka_unit_test(a_regular_expression_takes_the_whole_path),
		cmocka_unit_test(fifteen_names_and_the_rest_are_captured),
		cmocka_unit_test(what_it_captures_is_known_beforehand),
		cmocka_unit_test(odd_patterns_are_refused),
		cmocka_unit_test(more_than_64_segments_are_refused),
		cmocka_unit_test(what_a_regex_plainly_begins_with_ends_at_a_slash),
		cmocka_unit_test(what_may_be_left_out_does_not_lead),
		cmocka_unit_test(a_choice_leads_nowhere),
		cmocka_unit_test(what_is_not_plain_stops_it),
	};

	return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
