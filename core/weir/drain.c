/* drain.c - stopping: not ready, then not accepting, then finished. */
#include "core/weir/drain.h"

#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/fiber/wait.h"
#include "core/proxy/proxy.h"
#include "core/weir/door.h"
#include "core/weir/errand.h"
#include "core/weir/round.h"
#include "core/weir/trace_side.h"

/* The hooks that follow an exchange may take five seconds. */
#define CUT_TIME (7 * NS_PER_S)
#define WORLDS_TIME (5 * NS_PER_S)
#define TRACES_TIME (6 * NS_PER_S)	/* beyond the time to flush: tracers that do not listen */
#define REST_TIME (8 * NS_PER_S)	/* giving addresses up, and who asks the admin API last */

static struct gateway *gateway_of(const struct proxy *px)
{
	return px->worker->loop.owner;
}

static void on_drained_letter(struct letter *l)
{
	struct gateway *g = gateway_of(container_of(l, struct proxy, farewell));

	if (--g->undrained == 0 && g->busy != NULL)
		fiber_wake(g->busy);
}

/* On the worker: its last session has ended. */
static void drained(struct proxy *px)
{
	px->farewell.open = on_drained_letter;
	loop_post(&gateway_of(px)->control.loop, &px->farewell);
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

/* Worlds that were in force before end when their last request has. */
static void wait_for_worlds(struct gateway *g)
{
	uint64_t until = loop_now(&g->control.loop) + WORLDS_TIME;

	while (g->worlds > 1 && loop_now(&g->control.loop) < until)
		(void)wait_sleep(5 * NS_PER_MS);
}

/* Something does not end although it was cut: the process goes without it. */
static void leave_at_once(struct gateway *g)
{
	log_error("drain: a request does not end although it was cut; leaving without it");
	log_close();
	_exit(g->status);
}

static void finish_sessions(struct gateway *g)
{
	g->undrained = g->count;
	(void)round_run(&g->crew, drain_on_worker, NULL, NULL);
	if (wait_drained(g, g->drain_time))
		return;
	log_warn("drain: connections were still busy after %llu s and are cut",
		 (unsigned long long)(g->drain_time / NS_PER_S));
	(void)round_run(&g->crew, cut_on_worker, NULL, NULL);
	if (!wait_drained(g, CUT_TIME))
		leave_at_once(g);
}

/* What was recorded of the last requests goes out as well. */
static void end_traces(struct gateway *g)
{
	struct deadline d;

	deadline_enter(&d, clock_after(loop_now(&g->control.loop), g->flush_time + TRACES_TIME),
		       REASON_DRAINING);
	trace_side_end(g->trace);
	deadline_leave(&d);
}

static void run(void *arg)
{
	struct gateway *g = arg;

	while (g->busy != NULL)		/* a start or reload comes to its end first */
		(void)wait_sleep(10 * NS_PER_MS);
	g->busy = fiber_self();
	log_info("draining: requests under way may take %llu s",
		 (unsigned long long)(g->drain_time / NS_PER_S));
	if (g->stop_delay > 0)
		(void)wait_sleep(g->stop_delay);
	doors_stop(g);
	finish_sessions(g);
	wait_for_worlds(g);
	end_traces(g);
	atomic_store(&g->phase, PHASE_STOPPED);
	g->busy = NULL;
	errands_wait(g);
	loop_stop(&g->control.loop);
}

void drain_begin(struct gateway *g)
{
	if (gateway_phase(g) == PHASE_DRAINING || gateway_phase(g) == PHASE_STOPPED)
		return;
	atomic_store(&g->phase, PHASE_DRAINING);
	if (fiber_start(&g->control.loop, run, g) == NULL)
		loop_stop(&g->control.loop);
}

uint32_t drain_takes_ms(const struct gateway *g)
{
	uint64_t ms = clock_after(clock_after(g->drain_time, g->stop_delay),
				  g->flush_time + TRACES_TIME + CUT_TIME + WORLDS_TIME + REST_TIME) / NS_PER_MS;

	return ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}

void drain_by_request(struct gateway *g)
{
	if (gateway_phase(g) == PHASE_READY)
		control_draining(g->parent, drain_takes_ms(g));
	drain_begin(g);
}
