/* fuzz_search.c - a pattern finds in a subject what Lua's own string library finds. The input is the
 * pattern, a line feed, and the subject. */
#include <lauxlib.h>
#include <lualib.h>

#include "core/script/search.h"
#include "tests/fuzz/fuzz.h"

enum { LONGEST = 48, MOST_STEPS = 20000 };

static lua_State *real(void)
{
	static lua_State *L;

	if (L == NULL) {
		L = luaL_newstate();
		must(L != NULL);
		luaL_openlibs(L);
	}
	lua_settop(L, 0);
	return L;
}

static void compare_capture(lua_State *L, const struct search *s, uint32_t i, int at)
{
	const struct search_capture *c = &s->capture[i];
	struct weir_str text;

	if (c->position) {
		must(lua_isinteger(L, at) && lua_tointeger(L, at) == (lua_Integer)c->from + 1);
		return;
	}
	must(lua_type(L, at) == LUA_TSTRING);
	text.data = lua_tolstring(L, at, &text.len);
	must(c->from + c->len <= s->subject.len);
	must(str_eq(text, str_of(s->subject.data + c->from, c->len)));
}

/* Lua's own gives up on deep patterns, which we need not. */
static void compare(const struct search *s, enum search_end end)
{
	lua_State *L = real();

	lua_getglobal(L, "string");
	lua_getfield(L, -1, "find");
	lua_pushlstring(L, s->subject.data, s->subject.len);
	lua_pushlstring(L, s->pattern.data, s->pattern.len);
	lua_pushinteger(L, 1);
	if (lua_pcall(L, 3, LUA_MULTRET, 0) != LUA_OK) {
		must(strstr(lua_tostring(L, -1), "too complex") != NULL);
		return;
	}
	if (end == SEARCH_NOT_FOUND) {
		must(lua_isnil(L, 2));
		return;
	}
	must(lua_tointeger(L, 2) == (lua_Integer)s->start + 1);
	must(lua_tointeger(L, 3) == (lua_Integer)s->at);
	must(lua_gettop(L) == 3 + (int)s->captures);
	for (uint32_t i = 0; i < s->captures; i++)
		compare_capture(L, s, i, 4 + (int)i);
}

/* What is refused must not find anything in Lua either, unless it was not looked at so far. */
static void run(struct weir_str pattern, struct weir_str subject)
{
	static struct search_item items[LONGEST + 1];
	static struct search_set sets[LONGEST / 2 + 1];
	struct search s = { .items = items, .sets = sets };
	uint64_t steps = MOST_STEPS;
	enum search_end end;

	if (search_compile(&s, pattern, true) != NULL)
		return;
	must(s.item_count <= search_items_of(pattern.len));
	must(s.set_count <= search_sets_of(pattern.len));
	search_begin(&s, subject, 0);
	end = search_run(&s, &steps);
	if (end != SEARCH_MORE)
		compare(&s, end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct weir_str in = str_of((const char *)data, size);
	size_t cut = str_find(in, '\n');

	if (cut > LONGEST || size > 4 * LONGEST)
		return 0;
	run(str_head(in, cut), str_skip(in, cut + 1));
	return 0;
}
