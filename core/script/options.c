/* options.c - policy.options made into an option table: the same that plugins in C have. */
#include "core/script/source.h"

enum { OPTIONS_MOST = 100, DEEP_MOST = 6 };

static const struct {
	const char *word;
	enum weir_option_type type;
} types[] = {
	{ "text", WEIR_TEXT }, { "string", WEIR_TEXT }, { "boolean", WEIR_BOOLEAN },
	{ "integer", WEIR_INTEGER }, { "number", WEIR_NUMBER }, { "duration", WEIR_DURATION },
	{ "size", WEIR_SIZE }, { "rate", WEIR_RATE }, { "share", WEIR_SHARE },
	{ "choice", WEIR_CHOICE }, { "path", WEIR_PATH }, { "secret", WEIR_SECRET },
	{ "url", WEIR_URL }, { "address", WEIR_ADDRESS }, { "cidr", WEIR_CIDR },
	{ "header", WEIR_HEADER_NAME }, { "service", WEIR_SERVICE }, { "key", WEIR_KEY },
	{ "template", WEIR_TEMPLATE }, { "object", WEIR_OBJECT }, { "map", WEIR_MAP },
};

static const struct weir_option *read_table(lua_State *L, struct script *s, int depth);

static const char *own(lua_State *L, struct script *s, int at)
{
	struct weir_str text = { NULL, 0 }, copy;

	text.data = lua_tolstring(L, at, &text.len);
	copy = arena_print(&s->arena, "%.*s", STR_ARG(text));
	if (s->arena.overflowed)
		(void)luaL_error(L, "not enough memory for policy.options");
	return copy.data;
}

/* Pushes the field, looked at without metamethods. */
static int field(lua_State *L, const char *name)
{
	lua_pushstring(L, name);
	return lua_rawget(L, -2);
}

static enum weir_option_type type_word(lua_State *L, const char *option, const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strcmp(types[i].word, word) == 0)
			return types[i].type;
	(void)luaL_error(L, "policy.options.%s: there is no type \"%s\"", option, word);
	return WEIR_TEXT;
}

static enum weir_option_type read_type(lua_State *L, const char *option, const char *name,
				       enum weir_option_type fallback)
{
	enum weir_option_type type = fallback;

	switch (field(L, name)) {
	case LUA_TNIL:
		break;
	case LUA_TSTRING:
		type = type_word(L, option, lua_tostring(L, -1));
		break;
	default:
		(void)luaL_error(L, "policy.options.%s: `%s` is a word", option, name);
	}
	lua_pop(L, 1);
	return type;
}

static bool read_flag(lua_State *L, const char *option, const char *name)
{
	bool flag;

	if (field(L, name) != LUA_TNIL && !lua_isboolean(L, -1))
		(void)luaL_error(L, "policy.options.%s: `%s` is true or false", option, name);
	flag = lua_toboolean(L, -1) != 0;
	lua_pop(L, 1);
	return flag;
}

static double read_bound(lua_State *L, const char *option, const char *name)
{
	double bound;

	if (field(L, name) != LUA_TNIL && lua_type(L, -1) != LUA_TNUMBER)
		(void)luaL_error(L, "policy.options.%s: `%s` is a number", option, name);
	bound = lua_tonumber(L, -1);
	lua_pop(L, 1);
	return bound;
}

/* As it would be written in the file. */
static const char *read_text(lua_State *L, struct script *s, const char *option, const char *name)
{
	const char *text = NULL;
	int type = field(L, name);

	if (type == LUA_TBOOLEAN)
		text = lua_toboolean(L, -1) ? "true" : "false";
	else if (type == LUA_TSTRING || type == LUA_TNUMBER)
		text = own(L, s, -1);
	else if (type != LUA_TNIL)
		(void)luaL_error(L, "policy.options.%s: `%s` is written as in the configuration, as a "
				    "text or number", option, name);
	lua_pop(L, 1);
	return text;
}

