/* bare.h - a Lua state with our libraries and nothing around it: no worker, no host, and a budget of
 * steps that a test sets. */
#ifndef TESTS_SCRIPT_BARE_H
#define TESTS_SCRIPT_BARE_H

#include <lauxlib.h>
#include <lua.h>
#include <stdint.h>

/* Gives a state with the base library and our string, table, utf8 and math; `weir` is an empty
 * table, for the binds of the test. lua_close() it. */
lua_State *bare_open(void);

/* The same with Lua's own libraries: what ours are compared with. */
lua_State *bare_open_real(void);

/* Steps until the next script_spend() raises "out of steps"; at start there is no end. */
void bare_set_steps(uint64_t steps);
uint64_t bare_spent(void);

/* Runs a chunk and gives what it returned as text, comma between; an error as "error: ...", without
 * its place. Valid until the next call. */
const char *bare_run(lua_State *L, const char *chunk);

#endif
