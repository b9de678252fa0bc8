/* script.c - a script from its file to what stands in a chain. */
#include "core/script/script.h"

#include "core/base/error.h"
#include "core/script/budget.h"
#include "core/script/policy.h"
#include "core/script/source.h"

enum { SCRIPT_ARENA = 64 << 20 };

/* Holds ---------------------------------------------------------------------- */

struct script *script_ref(struct script *s)
{
	atomic_fetch_add_explicit(&s->holds, 1, memory_order_relaxed);
	return s;
}

void script_unref(struct script *s)
{
	if (s == NULL || atomic_fetch_sub_explicit(&s->holds, 1, memory_order_acq_rel) > 1)
		return;
	if (s->free_attached != NULL)
		s->free_attached(s->attached);
	arena_reset(&s->arena);
	mem_free(s);
}

void script_attach(struct script *s, void *what, void (*free_what)(void *what))
{
	s->attached = what;
	s->free_attached = free_what;
}

void *script_attached(const struct script *s)
{
	return s->attached;
}

static struct script *script_new(const struct script_rules *rules, const char *path,
				 struct weir_str name)
{
	struct script *s = mem_alloc(sizeof(*s));

	if (s == NULL)
		return NULL;
	atomic_init(&s->holds, 1);
	arena_init(&s->arena, NULL, SCRIPT_ARENA);
	s->last = &s->parts;
	s->time_ns = rules->time_ns;
	s->ticks = budget_ticks(rules->time_ns);
	s->memory = rules->memory;
	s->name = arena_print(&s->arena, "%.*s", STR_ARG(name));
	s->path = arena_print(&s->arena, "%s", path);
	s->folders = arena_zero(&s->arena, (rules->folder_count + 1) * sizeof(*s->folders));
	for (; s->folders != NULL && s->folder_count < rules->folder_count; s->folder_count++)
		s->folders[s->folder_count] =
			arena_print(&s->arena, "%.*s", STR_ARG(rules->folders[s->folder_count]));
	if (!s->arena.overflowed)
		return s;
	script_unref(s);
	return NULL;
}

/* Looking at it ---------------------------------------------------------------- */

static void take_hook(lua_State *L, struct script *s, enum script_hook hook, const char *name)
{
	lua_pushstring(L, name);
	switch (lua_rawget(L, 1)) {
	case LUA_TNIL:
		break;
	case LUA_TFUNCTION:
		s->has[hook] = true;
		break;
	default:
		(void)luaL_error(L, "policy.%s is a %s; it must be a function", name,
				 luaL_typename(L, -1));
	}
	lua_pop(L, 1);
}

static void take_options(lua_State *L, struct script *s)
{
	lua_pushliteral(L, "options");
	switch (lua_rawget(L, 1)) {
	case LUA_TNIL:
		break;
	case LUA_TTABLE:
		s->plugin.options = options_read(L, s);
		break;
	default:
		(void)luaL_error(L, "policy.options is a %s; it must be a table",
				 luaL_typename(L, -1));
	}
	lua_pop(L, 1);
}

/* "-- canary.lua - sends a share of the clients elsewhere." */
static const char *summary_of(struct script *s)
{
	struct weir_str text = s->parts->text, line;
	size_t dash;

	line = str_head(text, str_find(text, '\n'));
	if (!str_starts(line, STR("--")))
		return NULL;
	dash = str_find_str(line, STR(" - "));
	line = dash < line.len ? str_skip(line, dash + 3) : str_skip(line, 2);
	line = str_trim(line);
	return line.len > 0 ? arena_print(&s->arena, "%.*s", STR_ARG(line)).data : NULL;
}

static int look(lua_State *L)
{
	struct script *s = script_running(L)->script->script;

	if (!lua_istable(L, 1))
		return luaL_error(L, "%s: it returns %s; end it with `return policy`, a table with hooks",
				  s->path.data, lua_isnil(L, 1) ? "nothing" : luaL_typename(L, 1));
	take_hook(L, s, HOOK_START, "start");
	take_hook(L, s, HOOK_REQUEST, "request");
	take_hook(L, s, HOOK_RESPONSE, "response");
	take_hook(L, s, HOOK_DONE, "done");
	take_options(L, s);
	if (!s->has[HOOK_REQUEST] && !s->has[HOOK_RESPONSE] && !s->has[HOOK_DONE])
		return luaL_error(L, "%s: it has no hook; give it function policy.request(req, options), "
				     "policy.response(req, res, options) or policy.done(req, res, options)",
				  s->path.data);
	return 0;
}

