/* describe.c - the state of services as rows, with a sentence for each endpoint's why. */
#include "config.h"

#include "core/upstream/describe.h"

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/plugin/use.h"
#include "core/upstream/sets.h"
#include "core/upstream/watch.h"

enum { TEXTS_MOST = 64 << 20 };

/* One service being described. */
struct telling {
	struct arena arena;
	struct roster *roster;
	struct service *svc;
	struct service_row row;
	struct endpoint_row *endpoints;
	uint64_t now;
};

/* Why -------------------------------------------------------------------------- */

static struct weir_str cause_of(struct telling *t, struct endpoint_state s)
{
	if (s.status != 0)
		return arena_print(&t->arena, "status %u", s.status);
	return reason_row(s.why)->sentence;
}

static struct weir_str why_ejected(struct telling *t, const struct endpoint_row *row)
{
	return arena_print(&t->arena, "failed too often in a row, the last: %.*s; tried again in %.1f s",
			   STR_ARG(cause_of(t, row->ejection)),
			   (double)row->ejected_for / (double)NS_PER_S);
}

static struct weir_str why_unhealthy(struct telling *t, const struct endpoint_row *row)
{
	return arena_print(&t->arena, "its check failed: %.*s", STR_ARG(cause_of(t, row->health)));
}

static struct weir_str why_well(struct telling *t, const struct endpoint_row *row)
{
	if (row->failures >= t->svc->settings.eject.after)
		return arena_print(&t->arena, "failed %u times in a row, but eject.at_most allows "
				   "only %u to be ejected", row->failures, t->row.ejected_most);
	if (row->health.state == HEALTH_GOOD)
		return STR("its check passes");
	return STR("nothing speaks against it");
}

static struct weir_str why(struct telling *t, const struct endpoint_row *row)
{
	if (row->health.state == HEALTH_BAD)
		return why_unhealthy(t, row);
	if (row->ejection.state == EJECTION_TRIAL)
		return STR("was ejected; one request is trying it now");
	if (row->ejection.state == EJECTION_OUT)
		return why_ejected(t, row);
	if (row->health.state == HEALTH_UNKNOWN)
		return STR("its first check has not come back");
	return why_well(t, row);
}

/* Endpoints ---------------------------------------------------------------------- */

static void set_state(struct endpoint_row *row)
{
	if (row->health.state == HEALTH_BAD || row->ejection.state == EJECTION_NONE) {
		row->state = health_word(row->health.state);
		row->since = row->health.since;
		return;
	}
	row->state = ejection_word(row->ejection.state);
	row->since = row->ejection.since;
}

static bool is_warming(const struct telling *t, const struct endpoint *ep)
{
	uint64_t from = atomic_load_explicit(&ep->warm_from, memory_order_relaxed);

	return from != 0 && clock_after(from, t->svc->settings.slow_start) > t->now;
}

static void tell_endpoint(struct telling *t, const struct set_tier *tier, uint32_t tier_number,
			  uint32_t i)
{
	struct endpoint_row *row = &t->endpoints[t->row.endpoint_count++];
	const struct endpoint *ep = tier->members[i];
	uint64_t until = atomic_load_explicit(&ep->ejected_until, memory_order_relaxed);

	*row = (struct endpoint_row){
		.address = endpoint_text(ep), .name = tier->listing->names[i],
		.id = tier->told[i].id, .zone = tier->told[i].zone,
		.tier = tier_number, .weight = tier->told[i].weight,
		.health = endpoint_health(ep), .ejection = endpoint_ejection(ep),
		.load = atomic_load_explicit(&ep->in_flight, memory_order_relaxed),
		.failures = atomic_load_explicit(&ep->failures, memory_order_relaxed),
		.latency_us = atomic_load_explicit(&ep->latency_us, memory_order_relaxed),
		.warming = is_warming(t, ep),
	};
	if (row->ejection.state == EJECTION_OUT && until > t->now)
		row->ejected_for = until - t->now;
	set_state(row);
	row->why = why(t, row);
}

/* The same choice that picks make, by a view of nobody's. */
static void tell_use(struct telling *t, const struct endpoint_set *set)
{
	struct set_picture picture = set_picture(set);
	uint32_t n = 0;

	t->row.tier = picture.tier;
	t->row.panic = picture.panic;
	for (uint32_t k = 0; k < set->tier_count; k++)
		for (uint32_t i = 0; i < set->tiers[k].count; i++, n++)
			t->endpoints[n].used = k == picture.tier &&
				set_may_be_picked(&picture, set->tiers[k].members[i]);
	for (uint32_t i = 0; i < n; i++)
		t->row.usable += t->endpoints[i].used;
}

static bool tell_endpoints(struct telling *t)
{
	const struct endpoint_set *set = t->svc->newest;
	uint32_t n = 0;

	t->row.tier_count = t->row.tier = t->svc->tier_count;
	for (uint32_t k = 0; set != NULL && k < set->tier_count; k++)
		n += set->tiers[k].count;
	t->endpoints = arena_zero(&t->arena, (n + 1) * sizeof(*t->endpoints));
	if (t->endpoints == NULL)
		return false;
	t->row.endpoints = t->endpoints;
	for (uint32_t k = 0; set != NULL && k < set->tier_count; k++)
		for (uint32_t i = 0; i < set->tiers[k].count; i++)
			tell_endpoint(t, &set->tiers[k], k, i);
	if (set != NULL)
		tell_use(t, set);
	return !t->arena.overflowed;
}

/* Services ------------------------------------------------------------------------- */

static uint64_t age_of(const struct telling *t, const struct weir_watch *watch)
{
	if (watch->use == NULL && watch->raw->name_count == 0)
		return 0;
	return watch->told_at == 0 ? CLOCK_NEVER : t->now - watch->told_at;
}

