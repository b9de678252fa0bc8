/* stats.c - what one worker counts. */
#include "core/telemetry/stats.h"

#include <pthread.h>

#include "core/base/clock.h"
#include "core/base/mem.h"

#define US NS_PER_US
#define MS NS_PER_MS
#define S NS_PER_S

static const uint64_t bounds[HISTOGRAM_BOUNDS] = {
	100 * US, 250 * US, 500 * US, 1 * MS, 2500 * US, 5 * MS, 10 * MS, 25 * MS, 50 * MS,
	100 * MS, 250 * MS, 500 * MS, 1 * S, 2500 * MS, 5 * S, 10 * S, 30 * S, 60 * S,
};

static const uint64_t gateway_bounds[HISTOGRAM_BOUNDS] = {
	2 * US, 5 * US, 10 * US, 20 * US, 50 * US, 100 * US, 200 * US, 500 * US, 1 * MS,
	2 * MS, 5 * MS, 10 * MS, 20 * MS, 50 * MS, 100 * MS, 200 * MS, 300 * MS, 500 * MS,
};

static struct histogram_scale scale, gateway_scale;

static void make_scales(void)
{
	histogram_scale_init(&scale, bounds);
	histogram_scale_init(&gateway_scale, gateway_bounds);
}

static void need_scales(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_scales);
}

const struct histogram_scale *stats_scale(void)
{
	need_scales();
	return &scale;
}

const struct histogram_scale *stats_gateway_scale(void)
{
	need_scales();
	return &gateway_scale;
}

void stats_init(struct stats *s)
{
	need_scales();
	*s = (struct stats){ 0 };
	slot_array_init(&s->listeners, sizeof(struct listener_stats));
	slot_array_init(&s->services, sizeof(struct service_stats));
}

void stats_fini(struct stats *s)
{
	for (uint32_t i = 0; i < SLOTS_MOST; i++) {
		struct listener_stats *l = slot_array_peek(&s->listeners, i);

		if (l != NULL)
			slot_array_fini(&l->routes);
	}
	slot_array_fini(&s->listeners);
	slot_array_fini(&s->services);
}

/* --- places ---------------------------------------------------------------------------------- */

static struct listener_stats *listener_at(struct stats *s, uint32_t listener)
{
	struct listener_stats *l = slot_array_at(&s->listeners, listener);

	if (l != NULL && l->routes.size == 0)	/* readers look at it only behind its table */
		l->routes.size = sizeof(struct route_stats);
	return l;
}

static struct route_stats *route_at(struct listener_stats *l, uint32_t route)
{
	return route == RECORD_NO_SLOT ? &l->unrouted : slot_array_at(&l->routes, route);
}

/* --- counting -------------------------------------------------------------------------------- */

void stats_connection(struct stats *s, uint32_t listener, int change)
{
	struct listener_stats *l = listener_at(s, listener);

	if (l == NULL)
		return;
	gauge_add(&l->connections, change);
	if (change > 0)
		counter_add(&l->accepted, (uint64_t)change);
}

void stats_handshake(struct stats *s, uint32_t listener, enum reason why, bool resumed)
{
	struct listener_stats *l = listener_at(s, listener);

	if (l != NULL)
		counter_add(resumed ? &l->resumed : &l->handshakes[why], 1);
}

void stats_begin(struct stats *s, uint32_t listener)
{
	struct listener_stats *l = listener_at(s, listener);

	if (l != NULL)
		gauge_add(&l->active, 1);
}

static bool count_listener(struct stats *s, const struct record *r)
{
	struct listener_stats *l = listener_at(s, r->listener.slot);
	struct route_stats *rt;

	if (l == NULL)
		return false;
	gauge_add(&l->active, -1);
	counter_add(&l->bytes_in, r->bytes_in);
	counter_add(&l->bytes_out, r->bytes_out);
	histogram_add(&l->gateway, &gateway_scale, record_gateway_ns(r));
	rt = route_at(l, r->route.slot);
	if (rt == NULL)
		return false;
	counter_add(&rt->requests[code_class(r->status)], 1);
	histogram_add(&rt->duration, &scale, record_total_ns(r));
	return true;
}

static void count_attempts(struct service_stats *svc, const struct record *r)
{
	uint32_t kept = record_attempts_kept(r);

	for (uint32_t i = 0; i < kept; i++) {
		const struct record_attempt *a = &r->attempt[i];

		counter_add(&svc->attempts[a->why], 1);
		if (i + 1 < kept)
			counter_add(&svc->retries[a->why], 1);
	}
}

static bool count_service(struct stats *s, const struct record *r)
{
	struct service_stats *svc;

	if (r->service.slot == RECORD_NO_SLOT)
		return true;
	svc = slot_array_at(&s->services, r->service.slot);
	if (svc == NULL)
		return false;
	counter_add(&svc->requests[code_class(r->status)], 1);
	if (r->why != REASON_NONE)
		counter_add(&svc->reasons[r->why], 1);
	if (r->attempts > 0) {
		count_attempts(svc, r);
		histogram_add(&svc->upstream, &scale, record_upstream_ns(r));
	}
	return true;
}

void stats_count(struct stats *s, const struct record *r)
{
	bool whole = count_listener(s, r);

	if (r->why != REASON_NONE)
		counter_add(&s->reasons[r->why], 1);
	if (!count_service(s, r) || !whole)
		counter_add(&s->uncounted, 1);
}

/* --- forgetting ------------------------------------------------------------------------------ */

/* All of it is counters of 64 bits. Readers may look on. */
static void zero(void *from, const void *to)
{
	for (_Atomic(uint64_t) *at = from; (const void *)at < to; at++)
		atomic_store_explicit(at, 0, memory_order_relaxed);
}

static void forget_routes(struct listener_stats *l)
{
	for (uint32_t i = 0; i < SLOTS_MOST; i++) {
		struct route_stats *rt = slot_array_peek(&l->routes, i);

		if (rt == NULL)
			i += SLOT_CHUNK - 1;
		else
			zero(rt, rt + 1);
	}
}

void stats_forget_listener(struct stats *s, uint32_t listener)
{
	struct listener_stats *l = slot_array_peek(&s->listeners, listener);

	if (l == NULL)
		return;
	forget_routes(l);
	zero(&l->unrouted, l + 1);
}

void stats_forget_route(struct stats *s, uint32_t listeners, uint32_t route)
{
	for (uint32_t i = 0; i < listeners; i++) {
		struct listener_stats *l = slot_array_peek(&s->listeners, i);
		struct route_stats *rt = l != NULL ? slot_array_peek(&l->routes, route) : NULL;

		if (rt != NULL)
			zero(rt, rt + 1);
	}
}

void stats_forget_service(struct stats *s, uint32_t service)
{
	struct service_stats *svc = slot_array_peek(&s->services, service);

	if (svc != NULL)
		zero(svc, svc + 1);
}

struct weir_str code_class_word(unsigned class)
{
	static const char *const words[CODE_CLASSES] = {
		"none", "1xx", "2xx", "3xx", "4xx", "5xx"
	};

	return str_from(words[class < CODE_CLASSES ? class : 0]);
}