static const char *const *read_choices(lua_State *L, struct script *s, const char *option)
{
	const char **choices = NULL;
	lua_Unsigned count;

	if (field(L, "choices") == LUA_TTABLE) {
		count = lua_rawlen(L, -1);
		choices = count > 0 && count < 1000
				  ? arena_zero(&s->arena, (count + 1) * sizeof(*choices)) : NULL;
		for (lua_Unsigned i = 0; choices != NULL && i < count; i++) {
			if (lua_rawgeti(L, -1, (lua_Integer)i + 1) != LUA_TSTRING)
				(void)luaL_error(L, "policy.options.%s: `choices` are texts", option);
			choices[i] = own(L, s, -1);
			lua_pop(L, 1);
		}
	}
	lua_pop(L, 1);
	return choices;
}

static const struct weir_option *read_fields(lua_State *L, struct script *s, const char *option,
					     int depth)
{
	const struct weir_option *fields = NULL;

	if (field(L, "fields") == LUA_TTABLE)
		fields = read_table(L, s, depth + 1);
	else if (!lua_isnil(L, -1))
		(void)luaL_error(L, "policy.options.%s: `fields` is a table of options", option);
	lua_pop(L, 1);
	return fields;
}

/* A slip of the pen would be silently without effect. */
static void check_words(lua_State *L, const char *option)
{
	static const char *const known[] = {
		"type", "required", "list", "none", "default", "min", "max", "choices", "fields", "of",
		"about", "bare",
	};
	bool found;

	lua_pushnil(L);
	while (lua_next(L, -2) != 0) {
		lua_pop(L, 1);
		found = false;
		for (size_t i = 0; i < ARRAY_LEN(known) && lua_type(L, -1) == LUA_TSTRING; i++)
			found = found || strcmp(known[i], lua_tostring(L, -1)) == 0;
		if (!found)
			(void)luaL_error(L, "policy.options.%s: unknown word \"%s\"; there are type, "
					    "required, default, min, max, choices, list, none, fields, of, "
					    "about and bare", option, luaL_tolstring(L, -1, NULL));
	}
}

static void read_row(lua_State *L, struct script *s, struct weir_option *row, int depth)
{
	const char *name = row->name;

	check_words(L, name);
	row->type = read_type(L, name, "type", WEIR_TEXT);
	row->of = read_type(L, name, "of", row->type == WEIR_MAP ? WEIR_TEXT : 0);
	row->required = read_flag(L, name, "required");
	row->list = read_flag(L, name, "list");
	row->none_is_allowed = read_flag(L, name, "none");
	row->bare = read_flag(L, name, "bare");
	row->min = read_bound(L, name, "min");
	row->max = read_bound(L, name, "max");
	row->fallback = read_text(L, s, name, "default");
	row->about = read_text(L, s, name, "about");
	row->choices = read_choices(L, s, name);
	row->fields = read_fields(L, s, name, depth);
}

static uint32_t count_rows(lua_State *L)
{
	uint32_t count = 0;

	lua_pushnil(L);
	while (lua_next(L, -2) != 0) {
		if (lua_type(L, -2) != LUA_TSTRING || !lua_istable(L, -1))
			(void)luaL_error(L, "policy.options: each option is written as "
					    "name = { type = \"...\" }");
		lua_pop(L, 1);
		if (++count > OPTIONS_MOST)
			(void)luaL_error(L, "policy.options: more than %d options", OPTIONS_MOST);
	}
	return count;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct weir_option *)a)->name, ((const struct weir_option *)b)->name);
}

/* In the order of their names: a table in Lua has none. */
static const struct weir_option *read_table(lua_State *L, struct script *s, int depth)
{
	uint32_t count, at = 0;
	struct weir_option *rows;

	if (depth == DEEP_MOST)
		(void)luaL_error(L, "policy.options: nested deeper than %d", DEEP_MOST);
	luaL_checkstack(L, 8, NULL);
	count = count_rows(L);
	rows = arena_zero(&s->arena, (count + 1) * sizeof(*rows));
	if (rows == NULL)
		(void)luaL_error(L, "not enough memory for policy.options");
	lua_pushnil(L);
	while (lua_next(L, -2) != 0) {
		rows[at].name = own(L, s, -2);
		read_row(L, s, &rows[at++], depth);
		lua_pop(L, 1);
	}
	qsort(rows, count, sizeof(*rows), by_name);
	return rows;
}

const struct weir_option *options_read(lua_State *L, struct script *s)
{
	return read_table(L, s, 0);
}
