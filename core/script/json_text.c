/* json_text.c - Lua values become JSON. */
#include <lauxlib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/utf8.h"
#include "core/script/json.h"
#include "core/script/spend.h"

enum { ROOM_AT_FIRST = 256, DEPTH_MOST = 64 };

/* The text grows in a userdata of the state, so that it is the script's memory. */
struct json_out {
	lua_State *L;
	int slot, mark;
	char *data;
	size_t len, room;
	unsigned depth;
};

static const char mark_name[] = "weir.json.array";

void script_json_push_mark(lua_State *L)
{
	if (luaL_newmetatable(L, mark_name) != 0) {
		lua_pushboolean(L, false);
		lua_setfield(L, -2, "__metatable");
	}
}

void script_json_mark_array(lua_State *L, int at)
{
	at = lua_absindex(L, at);
	script_json_push_mark(L);
	(void)lua_setmetatable(L, at);
}

/* Lends room for `n` more bytes. */
static char *reserve(struct json_out *out, size_t n)
{
	if (out->room - out->len < n) {
		size_t room = 2 * out->room + n;
		char *data = lua_newuserdatauv(out->L, room, 0);

		memcpy(data, out->data, out->len);
		lua_replace(out->L, out->slot);
		out->data = data;
		out->room = room;
	}
	return out->data + out->len;
}

static void put(struct json_out *out, const char *bytes, size_t n)
{
	memcpy(reserve(out, n), bytes, n);
	out->len += n;
}

#define PUT(out, literal) put(out, literal, sizeof(literal) - 1)

/* How many bytes at the front stand in JSON as they are. */
static size_t plain_run(struct weir_str s)
{
	size_t n = 0;

	while (n < s.len) {
		unsigned char c = (unsigned char)s.data[n];
		unsigned step = 1;

		if (c < 0x20 || c == '"' || c == '\\' || c == 0x7f)
			break;
		if (c >= 0x80)
			step = utf8_step(str_skip(s, n));
		if (step == 0)
			break;
		n += step;
	}
	return n;
}

/* The one byte that plain_run() stopped at; or what is not UTF-8, as one U+FFFD. */
static size_t put_escaped(struct json_out *out, struct weir_str s)
{
	static const char letters[] = "btn\0fr";
	unsigned char c = (unsigned char)s.data[0];
	char text[8];

	if (c >= 0x80) {
		PUT(out, UTF8_REPLACEMENT);
		return utf8_bad_step(s);
	}
	if (c == '"' || c == '\\' || (c >= '\b' && c <= '\r' && letters[c - '\b'] != '\0')) {
		text[0] = '\\';
		text[1] = c < 0x20 ? letters[c - '\b'] : (char)c;
		put(out, text, 2);
	} else {
		put(out, text, (size_t)snprintf(text, sizeof(text), "\\u%04x", c));
	}
	return 1;
}

static void put_string(struct json_out *out, struct weir_str s)
{
	PUT(out, "\"");
	while (s.len > 0) {
		size_t n = plain_run(s);

		put(out, s.data, n);
		s = str_skip(s, n);
		if (s.len > 0)
			s = str_skip(s, put_escaped(out, s));
		script_spend(out->L, 1 + n / 8);
	}
	PUT(out, "\"");
}

