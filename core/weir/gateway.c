/* gateway.c - the serving process comes up and goes down: floor by floor, and back in reverse. */
#include "core/weir/gateway.h"

#include <malloc.h>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/codec/buffers.h"
#include "core/fiber/wait.h"
#include "core/net/dns.h"
#include "core/plugin/registry.h"
#include "core/plugin/ticket.h"
#include "core/plugin/uses.h"
#include "core/plugin/window.h"
#include "core/proxy/proxy.h"
#include "core/proxy/window_exchange.h"
#include "core/upstream/upstreams.h"
#include "core/weir/apply.h"
#include "core/weir/door.h"
#include "core/weir/round.h"
#include "core/weir/errand.h"
#include "core/weir/telemetry_side.h"
#include "core/weir/trace_side.h"
#include "core/weir/tls_side.h"

/* --- Workers. ----------------------------------------------------------------------------------- */

static struct gateway *gateway_of(const struct worker *w)
{
	return w->loop.owner;
}

static void worker_begins(struct worker *w)
{
	struct weir_error error = { "" };
	struct gateway *g = gateway_of(w);

	(void)fiber_guard_install();
	if (!buffers_open(w, &error) || !upstream_worker_open(g->upstreams, w, &error) ||
	    !proxy_open(w, &error) || !telemetry_side_worker_open(g->telemetry, w, &error))
		log_error("worker %u cannot start: %s", w->index, error.text);
}

static void worker_ends(struct worker *w)
{
	struct gateway *g = gateway_of(w);

	uses_worker_end(g->uses, w);
	telemetry_side_worker_close(g->telemetry, w);
	proxy_close(w);
	upstream_worker_close(w);
	dns_close(w);
	buffers_close(w);
}

static struct fiber_limits fiber_limits_of(const struct conf *conf)
{
	return (struct fiber_limits){ .stack = (size_t)conf_size(conf->top, "fiber_stack"),
				      .most = 65536 };
}

static bool init_workers(struct gateway *g, const struct conf *conf, struct weir_error *error)
{
	struct fiber_limits limits = fiber_limits_of(conf);

	g->workers = aligned_alloc(64, ((g->count * sizeof(struct worker)) + 63) & ~(size_t)63);
	g->worker_list = mem_array(g->count, sizeof(struct worker *));
	if (g->workers == NULL || g->worker_list == NULL)
		return fail_memory(error);
	memset(g->workers, 0, g->count * sizeof(struct worker));
	for (uint32_t i = 0; i < g->count; i++) {
		struct worker *w = &g->workers[i];

		if (!worker_init(w, i, &limits, error))
			return false;
		w->loop.owner = g;
		w->begin = worker_begins;
		w->end = worker_ends;
		g->worker_list[i] = w;
	}
	if (!worker_init(&g->control, UINT32_MAX, &limits, error))
		return false;
	g->control.loop.owner = g;
	g->control.begin = worker_begins;
	g->control.end = worker_ends;
	g->crew = (struct crew){ .workers = g->worker_list, .count = g->count,
				 .control = &g->control };
	return true;
}

static bool start_workers(struct gateway *g, struct weir_error *error)
{
	for (; g->started < g->count; g->started++)
		if (!worker_start(&g->workers[g->started], error))
			return false;
	return true;
}

static void end_workers(struct gateway *g)
{
	for (uint32_t i = 0; i < g->started; i++)
		loop_stop(&g->workers[i].loop);
	for (uint32_t i = 0; i < g->started; i++)
		worker_join(&g->workers[i]);
}

/* --- The whole. --------------------------------------------------------------------------------- */

static void fill_window(void)
{
	struct weir_host *host = window_table();

	window_fill_exchange(host);
	upstreams_fill_window(host);
}

/* What is as large as the largest buffers is mapped, and goes back to the system when it is freed: on the
 * heap it would leave holes under what lives longer. glibc would raise the bound by itself. */
static void set_heap(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, 128 * 1024);
}

static bool open_parts(struct gateway *g, struct weir_error *error)
{
	slots_init(&g->listener_slots);
	slots_init(&g->route_slots);
	fill_window();
	g->registry = registry_new();
	if (g->registry == NULL)
		return fail_memory(error);
	if (!tickets_open(&g->crew, error))
		return false;
	g->uses = uses_new(g->registry, &g->crew, error);
	if (g->uses == NULL)
		return false;
	g->upstreams = upstreams_new(g->worker_list, g->count, &g->control, error);
	if (g->upstreams == NULL)
		return false;
	g->tls = tls_side_new(g, error);
	if (g->tls == NULL)
		return false;
	g->telemetry = telemetry_side_new(g, error);
	g->trace = g->telemetry != NULL ? trace_side_new(g, error) : NULL;
	return g->trace != NULL && round_reserve(&g->crew, error);
}

bool gateway_open(struct gateway *g, const struct serve_options *options, struct control *parent,
		  struct conf *conf, struct weir_error *error)
{
	*g = (struct gateway){ .options = options, .parent = parent, .first = conf,
				.read_at = clock_wall() };
	set_heap();
	list_init(&g->doors);
	list_init(&g->errands);
	pthread_mutex_init(&g->lock, NULL);
	g->count = options->workers;
	if (conf_integer(conf->top, "workers") > 0 && !options->workers_given)
		g->count = (uint32_t)conf_integer(conf->top, "workers");
	if (!log_open(error))
		return false;
	return init_workers(g, conf, error) && open_parts(g, error) && start_workers(g, error);
}

void gateway_close(struct gateway *g)
{
	errands_end(g);
	telemetry_side_stop(g->telemetry);
	end_workers(g);
	doors_close(g);
	upstreams_close(g->upstreams);
	apply_nothing(g);
	upstreams_free(g->upstreams);	/* watches end before what they are uses of */
	uses_free(g->uses);
	tickets_close();
	registry_free(g->registry);
	trace_side_free(g->trace);
	telemetry_side_free(g->telemetry);
	tls_side_free(g->tls);
	for (uint32_t i = 0; i < g->count; i++)
		worker_fini(&g->workers[i]);
	dns_close(&g->control);		/* a last fiber may have asked when the loop had ended */
	worker_fini(&g->control);
	free(g->workers);
	mem_free(g->worker_list);
	slots_fini(&g->listener_slots);
	slots_fini(&g->route_slots);
	round_end();
	log_close();
}
