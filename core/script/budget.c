/* budget.c - how long a script may compute, and who stops it. */
#include "core/script/budget.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/script/run.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

#define TICK_NS (BUDGET_TICK_MS * 1000000ull)
#define TICK_SIGNAL SIGVTALRM

/* ThreadSanitizer keeps signals back until the program calls the C library, which a loop in Lua does not.
 * So there the handler is installed by a name that it does not know, and goes uninstrumented: it enters
 * nothing of the sanitizer's, whatever it has interrupted. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define KEEPS_SIGNALS_BACK 1
#endif
#endif
#ifdef __SANITIZE_THREAD__
#define KEEPS_SIGNALS_BACK 1
#endif
#ifdef KEEPS_SIGNALS_BACK
int __sigaction(int number, const struct sigaction *act, struct sigaction *before);
#define sigaction(number, act, before) __sigaction(number, act, before)
#define AT_ONCE __attribute__((no_sanitize("thread")))
#else
#define AT_ONCE
#endif

struct budget {
	timer_t timer;
};

/* Who computes now on this thread. The handler reads it. */
static __thread struct script_run *volatile running;

struct script_run *budget_running(void)
{
	return running;
}

/* In Lua code, soon after the time was used up, and again after each thousand steps. */
static void on_hook(lua_State *L, lua_Debug *at)
{
	struct script_run *run = script_running(L);

	(void)at;
	if (run != NULL && run->spent)
		script_out_of_time(L);
	budget_clear(L);
	if (run != NULL && run->collect)
		run_collect(run);
}

/* The emergency collection of Lua's own does not know of buffers, which ask the allocator directly. */
void budget_collect(struct script_run *run)
{
	if (run->collect)
		return;
	run->collect = true;
	if (!run->spent)
		lua_sethook(run->on, on_hook, LUA_MASKCOUNT, 1);
}

/* lua_sethook() may be called from a handler; the stand-alone interpreter does so too. */
AT_ONCE static void on_tick(int number, siginfo_t *info, void *context)
{
	struct script_run *run = running;
	int overrun = info->si_overrun;

	(void)number, (void)context;
	if (run == NULL)
		return;
	run->ticks += 1u + (overrun > 0 ? (uint32_t)overrun : 0);
	account_add(&run->vm->accounts.at[run->script->account]->ticks,
		    1u + (overrun > 0 ? (uint64_t)overrun : 0));
	if (run->ticks < run->ticks_most)
		return;
	run->spent = 1;
	lua_sethook(run->on, on_hook, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
}

/* The clock ------------------------------------------------------------------ */

static void install(void)
{
	struct sigaction act = { .sa_sigaction = on_tick,
				 .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK };

	sigemptyset(&act.sa_mask);
	(void)sigaction(TICK_SIGNAL, &act, NULL);
}

static void let_through(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, TICK_SIGNAL);
	(void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static bool start(struct budget *b)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = TICK_SIGNAL };
	const struct itimerspec every = { .it_interval = { .tv_nsec = TICK_NS },
					  .it_value = { .tv_nsec = TICK_NS } };

	event.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid);
	if (timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &b->timer) != 0)
		return false;
	if (timer_settime(b->timer, 0, &every, NULL) == 0)
		return true;
	(void)timer_delete(b->timer);
	return false;
}

struct budget *budget_open(struct weir_error *error)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct budget *b = mem_alloc(sizeof(*b));

	if (b == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	(void)pthread_once(&once, install);
	let_through();
	if (start(b))
		return b;
	(void)fail(error, "no timer for the time of scripts: %s; raise the limit of pending signals",
		   strerror(errno));
	mem_free(b);
	return NULL;
}

void budget_close(struct budget *b)
{
	if (b == NULL)
		return;
	(void)timer_delete(b->timer);
	mem_free(b);
}

uint32_t budget_ticks(uint64_t ns)
{
	uint64_t ticks = ns / TICK_NS + (ns % TICK_NS != 0) + 1;

	return ticks < UINT32_MAX ? (uint32_t)ticks : UINT32_MAX;
}

/* Runs ----------------------------------------------------------------------- */

void budget_enter(struct script_run *run)
{
	run->outer = running;
	running = run;
}

void budget_leave(struct script_run *run)
{
	running = run->outer;
	run->outer = NULL;
}

void budget_pause(struct script_run *run)
{
	running = run->outer;
}

void budget_resume(struct script_run *run)
{
	running = run;
}

void budget_watch(struct script_run *run, lua_State *L)
{
	if (unlikely(run->spent))
		lua_sethook(L, on_hook, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1000);
}

void budget_clear(lua_State *L)
{
	lua_sethook(L, NULL, 0, 0);
}
