/* run.c - calling a script, and how its run ends. */
#include "core/script/run.h"

#include <stdio.h>
#include <string.h>

#include "core/base/error.h"
#include "core/script/budget.h"
#include "core/script/source.h"

enum { IDLE_MOST = 256, STACK_OWN = 32 };

/* What is raised when a run ends for good. Scripts never see it: whatever catches raises it again. */
static const char sentinel;

/* Ending --------------------------------------------------------------------- */

void run_place(lua_State *L, char *room, size_t size)
{
	lua_Debug at;

	room[0] = '\0';
	for (int level = 0; level < 50 && lua_getstack(L, level, &at); level++) {
		if (lua_getinfo(L, "Sl", &at) == 0 || at.currentline <= 0)
			continue;
		(void)snprintf(room, size, "%s:%d", at.short_src, at.currentline);
		return;
	}
}

void script_end(lua_State *L, enum script_ending ending)
{
	struct script_run *run = script_running(L);

	if (run->ending == ENDING_NONE || run->ending == ENDING_DECIDED)
		run->ending = ending;
	lua_settop(L, 0);
	lua_pushlightuserdata(L, (void *)(uintptr_t)&sentinel);
	(void)lua_error(L);
	abort();
}

void script_out_of_time(lua_State *L)
{
	struct script_run *run = script_running(L);
	char place[80];

	if (run->ending != ENDING_TIME) {
		run_place(L, place, sizeof(place));
		(void)snprintf(run->why, sizeof(run->why),
			       "%s: it computed for more than its time (lua.time) and was stopped",
			       place[0] != '\0' ? place : "somewhere");
		account_count(&run->vm->accounts.at[run->script->account]->kills);
	}
	run->ending = ENDING_TIME;
	lua_pushlightuserdata(L, (void *)(uintptr_t)&sentinel);
	(void)lua_error(L);
	abort();
}

/* Waiting -------------------------------------------------------------------- */

struct script_run *script_wait_begin(lua_State *L)
{
	struct script_run *run = script_running(L);

	script_check(L);
	if (run->ending == ENDING_CANCELLED)
		script_end(L, ENDING_CANCELLED);
	if (run->ex == NULL && run->hook == HOOK_START)
		script_end(L, ENDING_LATER);
	budget_pause(run);
	run->vm->accounts.current = 0;
	return run;
}

enum weir_wait script_wait_end(lua_State *L, enum weir_wait how)
{
	struct script_run *run = script_running(L);

	run->vm->accounts.current = run->script->account;
	budget_resume(run);
	if (how == WEIR_CANCELLED)
		script_end(L, ENDING_CANCELLED);
	if (how == WEIR_NOT_HERE)
		(void)luaL_error(L, "it cannot be waited for here");
	return how;
}

/* Making --------------------------------------------------------------------- */

/* Turns what was raised into a text with a place; it lies in the frame of the error. */
static int on_error(lua_State *L)
{
	const struct script_run *run = script_running(L);

	if (run->ending != ENDING_NONE)
		return 1;
	if (lua_type(L, 1) == LUA_TSTRING)
		return 1;
	luaL_where(L, 1);
	if (luaL_getmetafield(L, 1, "__tostring") != LUA_TNIL) {
		lua_pushvalue(L, 1);
		lua_call(L, 1, 1);
	} else {
		lua_pushfstring(L, "an error that is a %s", luaL_typename(L, 1));
	}
	if (!lua_isstring(L, -1))
		return 1;
	lua_concat(L, 2);
	return 1;
}

static int make(lua_State *L)
{
	struct script_run *run = lua_touserdata(L, 1);
	lua_State *thread = lua_newthread(L);

	luaL_checkstack(thread, STACK_OWN, NULL);
	lua_pushcfunction(thread, on_error);
	objects_new(thread, run);
	*(struct script_run **)lua_getextraspace(thread) = run;
	lua_rawsetp(L, LUA_REGISTRYINDEX, run);
	run->thread = thread;
	return 0;
}

static struct script_run *run_new(struct script_vm *vm)
{
	struct script_run *run = mem_alloc(sizeof(*run));
	struct weir_error unheard = { "" };

	if (run == NULL)
		return NULL;
	run->vm = vm;
	if (vm_protect(vm->L, make, run, &unheard))
		return run;
	mem_free(run);
	return NULL;
}

