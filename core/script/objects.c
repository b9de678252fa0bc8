/* objects.c - the objects of a run: made once, used again for each request. */
#include "core/script/objects.h"

struct script_run *object_check(lua_State *L, enum script_object which)
{
	struct script_run *run = script_running(L);

	if (likely(lua_touserdata(L, 1) == run->objects[which] && run->ex != NULL))
		return run;
	if (lua_type(L, 1) != LUA_TUSERDATA)
		(void)luaL_error(L, "write a colon before a method: req:body(), not req.body()");
	(void)luaL_error(L, "this belongs to another request, or to one that is over");
	return NULL;
}

struct script_run *headers_check(lua_State *L, enum weir_side *side)
{
	const struct script_run *run = script_running(L);
	const void *self = lua_touserdata(L, 1);

	*side = WEIR_REQUEST;
	if (self == run->objects[OBJECT_REQUEST_HEADERS])
		return object_check(L, OBJECT_REQUEST_HEADERS);
	*side = self == run->objects[OBJECT_TRAILERS] ? WEIR_TRAILERS : WEIR_RESPONSE;
	return object_check(L, *side == WEIR_TRAILERS ? OBJECT_TRAILERS : OBJECT_RESPONSE_HEADERS);
}

static void push_class(lua_State *L, const struct object_class *class)
{
	if (luaL_newmetatable(L, class->name) == 0)
		return;
	luaL_setfuncs(L, class->meta, 0);
	lua_pushboolean(L, false);
	lua_setfield(L, -2, "__metatable");
	if (class->index == NULL)
		return;
	lua_newtable(L);
	if (class->methods != NULL)
		bindings_add(L, class->methods);
	lua_pushcclosure(L, class->index, 1);
	lua_setfield(L, -2, "__index");
}

static void new_object(lua_State *L, struct script_run *run, enum script_object which,
		       const struct object_class *class, int parts)
{
	run->objects[which] = lua_newuserdatauv(L, 1, parts);
	push_class(L, class);
	(void)lua_setmetatable(L, -2);
}

/* Parts are user values of what they belong to, so that they live as long. */
static void new_part(lua_State *L, struct script_run *run, enum script_object which,
		     const struct object_class *class, int at)
{
	new_object(L, run, which, class, 0);
	(void)lua_setiuservalue(L, -2, at);
}

void objects_new(lua_State *L, struct script_run *run)
{
	new_object(L, run, OBJECT_REQUEST, &request_class, OBJECT_LOG);
	new_part(L, run, OBJECT_REQUEST_HEADERS, &headers_class, OBJECT_REQUEST_HEADERS);
	new_part(L, run, OBJECT_PARAMS, &params_class, OBJECT_PARAMS);
	new_part(L, run, OBJECT_QUERY, &query_class, OBJECT_QUERY);
	new_part(L, run, OBJECT_COOKIES, &cookies_class, OBJECT_COOKIES);
	new_part(L, run, OBJECT_CLAIMS, &claims_class, OBJECT_CLAIMS);
	new_part(L, run, OBJECT_LOG, &log_class, OBJECT_LOG);
	new_object(L, run, OBJECT_RESPONSE, &response_class, 2);
	new_part(L, run, OBJECT_RESPONSE_HEADERS, &headers_class, 1);
	new_part(L, run, OBJECT_TRAILERS, &headers_class, 2);
}

int object_part(lua_State *L, enum script_object which)
{
	int at = which < OBJECT_RESPONSE ? (int)which : (int)which - OBJECT_RESPONSE;

	(void)lua_getiuservalue(L, 1, at);
	return 1;
}
