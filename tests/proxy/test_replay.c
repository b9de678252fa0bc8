/* test_replay.c - what has passed is kept while it fits. */
#include "core/proxy/replay.h"
#include "tests/test.h"

static void what_fits_is_kept(void **state)
{
	struct replay r;

	(void)state;
	replay_init(&r, true, 8);
	replay_keep(&r, STR("half"));
	replay_keep(&r, STR(""));
	replay_keep(&r, STR("half"));

	assert_true(replay_whole(&r));
	assert_str(buffer_str(&r.kept), "halfhalf");
	replay_fini(&r);
}

static void over_the_bound_all_is_let_go_and_nothing_kept_again(void **state)
{
	struct replay r;

	(void)state;
	replay_init(&r, true, 8);
	replay_keep(&r, STR("half"));
	replay_keep(&r, STR("halfx"));
	replay_keep(&r, STR("x"));

	assert_false(replay_whole(&r));
	assert_int_equal(buffer_len(&r.kept), 0);
	replay_fini(&r);
}

static void what_nobody_wants_is_not_kept(void **state)
{
	struct replay r;

	(void)state;
	replay_init(&r, false, 8);
	replay_keep(&r, STR("half"));

	assert_false(replay_whole(&r));
	assert_int_equal(buffer_len(&r.kept), 0);
	replay_fini(&r);
}

static void nothing_is_whole(void **state)
{
	struct replay r;

	(void)state;
	replay_init(&r, true, 0);
	assert_true(replay_whole(&r));
	replay_keep(&r, STR("x"));

	assert_false(replay_whole(&r));
	replay_fini(&r);
	replay_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_is_kept),
		cmocka_unit_test(over_the_bound_all_is_let_go_and_nothing_kept_again),
		cmocka_unit_test(what_nobody_wants_is_not_kept),
		cmocka_unit_test(nothing_is_whole),
	};

	return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
