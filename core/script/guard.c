/* guard.c - catching and coroutines that let the end of a run through, and tables that stay locked. */
#include "core/script/binds.h"
#include "core/script/budget.h"
#include "core/script/log.h"
#include "core/script/run.h"
#include "core/script/sandbox.h"
#include "core/script/source.h"

/* What a run has ended with is raised again, whoever caught it. */
static void pass_on(lua_State *L)
{
	struct script_run *run = script_running(L);

	budget_watch(run, L);
	if (run->ending != ENDING_NONE)
		script_end(L, run->ending);
}

/* Catching ------------------------------------------------------------------- */

static int finish_pcall(lua_State *L, int status, lua_KContext extra)
{
	if (likely(status == LUA_OK || status == LUA_YIELD))
		return lua_gettop(L) - (int)extra;
	pass_on(L);
	lua_pushboolean(L, false);
	lua_pushvalue(L, -2);
	return 2;
}

static int guarded_pcall(lua_State *L)
{
	int status;

	luaL_checkany(L, 1);
	lua_pushboolean(L, true);
	lua_insert(L, 1);
	status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, finish_pcall);
	return finish_pcall(L, status, 0);
}

/* The handler does not see the end of a run. */
static int handle(lua_State *L)
{
	const struct script_run *run = script_running(L);

	if (run->ending != ENDING_NONE)
		return 1;
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
	return lua_gettop(L);
}

static int guarded_xpcall(lua_State *L)
{
	int status, n = lua_gettop(L);

	luaL_checktype(L, 2, LUA_TFUNCTION);
	lua_pushvalue(L, 2);
	lua_pushcclosure(L, handle, 1);
	lua_replace(L, 2);
	lua_pushboolean(L, true);
	lua_pushvalue(L, 1);
	lua_rotate(L, 3, 2);
	status = lua_pcallk(L, n - 2, LUA_MULTRET, 2, 2, finish_pcall);
	return finish_pcall(L, status, 2);
}

/* Coroutines ----------------------------------------------------------------- */

static lua_State *check_coroutine(lua_State *L)
{
	lua_State *co = lua_tothread(L, 1);

	luaL_argexpected(L, co != NULL, 1, "coroutine");
	return co;
}

struct switched {
	struct script_run *run;
	lua_State *before;
};

/* From here the run's code is that of `co`. */
static struct switched switch_to(lua_State *L, lua_State *co)
{
	struct switched s = { script_running(L), NULL };

	s.before = s.run->on;
	*(struct script_run **)lua_getextraspace(co) = s.run;
	budget_watch(s.run, co);
	s.run->on = co;
	return s;
}

static void switch_back(struct switched s)
{
	s.run->on = s.before;
}

/* NULL: it can be resumed. One that runs, or waits, for another request must not be touched. */
static const char *why_not_resume(lua_State *co)
{
	lua_Debug at;

	if (lua_status(co) == LUA_YIELD)
		return NULL;
	if (lua_status(co) != LUA_OK)
		return "cannot resume dead coroutine";
	if (lua_getstack(co, 0, &at) != 0)
		return "cannot resume non-suspended coroutine";
	return lua_gettop(co) > 0 ? NULL : "cannot resume dead coroutine";
}

/* Gives the number of results, on L; or -1 with the error there. */
static int resume(lua_State *L, lua_State *co, int arguments)
{
	const char *why_not = why_not_resume(co);
	struct switched s;
	int status, results;

	if (unlikely(why_not != NULL)) {
		lua_pushstring(L, why_not);
		return -1;
	}
	if (!lua_checkstack(co, arguments)) {
		lua_pushliteral(L, "too many arguments to resume");
		return -1;
	}
	lua_xmove(L, co, arguments);
	s = switch_to(L, co);
	status = lua_resume(co, L, arguments, &results);
	switch_back(s);
	if (unlikely(status != LUA_OK && status != LUA_YIELD)) {
		lua_xmove(co, L, 1);
		return -1;
	}
	if (unlikely(!lua_checkstack(L, results + 1))) {
		lua_pop(co, results);
		lua_pushliteral(L, "too many results to resume");
		return -1;
	}
	lua_xmove(co, L, results);
	return results;
}

