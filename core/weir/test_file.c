/* test_file.c - one file of tests: read, its functions found in their order, each run in its own world. */
#include <errno.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/weir/command.h"
#include "core/weir/test.h"

enum { BUDGET_MEMORY = 8 << 20, FOLDERS_MOST = 64, TESTS_MOST = 1000, SUFFIX = 9 };

/* What is found in the table of tests. */
struct found {
	const char *name;
	int line;
};

static int by_line(const void *a, const void *b)
{
	return ((const struct found *)a)->line - ((const struct found *)b)->line;
}

/* The policy ---------------------------------------------------------------------- */

/* "lua/canary_test.lua" is of "lua/canary.lua". Modules are looked for beside it, in the folders of
 * --path, and among the policies that come with Weir. */
static bool load_policy(struct test_file *file, struct weir_error *error)
{
	size_t len = strlen(file->path) - SUFFIX;
	const char *slash = strrchr(file->path, '/');
	size_t folder = slash != NULL ? (size_t)(slash - file->path) : 0;
	size_t name_at = slash != NULL ? folder + 1 : 0;
	char *beside = folder > 0 ? str_dup(str_of(file->path, folder))
				  : str_dup(slash != NULL ? WEIR_STR("/") : WEIR_STR("."));
	char *built_in = script_folder(), path[4096];
	struct weir_str folders[FOLDERS_MOST];
	struct script_rules rules = { folders, 0, file->report->time_ns, BUDGET_MEMORY };
	const char *more;
	uint32_t at = 0;

	folders[rules.folder_count++] = str_from(beside);
	while (rules.folder_count < FOLDERS_MOST - 1 &&
	       (more = command_each(file->report->line, "path", &at)) != NULL)
		folders[rules.folder_count++] = str_from(more);
	folders[rules.folder_count++] = str_from(built_in);
	(void)snprintf(path, sizeof(path), "%.*s.lua", (int)len, file->path);
	file->script = script_load(&rules, path, str_of(file->path + name_at, len - name_at), error);
	mem_free(beside);
	mem_free(built_in);
	return file->script != NULL;
}

/* The tests -------------------------------------------------------------------------- */

/* Runs the file; its table is at the top afterwards. */
static bool load_tests(struct test_file *file, struct weir_error *error)
{
	lua_State *L = file->L;

	luaL_openlibs(L);
	if (luaL_loadfilex(L, file->path, "t") != LUA_OK || lua_pcall(L, 0, 1, 0) != LUA_OK)
		return weir_fail(error, "%s", luaL_tolstring(L, -1, NULL));
	if (!lua_istable(L, -1))
		return weir_fail(error, "%s gives no table of tests; end it with `return test`",
				 file->path);
	return true;
}

/* Of the table at the top. Names lie in it. */
static uint32_t find_tests(lua_State *L, struct found *found)
{
	lua_Debug at;
	uint32_t count = 0;

	lua_pushnil(L);
	while (lua_next(L, -2) != 0 && count < TESTS_MOST) {
		if (lua_type(L, -2) == LUA_TSTRING && lua_isfunction(L, -1)) {
			lua_pushvalue(L, -1);
			(void)lua_getinfo(L, ">S", &at);
			found[count++] = (struct found){ lua_tostring(L, -2), at.linedefined };
		}
		lua_pop(L, 1);
	}
	qsort(found, count, sizeof(*found), by_line);
	return count;
}

static bool was_skipped(lua_State *L)
{
	return lua_touserdata(L, -1) == (void *)(uintptr_t)test_checks;
}

static void say_skipped(struct test_file *file, const char *name)
{
	lua_State *L = file->L;

	(void)lua_getfield(L, LUA_REGISTRYINDEX, "weir.test.skipped");
	report_skipped(file->report, file->path, name,
		       lua_isstring(L, -1) ? lua_tostring(L, -1) : "it says no why");
}

/* The table of tests is at the top, and is again afterwards. */
static void run_test(struct test_file *file, const char *name)
{
	lua_State *L = file->L;
	int top = lua_gettop(L), status;
	const char *misbehaviour;

	test_world_open(file);
	(void)lua_getfield(L, top, name);
	test_push_t(L, file);
	status = lua_pcall(L, 1, 0, 0);
	misbehaviour = test_world_close(file);
	if (status != LUA_OK && was_skipped(L))
		say_skipped(file, name);
	else if (status != LUA_OK)
		report_failed(file->report, file->path, name, luaL_tolstring(L, -1, NULL));
	else if (misbehaviour != NULL)
		report_failed(file->report, file->path, name, misbehaviour);
	else
		report_passed(file->report, file->path, name);
	lua_settop(L, top);
}

static void run_all(struct test_file *file)
{
	struct found *found = mem_array(TESTS_MOST, sizeof(*found));
	uint32_t count = found != NULL ? find_tests(file->L, found) : 0;

	if (count == 0)
		report_failed(file->report, file->path, "(the file)", "there is no test in it");
	for (uint32_t i = 0; i < count; i++)
		if (file->report->filter == NULL || strstr(found[i].name, file->report->filter) != NULL)
			run_test(file, found[i].name);
	mem_free(found);
}

void test_file_run(const char *path, struct test_report *report)
{
	struct test_file file = { .path = path, .report = report, .L = luaL_newstate() };
	struct weir_error error = { "" };

	report_begin(report, path);
	if (file.L == NULL)
		(void)weir_fail(&error, "not enough memory");
	else if (load_policy(&file, &error) && load_tests(&file, &error))
		run_all(&file);
	if (error.text[0] != '\0')
		report_failed(report, path, "(the file)", error.text);
	if (file.L != NULL)
		lua_close(file.L);
	script_unref(file.script);
}
