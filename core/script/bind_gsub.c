/* bind_gsub.c - string.gsub: what replaces a match may be a text, a table or a function, and the
 * latter two may wait. */
#include "core/script/binds.h"
#include "core/script/finding.h"
#include "core/script/spend.h"

enum { SUBJECT = 1, PATTERN, BY, MOST };	/* the arguments */

struct swap {
	struct search *s;
	luaL_Buffer out;
	int by;			/* type of the replacement */
	bool changed;
};

static void add_bytes(lua_State *L, luaL_Buffer *out, struct weir_str s)
{
	luaL_addlstring(out, s.data, s.len);
	script_spend(L, s.len / 32);
}

/* A number behind '%' in the replacement text; '%1' is all of it when nothing is captured. */
static void add_capture(lua_State *L, struct swap *w, char digit)
{
	uint32_t n = (uint32_t)digit - '1';
	const struct search *s = w->s;

	if (digit == '0' || (n == 0 && s->captures == 0)) {
		add_bytes(L, &w->out, str_between(s->subject.data + s->start,
						  s->subject.data + s->at));
		return;
	}
	if (n >= s->captures)
		luaL_error(L, "invalid capture index %%%d in replacement string", (int)n + 1);
	finding_push(L, s, n);
	luaL_tolstring(L, -1, NULL);
	lua_remove(L, -2);
	luaL_addvalue(&w->out);
}

static void add_text(lua_State *L, struct swap *w)
{
	struct weir_str text = STR(""), rest;

	text.data = lua_tolstring(L, BY, &text.len);
	for (;;) {
		size_t cut = str_find(text, '%');

		add_bytes(L, &w->out, str_head(text, cut));
		if (cut == text.len)
			return;
		rest = str_skip(text, cut + 1);
		if (rest.len > 0 && rest.data[0] == '%')
			luaL_addchar(&w->out, '%');
		else if (rest.len > 0 && ascii_digit(rest.data[0]))
			add_capture(L, w, rest.data[0]);
		else
			luaL_error(L, "invalid use of '%%' in replacement string");
		text = str_skip(rest, 1);
		script_spend(L, 1);
	}
}

/* What the table or the function says; false or nil keeps the match as it is. */
static void add_asked(lua_State *L, struct swap *w)
{
	if (w->by == LUA_TTABLE) {
		finding_push(L, w->s, 0);
		lua_gettable(L, BY);
	} else {
		lua_pushvalue(L, BY);
		lua_call(L, finding_push_all(L, w->s, true), 1);
	}
	if (!lua_toboolean(L, -1)) {
		lua_pop(L, 1);
		add_bytes(L, &w->out, str_between(w->s->subject.data + w->s->start,
						  w->s->subject.data + w->s->at));
		return;
	}
	if (!lua_isstring(L, -1))
		luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
	luaL_addvalue(&w->out);
	w->changed = true;
}

static void add_swap(lua_State *L, struct swap *w)
{
	if (w->by == LUA_TNUMBER || w->by == LUA_TSTRING) {
		add_text(L, w);
		w->changed = true;
	} else {
		add_asked(L, w);
	}
}

/* Each match in turn; gives how many. */
static lua_Integer swap_all(lua_State *L, struct swap *w, struct weir_str subject, lua_Integer most)
{
	size_t copied = 0, at = 0, last = SIZE_MAX;
	lua_Integer count = 0;

	while (count < most && at <= subject.len && finding_next(L, w->s, subject, at)) {
		size_t start = w->s->start, end = w->s->at;

		if (end == last) {	/* empty, and where the last match ended */
			at = start + 1;
			continue;
		}
		add_bytes(L, &w->out, str_between(subject.data + copied, subject.data + start));
		add_swap(L, w);
		count++;
		copied = at = last = end;
		if (w->s->anchored)
			break;
	}
	add_bytes(L, &w->out, str_skip(subject, copied));
	return count;
}

static int string_gsub(lua_State *L)
{
	struct weir_str subject = string_arg(L, SUBJECT), pattern = string_arg(L, PATTERN);
	lua_Integer most = luaL_optinteger(L, MOST, (lua_Integer)subject.len + 1), count;
	struct swap w = { .by = lua_type(L, BY) };

	luaL_argexpected(L, w.by == LUA_TNUMBER || w.by == LUA_TSTRING || w.by == LUA_TTABLE ||
			 w.by == LUA_TFUNCTION, BY, "string/function/table");
	lua_settop(L, MOST);
	w.s = finding_new(L, pattern, true);
	luaL_buffinit(L, &w.out);
	count = swap_all(L, &w, subject, most);
	luaL_pushresult(&w.out);
	if (!w.changed) {
		lua_pop(L, 1);
		lua_pushvalue(L, SUBJECT);
	}
	lua_pushinteger(L, count);
	return 2;
}

const struct binding bindings_gsub[] = {
	{ "gsub", string_gsub, "string.gsub(s, pattern, by [, most]) -> string, count",
	  "Replaces each match by a text (with `%1`), a table's field or what a function gives.", true,
	  "0.1" },
	{ 0 }
};
