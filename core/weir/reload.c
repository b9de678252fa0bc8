/* reload.c - the new configuration comes into force, or the old one stays and the log says why. */
#include "core/weir/reload.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/fiber/wait.h"
#include "core/plugin/registry.h"
#include "core/weir/apply.h"
#include "core/weir/drain.h"
#include "core/weir/telemetry_side.h"

void reload_say(const struct diagnostics *d)
{
	for (uint32_t i = 0; i < d->count; i++) {
		const struct diagnostic *item = &d->items[i];
		struct place_words place = place_words(item->place);

		if (item->severity == SEVERITY_ERROR)
			log_error("%s: %s", place.text, item->text);
		else
			log_warn("%s: %s", place.text, item->text);
	}
	if (d->out_of_memory)
		log_error("there was no memory for the configuration");
}

static void say_changed(void *arg, const char *sentence)
{
	(void)arg;
	log_warn("%s", sentence);
}

bool reload_now(struct gateway *g, struct diagnostics *d)
{
	bool ok = apply_file(g, d);

	telemetry_side_reloaded(g->telemetry, ok);
	reload_say(d);
	registry_changed(g->registry, say_changed, NULL);
	if (ok)
		log_info("reloaded: configuration %llu is in force",
			 (unsigned long long)g->snapshot->generation);
	else
		log_error("reload failed: the configuration before stays in force");
	if (ok)
		control_ready(g->parent, drain_takes_ms(g));	/* it may be another time now */
	control_reloaded(g->parent, ok, ok ? "" : "the new configuration cannot be used");
	return ok;
}

static void run(void *arg)
{
	struct gateway *g = arg;

	do {
		struct diagnostics d;

		g->reload_again = false;
		diagnostics_init(&d);
		(void)reload_now(g, &d);
		diagnostics_fini(&d);
	} while (g->reload_again && gateway_phase(g) == PHASE_READY);
	g->busy = NULL;
}

/* The admin side is there a moment before the first configuration is in force. */
static bool somebody_is_at_it(struct gateway *g)
{
	enum gateway_phase phase = gateway_phase(g);

	return phase == PHASE_STARTING || (phase == PHASE_READY && g->busy != NULL);
}

bool reload_in_turn(struct gateway *g, struct diagnostics *d)
{
	bool ok;

	while (somebody_is_at_it(g))
		if (wait_sleep(10 * NS_PER_MS) != WAKE_EVENT)
			return false;
	if (gateway_phase(g) != PHASE_READY)
		return false;
	g->busy = fiber_self();
	ok = reload_now(g, d);
	g->busy = NULL;
	if (g->reload_again) {
		g->reload_again = false;
		reload_begin(g);
	}
	return ok;
}

void reload_begin(struct gateway *g)
{
	if (gateway_phase(g) != PHASE_READY)
		return;
	if (g->busy != NULL) {
		g->reload_again = true;
		return;
	}
	g->busy = fiber_start(&g->control.loop, run, g);
	if (g->busy == NULL)
		log_error("no fiber for a reload; send SIGHUP again");
}
