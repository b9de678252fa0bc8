/* bind_response.c - `res`: the answer, the upstream's or one made here, before its head leaves. */
#include <weir/exchange.h>

#include "core/script/objects.h"

static int response_body(lua_State *L)
{
	(void)object_check(L, OBJECT_RESPONSE);
	return body_read(L, WEIR_RESPONSE);
}

static int response_json(lua_State *L)
{
	(void)object_check(L, OBJECT_RESPONSE);
	return body_json(L, WEIR_RESPONSE);
}

static int response_set_body(lua_State *L)
{
	(void)object_check(L, OBJECT_RESPONSE);
	return body_set(L, WEIR_RESPONSE);
}

static int response_index(lua_State *L)
{
	const struct script_run *run = object_check(L, OBJECT_RESPONSE);
	const char *name;

	lua_pushvalue(L, 2);
	if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
		return 1;
	name = luaL_checkstring(L, 2);
	if (strcmp(name, "status") == 0) {
		lua_pushinteger(L, weir_response_status(run->ex));
		return 1;
	}
	if (strcmp(name, "headers") == 0)
		return object_part(L, OBJECT_RESPONSE_HEADERS);
	if (strcmp(name, "reason") == 0) {
		script_push_str(L, weir_request_reason(run->ex));
		return 1;
	}
	return luaL_error(L, "a response has no field \"%s\"", name);
}

static int response_newindex(lua_State *L)
{
	struct script_run *run = object_check(L, OBJECT_RESPONSE);
	lua_Integer status;

	if (strcmp(luaL_checkstring(L, 2), "status") != 0)
		return luaL_error(L, "res.%s cannot be set; status can, and headers and body by their own "
				     "ways", lua_tostring(L, 2));
	status = luaL_checkinteger(L, 3);
	if (status < 0 || status > UINT16_MAX || !weir_response_set_status(run->ex, (uint16_t)status))
		return luaL_error(L, "res.status cannot become %I: it is 200 to 599, must not change whether "
				     "there is a body, and cannot change once it is sent", status);
	return 0;
}

const struct binding bindings_response[] = {
	{ "status", NULL, "res.status", "The status; can be set, where that does not change whether "
	  "there is a body.", false, "0.1" },
	{ "headers", NULL, "res.headers", "Its headers, see below.", false, "0.1" },
	{ "reason", NULL, "res.reason",
	  "Why Weir itself made this answer; nil: it is the upstream's own.", false, "0.1" },
	{ "body", response_body, "res:body{max = \"64k\"} -> text",
	  "Reads the whole body; nil and `\"too-large\"` when it is over `max`. It turns a stream into a "
	  "whole: ask only if you must.", true, "0.1" },
	{ "json", response_json, "res:json{max = \"64k\"} -> value",
	  "The same, read as JSON; nil and a sentence when it is none.", true, "0.1" },
	{ "set_body", response_set_body, "res:set_body(text or table)",
	  "Replaces the body; a table is sent as JSON.", false, "0.1" },
	{ 0 }
};

static const luaL_Reg meta[] = {
	{ "__newindex", response_newindex },
	{ NULL, NULL }
};

const struct object_class response_class = { "weir.response", bindings_response, meta, response_index };
