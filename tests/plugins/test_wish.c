/* test_wish.c - what a request asks the policy `fault` to do to it. */
#include "tests/test.h"

#include "plugins/fault/wish.h"

static struct wish wish;

static bool reads(const char *text)
{
	return wish_read(weir_str_from(text), &wish);
}

static void a_delay_an_abort_or_both(void **state)
{
	(void)state;
	assert_true(reads("delay=200ms"));
	assert_int_equal(wish.delay, 200000000);
	assert_int_equal(wish.abort, 0);
	assert_true(reads("abort=503"));
	assert_int_equal(wish.delay, 0);
	assert_int_equal(wish.abort, 503);
	assert_true(reads(" abort=429 ,; delay=3s"));
	assert_int_equal(wish.delay, 3000000000);
	assert_int_equal(wish.abort, 429);
}

static void none_is_an_answer_too(void **state)
{
	(void)state;
	assert_true(reads("none"));
	assert_int_equal(wish.delay + wish.abort, 0);
}

static void anything_else_asks_for_nothing(void **state)
{
	static const char *const bad[] = {
		"", " ,", "delay", "delay=", "delay=5", "delay=ms", "delay=-1s", "delay=1m",
		"abort=200", "abort=600", "abort=5033", "abort=50x", "abort=", "explode",
		"abort=503 explode", "delay=9999999999s",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (reads(bad[i]))
			fail_msg("\"%s\" was taken", bad[i]);
		assert_int_equal(wish.delay + wish.abort, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_delay_an_abort_or_both),
		cmocka_unit_test(none_is_an_answer_too),
		cmocka_unit_test(anything_else_asks_for_nothing),
	};

	return cmocka_run_group_tests_name("wish", tests, NULL, NULL);
}
