/* finding.c - between a Lua state and a search. */
#include "core/script/finding.h"

#include "core/script/spend.h"

struct weir_str string_arg(lua_State *L, int arg)
{
	size_t len;
	const char *data = luaL_checklstring(L, arg, &len);

	return str_of(data, len);
}

struct search *finding_new(lua_State *L, struct weir_str pattern, bool anchors)
{
	size_t items = search_items_of(pattern.len), sets = search_sets_of(pattern.len);
	struct search *s = lua_newuserdatauv(L, sizeof(*s) + sets * sizeof(*s->sets) +
					     items * sizeof(*s->items), 0);
	const char *wrong;

	s->sets = (struct search_set *)(s + 1);
	s->items = (struct search_item *)(s->sets + sets);
	wrong = search_compile(s, pattern, anchors);
	script_spend(L, pattern.len);
	if (wrong != NULL)
		luaL_error(L, "%s", wrong);
	return s;
}

bool finding_next(lua_State *L, struct search *s, struct weir_str subject, size_t start)
{
	search_begin(s, subject, start);
	for (;;) {
		uint64_t steps = SPEND_OFTEN;
		enum search_end end = search_run(s, &steps);

		script_spend(L, SPEND_OFTEN - steps);
		if (end != SEARCH_MORE)
			return end == SEARCH_FOUND;
	}
}

void finding_push(lua_State *L, const struct search *s, uint32_t i)
{
	const struct search_capture *c = &s->capture[i];

	if (i >= s->captures)
		lua_pushlstring(L, s->subject.data + s->start, s->at - s->start);
	else if (c->position)
		lua_pushinteger(L, (lua_Integer)c->from + 1);
	else
		lua_pushlstring(L, s->subject.data + c->from, c->len);
}

int finding_push_all(lua_State *L, const struct search *s, bool whole)
{
	uint32_t count = s->captures == 0 && whole ? 1 : s->captures;

	luaL_checkstack(L, (int)count, "too many captures");
	for (uint32_t i = 0; i < count; i++)
		finding_push(L, s, i);
	return (int)count;
}

size_t finding_start(lua_State *L, int arg, size_t len)
{
	lua_Integer at = luaL_optinteger(L, arg, 1);

	if (at > 0)
		return (size_t)at - 1;
	if (at == 0 || at < -(lua_Integer)len)
		return 0;
	return len - (size_t)-at;
}
