/* test_value.c - Lua values in tests: as JSON, as text for people, and compared. */
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "core/weir/test.h"

enum { DEEPEST = 16, SHOWN = 400, SHOWN_DEEP = 4 };

/* Buffers --------------------------------------------------------------------- */

static int buffer_gc(lua_State *L)
{
	buffer_fini(lua_touserdata(L, 1));
	return 0;
}

struct buffer *test_buffer(lua_State *L)
{
	struct buffer *b = lua_newuserdatauv(L, sizeof(*b), 0);

	buffer_init(b, 1 << 26);
	if (luaL_newmetatable(L, "weir.test.buffer")) {
		lua_pushcfunction(L, buffer_gc);
		lua_setfield(L, -2, "__gc");
	}
	(void)lua_setmetatable(L, -2);
	return b;
}

static void add(struct buffer *out, const char *text)
{
	(void)buffer_add(out, str_from(text));
}

static void quote(struct buffer *out, const char *text, size_t len)
{
	add(out, "\"");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '"' || c == '\\')
			(void)buffer_print(out, "\\%c", c);
		else if (c == '\n')
			add(out, "\\n");
		else if (c < 0x20 || c == 0x7f)
			(void)buffer_print(out, "\\u%04x", c);
		else
			(void)buffer_add(out, str_of(text + i, 1));
	}
	add(out, "\"");
}

static void number(lua_State *L, int at, struct buffer *out)
{
	double n = lua_tonumber(L, at);

	if (lua_isinteger(L, at))
		(void)buffer_print(out, "%lld", (long long)lua_tointeger(L, at));
	else if (floor(n) == n && fabs(n) < 1e15)
		(void)buffer_print(out, "%.0f", n);
	else
		(void)buffer_print(out, "%.17g", n);
}

/* JSON ------------------------------------------------------------------------ */

static void json(lua_State *L, int at, struct buffer *out, int depth);

static void json_list(lua_State *L, int at, lua_Unsigned count, struct buffer *out, int depth)
{
	add(out, "[");
	for (lua_Unsigned i = 1; i <= count; i++) {
		if (i > 1)
			add(out, ",");
		(void)lua_geti(L, at, (lua_Integer)i);
		json(L, lua_gettop(L), out, depth + 1);
		lua_pop(L, 1);
	}
	add(out, "]");
}

static void json_map(lua_State *L, int at, struct buffer *out, int depth)
{
	const char *comma = "";
	size_t len;

	add(out, "{");
	lua_pushnil(L);
	while (lua_next(L, at) != 0) {
		const char *key = NULL;

		if (lua_type(L, -2) == LUA_TSTRING)
			key = lua_tolstring(L, -2, &len);
		if (key == NULL)
			(void)test_fail(L, "a table has either names or a list 1, 2, 3 ...; not both");
		add(out, comma);
		quote(out, key, len);
		add(out, ":");
		json(L, lua_gettop(L), out, depth + 1);
		lua_pop(L, 1);
		comma = ",";
	}
	add(out, "}");
}

static void json(lua_State *L, int at, struct buffer *out, int depth)
{
	size_t len;
	const char *text;

	luaL_checkstack(L, 6, NULL);
	if (depth > DEEPEST)
		(void)test_fail(L, "a table within itself, or deeper than %d", DEEPEST);
	switch (lua_type(L, at)) {
	case LUA_TNIL:
		add(out, "null");
		break;
	case LUA_TBOOLEAN:
		add(out, lua_toboolean(L, at) ? "true" : "false");
		break;
	case LUA_TNUMBER:
		number(L, at, out);
		break;
	case LUA_TSTRING:
		text = lua_tolstring(L, at, &len);
		quote(out, text, len);
		break;
	case LUA_TTABLE:
		if (lua_rawlen(L, at) > 0)
			json_list(L, at, lua_rawlen(L, at), out, depth);
		else
			json_map(L, at, out, depth);
		break;
	default:
		(void)test_fail(L, "a %s cannot be written as JSON", luaL_typename(L, at));
	}
}

void test_value_json(lua_State *L, int at, struct buffer *out)
{
	json(L, lua_absindex(L, at), out, 0);
}

/* For people -------------------------------------------------------------------- */

static void show(lua_State *L, int at, struct buffer *out, int depth);

static void show_key(lua_State *L, int at, struct buffer *out)
{
	const char *key = lua_type(L, at) == LUA_TSTRING ? lua_tostring(L, at) : NULL;

	if (key != NULL && strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")
			   == strlen(key)) {
		add(out, key);
		return;
	}
	add(out, "[");
	show(L, at, out, SHOWN_DEEP);
	add(out, "]");
}

