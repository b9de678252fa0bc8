/* test_mask.c - keeps credentials out of logs. */
#include "tests/test.h"

#include "core/telemetry/mask.h"

static struct weir_str query(const char *text)
{
	static char room[256];

	return mask_query(str_from(text), room, sizeof(room));
}

static struct weir_str url(const char *text)
{
	static char room[256];

	return mask_url(str_from(text), room, sizeof(room));
}

static void credentials_are_masked_and_nothing_else(void **state)
{
	(void)state;
	assert_str(query("access_token=eyJhbGciOi&x=1"), "access_token=***&x=1");
	assert_str(query("x=1&API_KEY=abc&y=2&sig=ff"), "x=1&API_KEY=***&y=2&sig=***");
	assert_str(query("password=a=b&z"), "password=***&z");
	assert_str(query("page=2&tokens=5&mykey=3"), "page=2&tokens=5&mykey=3");
}

static void odd_queries_stay_as_they_are(void **state)
{
	(void)state;
	assert_str(query(""), "");
	assert_str(query("&&=&token&token=&"), "&&=&token&token=&");
	assert_null(mask_query(STR_ABSENT, NULL, 0).data);
}

static void a_harmless_query_is_not_copied(void **state)
{
	struct weir_str q = STR("lang=en&page=7");
	char room[4];

	(void)state;
	assert_ptr_equal(mask_query(q, room, sizeof(room)).data, q.data);
}

static void what_does_not_fit_is_cut_and_never_unmasked(void **state)
{
	struct weir_str q = STR("a=1234567890&token=verysecret&b=1");

	(void)state;
	for (size_t size = 0; size < 40; size++) {
		char room[40];
		struct weir_str got = mask_query(q, room, size);

		assert_true(got.len <= size);
		assert_true(str_starts(STR("a=1234567890&token=***&b=1"), got));
	}
}

static void urls_are_masked_behind_the_question_mark(void **state)
{
	(void)state;
	assert_str(url("https://a.example/cb?code=4711&state=x"),
		   "https://a.example/cb?code=***&state=x");
	assert_str(url("https://a.example/key=1"), "https://a.example/key=1");
	assert_null(mask_url(STR_ABSENT, NULL, 0).data);
}

static void headers_with_credentials_are_known(void **state)
{
	(void)state;
	assert_true(mask_is_secret_header(STR("Authorization")));
	assert_true(mask_is_secret_header(STR("cookie")));
	assert_true(mask_is_secret_header(STR("SET-COOKIE")));
	assert_false(mask_is_secret_header(STR("user-agent")));
	assert_false(mask_is_secret_header(STR("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(credentials_are_masked_and_nothing_else),
		cmocka_unit_test(odd_queries_stay_as_they_are),
		cmocka_unit_test(a_harmless_query_is_not_copied),
		cmocka_unit_test(what_does_not_fit_is_cut_and_never_unmasked),
		cmocka_unit_test(urls_are_masked_behind_the_question_mark),
		cmocka_unit_test(headers_with_credentials_are_known),
	};

	return cmocka_run_group_tests_name("mask", tests, NULL, NULL);
}
