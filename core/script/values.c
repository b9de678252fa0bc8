/* values.c - the options of one use, from the configuration into Lua. */
#include "core/script/values.h"

#include <lauxlib.h>
#include <math.h>

static struct value number_value(double n)
{
	return (struct value){ .kind = VALUE_NUMBER, .number = n };
}

static struct value span_value(uint64_t ns)
{
	return number_value(ns == UINT64_MAX ? (double)INFINITY : (double)ns / 1e9);
}

static struct value whole_value(int64_t n, bool none)
{
	if (none)
		return number_value((double)INFINITY);
	return (struct value){ .kind = VALUE_WHOLE, .whole = n };
}

static struct value text_value(struct arena *arena, struct weir_str text)
{
	if (text.data == NULL)
		return (struct value){ .kind = VALUE_ABSENT };
	return (struct value){ .kind = VALUE_TEXT, .text = arena_copy(arena, text) };
}

static struct value object_value(struct arena *arena, const struct weir_setup *setup,
				 const struct weir_option *fields)
{
	struct value *map = setup != NULL && fields != NULL ? options_copy(arena, setup, fields)
							    : NULL;

	return map != NULL ? *map : (struct value){ .kind = VALUE_ABSENT };
}

/* The value at `at` of a row, of which there is one at least. */
static struct value one(struct arena *arena, const struct weir_setup *setup,
			const struct weir_option *row, enum weir_option_type type, uint32_t at)
{
	switch (type) {
	case WEIR_BOOLEAN:
		return (struct value){ .kind = VALUE_BOOLEAN,
				       .boolean = weir_option_integer_at(setup, row->name, at) != 0 };
	case WEIR_INTEGER: {
		int64_t n = weir_option_integer_at(setup, row->name, at);

		return whole_value(n, row->none_is_allowed && n == INT64_MAX);
	}
	case WEIR_SIZE: {
		uint64_t n = (uint64_t)weir_option_integer_at(setup, row->name, at);

		return whole_value((int64_t)n, n == UINT64_MAX);
	}
	case WEIR_DURATION:
		return span_value((uint64_t)weir_option_integer_at(setup, row->name, at));
	case WEIR_NUMBER: case WEIR_RATE: case WEIR_SHARE:
		return number_value(weir_option_number_at(setup, row->name, at));
	case WEIR_OBJECT:
		return object_value(arena, weir_option_object_at(setup, row->name, at), row->fields);
	default:
		return text_value(arena, weir_option_text_at(setup, row->name, at));
	}
}

static struct value many(struct arena *arena, const struct weir_setup *setup,
			 const struct weir_option *row, uint32_t count)
{
	bool map = row->type == WEIR_MAP;
	struct value v = { .kind = map ? VALUE_MAP : VALUE_LIST };

	v.items = arena_zero(arena, (count + 1) * sizeof(*v.items));
	if (v.items == NULL)
		return v;
	v.count = count;
	for (uint32_t i = 0; i < count; i++) {
		v.items[i] = one(arena, setup, row, map ? row->of : row->type, i);
		if (map)
			v.items[i].name = arena_copy(arena,
						     weir_option_key_at(setup, row->name, i));
	}
	return v;
}

static struct value row_value(struct arena *arena, const struct weir_setup *setup,
			      const struct weir_option *row)
{
	uint32_t count = weir_option_count(setup, row->name);

	if (row->type == WEIR_MAP || row->list)
		return many(arena, setup, row, count);
	if (count == 0)
		return (struct value){ .kind = VALUE_ABSENT };
	if (row->type == WEIR_KEY && count > 1)
		return many(arena, setup, row, count);
	return one(arena, setup, row, row->type, 0);
}

struct value *options_copy(struct arena *arena, const struct weir_setup *setup,
			  const struct weir_option *table)
{
	struct value *v = arena_zero(arena, sizeof(*v));
	uint32_t rows = 0;

	while (table != NULL && table[rows].name != NULL)
		rows++;
	if (v == NULL)
		return NULL;
	v->kind = VALUE_MAP;
	v->items = arena_zero(arena, (rows + 1) * sizeof(*v->items));
	if (v->items == NULL)
		return NULL;
	v->count = rows;
	for (uint32_t i = 0; i < rows; i++) {
		v->items[i] = row_value(arena, setup, &table[i]);
		v->items[i].name = arena_copy(arena, str_from(table[i].name));
	}
	return arena->overflowed ? NULL : v;
}

static void push_many(lua_State *L, const struct value *v)
{
	bool map = v->kind == VALUE_MAP;
	int there = 0;

	for (uint32_t i = 0; i < v->count; i++)
		there += v->items[i].kind != VALUE_ABSENT;
	luaL_checkstack(L, 4, NULL);
	lua_createtable(L, map ? 0 : (int)v->count, map ? there : 0);
	for (uint32_t i = 0; i < v->count; i++) {
		if (map && v->items[i].kind == VALUE_ABSENT)
			continue;
		if (map)
			(void)lua_pushlstring(L, v->items[i].name.data, v->items[i].name.len);
		options_push(L, &v->items[i]);
		if (map)
			lua_rawset(L, -3);
		else
			lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
}

void options_push(lua_State *L, const struct value *v)
{
	switch (v->kind) {
	case VALUE_ABSENT:
		lua_pushnil(L);
		break;
	case VALUE_TEXT:
		(void)lua_pushlstring(L, v->text.data, v->text.len);
		break;
	case VALUE_WHOLE:
		lua_pushinteger(L, v->whole);
		break;
	case VALUE_NUMBER:
		lua_pushnumber(L, v->number);
		break;
	case VALUE_BOOLEAN:
		lua_pushboolean(L, v->boolean);
		break;
	case VALUE_LIST: case VALUE_MAP:
		push_many(L, v);
		break;
	}
}
