/* log.h - what a script says to the operator. */
#ifndef CORE_SCRIPT_LOG_H
#define CORE_SCRIPT_LOG_H

#include <lua.h>
#include <weir/host.h>

/* A Lua function: its arguments are a line in the log, with script, route and request. */
int script_say(lua_State *L, enum weir_level level);

#endif
