/* admin_world.c - what the admin API is told about the gateway: read on its threads, asked of control. */
#include "core/weir/admin_world.h"

#include <stdio.h>

#include "core/base/error.h"
#include "core/conf/show.h"
#include "core/plugin/counter.h"
#include "core/plugin/registry.h"
#include "core/plugin/uses.h"
#include "core/upstream/describe.h"
#include "core/weir/assemble.h"
#include "core/weir/drain.h"
#include "core/weir/errand.h"
#include "core/weir/explain.h"
#include "core/weir/reload.h"
#include "core/weir/telemetry_side.h"

static json_t *text(struct weir_str s)
{
	return s.data != NULL ? json_stringn(s.data, s.len) : json_null();
}

/* While `lock` is held the snapshot in force is not freed: the lock is taken to replace it, and freeing
 * comes after that. Readers build their answer and let go. */
static const struct world *hold(struct gateway *g)
{
	pthread_mutex_lock(&g->lock);
	return g->snapshot != NULL ? world_of(g->snapshot) : NULL;
}

static void let_go(struct gateway *g)
{
	pthread_mutex_unlock(&g->lock);
}

/* --- Health. ------------------------------------------------------------------------------------ */

enum { STUCK_MS = 5000 };

static bool alive(void *self, json_t *causes)
{
	struct gateway *g = self;
	bool well = true;

	for (uint32_t i = 0; i < g->count; i++) {
		uint32_t stuck = beat_stuck_ms(&g->beat, i);
		char line[80];

		if (stuck < STUCK_MS)
			continue;
		(void)snprintf(line, sizeof(line), "worker %u has been stuck for %u ms", i, stuck);
		json_array_append_new(causes, json_string(line));
		well = false;
	}
	return well;
}

static void add_cause(void *arg, const char *sentence)
{
	json_array_append_new(arg, json_string(sentence));
}

static bool in_force(struct gateway *g)
{
	bool yes = hold(g) != NULL;

	let_go(g);
	return yes;
}

/* Whoever asks in the middle of a handover asks about both processes: one of them is ready. */
static bool ready(void *self, json_t *causes)
{
	struct gateway *g = self;
	bool services, uses;

	if (atomic_load(&g->yielded))
		return true;
	if (gateway_phase(g) >= PHASE_DRAINING) {
		add_cause(causes, "draining");
		return false;
	}
	if (!in_force(g)) {
		add_cause(causes, "the configuration is not in force yet");
		return false;
	}
	services = upstreams_ready(g->upstreams, add_cause, causes);
	uses = uses_ready(g->uses, add_cause, causes);	/* all causes are told */
	return services && uses;
}

/* --- Configuration, routes, plugins. ------------------------------------------------------------- */

static json_t *config(void *self, struct weir_error *error)
{
	const struct world *w = hold(self);
	json_t *shown = w != NULL ? show_configuration(w->conf) : NULL;

	let_go(self);
	if (shown == NULL)
		fail(error, "no configuration is in force");
	return shown;
}

static json_t *routes(void *self, struct weir_error *error)
{
	const struct world *w = hold(self);
	json_t *list = json_array();

	(void)error;
	for (uint32_t i = 0; w != NULL && i < w->snapshot.plan_count; i++) {
		const struct plan *plan = w->snapshot.plans[i];
		json_t *one = show_values(plan->conf);

		if (one == NULL)
			continue;
		json_object_set_new(one, "name", text(plan->name));
		json_array_append_new(list, one);
	}
	let_go(self);
	return list;
}

static void add_event(void *arg, struct weir_str name, uint64_t n)
{
	json_object_set_new(arg, name.data, json_integer((json_int_t)n));
}

static void add_use(void *arg, const struct weir_use *use)
{
	json_t *events = json_object();
	struct use_totals sum = use_totals(use);

	counters_visit(use, add_event, events);
	json_array_append_new(arg, json_pack("{s:o,s:o,s:o,s:o,s:o,s:I,s:I,s:I,s:f,s:o}",
					     "name", text(use->name), "plugin",
					     text(use->kind->name), "role",
					     text(role_word(use->role)), "used_by", text(use->path),
					     "place", text(use->place),
					     "calls", (json_int_t)sum.calls,
					     "refused", (json_int_t)sum.refused,
					     "failed", (json_int_t)sum.failed,
					     "average_us", sum.timed > 0
						? (double)sum.timed_ns / (double)sum.timed / 1000.0
						: 0.0,
					     "events", events));
}

static json_t *plugins(void *self, struct weir_error *error)
{
	struct gateway *g = self;
	json_t *list = json_array();

	(void)error;
	uses_visit(g->uses, add_use, list);
	return list;
}

/* --- Services. ---------------------------------------------------------------------------------- */

static json_t *endpoint(const struct endpoint_row *e)
{
	return json_pack("{s:o,s:o,s:o,s:I,s:i,s:i,s:i,s:f,s:i,s:b}", "address", text(e->address),
			 "state", text(e->state), "why", text(e->why),
			 "since", (json_int_t)e->since, "tier", (int)e->tier + 1,
			 "weight", (int)e->weight, "load", (int)e->load,
			 "latency_ms", (double)e->latency_us / 1000.0,
			 "failures", (int)e->failures, "used", (int)e->used);
}

