/* spend.h - work that the interpreter does not see, charged to the script that caused it. */
#ifndef CORE_SCRIPT_SPEND_H
#define CORE_SCRIPT_SPEND_H

#include <lua.h>
#include <stdint.h>

/* Takes `steps` (each some nanoseconds of work) off what the running hook may do. Does not return
 * when nothing is left, or when its time is up: it raises what no pcall of the script keeps. Call
 * it at least every SPEND_OFTEN steps inside a loop. [the state's thread] */
void script_spend(lua_State *L, uint64_t steps);

enum { SPEND_OFTEN = 4096 };

#endif