static int close_coroutine(lua_State *L, lua_State *co)
{
	struct switched s = switch_to(L, co);
	int status = lua_resetthread(co);

	switch_back(s);
	return status;
}

static int guarded_resume(lua_State *L)
{
	lua_State *co = check_coroutine(L);
	int results = resume(L, co, lua_gettop(L) - 1);

	if (results < 0) {
		pass_on(L);
		lua_pushboolean(L, false);
		lua_insert(L, -2);
		return 2;
	}
	lua_pushboolean(L, true);
	lua_insert(L, -(results + 1));
	return results + 1;
}

static int run_wrapped(lua_State *L)
{
	lua_State *co = lua_tothread(L, lua_upvalueindex(1));
	int results = resume(L, co, lua_gettop(L)), status;

	if (likely(results >= 0))
		return results;
	status = lua_status(co);
	if (status != LUA_OK && status != LUA_YIELD) {
		(void)close_coroutine(L, co);
		lua_xmove(co, L, 1);
	}
	pass_on(L);
	return lua_error(L);	/* it says already where it was */
}

static int guarded_create(lua_State *L)
{
	lua_State *co;

	luaL_checktype(L, 1, LUA_TFUNCTION);
	co = lua_newthread(L);
	*(struct script_run **)lua_getextraspace(co) = script_running(L);
	lua_pushvalue(L, 1);
	lua_xmove(L, co, 1);
	return 1;
}

/* The thread of a run is not given out: it is used again for other requests. */
static int guarded_running(lua_State *L)
{
	if (L == script_running(L)->thread) {
		lua_pushnil(L);
		lua_pushboolean(L, true);
	} else {
		(void)lua_pushthread(L);
		lua_pushboolean(L, false);
	}
	return 2;
}

static int guarded_wrap(lua_State *L)
{
	(void)guarded_create(L);
	lua_pushcclosure(L, run_wrapped, 1);
	return 1;
}

/* One that is suspended or has ended; any other is in use. */
static bool may_be_closed(lua_State *L, lua_State *co)
{
	lua_Debug at;

	if (L == co)
		return false;
	return lua_status(co) != LUA_OK || lua_getstack(co, 0, &at) == 0;
}

static int guarded_close(lua_State *L)
{
	lua_State *co = check_coroutine(L);

	if (!may_be_closed(L, co))
		return luaL_error(L, "cannot close a coroutine that is running");
	if (close_coroutine(L, co) == LUA_OK) {
		lua_pushboolean(L, true);
		return 1;
	}
	pass_on(L);
	lua_pushboolean(L, false);
	lua_xmove(co, L, 1);
	return 2;
}

const luaL_Reg guard_coroutine[] = {
	{ "create", guarded_create },
	{ "resume", guarded_resume },
	{ "wrap", guarded_wrap },
	{ "close", guarded_close },
	{ "running", guarded_running },
	{ NULL, NULL }
};

/* Tables --------------------------------------------------------------------- */

static void check_unlocked(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
		(void)luaL_error(L, "this table is read-only");
}

/* A collector that calls scripts could not be stopped in time. */
static int guarded_setmetatable(lua_State *L)
{
	int type = lua_type(L, 2);

	luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
	lua_settop(L, 2);
	check_unlocked(L);
	if (type == LUA_TTABLE) {
		lua_pushliteral(L, "__gc");
		if (lua_rawget(L, 2) != LUA_TNIL)
			return luaL_error(L, "__gc is not available to scripts; use a local with <close>");
		lua_pop(L, 1);
	}
	(void)lua_setmetatable(L, 1);
	lua_settop(L, 1);
	return 1;
}

static int guarded_rawset(lua_State *L)
{
	luaL_checkany(L, 2);
	luaL_checkany(L, 3);
	lua_settop(L, 3);
	check_unlocked(L);
	lua_rawset(L, 1);
	return 1;
}

static int guarded_collectgarbage(lua_State *L)
{
	if (strcmp(luaL_optstring(L, 1, "collect"), "count") != 0)
		return luaL_error(L, "scripts may only ask collectgarbage(\"count\")");
	lua_pushnumber(L, lua_gc(L, LUA_GCCOUNT) + lua_gc(L, LUA_GCCOUNTB) / 1024.0);
	return 1;
}

