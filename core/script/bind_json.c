/* bind_json.c - weir.json: decode and encode, within limits. */
#include "core/script/binds.h"
#include "core/script/finding.h"
#include "core/script/json.h"

static uint32_t limit_field(lua_State *L, int at, const char *name, uint32_t fallback, uint32_t most)
{
	lua_Integer value;

	(void)lua_getfield(L, at, name);
	value = luaL_optinteger(L, -1, fallback);
	if (value < 1 || value > most)
		luaL_error(L, "weir.json.decode: %s goes from 1 to %d", name, (int)most);
	lua_pop(L, 1);
	return (uint32_t)value;
}

/* (text, {depth=, elements=, bytes=}) -> value | nil, sentence */
static int json_decode(lua_State *L)
{
	struct weir_str text = string_arg(L, 1);
	struct json_limits limits = JSON_LIMITS;
	struct weir_error error = { "" };

	if (!lua_isnoneornil(L, 2)) {
		luaL_checktype(L, 2, LUA_TTABLE);
		limits.depth = limit_field(L, 2, "depth", limits.depth, JSON_DEPTH_MOST);
		limits.elements = limit_field(L, 2, "elements", limits.elements, 10000000);
		limits.bytes = limit_field(L, 2, "bytes", (uint32_t)limits.bytes, 1 << 30);
	}
	if (script_json_push(L, text, &limits, &error))
		return 1;
	lua_pushnil(L);
	lua_pushstring(L, error.text);
	return 2;
}

static int json_encode(lua_State *L)
{
	luaL_checkany(L, 1);
	(void)script_json_text(L, 1);
	return 1;
}

static int json_array(lua_State *L)
{
	if (lua_isnoneornil(L, 1)) {
		lua_settop(L, 0);
		lua_newtable(L);
	}
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	if (lua_getmetatable(L, 1)) {
		script_json_push_mark(L);
		if (!lua_rawequal(L, 2, 3))
			return luaL_error(L, "weir.json.array: this table has a metatable already");
	}
	script_json_mark_array(L, 1);
	lua_settop(L, 1);
	return 1;
}

void bind_json(lua_State *L)
{
	lua_newtable(L);
	bindings_add(L, bindings_json);
	lua_pushlightuserdata(L, NULL);
	lua_setfield(L, -2, "null");
	lua_setfield(L, -2, "json");
}

const struct binding bindings_json[] = {
	{ "array", json_array, "weir.json.array([list]) -> list",
	  "Marks a table, so that it is an array even when it is empty.", false, "0.1" },
	{ "decode", json_decode, "weir.json.decode(text [, {depth=, elements=, bytes=}]) -> value",
	  "Reads JSON; nil and a sentence when it is none, has a key twice, or is over a limit "
	  "(64 deep, 100000 values, 1 MiB).", false, "0.1" },
	{ "encode", json_encode, "weir.json.encode(value) -> text",
	  "Writes JSON with sorted keys; raises for what JSON has no word for.", false, "0.1" },
	{ "null", NULL, "weir.json.null", "What `null` is when decoded, and what becomes it.", false,
	  "0.1" },
	{ 0 }
};
