/* bind_key.c - req:key("client.ip"): keys compiled once for the VM and kept. */
#include <weir/exchange.h>

#include "core/base/str.h"
#include "core/script/objects.h"

enum { KEYS_MOST = 256 };

static const char keys_place;	/* its address names the table in the registry */

/* A key ends with the VM, or when nothing knows it any more. */
static int free_key(lua_State *L)
{
	weir_key_free(lua_touserdata(L, 1));
	return 0;
}

static void push_keys(lua_State *L)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &keys_place) == LUA_TTABLE)
		return;
	lua_pop(L, 1);
	lua_newtable(L);
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &keys_place);
}

/* At once: the collector does not know what they weigh, and would come late. Nobody uses them, for
 * a key is not held over a wait. */
static void free_all(lua_State *L, int table)
{
	lua_pushnil(L);
	while (lua_next(L, table) != 0) {
		if (lua_type(L, -1) == LUA_TUSERDATA)
			weir_key_free(lua_touserdata(L, -1));
		lua_pop(L, 1);
	}
}

/* Keys made of what a request brings would fill the table: then it begins anew. */
static void make_room(lua_State *L)
{
	lua_Integer count;

	(void)lua_rawgeti(L, -1, 1);
	count = lua_tointeger(L, -1);
	lua_pop(L, 1);
	if (count >= KEYS_MOST) {
		free_all(L, lua_gettop(L));
		lua_pop(L, 1);
		lua_newtable(L);
		lua_pushvalue(L, -1);
		lua_rawsetp(L, LUA_REGISTRYINDEX, &keys_place);
		count = 0;
	}
	lua_pushinteger(L, count + 1);
	lua_rawseti(L, -2, 1);
}

enum { PARTS_MOST = 16 };

/* The parts of a list are joined by line ends, which no part has. */
static uint32_t split(lua_State *L, struct weir_str text, struct weir_str *parts)
{
	uint32_t count = 0;

	for (;;) {
		size_t end = str_find(text, '\n');

		if (count == PARTS_MOST)
			(void)luaL_error(L, "a key has at most %d parts", PARTS_MOST);
		parts[count++] = str_head(text, end);
		if (end == text.len)
			return count;
		text = str_skip(text, end + 1);
	}
}

/* The text is at argument 2, the table of keys at the top; leaves the userdata there. */
static struct weir_own_key *compile(lua_State *L)
{
	struct weir_str parts[PARTS_MOST];
	uint32_t count = split(L, script_check_str(L, 2), parts);
	struct weir_error error = { "" };
	struct weir_own_key *key;

	make_room(L);
	key = lua_newuserdatauv(L, sizeof(*key), 0);
	*key = (struct weir_own_key){ NULL, NULL };
	if (luaL_newmetatable(L, "weir.key")) {
		lua_pushcfunction(L, free_key);
		lua_setfield(L, -2, "__gc");
	}
	(void)lua_setmetatable(L, -2);
	if (!weir_key_compile(parts, count, key, &error))
		(void)luaL_error(L, "%s", error.text);
	lua_pushvalue(L, 2);
	lua_pushvalue(L, -2);
	lua_rawset(L, -4);
	return key;
}

static void join_list(lua_State *L)
{
	lua_Integer count = luaL_len(L, 2);
	luaL_Buffer text;

	luaL_buffinit(L, &text);
	for (lua_Integer i = 1; i <= count; i++) {
		if (i > 1)
			luaL_addchar(&text, '\n');
		(void)lua_geti(L, 2, i);
		luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING, 2, "a list of keys are texts");
		luaL_addvalue(&text);
	}
	luaL_pushresult(&text);
	lua_replace(L, 2);
}

int request_key(lua_State *L)
{
	const struct script_run *run = object_check(L, OBJECT_REQUEST);
	const struct weir_own_key *key;
	struct weir_str text;

	lua_settop(L, 2);
	if (lua_istable(L, 2))
		join_list(L);
	luaL_checktype(L, 2, LUA_TSTRING);
	push_keys(L);
	lua_pushvalue(L, 2);
	if (lua_rawget(L, -2) == LUA_TUSERDATA) {
		key = lua_touserdata(L, -1);
	} else {
		lua_pop(L, 1);
		key = compile(L);
	}
	(void)weir_key_text(run->ex, key->key, &text);
	(void)lua_pushlstring(L, text.data != NULL ? text.data : "", text.len);
	return 1;
}