static void show_table(lua_State *L, int at, struct buffer *out, int depth)
{
	lua_Unsigned listed = lua_rawlen(L, at);
	const char *comma = " ";

	if (depth >= SHOWN_DEEP || buffer_len(out) > SHOWN) {
		add(out, "{ ... }");
		return;
	}
	add(out, "{");
	lua_pushnil(L);
	while (lua_next(L, at) != 0 && buffer_len(out) <= SHOWN) {
		add(out, comma);
		if (!lua_isinteger(L, -2) || (lua_Unsigned)lua_tointeger(L, -2) - 1 >= listed) {
			show_key(L, lua_absindex(L, -2), out);
			add(out, " = ");
		}
		show(L, lua_gettop(L), out, depth + 1);
		lua_pop(L, 1);
		comma = ", ";
	}
	add(out, comma[0] == ' ' ? "}" : " }");
}

static void show(lua_State *L, int at, struct buffer *out, int depth)
{
	int top = lua_gettop(L);
	size_t len;
	const char *text;

	luaL_checkstack(L, 6, NULL);
	switch (lua_type(L, at)) {
	case LUA_TNUMBER:
		number(L, at, out);
		break;
	case LUA_TSTRING:
		text = lua_tolstring(L, at, &len);
		quote(out, text, len < SHOWN ? len : SHOWN);
		if (len >= SHOWN)
			add(out, " ...");
		break;
	case LUA_TTABLE:
		show_table(L, at, out, depth);
		break;
	default:
		add(out, luaL_tolstring(L, at, NULL));
	}
	lua_settop(L, top);
}

void test_value_show(lua_State *L, int at, struct buffer *out)
{
	show(L, lua_absindex(L, at), out, 0);
}

/* Comparing -------------------------------------------------------------------- */

static bool equal(lua_State *L, int a, int b, struct buffer *where, int depth);

/* The entry whose key is at the top, in both. */
static bool equal_at_key(lua_State *L, int a, int b, struct buffer *where, int depth)
{
	size_t before = buffer_len(where);
	int key = lua_gettop(L);
	bool same;

	if (lua_type(L, key) == LUA_TSTRING)
		(void)buffer_print(where, ".%s", lua_tostring(L, key));
	else
		(void)buffer_print(where, "[%s]", luaL_tolstring(L, key, NULL));
	lua_settop(L, key);
	lua_pushvalue(L, key);
	(void)lua_rawget(L, a);
	lua_pushvalue(L, key);
	(void)lua_rawget(L, b);
	same = equal(L, key + 1, key + 2, where, depth + 1);
	lua_settop(L, key);
	if (same)
		where->end = where->start + before;
	return same;
}

static bool equal_one_way(lua_State *L, int a, int b, struct buffer *where, int depth)
{
	int top = lua_gettop(L);

	lua_pushnil(L);
	while (lua_next(L, a) != 0) {
		lua_pop(L, 1);
		if (!equal_at_key(L, a, b, where, depth)) {
			lua_settop(L, top);
			return false;
		}
	}
	return true;
}

static bool equal(lua_State *L, int a, int b, struct buffer *where, int depth)
{
	luaL_checkstack(L, 6, NULL);
	if (lua_compare(L, a, b, LUA_OPEQ))
		return true;
	if (!lua_istable(L, a) || !lua_istable(L, b) || depth > DEEPEST)
		return false;
	return equal_one_way(L, a, b, where, depth) && equal_one_way(L, b, a, where, depth);
}

bool test_value_equal(lua_State *L, int a, int b, struct buffer *where)
{
	return equal(L, lua_absindex(L, a), lua_absindex(L, b), where, 0);
}

/* Failing ------------------------------------------------------------------------ */

/* The nearest line of the test file, seen from here: helpers in it count. */
static void push_where(lua_State *L)
{
	lua_Debug at;

	for (int level = 0; lua_getstack(L, level, &at) != 0; level++) {
		(void)lua_getinfo(L, "Sl", &at);
		if (at.currentline <= 0 || at.source[0] != '@')
			continue;
		lua_pushfstring(L, "%s:%d: ", at.source + 1, at.currentline);
		return;
	}
	lua_pushliteral(L, "");
}

int test_fail(lua_State *L, const char *format, ...)
{
	char text[4096];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	push_where(L);
	lua_pushstring(L, text);
	lua_concat(L, 2);
	return lua_error(L);
}
