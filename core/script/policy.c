/* policy.c - a script as the host sees it: hooks that run Lua. */
#include "core/script/policy.h"

#include <weir/store.h>

#include "core/base/error.h"
#include "core/script/census.h"
#include "core/script/run.h"
#include "core/script/sandbox.h"
#include "core/script/source.h"
#include "core/script/values.h"

enum { OPTIONS_ARENA = 16 << 20 };

#define START_LOOK 2000000ull	/* ns: how often those look who wait for `start` */

/* One use in the configuration: `self`. */
struct policy {
	struct script *script;		/* a hold */
	struct arena arena;
	const struct value *options;
	struct weir_store *store;	/* lent until it is closed; NULL: no use for one */
};

/* The same on one worker. */
struct policy_here {
	struct script_here *script;
	const struct policy *policy;
	int options;			/* in the registry */
	bool started, starting;		/* `start` */
};

/* A use ---------------------------------------------------------------------- */

static void policy_close(void *self)
{
	struct policy *p = self;

	if (p == NULL)
		return;
	script_unref(p->script);
	arena_reset(&p->arena);
	mem_free(p);
}

/* Most scripts keep nothing, and then no memory is taken for it. */
static bool wants_store(const struct script *script)
{
	static const struct weir_str words[] = { { "store", 5 }, { "cache", 5 }, { "counter", 7 } };

	for (const struct script_part *part = script->parts; part != NULL; part = part->next) {
		for (size_t i = 0; i < ARRAY_LEN(words); i++) {
			if (str_find_str(part->text, words[i]) < part->text.len)
				return true;
		}
	}
	return false;
}

static bool policy_open(const struct weir_setup *setup, void **self, struct weir_error *error)
{
	struct script *script = weir_setup_context(setup);
	struct policy *p = mem_alloc(sizeof(*p));

	if (p == NULL)
		return fail_memory(error);
	p->script = script_ref(script);
	arena_init_small(&p->arena, OPTIONS_ARENA);
	p->options = options_copy(&p->arena, setup, script->plugin.options);
	if (wants_store(script))
		p->store = weir_store_open(setup, "script", 0);
	if (p->options == NULL || (wants_store(script) && p->store == NULL)) {
		policy_close(p);
		return fail_memory(error);
	}
	*self = p;
	return true;
}

/* On a worker ------------------------------------------------------------------ */

static int make_options(lua_State *L)
{
	struct policy_here *here = lua_touserdata(L, 1);

	options_push(L, here->policy->options);
	sandbox_freeze(L);
	here->options = luaL_ref(L, LUA_REGISTRYINDEX);
	return 0;
}

static enum weir_verdict failed(struct script_run *run)
{
	struct weir_str reason = run_reason(run);

	return reason.data != NULL ? weir_failed(run->ex, reason) : WEIR_FAILED;
}

/* Once on this worker, before any request is served there. One that wants to wait has no fiber yet: it is
 * begun again with the first request. */
static bool run_start(struct policy_here *here, const struct weir_here *where,
		      struct weir_exchange *ex, struct weir_error *error)
{
	struct script_here *script = here->script;
	struct script_run *run = run_take(script, HOOK_START);
	enum run_end end;
	struct weir_str said;

	if (run == NULL)
		return fail_memory(error);
	run->ex = ex;
	run->here = where;
	run->store = here->policy->store;
	(void)lua_rawgeti(run->thread, LUA_REGISTRYINDEX, script->hooks[HOOK_START]);
	(void)lua_rawgeti(run->thread, LUA_REGISTRYINDEX, here->options);
	end = run_call(run, 1, 0);
	here->started = end == RUN_DONE;
	if (end == RUN_FAILED) {
		said = run_sentence(run);
		(void)fail(error, "%.*s", STR_ARG(said));
		if (ex != NULL)
			(void)failed(run);
	}
	run_return(run);
	return end == RUN_DONE || end == RUN_LATER;
}

static void leave_vm(void)
{
	struct script_vm *vm = vm_here();

	if (vm == NULL || !list_empty(&vm->scripts))
		return;
	vm_set_here(NULL);
	vm_close(vm);
}

static struct script_vm *enter_vm(struct weir_error *error)
{
	struct script_vm *vm = vm_here();

	if (vm != NULL)
		return vm;
	vm = vm_open(error);
	if (vm == NULL)
		return NULL;
	census_enter(vm);
	vm_set_here(vm);
	return vm;
}

static void policy_worker_close(void *self, void *worker)
{
	struct policy_here *here = worker;

	(void)self;
	if (here->script != NULL) {
		luaL_unref(here->script->vm->L, LUA_REGISTRYINDEX, here->options);
		vm_script_close(here->script);
	}
	mem_free(here);
	leave_vm();
}

