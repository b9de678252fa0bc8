/* budget.h - how long a script may compute, and who stops it. */
#ifndef CORE_SCRIPT_BUDGET_H
#define CORE_SCRIPT_BUDGET_H

#include "core/script/bind.h"

/* A timer on the CPU time of the thread sends it a signal every few milliseconds that it computes.
 * The handler, on that thread, counts a tick for the run that is running Lua at this moment; when
 * its ticks are used up it sets a hook on the coroutine that runs, and the hook raises. So a call costs
 * no system call, an idle worker gets no signal, and a run that waits is not counted. */
struct budget;

enum { BUDGET_TICK_MS = 4 };

/* Begins the clock of the calling thread. NULL with a sentence. Ends on the same thread. */
struct budget *budget_open(struct weir_error *error);
void budget_close(struct budget *b);

/* How many ticks make `ns`: at least one, and one more because the first is not whole. */
uint32_t budget_ticks(uint64_t ns);

/* Between these two the run's code is what the thread does. They nest. */
void budget_enter(struct script_run *run);
void budget_leave(struct script_run *run);
/* Somebody else goes on while the run waits. */
void budget_pause(struct script_run *run);
void budget_resume(struct script_run *run);
/* The run that is running Lua on this thread, or NULL. */
struct script_run *budget_running(void);

/* Soon, in the Lua code that runs: collects garbage. May be called by the allocator. */
void budget_collect(struct script_run *run);

/* After an error in the coroutine L: the code that cleans up is watched as well. */
void budget_watch(struct script_run *run, lua_State *L);
/* The thread is to be used again: nothing of the last run is left on it. */
void budget_clear(lua_State *L);

#endif