static bool tell_sources(struct telling *t)
{
	struct source_row *rows = arena_zero(&t->arena, t->svc->tier_count * sizeof(*rows));

	if (rows == NULL)
		return false;
	for (uint32_t k = 0; k < t->svc->tier_count; k++) {
		const struct weir_watch *watch = t->svc->sources[k].watch;

		rows[k] = (struct source_row){
			.plugin = watch->use != NULL ? watch->use->name : STR("endpoints"),
			.tier = k, .endpoints = watch->listing != NULL ? watch->listing->count : 0,
			.age = age_of(t, watch),
			.failure = watch->failure[0] != '\0' ? str_from(watch->failure) : STR_ABSENT,
		};
	}
	t->row.sources = rows;
	t->row.source_count = t->svc->tier_count;
	return true;
}

static void tell_gate(const struct gate *g, uint32_t *held, uint32_t *most, uint32_t *waiting)
{
	*most = NO_LIMIT;
	if (g == NULL)
		return;
	*held = atomic_load_explicit(&g->held, memory_order_relaxed);
	*most = atomic_load_explicit(&g->limit, memory_order_relaxed);
	*waiting += gate_waiting(g);
}

static void tell_counts(struct telling *t)
{
	const struct roster *r = t->roster;

	for (uint32_t p = 0; p < r->world->places; p++) {
		const struct tally *tally = &r->tallies[p];

		t->row.idle += atomic_load_explicit(&tally->idle, memory_order_relaxed);
		for (int i = 0; i < SERVICE_COUNTS; i++)
			t->row.counts[i] += atomic_load_explicit(&tally->counts[i],
								 memory_order_relaxed);
	}
	t->row.ejected = atomic_load(&r->ejected);
	t->row.ejected_most = atomic_load(&r->ejected_most);
	tell_gate(t->svc->requests, &t->row.requests, &t->row.requests_most, &t->row.waiting);
	tell_gate(t->svc->connections, &t->row.connections, &t->row.connections_most,
		  &t->row.waiting);
}

static bool tell(struct roster *r, void (*visit)(void *arg, const struct service_row *row),
		 void *arg)
{
	struct telling t = { .roster = r, .svc = r->live, .now = clock_now() };
	bool ok;

	arena_init(&t.arena, NULL, TEXTS_MOST);
	t.row.name = r->name;
	t.row.slot = r->slot;
	t.row.balance = t.svc->balance != NULL ? t.svc->balance->name : STR_ABSENT;
	tell_counts(&t);
	ok = tell_sources(&t) && tell_endpoints(&t);
	if (ok)
		visit(arg, &t.row);
	arena_reset(&t.arena);
	return ok;
}

static int by_name(const void *a, const void *b)
{
	const struct roster *const *x = a, *const *y = b;

	return str_compare((*x)->name, (*y)->name);
}

/* With the lock held. Gives the rosters that are in force, sorted; NULL: out of memory. */
static struct roster **in_order(struct upstreams *world, size_t *count)
{
	struct roster **all;
	size_t n = 0;

	list_for_each(item, &world->rosters)
		n++;
	all = mem_array(n + 1, sizeof(struct roster *));
	n = 0;
	list_for_each(item, &world->rosters)
		if (all != NULL && container_of(item, struct roster, link)->live != NULL)
			all[n++] = container_of(item, struct roster, link);
	if (all != NULL && n > 1)
		qsort(all, n, sizeof(struct roster *), by_name);
	*count = n;
	return all;
}

bool upstreams_describe(struct upstreams *world,
			void (*visit)(void *arg, const struct service_row *row), void *arg)
{
	struct roster **all;
	size_t count;
	bool ok;

	pthread_mutex_lock(&world->lock);
	all = in_order(world, &count);
	ok = all != NULL;
	for (size_t i = 0; ok && i < count; i++)
		ok = tell(all[i], visit, arg);
	pthread_mutex_unlock(&world->lock);
	mem_free(all);
	return ok;
}

/* Ready ------------------------------------------------------------------------------ */

static uint32_t unchecked_of(const struct endpoint_set *set)
{
	uint32_t n = 0;

	for (uint32_t t = 0; set != NULL && t < set->tier_count; t++)
		for (uint32_t i = 0; i < set->tiers[t].count; i++)
			n += endpoint_health(set->tiers[t].members[i]).state == HEALTH_UNKNOWN;
	return n;
}

static bool is_ready(const struct roster *r, char *text, size_t room)
{
	uint32_t unchecked = unchecked_of(r->live->newest);

	if (!service_is_known(r->live))
		(void)snprintf(text, room, "service %.*s: its endpoints are not known yet",
			       STR_ARG(r->name));
	else if (unchecked > 0)
		(void)snprintf(text, room, "service %.*s: %u endpoints were not checked yet",
			       STR_ARG(r->name), unchecked);
	else
		return true;
	return false;
}

bool upstreams_ready(struct upstreams *world, void (*cause)(void *arg, const char *text), void *arg)
{
	bool ready = true, any = false;

	if (atomic_load(&world->was_ready))
		return true;
	pthread_mutex_lock(&world->lock);
	list_for_each(item, &world->rosters) {
		const struct roster *r = container_of(item, struct roster, link);
		char text[160];

		any = any || r->live != NULL;
		if (r->live == NULL || is_ready(r, text, sizeof(text)))
			continue;
		ready = false;
		cause(arg, text);
	}
	pthread_mutex_unlock(&world->lock);
	if (ready && any)
		atomic_store(&world->was_ready, true);
	return ready;
}

struct slots *upstreams_names(struct upstreams *world)
{
	return &world->names;
}
