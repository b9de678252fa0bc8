/* upstream_metrics.c - what the upstream floor knows of its services, as metrics. */
#include "core/telemetry/upstream_metrics.h"

#include <math.h>

#include "core/base/clock.h"
#include "core/upstream/describe.h"

enum { SERIES = 1000 };

static void put(struct exposition *e, const struct service_row *row, uint64_t n)
{
	struct label label = { "service", row->name };

	exposition_u64(e, &label, 1, n);
}

static void put_two(struct exposition *e, const struct service_row *row, const char *name,
		    struct weir_str value, uint64_t n)
{
	struct label labels[] = { { "service", row->name }, { name, value } };

	exposition_u64(e, labels, 2, n);
}

/* A service is as up to date as its slowest source. */
static void put_age(struct exposition *e, const struct service_row *row)
{
	struct label label = { "service", row->name };
	uint64_t age = 0;

	for (uint32_t i = 0; i < row->source_count; i++)
		if (row->sources[i].age > age)
			age = row->sources[i].age;
	exposition_double(e, &label, 1,
			  age == CLOCK_NEVER ? (double)INFINITY : (double)age / NS_PER_S);
}

static void put_states(struct exposition *e, const struct service_row *row)
{
	static const char *const states[] = {
		"unchecked", "unknown", "healthy", "unhealthy", "ejected", "trial"
	};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		struct weir_str state = str_from(states[i]);
		uint64_t n = 0;

		for (uint32_t k = 0; k < row->endpoint_count; k++)
			n += str_eq(row->endpoints[k].state, state);
		put_two(e, row, "state", state, n);
	}
}

static void put_usable(struct exposition *e, const struct service_row *row)
{
	put(e, row, row->usable);
}

static void put_panic(struct exposition *e, const struct service_row *row)
{
	put(e, row, row->panic);
}

static void put_idle(struct exposition *e, const struct service_row *row)
{
	put(e, row, row->idle);
}

static void put_waiting(struct exposition *e, const struct service_row *row)
{
	put(e, row, row->waiting);
}

static const struct {
	enum family_id id;
	void (*put)(struct exposition *e, const struct service_row *row);
} shown[] = {
	{ FAMILY_DISCOVERY_AGE, put_age },
	{ FAMILY_ENDPOINT_STATE, put_states },
	{ FAMILY_USABLE, put_usable },
	{ FAMILY_PANIC, put_panic },
	{ FAMILY_IDLE, put_idle },
	{ FAMILY_WAITING, put_waiting },
};

/* And each of the counts, under the name that upstream gives it. */
static const struct family count_families[SERVICE_COUNTS] = {
#define X(ID, METRIC, HELP) \
	[SERVICE_##ID] = { "weir_service_" METRIC "_total", "service", HELP, FAMILY_COUNTER },
	SERVICE_COUNT_ROWS(X)
#undef X
};

enum { SHOWN = sizeof(shown) / sizeof(shown[0]), ALL = SHOWN + SERVICE_COUNTS };

const struct family *upstream_metrics_family(unsigned n)
{
	return n < SERVICE_COUNTS ? &count_families[n] : NULL;
}

/* A family's lines stand together, but the services are walked over once: each family has its own
 * text meanwhile. */
struct walk {
	struct exposition e[ALL];
	struct buffer text[ALL];
	uint32_t left;
};

static void visit(void *arg, const struct service_row *row)
{
	struct walk *w = arg;

	if (w->left == 0)
		return;
	w->left--;
	for (unsigned i = 0; i < SHOWN; i++)
		shown[i].put(&w->e[i], row);
	for (unsigned i = 0; i < SERVICE_COUNTS; i++)
		put(&w->e[SHOWN + i], row, row->counts[i]);
}

static void collect(void *arg, struct exposition *e)
{
	struct upstream_metrics *u = arg;
	struct walk w = { .left = u->series };

	for (unsigned i = 0; i < ALL; i++) {
		buffer_init(&w.text[i], e->out->ceiling);
		exposition_init(&w.e[i], &w.text[i]);
		exposition_begin(&w.e[i], i < SHOWN ? &families[shown[i].id] :
				 &count_families[i - SHOWN]);
	}
	if (!upstreams_describe(u->upstreams, visit, &w))
		e->failed = true;
	for (unsigned i = 0; i < ALL; i++) {
		if (w.e[i].failed || !buffer_add(e->out, buffer_str(&w.text[i])))
			e->failed = true;
		buffer_fini(&w.text[i]);
	}
}

void upstream_metrics_init(struct upstream_metrics *u, struct upstreams *upstreams)
{
	*u = (struct upstream_metrics){
		.collector = { .collect = collect, .arg = u },
		.upstreams = upstreams,
		.series = SERIES,
	};
}
