/* bind_re.c - weir.re: Perl's regular expressions, whose time and memory are the script's. */
#include "core/base/regex.h"
#include "core/script/bind.h"
#include "core/script/binds.h"
#include "core/script/finding.h"
#include "core/script/spend.h"

enum { KEPT_MOST = 128, COMPILE_COST = 2000, STEPS_MOST = 5000000 };
enum { SUBJECT = 1, EXPRESSION, BY, MOST };	/* arguments */

/* An expression in the state's memory: as large as what PCRE2 has of it, so that the collector and
 * the script's limit know. */
struct kept {
	struct regex *re;
};

static const char kept_name[] = "weir.re", cache_name[] = "weir.re.cache";

static int close_kept(lua_State *L)
{
	struct kept *k = lua_touserdata(L, 1);

	regex_close(k->re);
	k->re = NULL;
	return 0;
}

static void push_kept_meta(lua_State *L)
{
	if (luaL_newmetatable(L, kept_name) != 0) {
		lua_pushcfunction(L, close_kept);
		lua_setfield(L, -2, "__gc");
	}
}

/* Pushes it, compiled. */
static struct regex *compile(lua_State *L, struct weir_str text)
{
	struct weir_error error = { "" };
	struct regex *re;
	struct kept *k;

	script_spend(L, COMPILE_COST);
	luaL_checkstack(L, 6, NULL);
	push_kept_meta(L);
	k = lua_newuserdatauv(L, sizeof(*k), 1);
	k->re = NULL;
	lua_insert(L, -2);
	(void)lua_setmetatable(L, -2);
	re = k->re = regex_open_watched(text, &error);
	if (re == NULL)
		luaL_error(L, "%s", error.text);
	if (regex_group_count(re) >= REGEX_GROUPS)
		luaL_error(L, "at most %d groups, (?:...) counts as none", REGEX_GROUPS - 1);
	(void)lua_newuserdatauv(L, regex_size(re), 0);	/* stands for the memory it takes */
	(void)lua_setiuservalue(L, -2, 1);
	return re;
}

/* Keeps what is on top under the text at `arg`; all are forgotten when there are too many. */
static void keep(lua_State *L, int arg)
{
	lua_Integer count;

	(void)luaL_getsubtable(L, LUA_REGISTRYINDEX, cache_name);
	(void)lua_rawgeti(L, -1, 1);
	count = lua_tointeger(L, -1);
	lua_pop(L, 1);
	if (count >= KEPT_MOST) {
		lua_pop(L, 1);
		lua_newtable(L);
		lua_pushvalue(L, -1);
		lua_setfield(L, LUA_REGISTRYINDEX, cache_name);
		count = 0;
	}
	lua_pushinteger(L, count + 1);
	lua_rawseti(L, -2, 1);
	lua_pushvalue(L, arg);
	lua_pushvalue(L, -3);
	lua_rawset(L, -3);
	lua_pop(L, 1);
}

/* Pushes what holds the expression at `arg`, and lends it. */
static struct regex *expression_arg(lua_State *L, int arg)
{
	struct weir_str text = string_arg(L, arg);
	struct regex *re;

	(void)luaL_getsubtable(L, LUA_REGISTRYINDEX, cache_name);
	lua_pushvalue(L, arg);
	if (lua_rawget(L, -2) == LUA_TUSERDATA) {
		lua_remove(L, -2);
		return ((struct kept *)lua_touserdata(L, -1))->re;
	}
	lua_pop(L, 2);
	re = compile(L, text);
	keep(L, arg);
	return re;
}

/* A search under way. */
struct seeking {
	lua_State *L;
	const struct regex *re;
	struct regex_search search;
	uint64_t steps;
	struct weir_str groups[REGEX_GROUPS];	/* of the last match */
};

/* Between the items of an expression: nothing may raise here. */
static bool is_spent(void *arg)
{
	struct seeking *s = arg;
	const struct script_run *run = script_running(s->L);

	return ++s->steps > STEPS_MOST || (run != NULL && run->spent);
}

static void seeking_init(struct seeking *s, lua_State *L, struct weir_str subject)
{
	s->L = L;
	s->search = (struct regex_search){ .subject = subject, .stop = is_spent, .arg = s };
	s->steps = 0;
}

/* Nobody knows whether an expression that took too long would have matched: that is an error, not
 * "no". */