static int logged_print(lua_State *L)
{
	return script_say(L, WEIR_INFO);
}

const luaL_Reg guard_base[] = {
	{ "pcall", guarded_pcall },
	{ "xpcall", guarded_xpcall },
	{ "setmetatable", guarded_setmetatable },
	{ "rawset", guarded_rawset },
	{ "collectgarbage", guarded_collectgarbage },
	{ "require", source_require },
	{ "print", logged_print },
	{ NULL, NULL }
};

/* What there is of Lua's own functions, ours in their place where they could be abused. */
const struct binding bindings_base[] = {
	{ "assert", NULL, "assert(value [, message])", "Raises the message when the value is false.",
	  false, "0.1" },
	{ "collectgarbage", NULL, "collectgarbage(\"count\") -> KiB",
	  "How much memory the Lua of this worker has; nothing else can be asked.", false, "0.1" },
	{ "error", NULL, "error(message [, level])", "Raises an error.", false, "0.1" },
	{ "getmetatable", NULL, "getmetatable(value)", "The metatable, where it is not locked.", false,
	  "0.1" },
	{ "ipairs", NULL, "ipairs(list)", "Goes over 1, 2, 3 ... until nil.", true, "0.1" },
	{ "next", NULL, "next(table [, key])", "The next field.", false, "0.1" },
	{ "pairs", NULL, "pairs(table)", "Goes over all fields.", true, "0.1" },
	{ "pcall", NULL, "pcall(fn, ...) -> ok, results...",
	  "Calls and catches errors, but not the end of the request or of the script's time.", true,
	  "0.1" },
	{ "print", NULL, "print(...)", "The same as `weir.log.info`.", false, "0.1" },
	{ "rawequal", NULL, "rawequal(a, b)", "Compares without metamethods.", false, "0.1" },
	{ "rawget", NULL, "rawget(table, key)", "Reads without metamethods.", false, "0.1" },
	{ "rawlen", NULL, "rawlen(value)", "The length without metamethods.", false, "0.1" },
	{ "rawset", NULL, "rawset(table, key, value)", "Writes without metamethods.", false, "0.1" },
	{ "require", NULL, "require(name)",
	  "A module from `lua.path`: `require(\"lib.tenants\")` is `lib/tenants.lua`.", false, "0.1" },
	{ "select", NULL, "select(n, ...)", "The arguments from the n-th on; `\"#\"`: how many.", false,
	  "0.1" },
	{ "setmetatable", NULL, "setmetatable(table, metatable)", "As in Lua, without `__gc`.", false,
	  "0.1" },
	{ "tonumber", NULL, "tonumber(value [, base])", "A number, or nil.", false, "0.1" },
	{ "tostring", NULL, "tostring(value)", "A text.", true, "0.1" },
	{ "type", NULL, "type(value)", "The type, as a text.", false, "0.1" },
	{ "xpcall", NULL, "xpcall(fn, handler, ...) -> ok, results...",
	  "`pcall` with a function that sees the error where it happens.", true, "0.1" },
	{ 0 }
};

const struct binding bindings_coroutine[] = {
	{ "close", NULL, "coroutine.close(co)", "Ends one that is suspended.", true, "0.1" },
	{ "create", NULL, "coroutine.create(fn) -> co", "A coroutine.", false, "0.1" },
	{ "isyieldable", NULL, "coroutine.isyieldable()", "May it yield here?", false, "0.1" },
	{ "resume", NULL, "coroutine.resume(co, ...) -> ok, results...", "Goes on with it.", true,
	  "0.1" },
	{ "running", NULL, "coroutine.running() -> co, main", "The one that runs; nil and true in none.",
	  false, "0.1" },
	{ "status", NULL, "coroutine.status(co) -> text", "What it is doing.", false, "0.1" },
	{ "wrap", NULL, "coroutine.wrap(fn) -> function", "A function that goes on with it.", true,
	  "0.1" },
	{ "yield", NULL, "coroutine.yield(...)", "Gives back to who resumed; not needed for waiting.", true,
	  "0.1" },
	{ 0 }
};
