/* parcel.c - a Lua value as bytes: a letter for its type, then what it is; in this machine's order. */
#include "core/script/parcel.h"

#include <lauxlib.h>

#include "core/script/json.h"
#include "core/script/spend.h"

enum { DEPTH_MOST = 32 };

/* Measuring ------------------------------------------------------------------------ */

static size_t measure(lua_State *L, int at, int depth);

static size_t measure_table(lua_State *L, int at, int depth)
{
	size_t size = 2 + sizeof(uint32_t);

	if (depth == DEPTH_MOST)
		luaL_error(L, "a table nested deeper than %d, or within itself, cannot be kept",
			   DEPTH_MOST);
	luaL_checkstack(L, 8, NULL);
	script_json_unfreeze(L, at);
	lua_pushnil(L);
	while (lua_next(L, at) != 0) {
		if (lua_istable(L, -2))
			luaL_error(L, "a table with tables as keys cannot be kept");
		size += measure(L, lua_gettop(L) - 1, depth + 1) +
			measure(L, lua_gettop(L), depth + 1);
		if (size > PARCEL_MOST)
			luaL_error(L, "more than %d bytes cannot be kept", PARCEL_MOST);
		lua_pop(L, 1);
		script_spend(L, 8);
	}
	return size;
}

static size_t measure(lua_State *L, int at, int depth)
{
	switch (lua_type(L, at)) {
	case LUA_TNIL:
	case LUA_TBOOLEAN:
		return 1;
	case LUA_TNUMBER:
		return 1 + sizeof(lua_Number);
	case LUA_TSTRING:
		return 1 + sizeof(uint32_t) + lua_rawlen(L, at);
	case LUA_TTABLE:
		return measure_table(L, at, depth);
	case LUA_TLIGHTUSERDATA:
		if (lua_touserdata(L, at) == NULL)
			return 1;
		break;
	default:
		break;
	}
	return (size_t)luaL_error(L, "a %s cannot be kept: it belongs to this worker",
				  luaL_typename(L, at));
}

/* Packing ------------------------------------------------------------------------ */

static char *put(char *at, const void *bytes, size_t size)
{
	memcpy(at, bytes, size);
	return at + size;
}

static char *put_number(lua_State *L, int at, char *to)
{
	lua_Integer whole = lua_tointeger(L, at);
	lua_Number number = lua_tonumber(L, at);

	*to++ = lua_isinteger(L, at) ? 'i' : 'd';
	return lua_isinteger(L, at) ? put(to, &whole, sizeof(whole)) :
				      put(to, &number, sizeof(number));
}

static char *put_string(lua_State *L, int at, char *to)
{
	size_t len;
	const char *data = lua_tolstring(L, at, &len);
	uint32_t n = (uint32_t)len;

	*to++ = 's';
	to = put(to, &n, sizeof(n));
	return put(to, data, len);
}

static bool is_array(lua_State *L, int at)
{
	bool marked;

	if (lua_getmetatable(L, at) == 0)
		return false;
	script_json_push_mark(L);
	marked = lua_rawequal(L, -1, -2);
	lua_pop(L, 2);
	return marked;
}

static char *put_value(lua_State *L, int at, char *to);

static char *put_table(lua_State *L, int at, char *to)
{
	uint32_t count = 0;
	char *counted;

	script_json_unfreeze(L, at);
	*to++ = 'T';
	*to++ = (char)is_array(L, at);
	counted = to;
	to += sizeof(count);
	lua_pushnil(L);
	for (; lua_next(L, at) != 0; lua_pop(L, 1), count++) {
		to = put_value(L, lua_gettop(L) - 1, to);
		to = put_value(L, lua_gettop(L), to);
	}
	memcpy(counted, &count, sizeof(count));
	return to;
}

static char *put_value(lua_State *L, int at, char *to)
{
	switch (lua_type(L, at)) {
	case LUA_TBOOLEAN:
		*to++ = lua_toboolean(L, at) ? 't' : 'f';
		return to;
	case LUA_TNUMBER:
		return put_number(L, at, to);
	case LUA_TSTRING:
		return put_string(L, at, to);
	case LUA_TTABLE:
		return put_table(L, at, to);
	case LUA_TLIGHTUSERDATA:
		*to++ = '0';
		return to;
	default:
		*to++ = 'n';
		return to;
	}
}

struct weir_str parcel_pack(lua_State *L, int at, size_t ahead)
{
	size_t size;
	char *room;

	at = lua_absindex(L, at);
	size = measure(L, at, 0);
	if (size > PARCEL_MOST)
		luaL_error(L, "more than %d bytes cannot be kept", PARCEL_MOST);
	room = lua_newuserdatauv(L, ahead + size, 0);
	(void)put_value(L, at, room + ahead);
	return str_of(room, ahead + size);
}

/* Unpacking ---------------------------------------------------------------------- */

static void take(lua_State *L, struct weir_str *bytes, void *to, size_t size)
{
	if (bytes->len < size)
		luaL_error(L, "what was kept here is not whole");
	memcpy(to, bytes->data, size);
	*bytes = str_skip(*bytes, size);
}

static void push_string(lua_State *L, struct weir_str *bytes)
{
	uint32_t len;

	take(L, bytes, &len, sizeof(len));
	if (bytes->len < len)
		luaL_error(L, "what was kept here is not whole");
	lua_pushlstring(L, bytes->data, len);
	*bytes = str_skip(*bytes, len);
}

static void push_value(lua_State *L, struct weir_str *bytes, int depth);

static void push_table(lua_State *L, struct weir_str *bytes, int depth)
{
	uint32_t count;
	char array;

	take(L, bytes, &array, 1);
	take(L, bytes, &count, sizeof(count));
	if (depth == DEPTH_MOST)
		luaL_error(L, "what was kept here is not whole");
	luaL_checkstack(L, 6, NULL);
	lua_newtable(L);
	if (array)
		script_json_mark_array(L, -1);
	while (count-- > 0) {
		push_value(L, bytes, depth + 1);
		push_value(L, bytes, depth + 1);
		lua_rawset(L, -3);
		script_spend(L, 8);
	}
}

static void push_value(lua_State *L, struct weir_str *bytes, int depth)
{
	lua_Integer whole;
	lua_Number number;
	char type;

	take(L, bytes, &type, 1);
	switch (type) {
	case 't':
	case 'f':
		lua_pushboolean(L, type == 't');
		return;
	case 'i':
		take(L, bytes, &whole, sizeof(whole));
		lua_pushinteger(L, whole);
		return;
	case 'd':
		take(L, bytes, &number, sizeof(number));
		lua_pushnumber(L, number);
		return;
	case 's':
		push_string(L, bytes);
		return;
	case 'T':
		push_table(L, bytes, depth);
		return;
	case '0':
		lua_pushlightuserdata(L, NULL);
		return;
	default:
		lua_pushnil(L);
		return;
	}
}

void parcel_unpack(lua_State *L, struct weir_str bytes)
{
	push_value(L, &bytes, 0);
}
