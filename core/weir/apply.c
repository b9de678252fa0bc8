/* apply.c - a configuration comes into force in two phases: every worker prepares, then every worker
 * commits. Until the first commit everything can be given up. */
#include "core/weir/apply.h"

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/fiber/wait.h"
#include "core/plugin/uses.h"
#include "core/proxy/proxy.h"
#include "core/upstream/service.h"
#include "core/upstream/upstreams.h"
#include "core/weir/assemble.h"
#include "core/weir/door.h"
#include "core/weir/kept.h"
#include "core/weir/round.h"
#include "core/weir/telemetry_side.h"
#include "core/weir/trace_side.h"
#include "core/weir/tls_side.h"

#define APPLY_TIME (600 * NS_PER_S)
#define KNOWN_TIME (3 * NS_PER_S)	/* first answers of discovery; later ones are news */

static bool prepare_on_worker(struct worker *w, void *arg, struct weir_error *error)
{
	struct world *world = arg;

	if (proxy_of(w) == NULL)
		return fail(error, "it could not start; the log says why");
	for (uint32_t i = 0; i < world->use_count; i++)
		if (!use_worker_open(world->uses[i], w, error))
			return false;
	return true;
}

static uint32_t most_of(const struct conf_values *limits, const char *name)
{
	int64_t n = conf_integer(limits, name);

	return n >= UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

static bool commit_on_worker(struct worker *w, void *arg, struct weir_error *error)
{
	struct world *world = arg;
	struct proxy *px = proxy_of(w);

	(void)error;
	px->requests = &world->gateway->requests;
	px->connections = &world->gateway->connections;
	doors_finish(world->gateway, w);
	proxy_use(px, &world->snapshot);
	doors_move(world->gateway, w);
	return true;
}

static bool wait_ready(struct weir_use *use)
{
	while (!use_is_ready(use))
		if (wait_sleep(20 * NS_PER_MS) != WAKE_EVENT)
			return false;
	return true;
}

/* A service whose source answers within a moment begins with its endpoints, and a policy that learns
 * within a moment with what it has learnt. */
static void wait_until_known(struct world *w)
{
	struct deadline d;

	for (uint32_t i = 0; i < w->use_count; i++)
		use_start_early(w->uses[i]);

	deadline_enter(&d, clock_after(loop_now(&w->gateway->control.loop), KNOWN_TIME),
		       REASON_TIMEOUT);
	for (uint32_t i = 0; i < w->snapshot.service_count; i++)
		if (!service_wait_known(w->snapshot.services[i]))
			break;
	for (uint32_t i = 0; i < w->use_count; i++)
		if (!wait_ready(w->uses[i]))
			break;
	deadline_leave(&d);
}

static void use_everywhere(struct world *w)
{
	struct gateway *g = w->gateway;
	const struct conf_values *limits = conf_object(w->conf->top, "limits");
	struct weir_error error = { "" };

	atomic_store(&g->requests.most, most_of(limits, "requests"));
	atomic_store(&g->connections.most, most_of(limits, "connections"));
	if (!round_run(&g->crew, commit_on_worker, w, &error))
		log_error("%s", error.text);
	proxy_use(proxy_of(&g->control), &w->snapshot);
	pthread_mutex_lock(&g->lock);
	g->snapshot = &w->snapshot;
	pthread_mutex_unlock(&g->lock);
}

static void commit(struct world *w)
{
	struct gateway *g = w->gateway;
	const struct conf_values *times = conf_object(w->conf->top, "timeouts");

	g->drain_time = conf_duration(times, "drain");
	g->stop_delay = conf_duration(times, "stop_delay");
	g->flush_time = conf_duration(conf_object(w->conf->top, "trace"), "flush");
	doors_leave(g);
	use_everywhere(w);
	for (uint32_t i = 0; i < w->snapshot.service_count; i++)
		service_commit(w->snapshot.services[i]);
	for (uint32_t i = 0; i < w->use_count; i++)
		use_start(w->uses[i]);
	telemetry_side_apply(g->telemetry, w->conf);
	trace_side_apply(g->trace);
	tls_side_apply(g->tls, w);
	doors_commit(g);
}

/* The files that were read, so that --watch sees them change; what changed since is seen as well. */
static void watch_files(struct gateway *g, const struct conf *conf)
{
	const struct sources *files = &conf->sources;
	const char **paths;

	if (!g->options->watch)
		return;
	paths = mem_array(files->count + 1, sizeof(*paths));
	for (uint32_t i = 0; paths != NULL && i < files->count; i++)
		paths[i] = files->items[i].path;
	if (paths == NULL || !watch_set(&g->watch, paths, files->count, g->read_at))
		log_warn("no memory to watch the files of the configuration");
	mem_free(paths);
}

static bool put_in_force(struct world *w, struct diagnostics *d)
{
	struct gateway *g = w->gateway;
	struct weir_error error = { "" };

	if (!round_run(&g->crew, prepare_on_worker, w, &error))
		return diagnose(d, w->conf->top->place, "%s", error.text);
	if (!telemetry_side_prepare(g->telemetry, w->conf, d))
		return false;
	if (!trace_side_prepare(g->trace, w, d) || !doors_prepare(g, w->conf, &w->snapshot, d)) {
		trace_side_forget(g->trace);
		telemetry_side_forget(g->telemetry);
		return false;
	}
	wait_until_known(w);
	commit(w);
	kept_leave(g->parent, w->conf);
	watch_files(g, w->conf);
	return true;
}

bool apply_conf(struct gateway *g, struct conf *conf, struct diagnostics *d)
{
	struct deadline in_all;
	struct world *w;
	bool ok;

	deadline_enter(&in_all, clock_after(loop_now(&g->control.loop), APPLY_TIME),
		       REASON_TIMEOUT);
	w = assemble(g, conf, d);
	ok = w != NULL && put_in_force(w, d);
	if (w != NULL && !ok)
		world_free(w);
	deadline_leave(&in_all);
	return ok;
}

struct reading {
	const char *path;
	struct conf *conf;
	struct diagnostics *d;
	bool ok;
};

static void read_on_helper(void *arg)
{
	struct reading *r = arg;

	r->ok = conf_load(r->path, &r->conf, r->d);
}

/* What cannot change while this process runs is said, not ignored. */
static void tell_what_needs_more(struct gateway *g, const struct conf *conf, struct diagnostics *d)
{
	int64_t workers = conf_integer(conf->top, "workers");

	if (workers > 0 && (uint64_t)workers != g->count && g->snapshot != NULL)
		diagnose_warning(d, conf_place(conf->top, "workers"),
				 "the number of workers stays %u until Weir is replaced (SIGUSR2)",
				 g->count);
}

bool apply_file(struct gateway *g, struct diagnostics *d)
{
	struct reading r = { .path = g->options->config, .d = d };
	struct deadline wait;
	bool done;

	deadline_enter(&wait, clock_after(loop_now(&g->control.loop), APPLY_TIME),
		       REASON_TIMEOUT);
	g->read_at = clock_wall();
	done = loop_offload(read_on_helper, &r);
	deadline_leave(&wait);
	if (!done)
		return diagnose_memory(d);
	if (!r.ok) {
		conf_free(r.conf);
		return false;
	}
	tell_what_needs_more(g, r.conf, d);
	return apply_conf(g, r.conf, d);
}

void apply_nothing(struct gateway *g)
{
	struct snapshot *s = g->snapshot;

	if (s == NULL)
		return;
	g->snapshot = NULL;
	world_drop(world_of(s));
}
