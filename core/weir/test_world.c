/* test_world.c - `t`: the world of one test, its clock, its dice and its log. */
#include <math.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/weir/test.h"

struct test_use {
	struct test_use *next;
	char *options;
	struct weir_fake_use *use;
};

static const char t_name[] = "weir.test";

struct test_world *test_world_of(lua_State *L)
{
	struct test_file *file = *(struct test_file **)luaL_checkudata(L, 1, t_name);

	if (file->world == NULL)
		(void)luaL_error(L, "this test is over");
	return file->world;
}

void test_world_open(struct test_file *file)
{
	static struct test_world world;

	world = (struct test_world){ .file = file, .fake = weir_fake_new() };
	arena_init(&world.arena, NULL, 256 << 20);
	file->world = &world;
}

/* The first that is not expected; those before a policy's error were told with it. */
static const char *misbehaviour(struct test_world *w)
{
	static char said[1024];
	const char *fault = weir_fake_unexpected(w->fake);

	if (fault == NULL)
		return NULL;
	(void)snprintf(said, sizeof(said), "%s", fault);
	return said;
}

/* What stands there would be said once more on stderr. */
void test_forgive(struct test_world *w)
{
	const char *fault;
	char word[64];

	for (uint32_t i = 0; (fault = weir_fake_fault(w->fake, i)) != NULL; i++) {
		(void)snprintf(word, sizeof(word), "%.*s", (int)strcspn(fault, ":"), fault);
		(void)weir_fake_blames(w->fake, word);
	}
}

const char *test_world_close(struct test_file *file)
{
	struct test_world *w = file->world;
	const char *said = misbehaviour(w);

	test_forgive(w);
	(void)weir_fake_free(w->fake);
	while (w->uses != NULL) {
		struct test_use *u = w->uses;

		w->uses = u->next;
		mem_free(u->options);
		mem_free(u);
	}
	arena_reset(&w->arena);
	file->world = NULL;
	return said;
}

static struct test_use *find_use(struct test_world *w, const char *options)
{
	struct test_use *u = w->uses;

	while (u != NULL && strcmp(u->options, options) != 0)
		u = u->next;
	return u;
}

/* The same options are the same use: what `start` has made stays within a test. */
struct weir_fake_use *test_use(lua_State *L, struct test_world *w, const char *options)
{
	struct test_use *u = find_use(w, options);
	struct weir_error error = { "" };

	if (u != NULL)
		return u->use;
	u = mem_alloc(sizeof(*u));
	if (u == NULL || (u->options = str_dup(str_from(options))) == NULL) {
		mem_free(u);
		(void)luaL_error(L, "not enough memory");
	}
	u->next = w->uses;
	w->uses = u;
	u->use = weir_fake_open(w->fake, script_plugin(w->file->script), options, &error);
	if (u->use != NULL)
		return u->use;
	w->uses = u->next;
	mem_free(u->options);
	mem_free(u);
	(void)test_fail(L, "%s", error.text);
	return NULL;
}

/* Time -------------------------------------------------------------------------- */

/* Seconds, or "250ms" "3s" "1m" "2h". */
uint64_t test_span(lua_State *L, int at)
{
	static const struct { const char *unit; double ns; } units[] = {
		{ "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 }, { "m", 60e9 }, { "h", 3600e9 }, { "d", 86400e9 },
	};
	const char *text = lua_type(L, at) == LUA_TSTRING ? lua_tostring(L, at) : NULL;
	double n;
	char unit[4] = "s";
	int used = 0;

	if (text == NULL) {
		n = luaL_checknumber(L, at);
	} else if (sscanf(text, "%lf%3s%n", &n, unit, &used) != 2 || text[used] != '\0') {
		(void)test_fail(L, "\"%s\" is no time; write seconds as a number, or \"250ms\"", text);
	}
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (strcmp(unit, units[i].unit) == 0 && n >= 0 && n * units[i].ns < 9e18)
			return (uint64_t)(n * units[i].ns);
	(void)test_fail(L, "\"%s\" is no time; write seconds as a number, or \"250ms\"",
			luaL_tolstring(L, at, NULL));
	return 0;
}

/* t:advance(time): so much passes. */
static int advance(lua_State *L)
{
	weir_fake_advance(test_world_of(L)->fake, test_span(L, 2));
	return 0;
}

/* t:clock([seconds since 1970]) -> what it is. */
static int wall_clock(lua_State *L)
{
	struct test_world *w = test_world_of(L);

	if (!lua_isnoneornil(L, 2))
		weir_fake_set_wall(w->fake, (uint64_t)(luaL_checknumber(L, 2) * 1e9));
	lua_pushnumber(L, (double)weir_fake_host()->wall() / 1e9);
	return 1;
}

/* t:random(0.3, 0.9 ...): what weir.random() gives next. The upper 53 bits of the dice make the number. */
static int dice(lua_State *L)
{
	struct test_world *w = test_world_of(L);
	int count = lua_gettop(L) - 1;
	uint64_t values[64];

	luaL_argcheck(L, count <= (int)ARRAY_LEN(values), 2, "at most 64 numbers");
	for (int i = 0; i < count; i++) {
		double n = luaL_checknumber(L, i + 2);

		luaL_argcheck(L, n >= 0 && n < 1, i + 2, "0 or more, and below 1");
		values[i] = (uint64_t)(n * 0x1p53 + 0.5) << 11;
	}
	weir_fake_dice(w->fake, values, (uint32_t)count);
	return 0;
}

/* t:logged() -> the lines that the policy has logged so far. */
static int logged(lua_State *L)
{
	struct test_world *w = test_world_of(L);
	const char *line;

	lua_newtable(L);
	for (uint32_t i = 0; (line = weir_fake_said(w->fake, i)) != NULL; i++) {
		lua_pushstring(L, line);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

static const luaL_Reg own[] = {
	{ "advance", advance },
	{ "clock", wall_clock },
	{ "random", dice },
	{ "logged", logged },
	{ NULL, NULL }
};

void test_push_t(lua_State *L, struct test_file *file)
{
	struct test_file **t = lua_newuserdatauv(L, sizeof(struct test_file *), 0);

	*t = file;
	if (luaL_newmetatable(L, t_name)) {
		luaL_setfuncs(L, own, 0);
		luaL_setfuncs(L, test_requests, 0);
		luaL_setfuncs(L, test_services, 0);
		luaL_setfuncs(L, test_checks, 0);
		lua_pushvalue(L, -1);
		lua_setfield(L, -2, "__index");
	}
	(void)lua_setmetatable(L, -2);
}