/* The shortest of 15 to 17 digits that is the same number again. */
static void put_float(struct json_out *out, double number)
{
	char text[40];
	int n = 0;

	if (!isfinite(number))
		luaL_error(out->L, "JSON has no word for %s", isnan(number) ? "nan" : "infinity");
	for (int digits = 15; digits <= 17; digits++) {
		n = snprintf(text, sizeof(text), "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	put(out, text, (size_t)n);
	if (text[strspn(text, "-0123456789")] == '\0')
		PUT(out, ".0");
}

static void put_number(struct json_out *out, int at)
{
	char text[24];

	if (!lua_isinteger(out->L, at)) {
		put_float(out, lua_tonumber(out->L, at));
		return;
	}
	put(out, text, (size_t)snprintf(text, sizeof(text), LUA_INTEGER_FMT,
					lua_tointeger(out->L, at)));
}

static void put_value(struct json_out *out, int at);

static void put_array(struct json_out *out, int at, lua_Integer count)
{
	PUT(out, "[");
	for (lua_Integer i = 1; i <= count; i++) {
		if (i > 1)
			PUT(out, ",");
		(void)lua_rawgeti(out->L, at, i);
		put_value(out, lua_gettop(out->L));
		lua_pop(out->L, 1);
	}
	PUT(out, "]");
}

static int compare_keys(const void *a, const void *b)
{
	const struct weir_str *x = a, *y = b;

	return str_compare(*x, *y);
}

/* Pushes room with all keys, sorted; the table holds the texts. */
static const struct weir_str *push_keys(lua_State *L, int at, size_t count)
{
	struct weir_str *keys = lua_newuserdatauv(L, count * sizeof(*keys) + 1, 0);
	size_t n = 0;

	lua_pushnil(L);
	while (lua_next(L, at) != 0) {
		lua_pop(L, 1);
		keys[n].data = lua_tolstring(L, -1, &keys[n].len);
		n++;
	}
	qsort(keys, count, sizeof(*keys), compare_keys);
	script_spend(L, count * 8);
	return keys;
}

static void put_object(struct json_out *out, int at, size_t count)
{
	const struct weir_str *keys = push_keys(out->L, at, count);

	PUT(out, "{");
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			PUT(out, ",");
		put_string(out, keys[i]);
		PUT(out, ":");
		lua_pushlstring(out->L, keys[i].data, keys[i].len);
		(void)lua_rawget(out->L, at);
		put_value(out, lua_gettop(out->L));
		lua_pop(out->L, 1);
	}
	PUT(out, "}");
	lua_pop(out->L, 1);
}

/* What the keys of a table are. */
struct keys_seen {
	size_t texts, numbers;
	lua_Integer greatest;
};

static struct keys_seen look_at_keys(lua_State *L, int at)
{
	struct keys_seen seen = { 0, 0, 0 };

	lua_pushnil(L);
	while (lua_next(L, at) != 0) {
		lua_pop(L, 1);
		if (lua_type(L, -1) == LUA_TSTRING)
			seen.texts++;
		else if (lua_isinteger(L, -1) && lua_tointeger(L, -1) > 0)
			seen.numbers++;
		else
			luaL_error(L, "JSON has no word for a key that is neither text nor 1, 2, 3 ...");
		if (lua_isinteger(L, -1) && lua_tointeger(L, -1) > seen.greatest)
			seen.greatest = lua_tointeger(L, -1);
		script_spend(L, 2);
	}
	return seen;
}

static bool is_marked(struct json_out *out, int at)
{
	bool marked;

	if (lua_getmetatable(out->L, at) == 0)
		return false;
	marked = lua_rawequal(out->L, -1, out->mark);
	lua_pop(out->L, 1);
	return marked;
}

static void put_table(struct json_out *out, int at)
{
	struct keys_seen seen;

	if (out->depth++ == DEPTH_MOST)
		luaL_error(out->L, "a table nested deeper than %d, or within itself", DEPTH_MOST);
	luaL_checkstack(out->L, 8, "JSON nested too deep");
	script_json_unfreeze(out->L, at);
	seen = look_at_keys(out->L, at);
	if (seen.texts > 0 && seen.numbers > 0)
		luaL_error(out->L, "JSON has no word for a table that is both list and map");
	if (seen.numbers > 0 && (size_t)seen.greatest != seen.numbers)
		luaL_error(out->L, "JSON has no word for a list with holes; put weir.json.null there");
	if (seen.numbers > 0 || (seen.texts == 0 && is_marked(out, at)))
		put_array(out, at, (lua_Integer)seen.numbers);
	else
		put_object(out, at, seen.texts);
	out->depth--;
}

void script_json_unfreeze(lua_State *L, int at)
{
	if (lua_getmetatable(L, at) == 0)
		return;
	lua_pushliteral(L, "__pairs");
	lua_pushliteral(L, "__index");
	if (lua_rawget(L, -3) == LUA_TTABLE) {
		lua_insert(L, -2);
		if (lua_rawget(L, -3) != LUA_TNIL) {
			lua_pushvalue(L, -2);
			lua_replace(L, at);
		}
	}
	lua_settop(L, -4);
}

static void put_value(struct json_out *out, int at)
{
	struct weir_str s;

	script_spend(out->L, 4);
	switch (lua_type(out->L, at)) {
	case LUA_TNIL:
		PUT(out, "null");
		return;
	case LUA_TBOOLEAN:
		if (lua_toboolean(out->L, at))
			PUT(out, "true");
		else
			PUT(out, "false");
		return;
	case LUA_TNUMBER:
		put_number(out, at);
		return;
	case LUA_TSTRING:
		s.data = lua_tolstring(out->L, at, &s.len);
		put_string(out, s);
		return;
	case LUA_TTABLE:
		put_table(out, at);
		return;
	case LUA_TLIGHTUSERDATA:
		if (lua_touserdata(out->L, at) == NULL) {
			PUT(out, "null");
			return;
		}
		break;
	default:
		break;
	}
	luaL_error(out->L, "JSON has no word for a %s", luaL_typename(out->L, at));
}

struct weir_str script_json_text(lua_State *L, int at)
{
	struct json_out out = { .L = L, .room = ROOM_AT_FIRST };
	struct weir_str text;

	at = lua_absindex(L, at);
	luaL_checkstack(L, 12, NULL);
	out.data = lua_newuserdatauv(L, out.room, 0);
	out.slot = lua_gettop(L);
	script_json_push_mark(L);
	out.mark = out.slot + 1;
	put_value(&out, at);
	lua_pushlstring(L, out.data, out.len);
	lua_replace(L, out.slot);
	lua_settop(L, out.slot);
	text.data = lua_tolstring(L, -1, &text.len);
	return text;
}
