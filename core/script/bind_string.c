/* bind_string.c - the library `string`: Lua's own where the memory limit bounds its work. */
#include <lualib.h>

#include "core/script/binds.h"
#include "core/script/finding.h"
#include "core/script/spend.h"

enum { LONGEST_STRING = 1 << 30 };	/* the script's memory limit is lower */

/* Fills out[0..total) with what stands in its first `unit` bytes. */
static void repeat(lua_State *L, char *out, size_t unit, size_t total)
{
	size_t have = unit;

	while (have < total) {
		size_t n = have < total - have ? have : total - have;

		memcpy(out + have, out, n);
		have += n;
		script_spend(L, n / 32);
	}
}

static int string_rep(lua_State *L)
{
	struct weir_str s = string_arg(L, 1), between;
	lua_Integer count = luaL_checkinteger(L, 2);
	size_t unit, total;
	luaL_Buffer b;
	char *out;

	between.data = luaL_optlstring(L, 3, "", &between.len);
	unit = s.len + between.len;
	if (count <= 0 || unit == 0) {
		lua_pushliteral(L, "");
		return 1;
	}
	if (unit > LONGEST_STRING / (size_t)count)
		return luaL_error(L, "resulting string too large");
	total = unit * (size_t)count - between.len;
	out = luaL_buffinitsize(L, &b, unit * (size_t)count);
	memcpy(out, s.data, s.len);
	memcpy(out + s.len, between.data, between.len);
	repeat(L, out, unit, total > unit ? total : unit);
	luaL_pushresultsize(&b, total);
	return 1;
}

/* Strings have one metatable for all scripts of the state: no script may get hold of it. */
static void hide_metatable(lua_State *L)
{
	lua_pushliteral(L, "");
	if (lua_getmetatable(L, -1)) {
		lua_pushboolean(L, false);
		lua_setfield(L, -2, "__metatable");
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

void open_string(lua_State *L)
{
	lua_pushcfunction(L, luaopen_string);
	lua_call(L, 0, 1);
	lua_pushnil(L);
	lua_setfield(L, -2, "dump");
	bindings_add(L, bindings_find);
	bindings_add(L, bindings_gsub);
	bindings_add(L, bindings_string);
	hide_metatable(L);
}

const struct binding bindings_string[] = {
	{ "byte", NULL, "string.byte(s [, first [, last]]) -> integers...",
	  "Gives the bytes of a string as numbers.", false, "0.1" },
	{ "char", NULL, "string.char(integers...) -> string", "Makes a string of bytes.", false,
	  "0.1" },
	{ "format", NULL, "string.format(format, ...) -> string",
	  "Formats as printf does; `%q` writes a value as Lua reads it.", true, "0.1" },
	{ "len", NULL, "string.len(s) -> integer", "Counts bytes; the same as `#s`.", false, "0.1" },
	{ "lower", NULL, "string.lower(s) -> string", "Makes ASCII letters small.", false, "0.1" },
	{ "pack", NULL, "string.pack(format, ...) -> string", "Writes values in binary.", false,
	  "0.1" },
	{ "packsize", NULL, "string.packsize(format) -> integer",
	  "Says how long `string.pack` with this format is.", false, "0.1" },
	{ "rep", string_rep, "string.rep(s, count [, between]) -> string", "Repeats a string.", false,
	  "0.1" },
	{ "reverse", NULL, "string.reverse(s) -> string", "Turns the order of the bytes.", false,
	  "0.1" },
	{ "sub", NULL, "string.sub(s, first [, last]) -> string",
	  "Gives a part of a string; negative numbers count from its end.", false, "0.1" },
	{ "unpack", NULL, "string.unpack(format, s [, from]) -> values..., next",
	  "Reads what `string.pack` wrote.", false, "0.1" },
	{ "upper", NULL, "string.upper(s) -> string", "Makes ASCII letters capital.", false, "0.1" },
	{ 0 }
};
