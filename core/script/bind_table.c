/* bind_table.c - the library `table`. A table may have metamethods, and those may wait; its length
 * may be a lie, so what walks over it charges the script for each step. */
#include <limits.h>
#include <lualib.h>

#include "core/script/binds.h"
#include "core/script/spend.h"

enum { STEP = 4 };	/* what moving one element costs */

/* A table, or what behaves like one. */
static void check_list(lua_State *L, int arg)
{
	static const char *const needed[] = { "__index", "__newindex", "__len" };
	bool good = lua_type(L, arg) == LUA_TTABLE;

	for (int i = 0; !good && i < 3; i++) {
		if (luaL_getmetafield(L, arg, needed[i]) == LUA_TNIL)
			luaL_checktype(L, arg, LUA_TTABLE);
		lua_pop(L, 1);
		good = i == 2;
	}
}

static lua_Integer length_of(lua_State *L, int arg)
{
	check_list(L, arg);
	return luaL_len(L, arg);
}

/* to[at_to] = from[at_from] */
static void move_one(lua_State *L, int from, lua_Integer at_from, int to, lua_Integer at_to)
{
	lua_geti(L, from, at_from);
	lua_seti(L, to, at_to);
	script_spend(L, STEP);
}

static int table_insert(lua_State *L)
{
	lua_Integer end = (lua_Integer)((lua_Unsigned)length_of(L, 1) + 1), at = end;

	if (lua_gettop(L) == 3) {
		at = luaL_checkinteger(L, 2);
		luaL_argcheck(L, (lua_Unsigned)at - 1 < (lua_Unsigned)end, 2,
			      "position out of bounds");
		for (lua_Integer i = end; i > at; i--)
			move_one(L, 1, i - 1, 1, i);
	} else if (lua_gettop(L) != 2) {
		return luaL_error(L, "wrong number of arguments to 'insert'");
	}
	lua_seti(L, 1, at);
	return 0;
}

static int table_remove(lua_State *L)
{
	lua_Integer length = length_of(L, 1), at = luaL_optinteger(L, 2, length);

	if (lua_gettop(L) >= 2)
		luaL_argcheck(L, at == length || (lua_Unsigned)at - 1 <= (lua_Unsigned)length, 2,
			      "position out of bounds");
	lua_geti(L, 1, at);
	for (; at < length; at++)
		move_one(L, 1, at + 1, 1, at);
	lua_pushnil(L);
	lua_seti(L, 1, at);
	return 1;
}

static int table_move(lua_State *L)
{
	lua_Integer first = luaL_checkinteger(L, 2), last = luaL_checkinteger(L, 3);
	lua_Integer to = luaL_checkinteger(L, 4), count;
	int target = lua_isnoneornil(L, 5) ? 1 : 5;

	check_list(L, 1);
	check_list(L, target);
	if (last >= first) {
		luaL_argcheck(L, first > 0 || last < LUA_MAXINTEGER + first, 3,
			      "too many elements to move");
		count = last - first + 1;
		luaL_argcheck(L, to <= LUA_MAXINTEGER - count + 1, 4, "destination wrap around");
		if (to > last || to <= first || !lua_compare(L, 1, target, LUA_OPEQ)) {
			for (lua_Integer i = 0; i < count; i++)
				move_one(L, 1, first + i, target, to + i);
		} else {
			for (lua_Integer i = count - 1; i >= 0; i--)
				move_one(L, 1, first + i, target, to + i);
		}
	}
	lua_pushvalue(L, target);
	return 1;
}

static void add_field(lua_State *L, luaL_Buffer *b, lua_Integer i)
{
	size_t len;

	lua_geti(L, 1, i);
	if (!lua_isstring(L, -1))
		luaL_error(L, "invalid value (at index %I) in table for 'concat'", (LUAI_UACINT)i);
	(void)lua_tolstring(L, -1, &len);
	luaL_addvalue(b);
	script_spend(L, STEP + len / 32);
}

static int table_concat(lua_State *L)
{
	lua_Integer length = length_of(L, 1);
	size_t between_len;
	const char *between = luaL_optlstring(L, 2, "", &between_len);
	lua_Integer first = luaL_optinteger(L, 3, 1), last = luaL_optinteger(L, 4, length);
	luaL_Buffer b;

	luaL_buffinit(L, &b);
	for (lua_Integer i = first; i <= last; i++) {
		add_field(L, &b, i);
		if (i == last)	/* which may be the greatest integer */
			break;
		luaL_addlstring(&b, between, between_len);
	}
	luaL_pushresult(&b);
	return 1;
}

static int table_unpack(lua_State *L)
{
	lua_Integer first = luaL_optinteger(L, 2, 1);
	lua_Integer last = lua_isnoneornil(L, 3) ? luaL_len(L, 1) : luaL_checkinteger(L, 3);
	lua_Unsigned count;

	if (first > last)
		return 0;
	count = (lua_Unsigned)last - (lua_Unsigned)first;
	if (count >= (lua_Unsigned)INT_MAX || !lua_checkstack(L, (int)++count))
		return luaL_error(L, "too many results to unpack");
	for (lua_Unsigned i = 0; i < count; i++) {
		lua_geti(L, 1, (lua_Integer)((lua_Unsigned)first + i));
		script_spend(L, 1);
	}
	return (int)count;
}

static int table_pack(lua_State *L)
{
	int count = lua_gettop(L);

	lua_createtable(L, count, 1);
	lua_insert(L, 1);
	for (int i = count; i >= 1; i--)
		lua_rawseti(L, 1, i);
	lua_pushinteger(L, count);
	lua_setfield(L, 1, "n");
	script_spend(L, (uint64_t)count);
	return 1;
}

void open_table(lua_State *L)
{
	lua_newtable(L);
	bindings_add(L, bindings_table);
	bindings_add(L, bindings_sort);
}

const struct binding bindings_table[] = {
	{ "concat", table_concat, "table.concat(list [, between [, first [, last]]]) -> string",
	  "Joins strings and numbers.", true, "0.1" },
	{ "insert", table_insert, "table.insert(list, [at,] value)",
	  "Inserts a value, at the end when no place is given.", true, "0.1" },
	{ "move", table_move, "table.move(from, first, last, at [, to]) -> table",
	  "Copies elements within a list or to another.", true, "0.1" },
	{ "pack", table_pack, "table.pack(...) -> table",
	  "Makes a list of its arguments, with their number as `n`.", false, "0.1" },
	{ "remove", table_remove, "table.remove(list [, at]) -> value",
	  "Takes an element out, the last one when no place is given.", true, "0.1" },
	{ "unpack", table_unpack, "table.unpack(list [, first [, last]]) -> values...",
	  "Gives the elements one by one.", true, "0.1" },
	{ 0 }
};
