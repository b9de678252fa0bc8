/* bind_find.c - string.find, match and gmatch. */
#include "core/script/binds.h"
#include "core/script/finding.h"
#include "core/script/spend.h"

/* Room for the common, short pattern; longer ones get theirs from the state. */
enum { SMALL_PATTERN = 31 };

struct small {
	struct search s;
	struct search_set sets[SMALL_PATTERN / 2 + 1];
	struct search_item items[SMALL_PATTERN + 1];
};

static struct search *compile(lua_State *L, struct weir_str pattern, struct small *small)
{
	const char *wrong;

	if (pattern.len > SMALL_PATTERN)
		return finding_new(L, pattern, true);
	small->s.sets = small->sets;
	small->s.items = small->items;
	wrong = search_compile(&small->s, pattern, true);
	if (wrong != NULL)
		luaL_error(L, "%s", wrong);
	return &small->s;
}

static bool is_plain(struct weir_str pattern)
{
	static const char special[] = "^$*+?.([%-";

	for (size_t i = 0; i < pattern.len; i++) {
		if (memchr(special, pattern.data[i], sizeof(special) - 1) != NULL)
			return false;
	}
	return true;
}

/* memmem() may take a step per byte; a string is no longer than the script's memory. */
static int find_plain(lua_State *L, struct weir_str subject, struct weir_str what, size_t start)
{
	struct weir_str rest = str_skip(subject, start);
	const char *at = memmem(rest.data, rest.len, what.data, what.len);

	script_spend(L, rest.len / 8);
	if (at == NULL) {
		lua_pushnil(L);
		return 1;
	}
	lua_pushinteger(L, at - subject.data + 1);
	lua_pushinteger(L, (at - subject.data) + (lua_Integer)what.len);
	return 2;
}

static int look(lua_State *L, bool find)
{
	struct weir_str subject = string_arg(L, 1), pattern = string_arg(L, 2);
	size_t start = finding_start(L, 3, subject.len);
	struct small small;
	struct search *s;

	if (start > subject.len) {
		lua_pushnil(L);
		return 1;
	}
	if (find && (lua_toboolean(L, 4) || is_plain(pattern)))
		return find_plain(L, subject, pattern, start);
	s = compile(L, pattern, &small);
	if (!finding_next(L, s, subject, start)) {
		lua_pushnil(L);
		return 1;
	}
	if (!find)
		return finding_push_all(L, s, true);
	lua_pushinteger(L, (lua_Integer)s->start + 1);
	lua_pushinteger(L, (lua_Integer)s->at);
	return 2 + finding_push_all(L, s, false);
}

static int string_find(lua_State *L)
{
	return look(L, true);
}

static int string_match(lua_State *L)
{
	return look(L, false);
}

/* Upvalues: the subject, the pattern, the compiled pattern, where to go on, where the last match
 * ended (from 1; 0: there was none): an empty match there would be the same one again. */
static int next_match(lua_State *L)
{
	struct search *s = lua_touserdata(L, lua_upvalueindex(3));
	size_t at = (size_t)lua_tointeger(L, lua_upvalueindex(4));
	size_t last = (size_t)lua_tointeger(L, lua_upvalueindex(5));
	struct weir_str subject;

	subject.data = lua_tolstring(L, lua_upvalueindex(1), &subject.len);
	do {
		if (at > subject.len || !finding_next(L, s, subject, at))
			return 0;
		at = s->start + 1;
	} while (s->at + 1 == last);
	lua_pushinteger(L, (lua_Integer)s->at);
	lua_replace(L, lua_upvalueindex(4));
	lua_pushinteger(L, (lua_Integer)s->at + 1);
	lua_replace(L, lua_upvalueindex(5));
	return finding_push_all(L, s, true);
}

static int string_gmatch(lua_State *L)
{
	struct weir_str subject = string_arg(L, 1), pattern = string_arg(L, 2);
	size_t start = finding_start(L, 3, subject.len);

	lua_settop(L, 2);
	finding_new(L, pattern, false);
	lua_pushinteger(L, start > subject.len ? (lua_Integer)subject.len + 1 : (lua_Integer)start);
	lua_pushinteger(L, 0);
	lua_pushcclosure(L, next_match, 5);
	return 1;
}

const struct binding bindings_find[] = {
	{ "find", string_find, "string.find(s, pattern [, from [, plain]]) -> first, last, captures...",
	  "Looks for the first match of a pattern, or with `plain` for the text itself; nil: none.",
	  false, "0.1" },
	{ "match", string_match, "string.match(s, pattern [, from]) -> captures...",
	  "Gives the captures of the first match, or all of it when the pattern has none.", false,
	  "0.1" },
	{ "gmatch", string_gmatch, "string.gmatch(s, pattern [, from]) -> iterator",
	  "Goes over all matches: `for word in s:gmatch(\"%a+\") do`.", false, "0.1" },
	{ 0 }
};
