/* worker.c - a thread with its loop, its dice and its slabs. */
#include "config.h"

#include "core/fiber/worker.h"

#include <assert.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/mem.h"

/* What a worker keeps while a rush lasts: 2 MiB of chunks, 4 MiB of buffers; and of each slab after it. */
enum { CHUNKS_KEPT = 256, BUFFERS_KEPT = 256, SLAB_WARM = 16 };

/* Less is not worth asking the heap for. */
enum { TRIM_LEAST = 256 * 1024 };

static __thread struct worker *here;

struct worker *worker_self(void)
{
	return here;
}

void worker_cools(struct worker *w, struct slab *s)
{
	assert(w->cooled_count < sizeof(w->cooled) / sizeof(w->cooled[0]));
	w->cooled[w->cooled_count++] = s;
}

/* When all is cool, the pages of what was freed go back to the kernel, from the middle of the heap too. */
static bool cool(struct loop *l)
{
	struct worker *w = container_of(l, struct worker, loop);
	size_t freed = 0;
	bool more = false;

	for (uint32_t i = 0; i < w->cooled_count; i++) {
		freed += slab_cool(w->cooled[i], SLAB_WARM);
		more |= w->cooled[i]->kept > SLAB_WARM;
	}
	w->freed += freed;
	if (!more && w->freed >= TRIM_LEAST) {
		(void)malloc_trim(0);
		w->freed = 0;
	}
	return more;
}

bool worker_init(struct worker *w, uint32_t index, const struct fiber_limits *limits,
		 struct weir_error *error)
{
	*w = (struct worker){ .index = index };
	if (index == UINT32_MAX)
		snprintf(w->name, sizeof(w->name), "weir-control");
	else
		snprintf(w->name, sizeof(w->name), "weir-%u", index);
	if (!loop_init(&w->loop, limits, error))
		return fail_within(error, "%s", w->name);
	w->loop.owner = w;
	rng_init(&w->rng);
	slab_init(&w->chunks, ARENA_CHUNK, CHUNKS_KEPT);
	slab_init(&w->buffers, WORKER_BUFFER, BUFFERS_KEPT);
	w->loop.cool = cool;
	worker_cools(w, &w->chunks);
	worker_cools(w, &w->buffers);
	return true;
}

void worker_fini(struct worker *w)
{
	loop_fini(&w->loop);
	slab_fini(&w->chunks);
	slab_fini(&w->buffers);
}

void worker_run_here(struct worker *w)
{
	here = w;
	if (!fiber_guard_install())
		log_warn("%s: no memory to name stack overflows with; they end as plain faults",
			 w->name);
	pthread_setname_np(pthread_self(), w->name);
	if (w->begin != NULL)
		w->begin(w);
	loop_run(&w->loop);
	if (w->end != NULL)
		w->end(w);
	here = NULL;
}

static void *run(void *arg)
{
	worker_run_here(arg);
	fiber_guard_remove();
	return NULL;
}

/* Signals are the control thread's, except those that a fault of our own raises. */
static void block_signals(sigset_t *before)
{
	sigset_t all;

	sigfillset(&all);
	sigdelset(&all, SIGSEGV);
	sigdelset(&all, SIGBUS);
	sigdelset(&all, SIGFPE);
	sigdelset(&all, SIGILL);
	sigdelset(&all, SIGABRT);
	pthread_sigmask(SIG_SETMASK, &all, before);
}

bool worker_start(struct worker *w, struct weir_error *error)
{
	sigset_t before;
	int why;

	block_signals(&before);
	why = pthread_create(&w->thread, NULL, run, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (why != 0)
		return fail(error, "cannot start the thread of %s: %s; raise the limit of "
			    "processes", w->name, strerror(why));
	w->started = true;
	return true;
}

void worker_join(struct worker *w)
{
	if (!w->started)
		return;
	(void)pthread_join(w->thread, NULL);
	w->started = false;
}
