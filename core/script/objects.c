/* objects.c - the objects of a run: made once, used again for each request. */
#include "core/script/objects.h"

static struct script_run *stranger(lua_State *L)
{
	(void)luaL_error(L, "this belongs to another request, or to one that is over");
	return NULL;
}

struct script_run *object_check(lua_State *L, enum script_object which)
{
	struct script_run *run = script_running(L);

	if (likely(lua_touserdata(L, 1) == run->objects[which] && run->ex != NULL))
		return run;
	if (lua_type(L, 1) != LUA_TUSERDATA)
		(void)luaL_error(L, "write a colon before a method: req:body(), not req.body()");
	return stranger(L);
}

struct script_run *object_check_shelf(lua_State *L, enum script_object which)
{
	struct script_run *run = script_running(L);

	return likely(lua_topointer(L, 1) == run->objects[which] && run->ex != NULL) ? run
										     : stranger(L);
}

struct script_run *headers_check(lua_State *L, enum weir_side *side)
{
	struct script_run *run = script_running(L);
	const void *self = lua_touserdata(L, 1);

	if (unlikely(self == NULL || run->ex == NULL))
		return object_check(L, OBJECT_REQUEST_HEADERS);
	if (self == run->objects[OBJECT_REQUEST_HEADERS])
		*side = WEIR_REQUEST;
	else if (self == run->objects[OBJECT_RESPONSE_HEADERS])
		*side = WEIR_RESPONSE;
	else if (self == run->objects[OBJECT_TRAILERS])
		*side = WEIR_TRAILERS;
	else
		return stranger(L);
	return run;
}

/* Sets __index of the table at the top: `class->index`, with its table of names. */
static void set_index(lua_State *L, const struct object_class *class)
{
	lua_newtable(L);
	if (class->methods != NULL)
		bindings_add(L, class->methods);
	lua_pushcclosure(L, class->index, 1);
	lua_setfield(L, -2, "__index");
}

static void set_meta(lua_State *L, const struct object_class *class)
{
	luaL_setfuncs(L, class->meta, 0);
	lua_pushboolean(L, false);
	lua_setfield(L, -2, "__metatable");
}

/* Pushes the metatable that all parts of a class share. */
static void push_class(lua_State *L, const struct object_class *class)
{
	if (luaL_newmetatable(L, class->name) == 0)
		return;
	set_meta(L, class);
	set_index(L, class);
}

/* Pushes a shelf with the methods; what all shelves of a class share is behind it. */
static void push_shelf(lua_State *L, const struct object_class *class)
{
	lua_newtable(L);
	bindings_add(L, class->methods);
	if (luaL_newmetatable(L, class->name) != 0)
		set_index(L, class);
	(void)lua_setmetatable(L, -2);
}

/* Puts a part on the shelf at the top. */
static void new_part(lua_State *L, struct script_run *run, enum script_object which,
		     const struct object_class *class, const char *name)
{
	run->objects[which] = lua_newuserdatauv(L, 1, 0);
	push_class(L, class);
	(void)lua_setmetatable(L, -2);
	lua_setfield(L, -2, name);
}

/* Pushes an object and its shelf. */
static void new_object(lua_State *L, struct script_run *run, enum script_object which,
		       const struct object_class *class)
{
	run->objects[which] = lua_newuserdatauv(L, 1, 0);
	lua_createtable(L, 0, 3);
	set_meta(L, class);
	push_shelf(L, class);
	run->objects[which + 1] = lua_topointer(L, -1);
	lua_pushvalue(L, -1);
	lua_setfield(L, -3, "__index");
	lua_insert(L, -3);
	(void)lua_setmetatable(L, -2);
	lua_insert(L, -2);
}

void objects_new(lua_State *L, struct script_run *run)
{
	new_object(L, run, OBJECT_REQUEST, &request_class);
	new_part(L, run, OBJECT_REQUEST_HEADERS, &headers_class, "headers");
	new_part(L, run, OBJECT_PARAMS, &params_class, "params");
	new_part(L, run, OBJECT_QUERY, &query_class, "query");
	new_part(L, run, OBJECT_COOKIES, &cookies_class, "cookies");
	new_part(L, run, OBJECT_CLAIMS, &claims_class, "claims");
	new_part(L, run, OBJECT_LOG, &log_class, "log");
	lua_pop(L, 1);
	new_object(L, run, OBJECT_RESPONSE, &response_class);
	new_part(L, run, OBJECT_RESPONSE_HEADERS, &headers_class, "headers");
	new_part(L, run, OBJECT_TRAILERS, &headers_class, "trailers");
	lua_pop(L, 1);
}
