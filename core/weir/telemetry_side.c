/* telemetry_side.c - what is counted and logged: changed over at a reload, ended with the process. */
#include "core/weir/telemetry_side.h"

#include "config.h"

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/proxy/proxy.h"
#include "core/telemetry/access_log.h"
#include "core/telemetry/metrics.h"
#include "core/telemetry/upstream_metrics.h"
#include "core/telemetry/vitals.h"
#include "core/upstream/describe.h"
#include "core/weir/admin_side.h"
#include "core/weir/round.h"
#include "core/weir/script_metrics.h"

struct telemetry_side {
	struct gateway *gateway;
	struct metrics *metrics;
	struct vitals *vitals;		/* of each worker */
	struct upstream_metrics services;
	struct access_log *access_log, *next_log;
	struct admin_side *admin;
};

/* A number that gets another name begins to count anew. */
static void forget_listener(void *arg, uint32_t number)
{
	struct telemetry_side *t = arg;

	for (uint32_t i = 0; i < t->gateway->count; i++)
		stats_forget_listener(metrics_stats(t->metrics, i), number);
}

static void forget_route(void *arg, uint32_t number)
{
	struct telemetry_side *t = arg;
	uint32_t listeners = slots_count(&t->gateway->listener_slots);

	for (uint32_t i = 0; i < t->gateway->count; i++)
		stats_forget_route(metrics_stats(t->metrics, i), listeners, number);
}

static void forget_service(void *arg, uint32_t number)
{
	struct telemetry_side *t = arg;

	for (uint32_t i = 0; i < t->gateway->count; i++)
		stats_forget_service(metrics_stats(t->metrics, i), number);
}

static void count_anew(struct telemetry_side *t)
{
	slots_on_reuse(&t->gateway->listener_slots, forget_listener, t);
	slots_on_reuse(&t->gateway->route_slots, forget_route, t);
	slots_on_reuse(upstreams_names(t->gateway->upstreams), forget_service, t);
}

struct telemetry_side *telemetry_side_new(struct gateway *g, struct weir_error *error)
{
	struct telemetry_side *t = mem_alloc(sizeof(*t));
	const struct metrics_setup setup = {
		.workers = g->count,
		.listeners = metrics_names_of(&g->listener_slots),
		.routes = metrics_names_of(&g->route_slots),
		.services = metrics_names_of(upstreams_names(g->upstreams)),
		.version = PACKAGE_VERSION,
	};

	if (t == NULL) {
		fail_memory(error);
		return NULL;
	}
	t->gateway = g;
	t->metrics = metrics_new(&setup, error);
	t->vitals = mem_array(g->count, sizeof(*t->vitals));
	if (t->vitals == NULL)
		fail_memory(error);
	else if (t->metrics != NULL)
		t->admin = admin_side_new(g, error);
	if (t->admin == NULL) {
		metrics_free(t->metrics);
		mem_free(t->vitals);
		mem_free(t);
		return NULL;
	}
	upstream_metrics_init(&t->services, g->upstreams);
	metrics_add(t->metrics, &t->services.collector);
	metrics_add(t->metrics, script_metrics());
	count_anew(t);
	return t;
}

void telemetry_side_stop(struct telemetry_side *t)
{
	admin_side_stop(t->admin);
}

void telemetry_side_free(struct telemetry_side *t)
{
	if (t == NULL)
		return;
	admin_side_free(t->admin);
	access_log_close(t->access_log);
	metrics_free(t->metrics);
	mem_free(t->vitals);
	mem_free(t);
}

bool telemetry_side_worker_open(struct telemetry_side *t, struct worker *w, struct weir_error *error)
{
	struct proxy *px = proxy_of(w);

	(void)error;
	if (w->index < t->gateway->count) {
		px->stats = metrics_stats(t->metrics, w->index);
		vitals_start(&t->vitals[w->index], &w->loop, px->stats);
	}
	w->slots[WORKER_TELEMETRY] = px->stats;
	return true;
}

void telemetry_side_worker_close(struct telemetry_side *t, struct worker *w)
{
	if (w->index < t->gateway->count)
		vitals_stop(&t->vitals[w->index]);
	if (proxy_of(w) != NULL) {
		pen_close(proxy_of(w)->access_pen);
		proxy_of(w)->access_pen = NULL;
	}
	w->slots[WORKER_TELEMETRY] = NULL;
}

/* --- The access log. ---------------------------------------------------------------------------- */

static struct weir_str access_target(const struct conf *conf)
{
	const struct conf_values *c = conf_object(conf->top, "access_log");

	if (c == NULL || conf_is(c, "path", "off"))
		return STR_ABSENT;
	return conf_text(c, "path");
}

static bool prepare_access_log(struct telemetry_side *t, const struct conf *conf,
			       struct diagnostics *d)
{
	const struct conf_values *c = conf_object(conf->top, "access_log");
	struct access_log_settings settings = { 0 };
	struct weir_error error = { "" };

	access_log_close(t->next_log);
	t->next_log = NULL;
	if (access_target(conf).data == NULL)
		return true;
	settings.path = access_target(conf).data;
	settings.rules.format = conf_is(c, "format", "text") ? ACCESS_TEXT : ACCESS_JSON;
	t->next_log = access_log_open(&settings, &error);
	if (t->next_log == NULL)
		return diagnose(d, conf_place(c, "path"), "access_log: %s", error.text);
	return true;
}

static bool change_pen(struct worker *w, void *arg, struct weir_error *error)
{
	struct telemetry_side *t = arg;
	struct proxy *px = proxy_of(w);

	(void)error;
	pen_close(px->access_pen);
	px->access_log = t->next_log;
	px->access_pen = t->next_log != NULL ? access_log_pen(t->next_log) : NULL;
	return true;
}

static void change_access_log(struct telemetry_side *t)
{
	struct access_log *before = t->access_log;

	(void)round_run(&t->gateway->crew, change_pen, t, NULL);
	t->access_log = t->next_log;
	t->next_log = NULL;
	access_log_close(before);
}

/* --- The log. ----------------------------------------------------------------------------------- */

static void apply_log(const struct conf *conf)
{
	const struct conf_values *c = conf_object(conf->top, "log");
	enum log_level level;

	if (log_level_parse(conf_text(c, "level").data, &level))
		log_set_level(level);
	log_set_format(conf_is(c, "format", "json") ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT);
}

bool telemetry_side_prepare(struct telemetry_side *t, const struct conf *conf, struct diagnostics *d)
{
	if (prepare_access_log(t, conf, d) && admin_side_prepare(t->admin, conf, d))
		return true;
	telemetry_side_forget(t);
	return false;
}

void telemetry_side_apply(struct telemetry_side *t, const struct conf *conf)
{
	apply_log(conf);
	change_access_log(t);
	admin_side_apply(t->admin);
}

void telemetry_side_forget(struct telemetry_side *t)
{
	admin_side_forget(t->admin);
	access_log_close(t->next_log);
	t->next_log = NULL;
}

void telemetry_side_yield(struct telemetry_side *t)
{
	admin_side_yield(t->admin);
}

void telemetry_side_reloaded(struct telemetry_side *t, bool accepted)
{
	metrics_reloaded(t->metrics, accepted);
}

void telemetry_side_reopen(struct telemetry_side *t)
{
	(void)t;
	sinks_reopen();
	log_info("logs are opened anew");
}

bool telemetry_side_print(struct telemetry_side *t, struct buffer *out)
{
	return metrics_print(t->metrics, out);
}

struct metrics *telemetry_side_metrics(struct telemetry_side *t)
{
	return t->metrics;
}
