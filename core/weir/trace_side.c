/* trace_side.c - `trace:` of the configuration, made into what workers and tracers need. */
#include "core/weir/trace_side.h"

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/fiber/wait.h"
#include "core/proxy/proxy.h"
#include "core/telemetry/tracing.h"
#include "core/weir/assemble.h"
#include "core/weir/round.h"
#include "core/weir/telemetry_side.h"

struct trace_side {
	struct gateway *gateway;
	struct trace_counts counts;
	struct tracing *now, *next;	/* NULL: off */
	uint32_t ending;		/* older ones that still flush */
};

/* --- What is written. ---------------------------------------------------------------------------- */

bool assemble_tracers(struct world *w, struct diagnostics *d)
{
	const struct conf_values *c = conf_object(w->conf->top, "trace");
	uint32_t count = 0;
	const struct conf_slot *slots = c != NULL ? conf_slots(c, "export", &count) : NULL;

	w->tracers = arena_zero(&w->arena, (count + 1u) * sizeof(struct weir_use *));
	if (w->tracers == NULL)
		return diagnose_memory(d);
	if (count > TRACERS_MOST - 1)
		return diagnose(d, conf_place(c, "export"), "more than %d tracers", TRACERS_MOST - 1);
	for (uint32_t i = 0; i < count; i++) {
		struct weir_str path = arena_print(&w->arena, "trace, export %u", i + 1);
		struct weir_use *use = world_use(w, AS_TRACER, &slots[i], path, d);

		if (use != NULL)
			w->tracers[w->tracer_count++] = use;
	}
	return diagnostics_fine(d);
}

static enum trace_format format_of(struct weir_str word)
{
	if (str_eq(word, STR("b3")))
		return TRACE_B3;
	if (str_eq(word, STR("b3multi")))
		return TRACE_B3_MULTI;
	return str_eq(word, STR("jaeger")) ? TRACE_JAEGER : TRACE_W3C;
}

static bool has(const enum trace_format *formats, unsigned count, enum trace_format f)
{
	for (unsigned i = 0; i < count; i++)
		if (formats[i] == f)
			return true;
	return false;
}

/* Those that are written are looked for first. */
static void read_formats(struct trace_rules *rules, const struct conf_values *c)
{
	uint32_t count;
	const struct conf_value *items = conf_items(c, "propagate", &count);
	unsigned at;

	for (uint32_t i = 0; i < count; i++) {
		enum trace_format f = format_of(items[i].text);

		if (!has(rules->write, rules->writes, f))
			rules->write[rules->writes++] = f;
	}
	at = rules->writes;
	memcpy(rules->order, rules->write, sizeof(rules->order));
	for (enum trace_format f = TRACE_W3C; f < TRACE_FORMATS; f++)
		if (!has(rules->order, at, f))
			rules->order[at++] = f;
}

static struct trace_rules rules_of(const struct conf_values *c)
{
	struct trace_rules rules = {
		.sample = (uint64_t)(conf_number(c, "sample") * (double)(1ull << 56)),
		.failures = conf_boolean(c, "failures"),
		.policies = conf_boolean(c, "policies"),
		.parent = conf_is(c, "parent", "trusted") ? PARENT_TRUSTED :
			  conf_is(c, "parent", "ignore") ? PARENT_IGNORE : PARENT_FOLLOW,
	};

	read_formats(&rules, c);
	return rules;
}

bool trace_side_prepare(struct trace_side *t, const struct world *w, struct diagnostics *d)
{
	const struct conf_values *c = conf_object(w->conf->top, "trace");
	struct weir_error error = { "" };
	struct tracing_settings settings;

	trace_side_forget(t);
	if (c == NULL)
		return true;
	settings = (struct tracing_settings){
		.rules = rules_of(c),
		.control = &t->gateway->control,
		.workers = t->gateway->count,
		.uses = w->tracers, .use_count = w->tracer_count,
		.counts = &t->counts,
		.buffer = (size_t)conf_size(c, "buffer"),
		.batch = (uint32_t)conf_integer(c, "batch"),
		.queue = (uint32_t)conf_integer(c, "queue"),
		.every = conf_duration(c, "every"),
		.patience = conf_duration(c, "patience"),
		.flush = conf_duration(c, "flush"),
	};
	t->next = tracing_new(&settings, &error);
	return t->next != NULL || diagnose(d, c->place, "trace: %s", error.text);
}

void trace_side_forget(struct trace_side *t)
{
	tracing_free(t->next);
	t->next = NULL;
}

/* --- Changing over. ------------------------------------------------------------------------------ */

static bool change(struct worker *w, void *arg, struct weir_error *error)
{
	struct trace_side *t = arg;

	(void)error;
	proxy_of(w)->tracing = t->next != NULL ? tracing_here(t->next, w->index) : NULL;
	return true;
}

/* On a fiber of its own: its tracers may take a while. */
struct ending {
	struct trace_side *side;
	struct tracing *tracing;
};

static void end_old(void *arg)
{
	struct ending *e = arg;
	struct deadline d;

	deadline_enter(&d, CLOCK_NEVER, REASON_INTERNAL);
	tracing_end(e->tracing);
	deadline_leave(&d);
	e->side->ending--;
	mem_free(e);
}

static void retire(struct trace_side *t, struct tracing *old)
{
	struct ending *e = old != NULL ? mem_alloc(sizeof(*e)) : NULL;

	if (old == NULL)
		return;
	t->ending++;
	if (e != NULL)
		*e = (struct ending){ t, old };
	if (e != NULL && fiber_start(&t->gateway->control.loop, end_old, e) != NULL)
		return;
	mem_free(e);
	tracing_end(old);	/* here, then: the reload takes longer */
	t->ending--;
}

void trace_side_apply(struct trace_side *t)
{
	struct tracing *old = t->now;

	if (t->next != NULL)
		tracing_start(t->next);
	if (t->next != NULL || old != NULL)
		(void)round_run(&t->gateway->crew, change, t, NULL);
	t->now = t->next;
	t->next = NULL;
	retire(t, old);
}

void trace_side_end(struct trace_side *t)
{
	struct tracing *old = t->now;

	if (old == NULL && t->ending == 0)
		return;
	trace_side_forget(t);
	if (old != NULL)
		(void)round_run(&t->gateway->crew, change, t, NULL);
	t->now = NULL;
	tracing_end(old);
	while (t->ending > 0 && wait_sleep(5 * NS_PER_MS) == WAKE_EVENT)
		;
}

/* --- Lives. -------------------------------------------------------------------------------------- */

struct trace_side *trace_side_new(struct gateway *g, struct weir_error *error)
{
	struct trace_side *t = mem_alloc(sizeof(*t));

	if (t == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	t->gateway = g;
	trace_counts_init(&t->counts);
	metrics_add(telemetry_side_metrics(g->telemetry), &t->counts.collector);
	return t;
}

void trace_side_free(struct trace_side *t)
{
	if (t == NULL)
		return;
	metrics_remove(telemetry_side_metrics(t->gateway->telemetry), &t->counts.collector);
	trace_side_forget(t);
	mem_free(t);
}
