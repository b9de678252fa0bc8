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

/* res:retry{service=, after=}: does not return when another answer follows; else nil and why not. */
static int response_retry(lua_State *L)
{
	static const char *const words[] = {
		[WEIR_RETRY_UNSAFE] = "unsafe", [WEIR_RETRY_TOO_OFTEN] = "too-often",
		[WEIR_RETRY_UNKNOWN] = "unknown-service", [WEIR_RETRY_NOT_HERE] = "not-here",
	};
	struct script_run *run = object_check(L, OBJECT_RESPONSE);
	struct weir_str service = WEIR_ABSENT;
	uint64_t after = script_span_field(L, 2, "after", 0);
	enum weir_retry_wish wish;

	if (run->hook != HOOK_RESPONSE)
		return luaL_error(L, "res:retry belongs into `response`");
	if (lua_istable(L, 2) && lua_getfield(L, 2, "service") != LUA_TNIL)
		service = script_check_str(L, lua_gettop(L));
	wish = weir_retry(run->ex, service, after);
	if (wish == WEIR_RETRY_FOLLOWS) {
		run->verdict = WEIR_NEXT;
		script_end(L, ENDING_DECIDED);
	}
	lua_pushnil(L);
	lua_pushstring(L, words[wish]);
	return 2;
}

/* Of the shelf, for what does not lie on it. */
static int response_index(lua_State *L)
{
	const struct script_run *run = object_check_shelf(L, OBJECT_RESPONSE_SHELF);
	const char *name = luaL_checkstring(L, 2);

	if (strcmp(name, "status") == 0)
		lua_pushinteger(L, weir_response_status(run->ex));
	else if (strcmp(name, "reason") == 0)
		script_push_str(L, weir_request_reason(run->ex));
	else
		return luaL_error(L, "a response has no field \"%s\"", name);
	return 1;
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
	{ "trailers", NULL, "res.trailers",
	  "Fields behind the body, used like headers: the upstream's once its body was read, and what is "
	  "added. They reach only clients who know chunks.", false, "0.1" },
	{ "retry", response_retry, "res:retry{service = name, after = time}",
	  "Drops this answer and sends the request again, to the same or another service, and does not "
	  "return. Nil and `\"unsafe\"` when it may not be repeated, `\"too-often\"` after four times, "
	  "`\"unknown-service\"`.", false, "0.1" },
	{ "set_body", response_set_body, "res:set_body(text or table)",
	  "Replaces the body; a table is sent as JSON.", false, "0.1" },
	{ 0 }
};

static const luaL_Reg meta[] = {
	{ "__newindex", response_newindex },
	{ NULL, NULL }
};

const struct object_class response_class = { "weir.response", bindings_response, meta, response_index };
