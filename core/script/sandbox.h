/* sandbox.h - the globals that scripts see. */
#ifndef CORE_SCRIPT_SANDBOX_H
#define CORE_SCRIPT_SANDBOX_H

#include "core/script/vm.h"

/* Pushes the table of all globals, with every library read-only, and leaves references to it and to the
 * `weir` table in vm->env and vm->weir. Raises. */
void sandbox_open(lua_State *L, struct script_vm *vm);

/* Pushes the globals of one script: empty, over those of the VM, and never to be written. */
void sandbox_env(lua_State *L, struct script_vm *vm);

/* Replaces the table at the top by one through which it can only be read; tables in it likewise. */
void sandbox_freeze(lua_State *L);

/* guard.c: what replaces functions of Lua's own that could swallow the end of a run or leave the
 * sandbox. */
extern const luaL_Reg guard_base[], guard_coroutine[];

#endif
