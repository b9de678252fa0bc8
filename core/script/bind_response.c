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

static const luaL_Reg methods[] = {
	{ "body", response_body },
	{ "json", response_json },
	{ "set_body", response_set_body },
	{ NULL, NULL }
};

static const luaL_Reg meta[] = {
	{ "__newindex", response_newindex },
	{ NULL, NULL }
};

const struct object_class response_class = { "weir.response", methods, meta, response_index };