static bool is_word(char c)
{
	return ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '_';
}

/* Is `word` at s[at], and set there: "word =", "word(" as a function's name? */
static bool is_set_at(struct weir_str s, size_t at, struct weir_str word)
{
	struct weir_str rest;

	if (at > 0 && is_word(s.data[at - 1]))
		return false;
	rest = str_trim(str_skip(s, at + word.len));
	return rest.len > 0 && (rest.data[0] == '=' || rest.data[0] == '(');
}

/* The one line of the script where `word` is set; 0: there is none, or there are several. */
static unsigned line_of(struct weir_str text, struct weir_str word)
{
	unsigned line = 1, found = 0;

	for (size_t at = 0; word.len > 0 && at + word.len <= text.len; at++) {
		line += text.data[at] == '\n';
		if (!str_starts(str_skip(text, at), word) || !is_set_at(text, at, word))
			continue;
		if (found != 0)
			return 0;
		found = line;
	}
	return found;
}

/* "policy.options.percent: ..." and "policy.request is ..." tell what, but Lua cannot tell where. */
static bool say_where(const struct script *s, const char *why, struct weir_error *error)
{
	struct weir_str word = str_from(why);
	unsigned line;

	if (!str_starts(word, STR("policy.")))
		return fail(error, "%s", why);
	word = str_skip(word, sizeof("policy.") - 1);
	if (str_starts(word, STR("options.")))
		word = str_skip(word, sizeof("options.") - 1);
	for (size_t len = 0; len <= word.len; len++)
		if (len == word.len || !is_word(word.data[len]))
			word = str_head(word, len);
	line = line_of(s->parts->text, word);
	if (line == 0)
		return fail(error, "%s: %s", s->path.data, why);
	return fail(error, "%s:%u: %s", s->path.data, line, why);
}

/* In a VM of its own, so that what it does at first stays there. */
static bool look_at(struct script *s, struct weir_error *error)
{
	struct script_reader reader = { s };
	struct script_vm *vm = vm_open(error);
	struct script_here *here;
	struct weir_error why = { "" };

	if (vm == NULL)
		return false;
	here = vm_script_read(vm, s, &reader, look, &why);
	if (here != NULL) {
		here->uses = 1;
		vm_script_close(here);
	}
	vm_close(vm);
	if (here != NULL)
		return true;
	/* Lua names the file as it is called within its folder. */
	if (s->parts != NULL && str_starts(str_from(why.text), str_skip(s->parts->chunk, 1)))
		return fail(error, "%.*s%s", (int)(s->path.len - s->parts->chunk.len + 1), s->path.data,
			    why.text);
	return say_where(s, why.text, error);
}

struct script *script_load(const struct script_rules *rules, const char *path,
			   struct weir_str name, struct weir_error *error)
{
	struct script *s = script_new(rules, path, name);

	if (s == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	if (part_add(s, path, name, error) != NULL && look_at(s, error)) {
		policy_describe(s, summary_of(s));
		if (!s->arena.overflowed)
			return s;
		(void)fail_memory(error);
	}
	script_unref(s);
	return NULL;
}

/* Looking from outside --------------------------------------------------------- */

char *script_find(const struct script_rules *rules, struct weir_str name)
{
	if (str_find(name, '.') < name.len)
		return NULL;
	return source_path(rules->folders, rules->folder_count, name);
}

const struct weir_plugin *script_plugin(const struct script *s)
{
	return &s->plugin;
}

struct weir_str script_path(const struct script *s)
{
	return s->path;
}

uint32_t script_file_count(const struct script *s)
{
	return s->part_count;
}

struct weir_str script_file(const struct script *s, uint32_t at)
{
	const struct script_part *part = s->parts;

	while (part != NULL && at-- > 0)
		part = part->next;
	return part != NULL ? part->path : STR_ABSENT;
}

bool script_same(const struct script *a, const struct script *b)
{
	const struct script_part *x = a->parts, *y = b->parts;

	if (a->time_ns != b->time_ns || a->memory != b->memory || !str_eq(a->name, b->name))
		return false;
	for (; x != NULL && y != NULL; x = x->next, y = y->next)
		if (!str_eq(x->path, y->path) || !str_eq(x->text, y->text))
			return false;
	return x == NULL && y == NULL;
}
