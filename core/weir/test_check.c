/* test_check.c - what tests insist on: t:equal, t:match, t:ok, t:fail, t:skip. */
#include <string.h>

#include "core/base/buffer.h"
#include "core/weir/test.h"

enum { NEAR = 24 };

/* Where two texts part, for those that are long or have several lines. */
static void point_out(lua_State *L, struct buffer *out)
{
	size_t a_len, b_len, at = 0, from, line = 1;
	const char *a = lua_tolstring(L, 2, &a_len), *b = lua_tolstring(L, 3, &b_len);

	while (at < a_len && at < b_len && a[at] == b[at])
		line += a[at++] == '\n';
	if (a_len < 40 && b_len < 40 && line == 1)
		return;
	from = at > NEAR ? at - NEAR : 0;
	(void)buffer_print(out, "\n   first difference at byte %zu, line %zu: ", at + 1, line);
	lua_pushlstring(L, a + from, a_len - from < 2 * NEAR ? a_len - from : 2 * NEAR);
	test_value_show(L, -1, out);
	(void)buffer_print(out, " instead of ");
	lua_pushlstring(L, b + from, b_len - from < 2 * NEAR ? b_len - from : 2 * NEAR);
	test_value_show(L, -1, out);
	lua_pop(L, 2);
}

static int differ(lua_State *L, const struct buffer *where)
{
	struct buffer *out = test_buffer(L);
	struct weir_str part = buffer_str(where);

	if (lua_isstring(L, 4))
		(void)buffer_print(out, "%s: ", lua_tostring(L, 4));
	(void)buffer_print(out, "not equal%s%.*s\n      got: ", part.len > 0 ? ", first at " : "",
			   STR_ARG(part));
	test_value_show(L, 2, out);
	(void)buffer_print(out, "\n   wanted: ");
	test_value_show(L, 3, out);
	if (lua_type(L, 2) == LUA_TSTRING && lua_type(L, 3) == LUA_TSTRING)
		point_out(L, out);
	return test_fail(L, "%.*s", STR_ARG(buffer_str(out)));
}

/* t:equal(got, wanted [, what]) */
static int check_equal(lua_State *L)
{
	struct buffer *where;

	lua_settop(L, 4);
	where = test_buffer(L);
	return test_value_equal(L, 2, 3, where) ? 0 : differ(L, where);
}

static int say_value(lua_State *L, int at, const char *before)
{
	struct buffer *out = test_buffer(L);

	test_value_show(L, at, out);
	return test_fail(L, "%s%.*s", before, STR_ARG(buffer_str(out)));
}

/* t:not_equal(got, unwanted) */
static int check_not_equal(lua_State *L)
{
	lua_settop(L, 3);
	if (!test_value_equal(L, 2, 3, test_buffer(L)))
		return 0;
	return say_value(L, 2, "they are equal, and should not be: ");
}

/* t:ok(value [, what]) */
static int check_ok(lua_State *L)
{
	lua_settop(L, 3);
	if (lua_toboolean(L, 2))
		return 0;
	return test_fail(L, "%s: is %s", luaL_optstring(L, 3, "should be true"),
			 luaL_tolstring(L, 2, NULL));
}

/* t:match(text, pattern) -> captures */
static int check_match(lua_State *L)
{
	const char *pattern = luaL_checkstring(L, 3);

	lua_settop(L, 3);
	if (lua_type(L, 2) != LUA_TSTRING)
		return say_value(L, 2, "t:match wants a text, and got ");
	(void)lua_getglobal(L, "string");
	(void)lua_getfield(L, -1, "match");
	lua_replace(L, 4);
	lua_pushvalue(L, 2);
	lua_pushvalue(L, 3);
	lua_call(L, 2, LUA_MULTRET);
	if (!lua_isnil(L, 4))
		return lua_gettop(L) - 3;
	lua_settop(L, 3);
	(void)lua_pushfstring(L, "no match for the pattern \"%s\" in ", pattern);
	return say_value(L, 2, lua_tostring(L, -1));
}

/* t:fail(why) */
static int check_fail(lua_State *L)
{
	return test_fail(L, "%s", luaL_optstring(L, 2, "the test says so"));
}

/* t:skip(why): ends the test. */
static int check_skip(lua_State *L)
{
	lua_pushlightuserdata(L, (void *)(uintptr_t)test_checks);
	lua_pushvalue(L, 2);
	lua_setfield(L, LUA_REGISTRYINDEX, "weir.test.skipped");
	return lua_error(L);
}

const luaL_Reg test_checks[] = {
	{ "equal", check_equal },
	{ "not_equal", check_not_equal },
	{ "ok", check_ok },
	{ "match", check_match },
	{ "fail", check_fail },
	{ "skip", check_skip },
	{ NULL, NULL }
};
