/* bind_headers.c - `req.headers` and `res.headers`: names have no case, repeats are joined. */
#include <weir/exchange.h>

#include "core/base/str.h"
#include "core/script/objects.h"

enum { NAME_LONGEST = 256 };

static int headers_index(lua_State *L)
{
	enum weir_side side;
	const struct script_run *run = headers_check(L, &side);
	struct weir_str name = script_check_str(L, 2), value;

	value = weir_host_slot->header(run->ex, side, name);
	if (value.data != NULL) {
		(void)lua_pushlstring(L, value.data, value.len);
		return 1;
	}
	lua_pushvalue(L, 2);
	(void)lua_rawget(L, lua_upvalueindex(1));	/* add, all; nil for the rest */
	return 1;
}

static int refused(lua_State *L, struct weir_str name)
{
	return luaL_error(L, "header \"%s\" cannot be set so: name or value is not valid, the head "
			     "would be too large, it frames the message, or it has been sent",
			  name.data);
}

/* The value at `at`: replaces all of that name, or is one more. */
static void put(lua_State *L, int at, struct weir_exchange *ex, enum weir_side side,
		struct weir_str name, bool replace)
{
	struct weir_str value = { NULL, 0 };
	bool ok;

	value.data = lua_tolstring(L, at, &value.len);
	if (unlikely(value.data == NULL))
		(void)luaL_error(L, "header \"%s\": a value is a text or number, or a list of them",
				 name.data);
	ok = replace ? weir_host_slot->header_set(ex, side, name, value)
		     : weir_host_slot->header_add(ex, side, name, value);
	if (unlikely(!ok))
		(void)refused(L, name);
}

static void set_list(lua_State *L, struct weir_exchange *ex, enum weir_side side,
		     struct weir_str name)
{
	lua_Integer count = luaL_len(L, 3);

	if (count == 0)
		(void)weir_host_slot->header_remove(ex, side, name);
	for (lua_Integer i = 1; i <= count; i++) {
		(void)lua_geti(L, 3, i);
		put(L, -1, ex, side, name, i == 1);
		lua_pop(L, 1);
	}
}

/* Lua calls it with three arguments, and nobody else can. */
static int headers_newindex(lua_State *L)
{
	enum weir_side side;
	const struct script_run *run = headers_check(L, &side);
	struct weir_str name = script_check_str(L, 2);

	switch (lua_type(L, 3)) {
	case LUA_TNIL:
		(void)weir_host_slot->header_remove(run->ex, side, name);
		break;
	case LUA_TTABLE:
		set_list(L, run->ex, side, name);
		break;
	default:
		put(L, 3, run->ex, side, name, true);
	}
	return 0;
}

/* headers:add(name, value) */
static int headers_add(lua_State *L)
{
	enum weir_side side;
	const struct script_run *run = headers_check(L, &side);
	struct weir_str name = script_check_str(L, 2);

	lua_settop(L, 3);
	put(L, 3, run->ex, side, name, false);
	return 0;
}

/* headers:all(name) -> { "value", ... } */
static int headers_all(lua_State *L)
{
	enum weir_side side;
	const struct script_run *run = headers_check(L, &side);
	struct weir_str name = script_check_str(L, 2), value;

	lua_newtable(L);
	for (uint32_t i = 0;; i++) {
		value = weir_host_slot->header_at(run->ex, side, name, i);
		if (value.data == NULL)
			return 1;
		(void)lua_pushlstring(L, value.data, value.len);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
}

static void push_small(lua_State *L, struct weir_str name)
{
	char small[NAME_LONGEST];
	size_t len = name.len < sizeof(small) ? name.len : sizeof(small);

	for (size_t i = 0; i < len; i++)
		small[i] = ascii_lower(name.data[i]);
	(void)lua_pushlstring(L, small, len);
}

/* Upvalue 1: which field comes next. */
static int next_field(lua_State *L)
{
	enum weir_side side;
	const struct script_run *run = headers_check(L, &side);
	lua_Integer at = lua_tointeger(L, lua_upvalueindex(1));
	struct weir_field field;

	if (!weir_host_slot->header_nth(run->ex, side, (uint32_t)at, &field))
		return 0;
	lua_pushinteger(L, at + 1);
	lua_replace(L, lua_upvalueindex(1));
	push_small(L, field.name);
	script_push_str(L, field.value);
	return 2;
}

static int headers_pairs(lua_State *L)
{
	enum weir_side side;

	(void)headers_check(L, &side);
	lua_pushinteger(L, 0);
	lua_pushcclosure(L, next_field, 1);
	lua_pushvalue(L, 1);
	return 2;
}

const struct binding bindings_headers[] = {
	{ "name", NULL, "headers[name]", "The value, of several all joined with `, ` (of `set-cookie` the "
	  "first); setting replaces all, a list sets several, nil removes.", false, "0.1" },
	{ "add", headers_add, "headers:add(name, value)", "Adds one more of this name.", false, "0.1" },
	{ "all", headers_all, "headers:all(name) -> list", "All values of this name, one by one.", false,
	  "0.1" },
	{ "pairs", NULL, "pairs(headers)",
	  "Goes over all of them: names in small letters, each value by itself.", false, "0.1" },
	{ 0 }
};

static const luaL_Reg meta[] = {
	{ "__newindex", headers_newindex },
	{ "__pairs", headers_pairs },
	{ NULL, NULL }
};

const struct object_class headers_class = { "weir.headers", bindings_headers, meta, headers_index };
