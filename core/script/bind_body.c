/* bind_body.c - bodies of requests and responses: read whole, within a limit that is named. */
#include <weir/wait.h>

#include "core/script/json.h"
#include "core/script/objects.h"

static const char *why_not(enum weir_wait how)
{
	switch (how) {
	case WEIR_TOO_LARGE:
		return "too-large";
	case WEIR_TIMED_OUT:
		return "timeout";
	case WEIR_NO_MEMORY:
		return "out-of-memory";
	default:
		return "broken";
	}
}

/* { max = "64k" } at argument 2. */
static size_t check_max(lua_State *L)
{
	luaL_argcheck(L, lua_istable(L, 2), 2, "say how much may be read: { max = \"64k\" }");
	(void)lua_getfield(L, 2, "max");
	luaL_argcheck(L, !lua_isnil(L, -1), 2, "say how much may be read: { max = \"64k\" }");
	lua_replace(L, 2);
	return script_check_size(L, 2);
}

/* Text or nil and why; no body is the empty text. */
int body_read(lua_State *L, enum weir_side side)
{
	size_t max = check_max(L);
	struct script_run *run = script_wait_begin(L);
	struct weir_str body;
	enum weir_wait how;

	how = script_wait_end(L, weir_host_slot->body_read(run->ex, side, max, &body));
	if (how != WEIR_OK) {
		lua_pushnil(L);
		lua_pushstring(L, why_not(how));
		return 2;
	}
	(void)lua_pushlstring(L, body.data != NULL ? body.data : "", body.len);
	return 1;
}

/* Pushes weir.json.NAME. */
static void push_json(lua_State *L, const char *name)
{
	(void)lua_rawgeti(L, LUA_REGISTRYINDEX, script_running(L)->vm->weir);
	(void)lua_getfield(L, -1, "json");
	(void)lua_getfield(L, -1, name);
	lua_replace(L, -3);
	lua_pop(L, 1);
}

int body_json(lua_State *L, enum weir_side side)
{
	struct json_limits limits = JSON_LIMITS;
	int results = body_read(L, side);
	struct weir_error error = { "" };
	struct weir_str text;

	if (results == 2)
		return 2;
	limits.bytes = SIZE_MAX;	/* `max` has bounded it */
	text.data = lua_tolstring(L, -1, &text.len);
	if (script_json_push(L, text, &limits, &error))
		return 1;
	lua_pushnil(L);
	lua_pushstring(L, error.text);
	return 2;
}

struct weir_str body_text(lua_State *L, int at, bool *json)
{
	struct weir_str text = { NULL, 0 };

	*json = lua_istable(L, at);
	if (lua_isnil(L, at))
		return text;
	if (*json) {
		push_json(L, "encode");
		lua_pushvalue(L, at);
		lua_call(L, 1, 1);
		lua_replace(L, at);
	}
	text.data = luaL_checklstring(L, at, &text.len);
	return text;
}

int body_set(lua_State *L, enum weir_side side)
{
	struct script_run *run = script_running(L);
	struct weir_str text;
	bool json;

	lua_settop(L, 2);
	text = body_text(L, 2, &json);
	if (text.data == NULL)
		text = WEIR_STR("");
	if (!weir_host_slot->body_set(run->ex, side, text))
		return luaL_error(L, "set_body: there is no memory, nothing to set it on, it has been sent, "
				     "or it was not read to its end before");
	if (json)
		(void)weir_host_slot->header_set(run->ex, side, WEIR_STR("content-type"),
						 WEIR_STR("application/json"));
	return 0;
}
