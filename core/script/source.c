/* source.c - the files of a script: found, read, compiled once. */
#include "core/script/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/script/run.h"

enum { SOURCE_LONGEST = 1 << 20, MODULES_MOST = 200 };

static bool fits_name(char c)
{
	return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || ascii_digit(c) || c == '_' ||
	       c == '-';
}

/* a-z A-Z 0-9 _ - in parts with dots between: no way out of the folders. */
static bool name_valid(struct weir_str module)
{
	bool dot = true;

	if (module.len == 0 || module.len > 200)
		return false;
	for (size_t i = 0; i < module.len; i++) {
		char c = module.data[i];

		if (c == '.' ? dot : !fits_name(c))
			return false;
		dot = c == '.';
	}
	return !dot;
}

/* FOLDER/lib/tenants.lua */
static char *join(struct weir_str folder, struct weir_str module)
{
	size_t size = folder.len + module.len + sizeof("/.lua");
	char *path = mem_alloc(size);

	if (path == NULL)
		return NULL;
	(void)snprintf(path, size, "%.*s/%.*s.lua", STR_ARG(folder), STR_ARG(module));
	for (char *at = path + folder.len + 1; at < path + folder.len + 1 + module.len; at++)
		if (*at == '.')
			*at = '/';
	return path;
}

char *source_path(const struct weir_str *folders, uint32_t count, struct weir_str module)
{
	if (!name_valid(module))
		return NULL;
	for (uint32_t i = 0; i < count; i++) {
		char *path = join(folders[i], module);

		if (path != NULL && access(path, F_OK) == 0)
			return path;
		mem_free(path);
	}
	return NULL;
}

/* Reading -------------------------------------------------------------------- */

static bool read_all(int fd, const char *path, struct buffer *into, struct weir_error *error)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return fail(error, "%s: this is no file", path);
	for (;;) {
		ssize_t n;

		if (buffer_len(into) > SOURCE_LONGEST)
			return fail(error, "%s: it is larger than %d KiB", path, SOURCE_LONGEST >> 10);
		if (!buffer_reserve(into, 4096))
			return fail_memory(error);
		n = read(fd, into->data + into->end, into->room - into->end);
		if (n == 0)
			return true;
		if (n < 0)
			return fail(error, "%s: cannot be read: %s", path, strerror(errno));
		into->end += (size_t)n;
	}
}

static bool read_file(struct arena *arena, const char *path, struct weir_str *out,
		      struct weir_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct buffer text;
	bool ok;

	if (fd < 0)
		return fail(error, "%s: cannot be opened: %s", path, strerror(errno));
	buffer_init(&text, SOURCE_LONGEST + 16384);
	ok = read_all(fd, path, &text, error);
	(void)close(fd);
	if (ok) {
		*out = arena_copy(arena, buffer_str(&text));
		ok = !arena->overflowed || fail_memory(error);
	}
	buffer_fini(&text);
	return ok;
}

static struct weir_str own(struct arena *arena, struct weir_str s)
{
	return arena_print(arena, "%.*s", STR_ARG(s));
}

/* The path within its folder: "@canary.lua", "@lib/tenants.lua". */
static struct weir_str chunk_name(struct arena *arena, struct weir_str path,
				  struct weir_str module)
{
	size_t tail = module.len + strlen(".lua");

	return arena_print(arena, "@%s", path.data + (path.len > tail ? path.len - tail : 0));
}

struct script_part *part_add(struct script *s, const char *path, struct weir_str module,
			       struct weir_error *error)
{
	struct script_part *part = arena_zero(&s->arena, sizeof(*part));

