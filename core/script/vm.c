/* vm.c - the Lua of one thread. */
#include "core/script/vm.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "core/script/budget.h"
#include "core/script/census.h"
#include "core/script/run.h"
#include "core/script/sandbox.h"
#include "core/script/source.h"

static __thread struct script_vm *here_vm;

struct script_vm *vm_here(void)
{
	return here_vm;
}

void vm_set_here(struct script_vm *vm)
{
	here_vm = vm;
}

/* Protected ------------------------------------------------------------------- */

bool vm_protect(lua_State *L, lua_CFunction fn, void *arg, struct weir_error *error)
{
	int top = lua_gettop(L);
	bool ok;

	lua_pushcfunction(L, fn);
	lua_pushlightuserdata(L, arg);
	ok = lua_pcall(L, 1, 0, 0) == LUA_OK;
	if (!ok)
		(void)fail(error, "%s", lua_tostring(L, -1));
	lua_settop(L, top);
	return ok;
}

static int on_panic(lua_State *L)
{
	const char *why = lua_tostring(L, -1);

	fprintf(stderr, "script: an error outside of any protected call: %s\n",
		why != NULL ? why : "(no words)");
	abort();
}

/* Opening --------------------------------------------------------------------- */

/* In the allocator: says where the script was. Allocates nothing. */
static void on_refused(struct accounts *a)
{
	struct script_run *run = budget_running();
	char place[80];

	if (run == NULL || &run->vm->accounts != a)
		return;
	budget_collect(run);	/* what it built is garbage once it has failed */
	run_place(run->on, place, sizeof(place));
	if (place[0] == '\0' && run->why[0] != '\0')
		return;
	(void)snprintf(run->why, sizeof(run->why),
		       "%s: it wanted more memory than it may have (lua.memory)",
		       place[0] != '\0' ? place : "somewhere");
}

static void on_pressed(struct accounts *a)
{
	struct script_run *run = budget_running();

	if (run != NULL && &run->vm->accounts == a)
		budget_collect(run);
}

static int furnish(lua_State *L)
{
	sandbox_open(L, lua_touserdata(L, 1));
	return 0;
}

static bool make_state(struct script_vm *vm, struct weir_error *error)
{
	vm->accounts.refused = on_refused;
	vm->accounts.pressed = on_pressed;
	vm->accounts.retire = census_retire;
	vm->L = lua_newstate(account_allocate, &vm->accounts);
	if (vm->L == NULL)
		return fail_memory(error);
	(void)lua_atpanic(vm->L, on_panic);
	*(struct script_run **)lua_getextraspace(vm->L) = NULL;
	(void)lua_gc(vm->L, LUA_GCGEN, 0, 0);
	return vm_protect(vm->L, furnish, vm, error);
}

struct script_vm *vm_open(struct weir_error *error)
{
	struct script_vm *vm = mem_alloc(sizeof(*vm));

	if (vm == NULL || !accounts_init(&vm->accounts)) {
		mem_free(vm);
		(void)fail_memory(error);
		return NULL;
	}
	list_init(&vm->scripts);
	list_init(&vm->link);
	vm->budget = budget_open(error);
	if (vm->budget == NULL || !make_state(vm, error)) {
		vm_close(vm);
		return NULL;
	}
	return vm;
}

void vm_close(struct script_vm *vm)
{
	if (vm == NULL)
		return;
	census_leave(vm);
	runs_free(vm);
	if (vm->L != NULL)
		lua_close(vm->L);
	budget_close(vm->budget);
	accounts_fini(&vm->accounts);
	mem_free(vm);
}

/* Scripts --------------------------------------------------------------------- */

static struct script_here *find(struct script_vm *vm, const struct script *script)
{
	list_for_each(item, &vm->scripts) {
		struct script_here *here = container_of(item, struct script_here, link);

		if (here->script == script)
			return here;
	}
	return NULL;
}