static json_t *source(const struct source_row *s)
{
	json_t *one = json_pack("{s:o,s:i,s:i}", "plugin", text(s->plugin), "tier",
				(int)s->tier + 1, "endpoints", (int)s->endpoints);

	if (s->age != CLOCK_NEVER)
		json_object_set_new(one, "age_s",
				    json_real((double)s->age / (double)NS_PER_S));
	json_object_set_new(one, "failure", text(s->failure));
	return one;
}

static const char *const count_names[SERVICE_COUNTS] = {
	[SERVICE_PICKS] = "picks", [SERVICE_NO_ENDPOINT] = "no_endpoint",
	[SERVICE_PANICS] = "panics", [SERVICE_TRIALS] = "trials", [SERVICE_DIALS] = "dials",
	[SERVICE_DIAL_FAILURES] = "dial_failures", [SERVICE_HITS] = "pool_hits",
	[SERVICE_STALE] = "stale", [SERVICE_EXPIRED] = "expired", [SERVICE_QUEUED] = "queued",
	[SERVICE_QUEUE_FULL] = "queue_full", [SERVICE_QUEUE_SLOW] = "queue_slow",
	[SERVICE_FAILURES] = "failures", [SERVICE_EJECTIONS] = "ejections",
	[SERVICE_EJECTIONS_REFUSED] = "ejections_refused",
};

static void add_service(void *arg, const struct service_row *row)
{
	json_t *endpoints = json_array(), *sources = json_array(), *counts = json_object();

	for (uint32_t i = 0; i < row->endpoint_count; i++)
		json_array_append_new(endpoints, endpoint(&row->endpoints[i]));
	for (uint32_t i = 0; i < row->source_count; i++)
		json_array_append_new(sources, source(&row->sources[i]));
	for (int i = 0; i < SERVICE_COUNTS; i++)
		if (count_names[i] != NULL)
			json_object_set_new(counts, count_names[i],
					    json_integer((json_int_t)row->counts[i]));
	json_array_append_new(arg, json_pack(
		"{s:o,s:o,s:i,s:i,s:i,s:i,s:i,s:b,s:o,s:o,s:o}", "name", text(row->name),
		"balance", text(row->balance), "usable", (int)row->usable,
		"ejected", (int)row->ejected, "ejected_most", (int)row->ejected_most,
		"idle_connections", (int)row->idle, "waiting", (int)row->waiting,
		"panic", (int)row->panic, "endpoints", endpoints, "sources", sources,
		"counts", counts));
}

static json_t *services(void *self, struct weir_error *error)
{
	struct gateway *g = self;
	json_t *list = json_array();

	(void)error;
	upstreams_describe(g->upstreams, add_service, list);
	return list;
}

/* --- Questions and commands. -------------------------------------------------------------------- */

static json_t *explain_one(void *self, const struct admin_question *question,
			   struct weir_error *error)
{
	struct gateway *g = self;
	const struct world *w = hold(g);
	json_t *answer = NULL;

	if (w == NULL)
		fail(error, "no configuration is in force");
	else
		answer = explain(w, g->upstreams, question, error);
	let_go(g);
	return answer;
}

static bool metrics(void *self, struct buffer *out)
{
	struct gateway *g = self;

	return telemetry_side_print(g->telemetry, out);
}

struct reloading {
	struct gateway *gateway;
	struct diagnostics d;
	bool ok;
};

static void reload_on_control(void *arg)
{
	struct reloading *r = arg;

	r->ok = reload_in_turn(r->gateway, &r->d);
}

static void add_finding(json_t *list, const struct diagnostic *item)
{
	json_array_append_new(list, json_pack(
		"{s:s,s:i,s:i,s:s,s:s}", "file", item->place.file != NULL ? item->place.file : "",
		"line", (int)item->place.line, "column", (int)item->place.column,
		"severity", item->severity == SEVERITY_ERROR ? "error" : "warning",
		"message", item->text));
}

static bool reload(void *self, json_t *findings, struct weir_error *error)
{
	struct reloading r = { .gateway = self };
	bool done;

	diagnostics_init(&r.d);
	done = errand_run(self, reload_on_control, &r, error);
	for (uint32_t i = 0; i < r.d.count; i++)
		add_finding(findings, &r.d.items[i]);
	diagnostics_fini(&r.d);
	if (done && !r.ok && gateway_phase(self) != PHASE_READY)
		fail(error, "nothing is reloaded while Weir starts or drains");
	else if (done && !r.ok)
		fail(error, "the new configuration cannot be used; the one before stays in force");
	return done && r.ok;
}

static void drain_on_control(void *arg)
{
	drain_by_request(arg);
}

static bool drain(void *self, struct weir_error *error)
{
	return errand_run(self, drain_on_control, self, error);
}

void admin_world_fill(struct admin_world *world, struct gateway *g)
{
	*world = (struct admin_world){
		.self = g,
		.alive = alive,
		.ready = ready,
		.config = config,
		.routes = routes,
		.services = services,
		.plugins = plugins,
		.explain = explain_one,
		.metrics = metrics,
		.reload = reload,
		.drain = drain,
	};
}
