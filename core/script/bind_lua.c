/* bind_lua.c - the libraries of Lua whose work is bounded by their arguments: utf8 and math. */
#include <lualib.h>

#include "core/script/binds.h"

static void open_own(lua_State *L, lua_CFunction open)
{
	lua_pushcfunction(L, open);
	lua_call(L, 0, 1);
}

void open_utf8(lua_State *L)
{
	open_own(L, luaopen_utf8);
}

/* The dice are the host's: Lua's own have a state that all scripts would share, and could set. */
void open_math(lua_State *L)
{
	open_own(L, luaopen_math);
	lua_pushnil(L);
	lua_setfield(L, -2, "randomseed");
	bindings_add(L, bindings_math);
}

const struct binding bindings_utf8[] = {
	{ "char", NULL, "utf8.char(code points...) -> string", "Makes a string of code points.", false,
	  "0.1" },
	{ "charpattern", NULL, "utf8.charpattern", "The pattern of one character.", false, "0.1" },
	{ "codepoint", NULL, "utf8.codepoint(s [, first [, last [, lax]]]) -> integers...",
	  "Gives the code points of the characters that begin in a part of a string.", false, "0.1" },
	{ "codes", NULL, "utf8.codes(s [, lax]) -> iterator",
	  "Goes over all characters: `for at, code in utf8.codes(s) do`.", false, "0.1" },
	{ "len", NULL, "utf8.len(s [, first [, last [, lax]]]) -> integer",
	  "Counts characters; nil and the place of the first byte that is wrong.", false, "0.1" },
	{ "offset", NULL, "utf8.offset(s, n [, from]) -> integer",
	  "Says at which byte the n-th character begins.", false, "0.1" },
	{ 0 }
};

#define MATH(name, arguments, about) \
	{ #name, NULL, "math." #name arguments, about, false, "0.1" }

const struct binding bindings_math[] = {
	MATH(abs, "(x)", "The value without its sign."),
	MATH(acos, "(x)", "The arc cosine, in radians."),
	MATH(asin, "(x)", "The arc sine, in radians."),
	MATH(atan, "(y [, x])", "The arc tangent of y/x, in radians."),
	MATH(ceil, "(x)", "The smallest integer that is not below x."),
	MATH(cos, "(x)", "The cosine of an angle in radians."),
	MATH(deg, "(x)", "Radians to degrees."),
	MATH(exp, "(x)", "e to the power of x."),
	MATH(floor, "(x)", "The greatest integer that is not above x."),
	MATH(fmod, "(x, y)", "The rest of a division rounded towards zero."),
	MATH(huge, "", "More than any other number."),
	MATH(log, "(x [, base])", "The logarithm; the natural one when no base is given."),
	MATH(max, "(x, ...)", "The greatest."),
	MATH(maxinteger, "", "The greatest integer."),
	MATH(min, "(x, ...)", "The smallest."),
	MATH(mininteger, "", "The smallest integer."),
	MATH(modf, "(x)", "The whole part and the rest."),
	MATH(pi, "", "The circle's number."),
	MATH(rad, "(x)", "Degrees to radians."),
	{ "random", dice_random, "math.random([[low,] high])", "The same as `weir.random`.", false, "0.1" },
	MATH(sin, "(x)", "The sine of an angle in radians."),
	MATH(sqrt, "(x)", "The square root."),
	MATH(tan, "(x)", "The tangent of an angle in radians."),
	MATH(tointeger, "(x)", "The integer that x is, or nil."),
	MATH(type, "(x)", "`\"integer\"`, `\"float\"`, or nil when x is no number."),
	MATH(ult, "(m, n)", "Is m below n when both are read as unsigned?"),
	{ 0 }
};
