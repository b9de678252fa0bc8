/* serve.c - the serving child: the life of the control thread, from the first configuration to the exit. */
#include "core/weir/serve.h"

#include <stdio.h>
#include <unistd.h>

#include "core/base/buffer.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/fiber/wait.h"
#include "core/weir/apply.h"
#include "core/weir/door.h"
#include "core/weir/drain.h"
#include "core/weir/gateway.h"
#include "core/weir/kept.h"
#include "core/weir/reload.h"
#include "core/weir/telemetry_side.h"
#include "core/weir/tls_side.h"

static void on_reload(void *owner)
{
	reload_begin(owner);
}

static void on_drain(void *owner)
{
	drain_begin(owner);
}

static void on_reopen(void *owner)
{
	struct gateway *g = owner;

	telemetry_side_reopen(g->telemetry);
}

static void on_yield(void *owner)
{
	struct gateway *g = owner;

	atomic_store(&g->yielded, true);
	telemetry_side_yield(g->telemetry);
}

static const struct control_calls calls = {
	.reload = on_reload,
	.drain = on_drain,
	.reopen = on_reopen,
	.yield = on_yield,
};

/* It may have been told to drain meanwhile: then that goes on as soon as this has ended. */
static void begin_serving(struct gateway *g)
{
	int starting = PHASE_STARTING;

	if (!atomic_compare_exchange_strong(&g->phase, &starting, PHASE_READY))
		return;
	control_ready(g->parent, drain_takes_ms(g));
	log_info("serving with %u workers", g->count);
	if (!g->from_kept)
		return;
	telemetry_side_reloaded(g->telemetry, false);
	log_error("what serves is the configuration that was in force before the crash, for the one on "
		  "disk cannot be used: mend it, then reload");
	control_reloaded(g->parent, false, "the configuration on disk cannot be used");
}

static void give_up(struct gateway *g)
{
	int starting = PHASE_STARTING;

	control_failed(g->parent, "the configuration cannot be used");
	g->status = 1;
	if (atomic_compare_exchange_strong(&g->phase, &starting, PHASE_STOPPED))
		loop_stop(&g->control.loop);
}

static struct conf *read_said(const struct serve_options *options, const struct control *kept)
{
	struct conf *conf = NULL;
	struct diagnostics d;
	bool ok;

	diagnostics_init(&d);
	ok = kept != NULL ? kept_load(kept, options->config, &conf, &d)
			  : conf_load(options->config, &conf, &d);
	reload_say(&d);
	diagnostics_fini(&d);
	if (ok)
		return conf;
	conf_free(conf);
	return NULL;
}

static struct conf *read_kept(const struct serve_options *options, struct control *control)
{
	log_warn("trying the configuration that was in force before the crash");
	return read_said(options, control);
}

static bool apply_first(struct gateway *g)
{
	struct diagnostics d;
	bool ok;

	diagnostics_init(&d);
	ok = apply_conf(g, g->first, &d);
	g->first = NULL;
	reload_say(&d);
	diagnostics_fini(&d);
	return ok;
}

/* What is on disk may be a configuration, and yet not come into force. */
static bool apply_kept(struct gateway *g)
{
	if (g->from_kept || !kept_may_be_used(g->parent))
		return false;
	g->from_kept = true;
	g->first = read_kept(g->options, g->parent);
	return g->first != NULL && apply_first(g);
}

static void start(void *arg)
{
	struct gateway *g = arg;
	bool ok;

	g->busy = fiber_self();
	ok = apply_first(g) || apply_kept(g);
	g->busy = NULL;
	if (ok)
		begin_serving(g);
	else
		give_up(g);
}

/* Before any thread runs: how large stacks are stands in the configuration. */
static struct conf *read_first(const struct serve_options *options, struct control *control,
			       bool *from_kept)
{
	struct conf *conf = read_said(options, NULL);

	*from_kept = conf == NULL && kept_may_be_used(control);
	if (*from_kept)
		conf = read_kept(options, control);
	if (conf == NULL)
		control_failed(control, "the configuration cannot be used");
	return conf;
}

static void on_changed(struct watch *w)
{
	log_info("a file of the configuration has changed");
	reload_begin(w->owner);
}

int serve(const struct serve_options *options, struct control *control)
{
	static struct gateway gateway;
	struct gateway *g = &gateway;
	struct weir_error error = { "" };

	bool from_kept;
	struct conf *conf = read_first(options, control, &from_kept);

	if (conf == NULL)
		return 1;
	if (!gateway_open(g, options, control, conf, &error)) {
		log_error("%s", error.text);
		control_failed(control, error.text);
		conf_free(conf);
		return 1;
	}
	g->from_kept = from_kept;
	control_set_calls(control, &calls, g);
	watch_init(&g->watch, &g->control.loop, on_changed, g);
	if (!beat_start(&g->beat, control, &g->control.loop, g->worker_list, g->count, &error) ||
	    fiber_start(&g->control.loop, start, g) == NULL) {
		control_failed(control, error.text);
		gateway_close(g);
		return 1;
	}
	worker_run_here(&g->control);
	tls_side_stop(g->tls);
	watch_fini(&g->watch);
	beat_stop(&g->beat);
	gateway_close(g);
	return g->status;
}
