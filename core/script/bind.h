/* bind.h - what every binding works with: the run it belongs to, waiting, and how a run ends. */
#ifndef CORE_SCRIPT_BIND_H
#define CORE_SCRIPT_BIND_H

#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <weir/here.h>
#include <weir/policy.h>
#include <weir/wait.h>

#include "core/base/mem.h"

struct script_vm;
struct script_here;

enum script_hook { HOOK_LOAD, HOOK_START, HOOK_REQUEST, HOOK_RESPONSE, HOOK_DONE, HOOK_COUNT };

/* Why the rest of a run is not run. Sticky: `pcall` and coroutines raise it again. */
enum script_ending {
	ENDING_NONE,
	ENDING_DECIDED,		/* req:reply, req:deny, req:redirect */
	ENDING_CANCELLED,	/* a wait was cancelled */
	ENDING_TIME,		/* its time is used up */
	ENDING_LATER,		/* `start` wants to wait: again with the first request */
};

/* What a script holds in its hand; each run has its own, made once. */
enum script_object {
	OBJECT_REQUEST, OBJECT_REQUEST_SHELF, OBJECT_REQUEST_HEADERS, OBJECT_PARAMS, OBJECT_QUERY,
	OBJECT_COOKIES, OBJECT_CLAIMS, OBJECT_LOG, OBJECT_RESPONSE, OBJECT_RESPONSE_SHELF,
	OBJECT_RESPONSE_HEADERS, OBJECT_TRAILERS, OBJECT_COUNT
};

/* One call of one hook, or the loading of a script: it has a Lua thread, which is reused. A binding
 * looks at it and does not keep it. */
struct script_run {
	struct script_run *next;	/* in the VM's pool */
	struct script_vm *vm;
	lua_State *thread;
	lua_State *volatile on;		/* the coroutine that runs now: `thread` or one it resumed */
	struct script_here *script;
	struct weir_exchange *ex;	/* NULL at load, and while `start` need not wait */
	const struct weir_here *here;	/* of the use; NULL at load */
	struct weir_store *store;	/* of the script; NULL at load */
	enum script_hook hook;
	enum script_ending ending;
	enum weir_verdict verdict;	/* when ENDING_DECIDED */
	struct script_run *outer;	/* who ran when this one was entered */
	volatile uint32_t ticks;	/* of CPU time; written by the signal handler */
	uint32_t ticks_most;
	volatile int spent;
	bool collect;			/* much memory is in use, perhaps as garbage */
	const void *objects[OBJECT_COUNT];	/* where they are: what else is given is of another run */
	char why[200];			/* where it was when its time or memory ended */
};

/* A binding file bind_NOUN.c gives one function that adds its fields to the `weir` table, which is on
 * top of the stack, and leaves the stack as it was. It is listed in sandbox.c. Functions may raise
 * errors; all of them run protected. */

/* The run that L belongs to, coroutines included. Every function that a script calls has one. */
static inline struct script_run *script_running(lua_State *L)
{
	return *(struct script_run **)lua_getextraspace(L);
}

/* The exchange, or an error: "NAME needs a request; not in `start`". */
struct weir_exchange *script_exchange(lua_State *L, const char *name);

/* Waiting. Everything is in order to be read again afterwards but pointers into Lua's own strings:
 * keep those on the stack. What is waited for meanwhile does not count as time of the script.
 *
 *     struct script_run *run = script_wait_begin(L);
 *     enum weir_wait how = script_wait_end(L, weir_sleep(run->ex, ns));
 *
 * script_wait_end() raises when the wait was cancelled, and an error where it is not allowed to wait;
 * otherwise it gives how the wait ended. Nothing may raise in between. */
struct script_run *script_wait_begin(lua_State *L);
enum weir_wait script_wait_end(lua_State *L, enum weir_wait how);

/* Ends the run: for good, whatever the script catches. */
noreturn void script_end(lua_State *L, enum script_ending ending);

/* In every loop that may be long, each some thousand steps: raises when the time is used up. */
noreturn void script_out_of_time(lua_State *L);
static inline void script_check(lua_State *L)
{
	const struct script_run *run = script_running(L);

	if (unlikely(run != NULL && run->spent))
		script_out_of_time(L);
}

/* Arguments. */
static inline struct weir_str script_check_str(lua_State *L, int at)
{
	struct weir_str s;

	s.data = luaL_checklstring(L, at, &s.len);
	return s;
}

/* Pushes the text, or nil for the absent one. */
static inline void script_push_str(lua_State *L, struct weir_str s)
{
	if (s.data != NULL)
		lua_pushlstring(L, s.data, s.len);
	else
		lua_pushnil(L);
}

/* Nanoseconds from seconds (a number) or "250ms" "3s" "1m" "2h". */
uint64_t script_check_span(lua_State *L, int at);
/* Bytes from a whole number or "64k" "8m". */
size_t script_check_size(lua_State *L, int at);
/* The same of field `name` of the table at `at`; `fallback` when there is none. */
uint64_t script_span_field(lua_State *L, int at, const char *name, uint64_t fallback);
size_t script_size_field(lua_State *L, int at, const char *name, size_t fallback);


/* A line in the log, with the use and its place before it and route and request behind it. */
void script_log(struct script_run *run, enum weir_level level, struct weir_str line);

#endif
