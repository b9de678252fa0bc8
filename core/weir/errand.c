/* errand.c - another thread has something done on the control thread, and waits for it. */
#include "core/weir/errand.h"

#include <semaphore.h>

#include "core/base/error.h"

/* On the stack of the thread that waits. */
struct control_errand {
	struct letter letter;
	struct gateway *gateway;
	void (*fn)(void *arg);
	void *arg;
	bool ran;
	sem_t done;
};

static void run(void *arg)
{
	struct control_errand *e = arg;

	e->fn(e->arg);
	e->ran = true;
	sem_post(&e->done);
}

static void on_letter(struct letter *l)
{
	struct control_errand *e = container_of(l, struct control_errand, letter);

	if (fiber_start(&e->gateway->control.loop, run, e) == NULL)
		sem_post(&e->done);
}

bool errand_run(struct gateway *g, void (*fn)(void *arg), void *arg, struct weir_error *error)
{
	struct control_errand e = { .letter = { .open = on_letter }, .gateway = g, .fn = fn,
				    .arg = arg };

	if (gateway_phase(g) == PHASE_STOPPED)
		return fail(error, "Weir is stopping");
	sem_init(&e.done, 0, 0);
	loop_post(&g->control.loop, &e.letter);
	while (sem_wait(&e.done) != 0)
		;
	sem_destroy(&e.done);
	return e.ran || fail(error, "Weir is too busy to do this now; try again");
}
