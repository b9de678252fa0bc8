/* test_bind_table.c - the library `table` says what Lua's says, and none of it runs on. */
#include <stdlib.h>

#include "tests/script/bare.h"
#include "tests/test.h"

#define LIST "local t = {3, 1, 2} "
#define SHOW " local o = {} for k = -2, 12 do if t[k] ~= nil then o[#o + 1] = k .. '=' .. tostring(t[k]) " \
	"end end return table.concat(o, ' ')"

#define PROXY "local t = setmetatable({}, {__index = function(_, k) return k < 4 and k * 2 or nil end, " \
	"__len = function() return 3 end}) "

static const char *const same[] = {
	LIST "table.insert(t, 9)" SHOW, LIST "table.insert(t, 1, 9)" SHOW, LIST "table.insert(t, 4, 9)" SHOW,
	LIST "table.insert(t, 5, 9)" SHOW, LIST "table.insert(t, 0, 9)" SHOW, LIST "table.insert(t)" SHOW,
	LIST "table.insert(t, 1, 2, 3)" SHOW, LIST "table.insert(t, 'x', 2)" SHOW, "table.insert(1, 2)",
	LIST "table.insert(t, 2, nil)" SHOW, LIST "return table.remove(t), #t",
	LIST "return table.remove(t, 1), t[1], t[2], t[3]", LIST "return table.remove(t, 4), #t",
	LIST "return table.remove(t, 5)", LIST "return table.remove(t, 0)",
	"return table.remove({}), table.remove({}, 0)", "local t = {[0] = 5} return table.remove(t, 0), t[0]",
	LIST "table.move(t, 1, 3, 2)" SHOW, LIST "table.move(t, 2, 3, 1)" SHOW,
	LIST "table.move(t, 1, 3, 5)" SHOW, LIST "table.move(t, 1, 0, 5)" SHOW,
	LIST "table.move(t, 1, 3, 1, t)" SHOW, LIST "t = table.move(t, 1, 3, 2, {7})" SHOW,
	LIST "table.move(t, math.mininteger, 1, 2)", LIST "table.move(t, 1, 3, math.maxinteger)",
	LIST "table.move(t, 1, 3)", LIST "table.move(t, 1, 3, 1, 5)",
	LIST "return table.concat(t)", LIST "return table.concat(t, ', ')", LIST "return table.concat(t, '-', 2)",
	LIST "return table.concat(t, '-', 2, 3)", LIST "return table.concat(t, '-', 3, 2)",
	LIST "return table.concat(t, '-', 2, 4)", "return table.concat({1, {}, 3})", "return table.concat({})",
	"return table.concat({1.5, 'a', 2}, 0)", "return table.concat(1)",
	"local m = math.maxinteger return table.concat({[m] = 'a', [m - 1] = 'b'}, ',', m - 1, m)",
	LIST "return table.unpack(t)", LIST "return table.unpack(t, 2)", LIST "return table.unpack(t, 2, 5)",
	LIST "return table.unpack(t, 3, 2)", LIST "return table.unpack(t, -1, 1)", "return table.unpack('abc')",
	"return table.unpack({}, 1, 1e8)", "return table.unpack({}, math.mininteger, math.maxinteger)",
	"return table.pack(1, nil, 3).n, table.pack().n", LIST "table.sort(t)" SHOW,
	LIST "table.sort(t, function(a, b) return a > b end)" SHOW, "local t = {'b', 'a', 'c'} table.sort(t)" SHOW,
	"local t = {1, 'a'} table.sort(t)" SHOW, "local t = {} table.sort(t)" SHOW, LIST "table.sort(t, 1)",
	"table.sort(1)", "table.sort('abc')", "local t = {5} table.sort(t)" SHOW,
	PROXY "return table.concat(t, ','), table.unpack(t)",
};

static bool is_error(const char *text)
{
	return strncmp(text, "error: ", 7) == 0;
}

static void every_function_says_what_luas_says(void **state)
{
	lua_State *ours = bare_open(), *real = bare_open_real();

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		char *want = strdup(bare_run(real, same[i]));
		const char *got = bare_run(ours, same[i]);

		assert_non_null(want);
		if (is_error(want) ? !is_error(got) : strcmp(got, want) != 0)
			fail_msg("%s\n  gives \"%s\"\n  and in Lua \"%s\"", same[i], got, want);
		free(want);
	}
	lua_close(ours);
	lua_close(real);
}

static void assert_gives(const char *chunk, const char *want)
{
	lua_State *L = bare_open();

	assert_str(str_from(bare_run(L, chunk)), want);
	lua_close(L);
}

static void sorting_is_right_for_every_length_and_stable(void **state)
{
	(void)state;
	assert_gives("local x = 7 for n = 0, 200 do local t = {} "
		     "for i = 1, n do x = (x * 1103515245 + 12345) % 2147483648 t[i] = x % 50 end "
		     "table.sort(t) for i = 2, n do assert(t[i - 1] <= t[i]) end assert(#t == n) end return 'ok'",
		     "ok");
	assert_gives("local t = {} for i = 1, 100 do t[i] = {i % 3, i} end "
		     "table.sort(t, function(a, b) return a[1] < b[1] end) "
		     "for i = 2, 100 do local a, b = t[i - 1], t[i] "
		     "assert(a[1] < b[1] or a[1] == b[1] and a[2] < b[2]) end return 'ok'", "ok");
}

static void a_wrong_order_function_ends_with_the_same_elements(void **state)
{
	(void)state;
	assert_gives("local t, sum = {}, 0 for i = 1, 500 do t[i] = i end "
		     "table.sort(t, function() return true end) for i = 1, 500 do sum = sum + t[i] end "
		     "return sum, #t", "125250,500");
	assert_gives("local t, n = {}, 0 for i = 1, 300 do t[i] = i end "
		     "table.sort(t, function(a, b) n = n + 1 return n % 3 == 0 end) local s = 0 "
		     "for i = 1, 300 do s = s + t[i] end return s", "45150");
}

static void an_error_in_the_order_function_leaves_the_list_as_it_was(void **state)
{
	(void)state;
	assert_gives("local t = {3, 2, 1} local ok = pcall(table.sort, t, function() error('x') end) "
		     "return ok, t[1], t[2], t[3]", "false,3,2,1");
}

static void assert_stopped(const char *chunk)
{
	lua_State *L = bare_open();

	bare_set_steps(1000000);
	assert_str(str_from(bare_run(L, chunk)), "error: out of steps");
	lua_close(L);
}

static void what_walks_without_end_is_stopped(void **state)
{
	(void)state;
	assert_stopped("table.move({}, 1, 1000000000, 2)");
	assert_stopped("table.move({}, 1, 1000000000, 2, {})");
	assert_stopped("local t = setmetatable({}, {__len = function() return 1 << 40 end}) table.insert(t, 1, 0)");
	assert_stopped("local t = setmetatable({}, {__len = function() return 1 << 40 end}) table.remove(t, 1)");
	assert_stopped("local t = setmetatable({}, {__len = function() return 1 << 30 end}) table.sort(t)");
	assert_stopped("local t = setmetatable({}, {__index = rawlen}) table.concat(t, '', 1, 1 << 40)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_function_says_what_luas_says),
		cmocka_unit_test(sorting_is_right_for_every_length_and_stable),
		cmocka_unit_test(a_wrong_order_function_ends_with_the_same_elements),
		cmocka_unit_test(an_error_in_the_order_function_leaves_the_list_as_it_was),
		cmocka_unit_test(what_walks_without_end_is_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