	if (part == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	if (s->part_count > MODULES_MOST) {
		(void)fail(error, "%s: it requires more than %d modules", s->path.data, MODULES_MOST);
		return NULL;
	}
	part->path = own(&s->arena, str_from(path));
	part->chunk = chunk_name(&s->arena, part->path, module);
	if (s->part_count > 0)
		part->module = own(&s->arena, module);
	if (!read_file(&s->arena, path, &part->text, error))
		return NULL;
	*s->last = part;
	s->last = &part->next;
	s->part_count++;
	return part;
}

static struct script_part *find_part(const struct script *s, struct weir_str module)
{
	for (struct script_part *part = s->parts; part != NULL; part = part->next)
		if (part->module.data != NULL && str_eq(part->module, module))
			return part;
	return NULL;
}

/* Compiling ------------------------------------------------------------------ */

static int keep_code(lua_State *L, const void *piece, size_t size, void *into)
{
	(void)L;
	return buffer_add(into, str_of(piece, size)) ? 0 : 1;
}

/* The folder before what Lua says: "conf/lua/" "canary.lua:3: '=' expected near 'x'". Of bytecode it does
 * not say which file it is. */
static void raise_where(lua_State *L, const struct script_part *part)
{
	struct weir_str name = str_skip(part->chunk, 1);
	const char *said = lua_tostring(L, -1);

	if (str_starts(str_from(said), name))
		lua_pushlstring(L, part->path.data, part->path.len - name.len);
	else
		lua_pushfstring(L, "%s: ", part->path.data);
	lua_insert(L, -2);
	lua_concat(L, 2);
	(void)lua_error(L);
}

static void compile(lua_State *L, struct script *s, struct script_part *part)
{
	struct buffer code;
	int status = luaL_loadbufferx(L, part->text.data, part->text.len, part->chunk.data, "t");
	bool ok;

	if (status == LUA_ERRMEM)
		(void)lua_error(L);
	if (status != LUA_OK)
		raise_where(L, part);
	buffer_init(&code, 16 << 20);
	ok = lua_dump(L, keep_code, &code, 0) == 0;
	if (ok)
		part->code = arena_copy(&s->arena, buffer_str(&code));
	buffer_fini(&code);
	if (!ok || s->arena.overflowed)
		(void)luaL_error(L, "not enough memory for %s", part->path.data);
}

/* Pushes the part as a function with the script's globals. Raises what is wrong with it. Compiles it
 * the first time; then it is only read by that one thread. */
static void push_part(lua_State *L, struct script_here *here, struct script_part *part)
{
	if (part->code.data == NULL)
		compile(L, here->script, part);
	else if (luaL_loadbufferx(L, part->code.data, part->code.len, part->chunk.data, "b") !=
		 LUA_OK)
		(void)lua_error(L);
	(void)lua_rawgeti(L, LUA_REGISTRYINDEX, here->env);
	if (lua_setupvalue(L, -2, 1) == NULL)
		lua_pop(L, 1);	/* it uses no global at all */
}

/* Running -------------------------------------------------------------------- */

static int body(lua_State *L)
{
	struct script_here *here = script_running(L)->script;

	push_part(L, here, here->script->parts);
	lua_call(L, 0, 1);
	return 1;
}

bool source_run(struct script_run *run, struct weir_error *error)
{
	struct weir_str said;

	lua_pushcfunction(run->thread, body);
	switch (run_call(run, 0, 1)) {
	case RUN_DONE:
		return true;
	case RUN_CANCELLED:
		return fail(error, "%s: it was cancelled", run->script->script->path.data);
	default:
		said = run_sentence(run);
		return fail(error, "%.*s", STR_ARG(said));
	}
}

static struct script_part *first_time(lua_State *L, struct script *s, struct weir_str module)
{
	char *path = source_path(s->folders, s->folder_count, module);
	struct weir_error error = { "" };
	struct script_part *part = path != NULL ? part_add(s, path, module, &error) : NULL;

	mem_free(path);
	if (part != NULL)
		return part;
	if (error.text[0] != '\0')
		(void)luaL_error(L, "%s", error.text);
	(void)luaL_error(L, "there is no module \"%s\" in the folders of lua.path", module.data);
	return NULL;
}

static struct script_part *part_of(lua_State *L, struct script_here *here, struct weir_str module)
{
	struct script_part *part = find_part(here->script, module);

	if (part != NULL)
		return part;
	if (!name_valid(module))
		(void)luaL_error(L, "require(\"%s\"): a module is named by letters, digits, _ and -, "
				    "with dots between folders, and lies in lua.path", module.data);
	if (here->reader == NULL)
		(void)luaL_error(L, "module \"%s\" was not required when the script was read; write "
				    "its require at the top of the script", module.data);
	return first_time(L, here->script, module);
}

/* A module that is being run stands as `false`. */
int source_require(lua_State *L)
{
	struct weir_str module = script_check_str(L, 1);
	struct script_here *here = script_running(L)->script;

	lua_settop(L, 1);
	(void)lua_rawgeti(L, LUA_REGISTRYINDEX, here->modules);
	lua_pushvalue(L, 1);
	if (lua_rawget(L, 2) == LUA_TBOOLEAN && !lua_toboolean(L, -1))
		return luaL_error(L, "module \"%s\" requires itself, through others perhaps",
				  module.data);
	if (!lua_isnil(L, -1))
		return 1;
	push_part(L, here, part_of(L, here, module));
	lua_pushvalue(L, 1);
	lua_pushboolean(L, false);
	lua_rawset(L, 2);
	lua_pushvalue(L, 1);
	lua_call(L, 1, 1);
	if (lua_isnil(L, -1))
		lua_pushboolean(L, true);
	lua_pushvalue(L, 1);
	lua_pushvalue(L, -2);
	lua_rawset(L, 2);
	return 1;
}
