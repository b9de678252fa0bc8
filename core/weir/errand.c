/* errand.c - another thread has something done on the control thread, and waits for it. */
#include "core/weir/errand.h"

#include <semaphore.h>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/fiber/wait.h"

/* On the stack of the thread that waits. */
struct control_errand {
	struct letter letter;
	struct list link;	/* in gateway.errands, until its letter is opened; under the lock */
	struct gateway *gateway;
	void (*fn)(void *arg);
	void *arg;
	bool ran;
	sem_t done;
};

static void run(void *arg)
{
	struct control_errand *e = arg;
	struct gateway *g = e->gateway;

	e->fn(e->arg);
	e->ran = true;
	g->errands_running--;
	sem_post(&e->done);
}

static void on_letter(struct letter *l)
{
	struct control_errand *e = container_of(l, struct control_errand, letter);
	struct gateway *g = e->gateway;

	pthread_mutex_lock(&g->lock);
	list_remove(&e->link);
	pthread_mutex_unlock(&g->lock);
	if (gateway_phase(g) == PHASE_STOPPED || fiber_start(&g->control.loop, run, e) == NULL)
		sem_post(&e->done);
	else
		g->errands_running++;
}

/* A letter that comes when the loop has ended is never opened: none is sent then. */
static bool post(struct control_errand *e)
{
	struct gateway *g = e->gateway;
	bool open;

	pthread_mutex_lock(&g->lock);
	open = !g->errands_over && gateway_phase(g) != PHASE_STOPPED;
	if (open) {
		list_push_back(&g->errands, &e->link);
		loop_post(&g->control.loop, &e->letter);
	}
	pthread_mutex_unlock(&g->lock);
	return open;
}

bool errand_run(struct gateway *g, void (*fn)(void *arg), void *arg, struct weir_error *error)
{
	struct control_errand e = { .letter = { .open = on_letter }, .gateway = g, .fn = fn,
				    .arg = arg };

	sem_init(&e.done, 0, 0);
	if (!post(&e)) {
		sem_destroy(&e.done);
		return fail(error, "Weir is stopping");
	}
	while (sem_wait(&e.done) != 0)
		;
	sem_destroy(&e.done);
	if (e.ran)
		return true;
	return fail(error, gateway_phase(g) == PHASE_STOPPED
		    ? "Weir is stopping" : "Weir is too busy to do this now; try again");
}

void errands_wait(struct gateway *g)
{
	while (g->errands_running > 0)
		(void)wait_sleep(NS_PER_MS);
}

void errands_end(struct gateway *g)
{
	struct list *link;

	pthread_mutex_lock(&g->lock);
	g->errands_over = true;
	while ((link = list_pop_front(&g->errands)) != NULL)
		sem_post(&container_of(link, struct control_errand, link)->done);
	pthread_mutex_unlock(&g->lock);
}
