/* vm.h - the Lua of one thread: its state, the scripts that are loaded in it, and its runs. */
#ifndef CORE_SCRIPT_VM_H
#define CORE_SCRIPT_VM_H

#include "core/base/list.h"
#include "core/script/account.h"
#include "core/script/bind.h"
#include "core/script/script.h"

struct script_reader;

/* One per worker, made with the first script that is opened there, and gone with the last. While a
 * script is being read on control it has a VM of its own. All of it belongs to its thread. */
struct script_vm {
	struct list link;		/* in the census */
	uint32_t number;		/* of its worker, in the order in which they came */
	lua_State *L;			/* the main thread: owner of the registry; runs nothing */
	struct accounts accounts;
	struct list scripts;		/* struct script_here */
	struct script_run *idle;	/* runs for reuse */
	uint32_t idle_count;
	struct budget *budget;		/* its clock */
	int env, weir;			/* in the registry: the globals, the `weir` table */
};

/* A script in a VM. */
struct script_here {
	struct list link;
	struct script_vm *vm;
	struct script *script;		/* a hold */
	struct script_reader *reader;	/* while it is read for the first time; else NULL */
	uint32_t uses;
	uint32_t account;
	uint32_t early_lines;		/* said before there was a use, in this second */
	uint64_t early_second;
	int env, modules;		/* in the registry */
	int hooks[HOOK_COUNT];		/* in the registry; LUA_NOREF: it has none */
};

/* Gives a VM with nothing but the library. NULL with a sentence. */
struct script_vm *vm_open(struct weir_error *error);
void vm_close(struct script_vm *vm);
/* This thread's; NULL: none yet. */
struct script_vm *vm_here(void);
void vm_set_here(struct script_vm *vm);

/* Makes the script ready: runs its body, finds its hooks. Each use holds it. */
struct script_here *vm_script_open(struct script_vm *vm, struct script *script,
				   struct weir_error *error);
/* The same for the first time, in a VM of its own: `look` gets the policy's table. */
struct script_here *vm_script_read(struct script_vm *vm, struct script *script,
				   struct script_reader *reader, lua_CFunction look,
				   struct weir_error *error);
void vm_script_close(struct script_here *here);

/* Runs `fn` protected on L, with `arg` as its light userdata; false with the message. */
bool vm_protect(lua_State *L, lua_CFunction fn, void *arg, struct weir_error *error);

#endif
