/* bare.c - a Lua state with our libraries and nothing around it. */
#include "tests/script/bare.h"

#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/script/binds.h"
#include "core/script/spend.h"

static uint64_t left = UINT64_MAX, spent;

void script_spend(lua_State *L, uint64_t steps)
{
	spent += steps;
	if (steps > left)
		luaL_error(L, "out of steps");
	left -= steps;
}

void bare_set_steps(uint64_t steps)
{
	left = steps;
	spent = 0;
}

uint64_t bare_spent(void)
{
	return spent;
}

lua_State *bare_open(void)
{
	lua_State *L = luaL_newstate();

	if (L == NULL)
		abort();
	*(void **)lua_getextraspace(L) = NULL;	/* there is no run */
	luaL_requiref(L, "_G", luaopen_base, 1);
	luaL_requiref(L, "coroutine", luaopen_coroutine, 1);
	open_string(L);
	lua_setglobal(L, "string");
	open_table(L);
	lua_setglobal(L, "table");
	open_utf8(L);
	lua_setglobal(L, "utf8");
	open_math(L);
	lua_setglobal(L, "math");
	lua_newtable(L);
	lua_setglobal(L, "weir");
	lua_settop(L, 0);
	bare_set_steps(UINT64_MAX);
	return L;
}

lua_State *bare_open_real(void)
{
	lua_State *L = luaL_newstate();

	if (L == NULL)
		abort();
	luaL_openlibs(L);
	return L;
}

/* Floats and integers apart, tables without their address. */
static void add_value(luaL_Buffer *b, lua_State *L, int at)
{
	if (lua_type(L, at) == LUA_TTABLE || lua_type(L, at) == LUA_TFUNCTION)
		lua_pushstring(L, luaL_typename(L, at));
	else
		luaL_tolstring(L, at, NULL);
	luaL_addvalue(b);
}

static const char *keep(lua_State *L)
{
	static char *kept;
	size_t len;
	const char *text = lua_tolstring(L, -1, &len);

	free(kept);
	kept = malloc(len + 1);
	if (kept == NULL)
		abort();
	memcpy(kept, text, len + 1);
	lua_settop(L, 0);
	return kept;
}

/* Without "chunk:1: ". */
static const char *without_place(const char *message)
{
	const char *at = strncmp(message, "chunk:", 6) == 0 ? strstr(message, ": ") : NULL;

	return at != NULL ? at + 2 : message;
}

const char *bare_run(lua_State *L, const char *chunk)
{
	luaL_Buffer b;
	int count;

	lua_settop(L, 0);
	if (luaL_loadbufferx(L, chunk, strlen(chunk), "=chunk", "t") != LUA_OK ||
	    lua_pcall(L, 0, LUA_MULTRET, 0) != LUA_OK) {
		lua_pushfstring(L, "error: %s", without_place(luaL_tolstring(L, -1, NULL)));
		return keep(L);
	}
	count = lua_gettop(L);
	luaL_buffinit(L, &b);
	for (int i = 1; i <= count; i++) {
		if (i > 1)
			luaL_addchar(&b, ',');
		add_value(&b, L, i);
	}
	luaL_pushresult(&b);
	return keep(L);
}
