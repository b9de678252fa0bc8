/* sandbox.c - the globals that scripts see: chosen one by one, and never to be written. */
#include "core/script/sandbox.h"

#include <lualib.h>

#include "core/script/bindings.h"
#include "core/script/binds.h"

/* Reading through ------------------------------------------------------------- */

static int refuse_write(lua_State *L)
{
	return luaL_error(L, "this table is read-only: field \"%s\" cannot be set",
			  luaL_tolstring(L, 2, NULL));
}

static int next_of_copy(lua_State *L)
{
	lua_settop(L, 2);
	return lua_next(L, 1) != 0 ? 2 : 0;
}

/* Replaces the window at argument 1 by the table behind it, which no script ever gets. */
static void look_behind(lua_State *L)
{
	lua_settop(L, 1);
	(void)lua_getmetatable(L, 1);
	lua_pushliteral(L, "__index");
	(void)lua_rawget(L, 2);
	lua_replace(L, 1);
	lua_settop(L, 1);
}

/* The walk is over a copy: its state is handed out. */
static int pairs_through(lua_State *L)
{
	look_behind(L);
	lua_pushcfunction(L, next_of_copy);
	lua_newtable(L);
	lua_pushnil(L);
	while (lua_next(L, 1) != 0) {
		lua_pushvalue(L, -2);
		lua_insert(L, -2);
		lua_rawset(L, -4);
	}
	lua_pushnil(L);
	return 3;
}

static int length_through(lua_State *L)
{
	look_behind(L);
	lua_pushinteger(L, (lua_Integer)lua_rawlen(L, 1));
	return 1;
}

static void freeze_inner(lua_State *L)
{
	int table = lua_gettop(L);

	lua_pushnil(L);
	while (lua_next(L, table) != 0) {
		if (!lua_istable(L, -1)) {
			lua_pop(L, 1);
			continue;
		}
		sandbox_freeze(L);
		lua_pushvalue(L, -2);
		lua_insert(L, -2);
		lua_rawset(L, table);	/* an existing field: the walk goes on */
	}
}

/* Thousands of options are frozen: what all windows share needs no room of their own, and only lists have
 * a length. The metatable is out of reach. */
void sandbox_freeze(lua_State *L)
{
	bool list = lua_rawlen(L, -1) > 0;

	luaL_checkstack(L, 10, NULL);
	freeze_inner(L);
	lua_newtable(L);			/* the window */
	lua_createtable(L, 0, list ? 5 : 4);
	lua_pushvalue(L, -3);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, refuse_write);
	lua_setfield(L, -2, "__newindex");
	lua_pushcfunction(L, pairs_through);
	lua_setfield(L, -2, "__pairs");
	lua_pushboolean(L, false);
	lua_setfield(L, -2, "__metatable");
	if (list) {
		lua_pushcfunction(L, length_through);
		lua_setfield(L, -2, "__len");
	}
	(void)lua_setmetatable(L, -2);
	lua_remove(L, -2);
}

/* What is there --------------------------------------------------------------- */

static const char *const base_names[] = {
	"assert", "error", "getmetatable", "ipairs", "next", "pairs", "rawequal", "rawget", "rawlen",
	"select", "tonumber", "tostring", "type", NULL
};
static const char *const string_names[] = {
	"byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "pack", "packsize",
	"rep", "reverse", "sub", "unpack", "upper", NULL
};
static const char *const table_names[] = {
	"concat", "insert", "move", "pack", "remove", "sort", "unpack", NULL
};
static const char *const math_names[] = {
	"abs", "acos", "asin", "atan", "ceil", "cos", "deg", "exp", "floor", "fmod", "huge", "log", "max",
	"maxinteger", "min", "mininteger", "modf", "pi", "rad", "random", "sin", "sqrt", "tan", "tointeger",
	"type", "ult", NULL
};
static const char *const utf8_names[] = {
	"char", "charpattern", "codepoint", "codes", "len", "offset", NULL
};
static const char *const coroutine_names[] = {
	"isyieldable", "running", "status", "yield", NULL
};

/* A library: who pushes it, and which of its names are let in. */
struct library {
	const char *name;
	void (*open)(lua_State *L);
	const char *const *names;
	const luaL_Reg *over;
};

static void open_coroutine(lua_State *L)
{
	lua_pushcfunction(L, luaopen_coroutine);
	lua_call(L, 0, 1);
}

static const struct library libraries[] = {
	{ "string", open_string, string_names, NULL },
	{ "table", open_table, table_names, NULL },
	{ "math", open_math, math_names, NULL },
	{ "utf8", open_utf8, utf8_names, NULL },
	{ "coroutine", open_coroutine, coroutine_names, guard_coroutine },
	{ NULL, NULL, NULL, NULL }
};

/* Pushes a table with those fields of the table at the top, and pops that. */
static void choose(lua_State *L, const char *const *names, const luaL_Reg *over)
{
	lua_newtable(L);
	for (; *names != NULL; names++) {
		(void)lua_getfield(L, -2, *names);
		lua_setfield(L, -2, *names);
	}
	if (over != NULL)
		luaL_setfuncs(L, over, 0);
	lua_remove(L, -2);
}

/* Methods of strings are those of our table, and their metatable is out of reach. */
static void lock_strings(lua_State *L)
{
	lua_pushliteral(L, "");
	if (lua_getmetatable(L, -1) == 0)
		(void)luaL_error(L, "strings have no metatable");
	lua_pushvalue(L, -3);
	lua_setfield(L, -2, "__index");
	lua_pushboolean(L, false);
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 2);
}

static void open_library(lua_State *L, int globals, const struct library *lib)
{
	lib->open(L);
	choose(L, lib->names, lib->over);
	if (lib->open == open_string)
		lock_strings(L);
	sandbox_freeze(L);
	lua_setfield(L, globals, lib->name);
}

/* luaopen_base() fills Lua's own table of globals, which no script ever sees. */
static void open_base(lua_State *L)
{
	lua_pushcfunction(L, luaopen_base);
	lua_call(L, 0, 1);
	choose(L, base_names, guard_base);
}

static void open_weir(lua_State *L, struct script_vm *vm)
{
	lua_newtable(L);
	for (const script_bind *bind = script_bindings; *bind != NULL; bind++)
		(*bind)(L);
	sandbox_freeze(L);
	lua_pushvalue(L, -1);
	vm->weir = luaL_ref(L, LUA_REGISTRYINDEX);
}

void sandbox_open(lua_State *L, struct script_vm *vm)
{
	int globals;

	open_base(L);
	globals = lua_gettop(L);
	for (const struct library *lib = libraries; lib->name != NULL; lib++)
		open_library(L, globals, lib);
	open_weir(L, vm);
	lua_setfield(L, globals, "weir");
	vm->env = luaL_ref(L, LUA_REGISTRYINDEX);
}

/* Of one script --------------------------------------------------------------- */

static int refuse_global(lua_State *L)
{
	const char *name = luaL_tolstring(L, 2, NULL);

	return luaL_error(L, "global \"%s\" cannot be set, for the next request would see it; write "
			     "`local %s`", name, name);
}

void sandbox_env(lua_State *L, struct script_vm *vm)
{
	lua_newtable(L);
	lua_createtable(L, 0, 3);
	(void)lua_rawgeti(L, LUA_REGISTRYINDEX, vm->env);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, refuse_global);
	lua_setfield(L, -2, "__newindex");
	lua_pushboolean(L, false);
	lua_setfield(L, -2, "__metatable");
	(void)lua_setmetatable(L, -2);
}
