/* test_bind_time.c - clocks and dice are the host's. */
#include <weir/host.h>

#include "core/script/binds.h"
#include "tests/script/bare.h"
#include "tests/test.h"

static uint64_t wall_now = 784111777ull * 1000000000 + 250000000, dice_next;

static uint64_t fake_wall(void)
{
	return wall_now;
}

static uint64_t fake_now(void)
{
	return 1500000000;
}

static uint64_t fake_dice(void)
{
	return dice_next++;
}

static const struct weir_host fake = { .wall = fake_wall, .now = fake_now, .dice = fake_dice };

static void assert_gives(const char *chunk, const char *want)
{
	lua_State *L = bare_open();

	weir_host_slot = &fake;
	lua_getglobal(L, "weir");
	bind_time(L);
	assert_str(str_from(bare_run(L, chunk)), want);
	lua_close(L);
}

static void clocks_are_the_hosts(void **state)
{
	(void)state;
	assert_gives("return weir.time(), weir.now()", "784111777.25,1.5");
}

static void dates_are_those_of_http(void **state)
{
	(void)state;
	assert_gives("return weir.http_date()", "Sun, 06 Nov 1994 08:49:37 GMT");
	assert_gives("return weir.http_date(0)", "Thu, 01 Jan 1970 00:00:00 GMT");
	assert_gives("return weir.parse_http_date('Sun, 06 Nov 1994 08:49:37 GMT'), "
		     "weir.parse_http_date('yesterday')", "784111777,nil");
	assert_gives("return weir.http_date(-1)",
		     "error: bad argument #1 to 'http_date' (wanted seconds between the years 1970 and 9999)");
	assert_gives("return weir.http_date(0/0)",
		     "error: bad argument #1 to 'http_date' (wanted seconds between the years 1970 and 9999)");
}

static void dice_fall_between_both_ends(void **state)
{
	(void)state;
	dice_next = 0;
	assert_gives("return weir.random()", "0.0");
	dice_next = UINT64_MAX;
	assert_gives("return weir.random() < 1, math.random(1, 1)", "true,1");
	dice_next = 1000;
	assert_gives("local seen = {} for _ = 1, 12 do seen[weir.random(-1, 1)] = true end "
		     "return seen[-1], seen[0], seen[1], seen[2], seen[-2]", "true,true,true,nil,nil");
	assert_gives("return math.type(weir.random(math.mininteger, math.maxinteger))", "integer");
	assert_gives("return weir.random(2, 1)", "error: bad argument #2 to 'random' (interval is empty)");
	assert_gives("return weir.random(0)", "error: bad argument #1 to 'random' (interval is empty)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clocks_are_the_hosts),
		cmocka_unit_test(dates_are_those_of_http),
		cmocka_unit_test(dice_fall_between_both_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
