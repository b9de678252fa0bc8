/* drain.c - stopping: not ready, then not accepting, then finished. */
#include "core/weir/drain.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/fiber/wait.h"
#include "core/proxy/proxy.h"
#include "core/weir/door.h"
#include "core/weir/errand.h"
#include "core/weir/round.h"

struct drained_letter {
	struct letter letter;
	struct gateway *gateway;
};

static struct gateway *draining;	/* one per process: workers find it here */

static void on_drained_letter(struct letter *l)
{
	struct drained_letter *d = container_of(l, struct drained_letter, letter);
	struct gateway *g = d->gateway;

	if (--g->undrained == 0 && g->busy != NULL)
		fiber_wake(g->busy);
	mem_free(d);
}

/* On the worker: its last session has ended. */
static void drained(struct proxy *px)
{
	struct drained_letter *d = mem_alloc(sizeof(*d));

	(void)px;
	if (d == NULL)
		return;		/* the time of draining will run out instead */
	d->gateway = draining;
	d->letter.open = on_drained_letter;
	loop_post(&draining->control.loop, &d->letter);
}

static bool drain_on_worker(struct worker *w, void *arg, struct weir_error *error)
{
	(void)arg;
	(void)error;
	proxy_drain(proxy_of(w), drained);
	return true;
}

static bool cut_on_worker(struct worker *w, void *arg, struct weir_error *error)
{
	(void)arg;
	(void)error;
	proxy_cut(proxy_of(w));
	return true;
}

/* True when all sessions have ended by themselves. */
static bool wait_drained(struct gateway *g, uint64_t span)
{
	struct deadline d;
	enum wake cause = WAKE_EVENT;

	deadline_enter(&d, clock_after(loop_now(&g->control.loop), span), REASON_DRAINING);
	while (g->undrained > 0 && cause == WAKE_EVENT)
		cause = fiber_park();
	deadline_leave(&d);
	return g->undrained == 0;
}

static void run(void *arg)
{
	struct gateway *g = arg;

	while (g->busy != NULL)		/* a reload comes to its end first */
		(void)wait_sleep(10 * NS_PER_MS);
	g->busy = fiber_self();
	log_info("draining: requests under way may take %llu s",
		 (unsigned long long)(g->drain_time / NS_PER_S));
	if (g->stop_delay > 0)
		(void)wait_sleep(g->stop_delay);
	doors_stop(g);
	g->undrained = g->count;
	(void)round_run(&g->crew, drain_on_worker, NULL, NULL);
	if (!wait_drained(g, g->drain_time)) {
		log_warn("drain: connections were still busy after %llu s and are cut",
			 (unsigned long long)(g->drain_time / NS_PER_S));
		(void)round_run(&g->crew, cut_on_worker, NULL, NULL);
		(void)wait_drained(g, 2 * NS_PER_S);
	}
	atomic_store(&g->phase, PHASE_STOPPED);
	g->busy = NULL;
	errands_wait(g);
	loop_stop(&g->control.loop);
}

void drain_begin(struct gateway *g)
{
	if (gateway_phase(g) == PHASE_DRAINING || gateway_phase(g) == PHASE_STOPPED)
		return;
	draining = g;
	atomic_store(&g->phase, PHASE_DRAINING);
	if (fiber_start(&g->control.loop, run, g) == NULL)
		loop_stop(&g->control.loop);
}

uint32_t drain_takes_ms(const struct gateway *g)
{
	uint64_t ms = (g->drain_time + g->stop_delay) / NS_PER_MS + 5000;

	return ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}

void drain_by_request(struct gateway *g)
{
	if (gateway_phase(g) == PHASE_READY)
		control_draining(g->parent, drain_takes_ms(g));
	drain_begin(g);
}