static bool seek(struct seeking *s, size_t from)
{
	uint64_t before = s->steps;
	enum regex_end end;

	s->search.from = from;
	end = regex_search(s->re, &s->search, s->groups, REGEX_GROUPS);
	script_spend(s->L, 20 + (s->steps - before));
	if (end == REGEX_TOO_LONG)
		luaL_error(s->L, "the regular expression takes too many steps on this text");
	return end == REGEX_FOUND;
}

static void push_group(lua_State *L, struct weir_str group)
{
	if (group.data != NULL)
		lua_pushlstring(L, group.data, group.len);
	else
		lua_pushnil(L);	/* took no part */
}

static int push_groups(struct seeking *s, bool whole)
{
	uint32_t count = regex_group_count(s->re);

	luaL_checkstack(s->L, REGEX_GROUPS + 1, NULL);
	for (uint32_t i = 1; i <= count; i++)
		push_group(s->L, s->groups[i]);
	if (count > 0 || !whole)
		return (int)count;
	push_group(s->L, s->groups[0]);
	return 1;
}

static size_t offset_of(const struct seeking *s)
{
	return (size_t)(s->groups[0].data - s->search.subject.data);
}

static bool look(lua_State *L, struct seeking *s)
{
	struct weir_str subject = string_arg(L, SUBJECT);
	size_t from = finding_start(L, 3, subject.len);

	seeking_init(s, L, subject);
	s->re = expression_arg(L, EXPRESSION);
	return from <= subject.len && seek(s, from);
}

static int re_match(lua_State *L)
{
	struct seeking s;

	if (look(L, &s))
		return push_groups(&s, true);
	lua_pushnil(L);
	return 1;
}

static int re_find(lua_State *L)
{
	struct seeking s;

	if (!look(L, &s)) {
		lua_pushnil(L);
		return 1;
	}
	lua_pushinteger(L, (lua_Integer)offset_of(&s) + 1);
	lua_pushinteger(L, (lua_Integer)(offset_of(&s) + s.groups[0].len));
	return 2 + push_groups(&s, false);
}

/* The groups by number and, where they have one, by name. */
static int re_groups(lua_State *L)
{
	struct seeking s;

	if (!look(L, &s)) {
		lua_pushnil(L);
		return 1;
	}
	lua_newtable(L);
	for (uint32_t i = 0; i <= regex_group_count(s.re); i++) {
		struct weir_str name = i > 0 ? regex_group_name(s.re, i) : STR_ABSENT;

		push_group(L, s.groups[i]);
		lua_rawseti(L, -2, i);
		if (name.data == NULL)
			continue;
		lua_pushlstring(L, name.data, name.len);
		push_group(L, s.groups[i]);
		lua_rawset(L, -3);
	}
	return 1;
}

/* Replacing ------------------------------------------------------------------------ */

static void add_text(lua_State *L, struct seeking *s, luaL_Buffer *out)
{
	struct weir_str text;

	text.data = lua_tolstring(L, BY, &text.len);
	for (;;) {
		size_t cut = str_find(text, '%');
		char c;

		luaL_addlstring(out, text.data, cut);
		script_spend(L, 1 + cut / 32);
		if (cut == text.len)
			return;
		c = cut + 1 < text.len ? text.data[cut + 1] : '\0';
		text = str_skip(text, cut + 2);
		if (c == '%')
			luaL_addchar(out, '%');
		else if (!ascii_digit(c) || (uint32_t)(c - '0') > regex_group_count(s->re))
			luaL_error(L, "invalid use of '%%' in replacement string: %%0 to %%9 are "
				      "groups, %%%% is a percent sign");
		else
			luaL_addlstring(out, s->groups[c - '0'].data != NULL ?
					s->groups[c - '0'].data : "", s->groups[c - '0'].len);
	}
}

/* What the table or function says; false or nil keeps what was matched. */
static void add_asked(lua_State *L, struct seeking *s, luaL_Buffer *out)
{
	struct weir_str whole = s->groups[0];

	if (lua_istable(L, BY)) {
		push_group(L, regex_group_count(s->re) > 0 ? s->groups[1] : whole);
		lua_gettable(L, BY);
	} else {
		lua_pushvalue(L, BY);
		lua_call(L, push_groups(s, true), 1);
	}
	if (!lua_toboolean(L, -1)) {
		lua_pop(L, 1);
		luaL_addlstring(out, whole.data, whole.len);
	} else if (lua_isstring(L, -1)) {
		luaL_addvalue(out);
	} else {
		luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
	}
}

