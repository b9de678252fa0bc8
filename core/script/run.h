/* run.h - calling a script: one hook, or its body, within its limits. */
#ifndef CORE_SCRIPT_RUN_H
#define CORE_SCRIPT_RUN_H

#include "core/script/vm.h"

/* What lies at the bottom of a run's thread, so that nothing has to be made for a call. */
enum run_place { RUN_ON_ERROR = 1, RUN_REQUEST, RUN_RESPONSE, RUN_BOTTOM = RUN_RESPONSE };

/* Lends a run for a hook of `here`, entered: the caller pushes a function and its arguments onto
 * run->thread and calls. NULL when there is no memory. */
struct script_run *run_take(struct script_here *here, enum script_hook hook);
void run_return(struct script_run *run);

enum run_end { RUN_DONE, RUN_DECIDED, RUN_CANCELLED, RUN_LATER, RUN_FAILED };

/* Calls what was pushed. RUN_FAILED: run_sentence() says why. May wait. */
enum run_end run_call(struct script_run *run, int arguments, int results);
/* Why it failed: "canary.lua:12: ...". Until the run is returned. */
struct weir_str run_sentence(struct script_run *run);
/* The same as a word, when it was stopped for a limit: "policy-timeout", "policy-memory"; else absent. */
struct weir_str run_reason(struct script_run *run);

/* Collects all garbage of the VM. */
void run_collect(struct script_run *run);

/* Where L is: "canary.lua:12". Allocates nothing. Empty when it is in no script. */
void run_place(lua_State *L, char *room, size_t size);

/* At the end of the VM. */
void runs_free(struct script_vm *vm);

/* objects.c: pushes the request and the response of this run. Raises. */
void objects_new(lua_State *L, struct script_run *run);

#endif
