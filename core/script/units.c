/* units.c - times and sizes as scripts write them: 0.25 or "250ms", 65536 or "64k". */
#include <math.h>

#include "core/script/bind.h"

struct unit {
	const char *word;
	double factor;
};

static const struct unit spans[] = {
	{ "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 }, { "m", 60e9 }, { "h", 3600e9 },
	{ "d", 86400e9 }, { NULL, 0 },
};
static const struct unit sizes[] = {
	{ "b", 1 }, { "k", 1024 }, { "m", 1048576 }, { "g", 1073741824 }, { NULL, 0 },
};

/* A number, then one of the units. NAN: it is not. */
static double read_units(const char *text, const struct unit *units)
{
	char *rest;
	double n;

	if (*text < '0' || *text > '9')
		return (double)NAN;
	n = strtod(text, &rest);
	for (; units->word != NULL; units++)
		if (strcmp(rest, units->word) == 0)
			return n * units->factor;
	return (double)NAN;
}

static double check(lua_State *L, int at, const struct unit *units, double plain, const char *expects)
{
	double n = lua_type(L, at) == LUA_TNUMBER ? lua_tonumber(L, at) * plain
						   : read_units(luaL_checkstring(L, at), units);

	luaL_argcheck(L, n >= 0, at, expects);	/* not NAN either */
	return n;
}

uint64_t script_check_span(lua_State *L, int at)
{
	double ns = check(L, at, spans, 1e9, "a time is seconds or \"250ms\", \"3s\", \"1m\"");

	return ns < 1.8e19 ? (uint64_t)ns : UINT64_MAX;
}

size_t script_check_size(lua_State *L, int at)
{
	double bytes = check(L, at, sizes, 1, "a size is bytes or \"64k\", \"8m\"");

	return bytes < 9e18 ? (size_t)bytes : SIZE_MAX / 2;
}

static bool field(lua_State *L, int at, const char *name)
{
	if (lua_getfield(L, at, name) != LUA_TNIL)
		return true;
	lua_pop(L, 1);
	return false;
}

uint64_t script_span_field(lua_State *L, int at, const char *name, uint64_t fallback)
{
	uint64_t ns;

	if (!lua_istable(L, at) || !field(L, at, name))
		return fallback;
	ns = script_check_span(L, lua_gettop(L));
	lua_pop(L, 1);
	return ns;
}

size_t script_size_field(lua_State *L, int at, const char *name, size_t fallback)
{
	size_t bytes;

	if (!lua_istable(L, at) || !field(L, at, name))
		return fallback;
	bytes = script_check_size(L, lua_gettop(L));
	lua_pop(L, 1);
	return bytes;
}
