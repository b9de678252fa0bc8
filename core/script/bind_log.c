/* bind_log.c - weir.log: lines in the log of the program. The host bounds and counts them. */
#include "core/base/str.h"
#include "core/script/bind.h"
#include "core/script/binds.h"
#include "core/script/log.h"
#include "core/script/spend.h"

enum { LINE_COST = 500, LINE_MOST = 1024 };

/* The arguments, a space between, no longer than a line may be. */
static struct weir_str join(lua_State *L)
{
	int count = lua_gettop(L);
	struct weir_str line;
	luaL_Buffer b;

	luaL_buffinit(L, &b);
	for (int i = 1; i <= count && luaL_bufflen(&b) < LINE_MOST; i++) {
		if (i > 1)
			luaL_addchar(&b, ' ');
		(void)luaL_tolstring(L, i, NULL);
		luaL_addvalue(&b);
	}
	luaL_pushresult(&b);
	line.data = lua_tolstring(L, -1, &line.len);
	return str_head(line, LINE_MOST);
}

int script_say(lua_State *L, enum weir_level level)
{
	struct weir_str line = join(L);

	script_spend(L, LINE_COST);
	script_log(script_running(L), level, line);
	return 0;
}

static int log_error_line(lua_State *L)
{
	return script_say(L, WEIR_ERROR);
}

static int log_warn_line(lua_State *L)
{
	return script_say(L, WEIR_WARN);
}

static int log_info_line(lua_State *L)
{
	return script_say(L, WEIR_INFO);
}

static int log_debug_line(lua_State *L)
{
	return script_say(L, WEIR_DEBUG);
}

void bind_log(lua_State *L)
{
	lua_newtable(L);
	bindings_add(L, bindings_log);
	lua_setfield(L, -2, "log");
}

const struct binding bindings_log[] = {
	{ "error", log_error_line, "weir.log.error(...)",
	  "A line about what must be mended; as all lines, with script, route and request.", false,
	  "0.1" },
	{ "warn", log_warn_line, "weir.log.warn(...)", "A line about what should be looked at.", false,
	  "0.1" },
	{ "info", log_info_line, "weir.log.info(...)", "A line that is good to know.", false, "0.1" },
	{ "debug", log_debug_line, "weir.log.debug(...)", "A line for who looks for something.", false,
	  "0.1" },
	{ 0 }
};
