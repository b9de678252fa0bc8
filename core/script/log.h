/* log.h - how many lines a script may log. */
#ifndef CORE_SCRIPT_LOG_H
#define CORE_SCRIPT_LOG_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>
#include <weir/host.h>

enum { LOG_LINES_AT_ONCE = 100, LOG_LINES_PER_SECOND = 20, LOG_LINE_MOST = 1024 };

/* One per script and worker. All zero at first. */
struct log_meter {
	uint64_t filled_at, left, dropped;
};

/* May one more line be said? Then *dropped is how many were not since the last one that was. */
bool log_meter_take(struct log_meter *m, uint64_t now_ns, uint64_t *dropped);

/* A Lua function: says its arguments, or counts the line. */
int script_say(lua_State *L, enum weir_level level);

#endif