static bool policy_worker_open(void *self, void **worker, struct weir_error *error)
{
	struct script_vm *vm = enter_vm(error);
	struct policy_here *here;

	if (vm == NULL)
		return false;
	here = mem_alloc(sizeof(*here));
	if (here == NULL) {
		leave_vm();
		return fail_memory(error);
	}
	here->policy = self;
	here->options = LUA_NOREF;
	here->script = vm_script_open(vm, here->policy->script, error);
	here->started = here->script == NULL || here->script->hooks[HOOK_START] == LUA_NOREF;
	if (here->script != NULL && vm_protect(vm->L, make_options, here, error) &&
	    (here->started || run_start(here, NULL, NULL, error))) {
		*worker = here;
		return true;
	}
	policy_worker_close(self, here);
	return false;
}

/* For a request ---------------------------------------------------------------- */

static void say_failed(struct script_run *run)
{
	struct weir_str said = run_sentence(run);

	script_log(run, WEIR_FAILURE, said);
}

static enum weir_verdict verdict_of(struct script_run *run, enum run_end end)
{
	switch (end) {
	case RUN_DONE:
	case RUN_LATER:
	case RUN_CANCELLED:	/* it has no say any more */
		return WEIR_NEXT;
	case RUN_DECIDED:
		return run->verdict;
	case RUN_FAILED:
		break;
	}
	say_failed(run);
	return failed(run);
}

/* Others that come meanwhile wait for it; should its request go away, one of them begins anew. */
static bool start_late(struct policy_here *at, const struct weir_here *here,
		       struct weir_exchange *ex)
{
	struct weir_error error = { "" };
	bool ok;

	while (at->starting)
		if (weir_sleep(ex, START_LOOK) != WEIR_OK)
			return false;
	if (at->started)
		return true;
	at->starting = true;
	ok = run_start(at, here, ex, &error);
	at->starting = false;
	if (error.text[0] != '\0')
		weir_log(here, WEIR_FAILURE, "%s", error.text);
	return ok;
}

static enum weir_verdict call_hook(const struct weir_here *here, struct weir_exchange *ex,
				   enum script_hook hook)
{
	struct policy_here *at = here->worker;
	enum weir_verdict verdict;
	struct script_run *run;
	lua_State *L;

	if (unlikely(!at->started) && !start_late(at, here, ex))
		return WEIR_FAILED;
	run = run_take(at->script, hook);
	if (unlikely(run == NULL)) {
		weir_log(here, WEIR_FAILURE, "out of memory");
		return WEIR_FAILED;
	}
	run->ex = ex;
	run->here = here;
	run->store = at->policy->store;
	L = run->thread;
	(void)lua_rawgeti(L, LUA_REGISTRYINDEX, at->script->hooks[hook]);
	lua_pushvalue(L, RUN_REQUEST);
	if (hook != HOOK_REQUEST)
		lua_pushvalue(L, RUN_RESPONSE);
	(void)lua_rawgeti(L, LUA_REGISTRYINDEX, at->options);
	verdict = verdict_of(run, run_call(run, hook != HOOK_REQUEST ? 3 : 2, 0));
	run_return(run);
	return verdict;
}

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *ex)
{
	return call_hook(here, ex, HOOK_REQUEST);
}

static enum weir_verdict on_response(const struct weir_here *here, struct weir_exchange *ex)
{
	return call_hook(here, ex, HOOK_RESPONSE);
}

static void on_done(const struct weir_here *here, struct weir_exchange *ex)
{
	(void)call_hook(here, ex, HOOK_DONE);
}

void policy_describe(struct script *s, const char *summary)
{
	s->policy = (struct weir_policy)WEIR_POLICY(
		.traits = WEIR_SETS_CLAIMS,	/* it may: req.claims */
		.on_request = s->has[HOOK_REQUEST] ? on_request : NULL,
		.on_response = s->has[HOOK_RESPONSE] ? on_response : NULL,
		.on_done = s->has[HOOK_DONE] ? on_done : NULL);
	s->plugin.size = sizeof(s->plugin);
	s->plugin.major = WEIR_API_MAJOR;
	s->plugin.minor = WEIR_API_NEWEST;
	s->plugin.option_size = sizeof(struct weir_option);
	s->plugin.host = &weir_host_slot;
	s->plugin.name = s->name.data;
	s->plugin.summary = summary;
	s->plugin.open = policy_open;
	s->plugin.close = policy_close;
	s->plugin.worker_open = policy_worker_open;
	s->plugin.worker_close = policy_worker_close;
	s->plugin.policy = &s->policy;
	s->plugin.context = s;
}
