/* bind_sort.c - table.sort, by merging: as few comparisons as can be, equal elements keep their
 * order, and no order function, however wrong, can make it run on. The comparator may wait. */
#include <limits.h>

#include "core/script/binds.h"
#include "core/script/spend.h"

enum { LIST = 1, BEFORE, HERE, THERE };	/* on the stack: the arguments and two private lists */
enum { COMPARE = 8 };

/* Must the element `b` of list `from` stand before its element `a`? */
static bool goes_before(lua_State *L, int from, lua_Integer b, lua_Integer a)
{
	bool before;

	script_spend(L, COMPARE);
	if (lua_isnil(L, BEFORE)) {
		lua_rawgeti(L, from, b);
		lua_rawgeti(L, from, a);
		before = lua_compare(L, -2, -1, LUA_OPLT);
		lua_pop(L, 2);
		return before;
	}
	lua_pushvalue(L, BEFORE);
	lua_rawgeti(L, from, b);
	lua_rawgeti(L, from, a);
	lua_call(L, 2, 1);
	before = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return before;
}

/* from[low..middle) and from[middle..high), each in order, to to[low..high). */
static void merge(lua_State *L, int from, int to, lua_Integer low, lua_Integer middle,
		  lua_Integer high)
{
	lua_Integer a = low, b = middle;

	for (lua_Integer i = low; i < high; i++) {
		bool second = a == middle || (b < high && goes_before(L, from, b, a));

		lua_rawgeti(L, from, second ? b++ : a++);
		lua_rawseti(L, to, i);
	}
	script_spend(L, (uint64_t)(high - low));
}

/* Gives the list that holds the result. */
static int merge_all(lua_State *L, lua_Integer end)
{
	int from = HERE, to = THERE;

	for (lua_Integer run = 1; run < end - 1; run *= 2) {
		for (lua_Integer low = 1; low < end; low += 2 * run) {
			lua_Integer middle = low + run < end ? low + run : end;
			lua_Integer high = low + 2 * run < end ? low + 2 * run : end;

			merge(L, from, to, low, middle, high);
		}
		from = to;
		to = HERE + THERE - from;
	}
	return from;
}

static int table_sort(lua_State *L)
{
	lua_Integer count;
	int sorted;

	luaL_checktype(L, LIST, LUA_TTABLE);
	count = luaL_len(L, LIST);
	luaL_argcheck(L, count < INT_MAX, LIST, "array too big");
	if (!lua_isnoneornil(L, BEFORE))
		luaL_checktype(L, BEFORE, LUA_TFUNCTION);
	if (count < 2)
		return 0;
	lua_settop(L, BEFORE);
	lua_newtable(L);
	lua_newtable(L);
	for (lua_Integer i = 1; i <= count; i++) {
		lua_geti(L, LIST, i);
		lua_rawseti(L, HERE, i);
		script_spend(L, COMPARE);
	}
	sorted = merge_all(L, count + 1);
	for (lua_Integer i = 1; i <= count; i++) {
		lua_rawgeti(L, sorted, i);
		lua_seti(L, LIST, i);
	}
	return 0;
}

const struct binding bindings_sort[] = {
	{ "sort", table_sort, "table.sort(list [, before])",
	  "Sorts in place; equal elements keep their order.", true, "0.1" },
	{ 0 }
};
