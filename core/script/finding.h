/* finding.h - a pattern that a script gave, looked for in a string that it gave. */
#ifndef CORE_SCRIPT_FINDING_H
#define CORE_SCRIPT_FINDING_H

#include <lauxlib.h>
#include <lua.h>

#include "core/script/search.h"

/* The string at `arg`, or an error of the script. Lent as long as it stays on the stack. */
struct weir_str string_arg(lua_State *L, int arg);

/* Pushes what keeps a compiled pattern, and lends it. Raises when the pattern is wrong. */
struct search *finding_new(lua_State *L, struct weir_str pattern, bool anchors);

/* Goes on to the next match at subject[start] or behind, charging the script. */
bool finding_next(lua_State *L, struct search *s, struct weir_str subject, size_t start);

/* Pushes capture `i` from 0; the whole match for 0 when there are none. */
void finding_push(lua_State *L, const struct search *s, uint32_t i);

/* Pushes all captures, or the whole match (`whole`) when there are none; gives how many. */
int finding_push_all(lua_State *L, const struct search *s, bool whole);

/* Where the string position of argument `arg` (1 when absent) begins, from 0. */
size_t finding_start(lua_State *L, int arg, size_t len);

#endif
