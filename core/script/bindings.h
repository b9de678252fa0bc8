/* bindings.h - everything that scripts can call, file by file. */
#ifndef CORE_SCRIPT_BINDINGS_H
#define CORE_SCRIPT_BINDINGS_H

#include <lauxlib.h>

/* bind_NOUN.c: adds fields to the `weir` table, which is at the top of L. */
typedef void (*script_bind)(lua_State *L);

/* All of them; ends with NULL. */
extern const script_bind script_bindings[];

#endif