/* The function may wait, and look for something else meanwhile: all of this match is in `s`. */
static lua_Integer replace_all(lua_State *L, struct seeking *s, luaL_Buffer *out, lua_Integer most)
{
	struct weir_str subject = s->search.subject;
	size_t copied = 0;
	lua_Integer count = 0;

	for (; count < most && copied <= subject.len && seek(s, copied); count++) {
		size_t from = offset_of(s), end = from + s->groups[0].len;

		luaL_addlstring(out, subject.data + copied, from - copied);
		if (lua_isstring(L, BY))
			add_text(L, s, out);
		else
			add_asked(L, s, out);
		copied = end;
		s->search.not_empty = true;	/* not the end of this match again */
	}
	luaL_addlstring(out, subject.data + copied, subject.len - copied);
	return count;
}

static int re_gsub(lua_State *L)
{
	struct weir_str subject = string_arg(L, SUBJECT);
	lua_Integer most = luaL_optinteger(L, MOST, LUA_MAXINTEGER), count;
	struct seeking *s;
	luaL_Buffer out;

	luaL_argexpected(L, lua_isstring(L, BY) || lua_istable(L, BY) || lua_isfunction(L, BY), BY,
			 "string/function/table");
	lua_settop(L, MOST);
	s = lua_newuserdatauv(L, sizeof(*s), 0);	/* the stack may be deep */
	seeking_init(s, L, subject);
	s->re = expression_arg(L, EXPRESSION);
	luaL_buffinit(L, &out);
	count = replace_all(L, s, &out, most);
	luaL_pushresult(&out);
	lua_pushinteger(L, count);
	return 2;
}

/* Upvalues: subject, expression, where to go on, whether an empty match may stand there. */
static int next_match(lua_State *L)
{
	struct seeking s;
	struct weir_str subject;
	size_t from = (size_t)lua_tointeger(L, lua_upvalueindex(3));

	subject.data = lua_tolstring(L, lua_upvalueindex(1), &subject.len);
	seeking_init(&s, L, subject);
	s.re = ((struct kept *)lua_touserdata(L, lua_upvalueindex(2)))->re;
	s.search.not_empty = lua_toboolean(L, lua_upvalueindex(4));
	if (from > subject.len || !seek(&s, from))
		return 0;
	lua_pushinteger(L, (lua_Integer)(offset_of(&s) + s.groups[0].len));
	lua_replace(L, lua_upvalueindex(3));
	lua_pushboolean(L, true);
	lua_replace(L, lua_upvalueindex(4));
	return push_groups(&s, true);
}

static int re_gmatch(lua_State *L)
{
	(void)string_arg(L, SUBJECT);
	lua_settop(L, EXPRESSION);
	(void)expression_arg(L, EXPRESSION);
	lua_replace(L, EXPRESSION);
	lua_pushinteger(L, 0);
	lua_pushboolean(L, false);
	lua_pushcclosure(L, next_match, 4);
	return 1;
}

void bind_re(lua_State *L)
{
	lua_newtable(L);
	bindings_add(L, bindings_re);
	lua_setfield(L, -2, "re");
}

const struct binding bindings_re[] = {
	{ "match", re_match, "weir.re.match(s, expression [, from]) -> groups...",
	  "Gives the groups of the first match, or all of it when there are none; nil: no match.",
	  false, "0.1" },
	{ "find", re_find, "weir.re.find(s, expression [, from]) -> first, last, groups...",
	  "Says where the first match is; nil: none.", false, "0.1" },
	{ "groups", re_groups, "weir.re.groups(s, expression [, from]) -> table",
	  "Gives the groups by number and by name (`(?<code>...)`), 0 is the whole match; nil: none.",
	  false, "0.1" },
	{ "gmatch", re_gmatch, "weir.re.gmatch(s, expression) -> iterator",
	  "Goes over all matches.", false, "0.1" },
	{ "gsub", re_gsub, "weir.re.gsub(s, expression, by [, most]) -> string, count",
	  "Replaces each match by a text (with `%1`), a table's field or what a function gives.", true,
	  "0.1" },
	{ 0 }
};
