/* bind_log.c - weir.log: lines in the log of the program, not more of them than anybody reads. */
#include "core/base/clock.h"
#include "core/base/str.h"
#include "core/script/bind.h"
#include "core/script/binds.h"
#include "core/script/log.h"
#include "core/script/spend.h"

enum { LINE_COST = 500 };

bool log_meter_take(struct log_meter *m, uint64_t now_ns, uint64_t *dropped)
{
	uint64_t due = (now_ns - m->filled_at) / (NS_PER_S / LOG_LINES_PER_SECOND);

	if (m->filled_at == 0 || due > LOG_LINES_AT_ONCE) {
		m->left = LOG_LINES_AT_ONCE;
		m->filled_at = now_ns;
	} else if (due > 0) {
		m->left = m->left + due < LOG_LINES_AT_ONCE ? m->left + due : LOG_LINES_AT_ONCE;
		m->filled_at += due * (NS_PER_S / LOG_LINES_PER_SECOND);
	}
	if (m->left == 0) {
		m->dropped++;
		return false;
	}
	m->left--;
	*dropped = m->dropped;
	m->dropped = 0;
	return true;
}

/* Of the script that runs: in a table of the registry, by its name. */
static struct log_meter *meter_of(lua_State *L, struct script_run *run)
{
	struct weir_str name = script_name(run);
	struct log_meter *m;

	(void)luaL_getsubtable(L, LUA_REGISTRYINDEX, "weir.log");
	lua_pushlstring(L, name.data, name.len);
	lua_pushvalue(L, -1);
	if (lua_rawget(L, -3) != LUA_TUSERDATA) {
		lua_pop(L, 1);
		m = lua_newuserdatauv(L, sizeof(*m), 0);
		*m = (struct log_meter){ 0 };
		lua_pushvalue(L, -2);
		lua_pushvalue(L, -2);
		lua_rawset(L, -5);
	}
	m = lua_touserdata(L, -1);
	lua_pop(L, 3);
	return m;
}

/* The arguments, a space between, no longer than a line may be. */
static struct weir_str join(lua_State *L)
{
	int count = lua_gettop(L);
	struct weir_str line;
	luaL_Buffer b;

	luaL_buffinit(L, &b);
	for (int i = 1; i <= count && luaL_bufflen(&b) < LOG_LINE_MOST; i++) {
		if (i > 1)
			luaL_addchar(&b, ' ');
		(void)luaL_tolstring(L, i, NULL);
		luaL_addvalue(&b);
	}
	luaL_pushresult(&b);
	line.data = lua_tolstring(L, -1, &line.len);
	return str_head(line, LOG_LINE_MOST);
}

int script_say(lua_State *L, enum weir_level level)
{
	struct script_run *run = script_running(L);
	struct weir_str line = join(L);
	uint64_t dropped;
	char text[64];

	script_spend(L, LINE_COST);
	if (!log_meter_take(meter_of(L, run), weir_host_slot->now(), &dropped))
		return 0;
	if (dropped > 0)
		script_log(run, WEIR_WARN, str_of(text, (size_t)snprintf(text, sizeof(text),
			   "%llu lines of this script were dropped", (unsigned long long)dropped)));
	script_log(run, level, line);
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
