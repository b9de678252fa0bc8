/* test_regex.c - regular expressions within limits. */
#include "core/base/regex.h"

#include <pthread.h>
#include <stdlib.h>

#include "tests/test.h"

static bool matches(const char *pattern, bool whole, struct weir_str subject)
{
	struct weir_error error = { "" };
	struct regex *re = regex_open(str_from(pattern), whole, &error);
	bool found;

	if (re == NULL)
		fail_msg("%s", error.text);
	found = regex_match(re, subject, NULL, 0);
	regex_close(re);
	return found;
}

static void a_whole_match_takes_every_byte(void **state)
{
	(void)state;
	assert_true(matches("/v[0-9]+", true, STR("/v12")));
	assert_false(matches("/v[0-9]+", true, STR("/v12/x")));
	assert_false(matches("/v[0-9]+", true, STR("x/v12")));
	assert_true(matches("a|ab", true, STR("ab")));
	assert_false(matches("a$", true, STR("a\n")));
	assert_true(matches("a.b", true, STR("a\0b")));
}

static void another_match_is_anywhere(void **state)
{
	(void)state;
	assert_true(matches("^2", false, STR("2.1")));
	assert_false(matches("^2", false, STR("12")));
	assert_true(matches("b+", false, STR("abbc")));
	assert_true(matches("", false, STR_ABSENT));
}

static void groups_are_slices_and_unused_ones_absent(void **state)
{
	struct regex *re = regex_open(STR("/(a)|/(?<code>b)()"), true, NULL);
	struct weir_str groups[6];

	(void)state;
	assert_int_equal(regex_group_count(re), 3);
	assert_str(regex_group_name(re, 2), "code");
	assert_true(regex_group_name(re, 1).data == NULL);
	assert_true(regex_match(re, STR("/b"), groups, 6));
	assert_str(groups[0], "/b");
	assert_true(groups[1].data == NULL);
	assert_str(groups[2], "b");
	assert_true(groups[3].data != NULL && groups[3].len == 0);
	assert_true(groups[4].data == NULL && groups[5].data == NULL);
	regex_close(re);
}

static void more_groups_than_room_still_match(void **state)
{
	struct regex *re = regex_open(STR("(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)(l)(m)(n)(o)(p)(q)(r)"),
				      true, NULL);
	struct weir_str groups[REGEX_GROUPS];

	(void)state;
	assert_true(regex_match(re, STR("abcdefghijklmnopqr"), groups, REGEX_GROUPS));
	assert_str(groups[15], "o");
	regex_close(re);
}

static void a_bomb_is_no_match(void **state)
{
	char subject[4000];

	(void)state;
	memset(subject, 'a', sizeof(subject));
	assert_false(matches("(a+)+b", true, str_of(subject, sizeof(subject))));
	assert_false(matches("(*NO_JIT)(a+)+b", true, str_of(subject, sizeof(subject))));
	assert_false(matches("(*NO_JIT)(?:(a)|b)*+c", true, str_of(subject, sizeof(subject))));
}

static void a_mistake_is_told_with_its_place(void **state)
{
	struct weir_error error = { "" };
	char long_one[5000];

	(void)state;
	assert_null(regex_open(STR("/a(b"), true, &error));
	assert_string_equal(error.text, "the regular expression \"/a(b\" is wrong at character 5: "
			    "missing closing parenthesis");
	error.text[0] = '\0';
	assert_null(regex_open(STR("(*UTF)a"), true, &error));
	assert_true(error.text[0] != '\0');
	memset(long_one, 'a', sizeof(long_one));
	error.text[0] = '\0';
	assert_null(regex_open(str_of(long_one, sizeof(long_one)), true, &error));
	assert_non_null(strstr(error.text, "at most 4096"));
	regex_close(NULL);
}

static void *match_often(void *re)
{
	bool all = true;

	for (int i = 0; i < 1000; i++) {
		struct weir_str group[2];

		all = all && regex_match(re, STR("/x/123"), group, 2) && group[1].len == 3;
	}
	return all ? re : NULL;
}

static void threads_share_one_expression(void **state)
{
	struct regex *re = regex_open(STR("/x/([0-9]+)"), true, NULL);
	pthread_t threads[3];

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, match_often, re), 0);
	for (int i = 0; i < 3; i++) {
		void *fine = NULL;

		pthread_join(threads[i], &fine);
		assert_ptr_equal(fine, re);
	}
	regex_close(re);
}

static bool count_down(void *arg)
{
	int *left = arg;

	return (*left)-- <= 0;
}

static void a_search_goes_on_behind_a_match(void **state)
{
	struct regex *re = regex_open_watched(STR("(?<=a)b*"), NULL);
	struct regex_search search = { .subject = STR("abbab"), .from = 1 };
	struct weir_str groups[1];

	(void)state;
	assert_int_equal(regex_search(re, &search, groups, 1), REGEX_FOUND);
	assert_str(groups[0], "bb");
	search.from = 3;
	assert_int_equal(regex_search(re, &search, groups, 1), REGEX_FOUND);
	assert_ptr_equal(groups[0].data, search.subject.data + 4);
	search.from = 5;
	assert_int_equal(regex_search(re, &search, groups, 1), REGEX_NONE);
	assert_true(regex_size(re) > 0);
	regex_close(re);
}

static void an_empty_match_at_the_start_may_be_excluded(void **state)
{
	struct regex *re = regex_open_watched(STR("x*"), NULL);
	struct regex_search search = { .subject = STR("ab"), .not_empty = true };
	struct weir_str groups[1];

	(void)state;
	assert_int_equal(regex_search(re, &search, groups, 1), REGEX_FOUND);
	assert_ptr_equal(groups[0].data, search.subject.data + 1);
	regex_close(re);
}

static void a_search_that_is_stopped_is_not_one_that_found_nothing(void **state)
{
	struct regex *re = regex_open_watched(STR("[^y]*[xz]"), NULL);
	static char subject[100000];
	int left = 1000;
	struct regex_search search = { .subject = str_of(subject, sizeof(subject)),
				       .stop = count_down, .arg = &left };

	(void)state;
	memset(subject, 'a', sizeof(subject));
	assert_int_equal(regex_search(re, &search, NULL, 0), REGEX_TOO_LONG);
	regex_close(re);
	re = regex_open_watched(STR("(a*)*[bd]"), NULL);
	search = (struct regex_search){ .subject = str_of(subject, 3000) };
	subject[2999] = 'c';
	assert_int_equal(regex_search(re, &search, NULL, 0), REGEX_TOO_LONG);
	regex_close(re);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_match_takes_every_byte),
		cmocka_unit_test(another_match_is_anywhere),
		cmocka_unit_test(groups_are_slices_and_unused_ones_absent),
		cmocka_unit_test(more_groups_than_room_still_match),
		cmocka_unit_test(a_bomb_is_no_match),
		cmocka_unit_test(a_mistake_is_told_with_its_place),
		cmocka_unit_test(threads_share_one_expression),
		cmocka_unit_test(a_search_goes_on_behind_a_match),
		cmocka_unit_test(an_empty_match_at_the_start_may_be_excluded),
		cmocka_unit_test(a_search_that_is_stopped_is_not_one_that_found_nothing),
	};

	return cmocka_run_group_tests_name("regex", tests, NULL, NULL);
}