static int unmake(lua_State *L)
{
	lua_pushnil(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, lua_touserdata(L, 1));
	return 0;
}

static void run_free(struct script_run *run)
{
	struct weir_error unheard = { "" };

	(void)vm_protect(run->vm->L, unmake, run, &unheard);
	mem_free(run);
}

void runs_free(struct script_vm *vm)
{
	while (vm->idle != NULL) {
		struct script_run *run = vm->idle;

		vm->idle = run->next;
		run_free(run);
	}
	vm->idle_count = 0;
}

struct script_run *run_take(struct script_here *here, enum script_hook hook)
{
	struct script_vm *vm = here->vm;
	struct script_run *run = vm->idle;

	if (likely(run != NULL)) {
		vm->idle = run->next;
		vm->idle_count--;
	} else {
		run = run_new(vm);
		if (run == NULL)
			return NULL;
	}
	run->script = here;
	run->hook = hook;
	run->ex = NULL;
	run->here = NULL;
	run->store = NULL;
	run->ending = ENDING_NONE;
	run->ticks = 0;
	run->ticks_most = here->script->ticks;
	run->spent = 0;
	run->collect = false;
	run->why[0] = '\0';
	run->on = run->thread;
	vm->accounts.current = here->account;
	budget_enter(run);
	return run;
}

void run_return(struct script_run *run)
{
	struct script_vm *vm = run->vm;

	vm->accounts.current = 0;
	budget_leave(run);
	if (lua_gettop(run->thread) != RUN_BOTTOM)
		lua_settop(run->thread, RUN_BOTTOM);
	if (unlikely(run->spent || run->collect))
		budget_clear(run->thread);
	if (unlikely(run->collect))
		run_collect(run);
	run->ex = NULL;
	if (unlikely(vm->idle_count >= IDLE_MOST)) {
		run_free(run);
		return;
	}
	run->next = vm->idle;
	vm->idle = run;
	vm->idle_count++;
}

void run_collect(struct script_run *run)
{
	run->collect = false;
	(void)lua_gc(run->vm->L, LUA_GCCOLLECT);
	account_collected(run->vm->accounts.at[run->script->account]);
}

/* Calling -------------------------------------------------------------------- */

static enum run_end ended(struct script_run *run, int status)
{
	struct account *account = run->vm->accounts.at[run->script->account];

	switch (run->ending) {
	case ENDING_DECIDED:
		return RUN_DECIDED;
	case ENDING_CANCELLED:
		return RUN_CANCELLED;
	case ENDING_LATER:
		return RUN_LATER;
	case ENDING_TIME:
	case ENDING_NONE:
		break;
	}
	if (status == LUA_ERRMEM)
		account_count(&account->refused);
	account_count(&account->errors);
	/* What it built is garbage now, and must not be in the way of the next. */
	if (atomic_load_explicit(&account->used, memory_order_relaxed) > account->most / 2)
		run->collect = true;
	return RUN_FAILED;
}

enum run_end run_call(struct script_run *run, int arguments, int results)
{
	int status;

	account_count(&run->vm->accounts.at[run->script->account]->calls);
	status = lua_pcall(run->thread, arguments, results, RUN_ON_ERROR);
	run->on = run->thread;
	if (likely(status == LUA_OK && run->ending == ENDING_NONE))
		return RUN_DONE;
	return ended(run, status);
}

/* Whoever raises it again, a wrapped coroutine say: it is Lua's own text, made once. */
static bool no_memory(struct script_run *run)
{
	return run->why[0] != '\0' && lua_type(run->thread, -1) == LUA_TSTRING &&
	       strcmp(lua_tostring(run->thread, -1), "not enough memory") == 0;
}

struct weir_str run_sentence(struct script_run *run)
{
	struct weir_str said = { NULL, 0 };

	if (run->ending == ENDING_TIME || no_memory(run))
		return str_from(run->why);
	if (lua_type(run->thread, -1) == LUA_TSTRING)
		said.data = lua_tolstring(run->thread, -1, &said.len);
	return said.data != NULL ? said : WEIR_STR("an error that says nothing");
}

struct weir_str run_reason(struct script_run *run)
{
	if (run->ending == ENDING_TIME)
		return WEIR_STR("policy-timeout");
	return no_memory(run) ? WEIR_STR("policy-memory") : WEIR_ABSENT;
}