static int prepare(lua_State *L)
{
	struct script_here *here = lua_touserdata(L, 1);

	sandbox_env(L, here->vm);
	here->env = luaL_ref(L, LUA_REGISTRYINDEX);
	lua_newtable(L);
	here->modules = luaL_ref(L, LUA_REGISTRYINDEX);
	return 0;
}

/* The policy's table is on the thread. */
static int keep_hooks(lua_State *L)
{
	static const char *const names[HOOK_COUNT] = {
		[HOOK_START] = "start", [HOOK_REQUEST] = "request", [HOOK_RESPONSE] = "response",
		[HOOK_DONE] = "done",
	};
	struct script_here *here = script_running(L)->script;

	luaL_checktype(L, 1, LUA_TTABLE);
	for (int i = HOOK_START; i < HOOK_COUNT; i++) {
		lua_pushstring(L, names[i]);
		if (lua_rawget(L, 1) == LUA_TFUNCTION)
			here->hooks[i] = luaL_ref(L, LUA_REGISTRYINDEX);
		else
			lua_pop(L, 1);
	}
	return 0;
}

/* What reading a script for the first time does more: source_look() of script.c. */
static bool run_body(struct script_here *here, lua_CFunction look, struct weir_error *error)
{
	struct script_run *run = run_take(here, HOOK_LOAD);
	struct weir_str said;
	bool ok;

	if (run == NULL)
		return fail_memory(error);
	ok = source_run(run, error);
	if (ok) {
		lua_pushcfunction(run->thread, look);
		lua_insert(run->thread, -2);
		ok = run_call(run, 1, 0) == RUN_DONE;
		if (!ok) {
			said = run_sentence(run);
			(void)fail(error, "%.*s", STR_ARG(said));
		}
	}
	run_return(run);
	return ok;
}

static void unref(lua_State *L, struct script_here *here)
{
	luaL_unref(L, LUA_REGISTRYINDEX, here->env);
	luaL_unref(L, LUA_REGISTRYINDEX, here->modules);
	for (int i = 0; i < HOOK_COUNT; i++)
		luaL_unref(L, LUA_REGISTRYINDEX, here->hooks[i]);
}

static void here_free(struct script_here *here)
{
	struct script_vm *vm = here->vm;

	unref(vm->L, here);
	if (here->account != 0) {
		(void)lua_gc(vm->L, LUA_GCCOLLECT);
		account_leave(&vm->accounts, here->account);
	}
	list_remove(&here->link);
	script_unref(here->script);
	mem_free(here);
}

static struct script_here *here_new(struct script_vm *vm, struct script *script,
				    struct weir_error *error)
{
	struct script_here *here = mem_alloc(sizeof(*here));

	if (here == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	here->vm = vm;
	here->script = script_ref(script);
	here->env = here->modules = LUA_NOREF;
	for (int i = 0; i < HOOK_COUNT; i++)
		here->hooks[i] = LUA_NOREF;
	census_lock();
	here->account = account_open(&vm->accounts, script->name.data, script->memory);
	census_unlock();
	list_push_back(&vm->scripts, &here->link);
	return here;
}

struct script_here *vm_script_read(struct script_vm *vm, struct script *script,
				   struct script_reader *reader, lua_CFunction look,
				   struct weir_error *error)
{
	struct script_here *here = here_new(vm, script, error);
	bool ok;

	if (here == NULL)
		return NULL;
	here->reader = reader;
	ok = here->account != 0 || fail(error, "more than %d scripts on one worker", ACCOUNTS_MOST);
	ok = ok && vm_protect(vm->L, prepare, here, error) && run_body(here, look, error);
	here->reader = NULL;
	if (ok)
		return here;
	here_free(here);
	return NULL;
}

struct script_here *vm_script_open(struct script_vm *vm, struct script *script,
				   struct weir_error *error)
{
	struct script_here *here = find(vm, script);

	if (here == NULL)
		here = vm_script_read(vm, script, NULL, keep_hooks, error);
	if (here != NULL)
		here->uses++;
	return here;
}

void vm_script_close(struct script_here *here)
{
	if (here != NULL && --here->uses == 0)
		here_free(here);
}
