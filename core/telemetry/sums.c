/* sums.c - what all workers counted, summed up and written out, family by family. */
#include "core/telemetry/sums.h"

#include <stddef.h>
#include <stdio.h>

enum { NAME = 256 };

/* What one line is about: a listener, a route on a listener, or a service; or all routes or
 * services beyond those that are named one by one. */
enum kind { KIND_LISTENER, KIND_ROUTE, KIND_SERVICE };

struct place {
	const struct sums *s;
	enum kind kind;
	uint32_t listener;		/* of a route */
	uint32_t from, to;		/* numbers; RECORD_NO_SLOT and 0: no route */
	struct label labels[4];
	unsigned count;
	char names[2][NAME];
};

typedef void (*place_fn)(struct exposition *e, struct place *p);

/* --- summing up ------------------------------------------------------------------------------ */

static const char *cell(const struct place *p, const struct stats *s, uint32_t number)
{
	const struct listener_stats *l;

	if (p->kind == KIND_SERVICE)
		return slot_array_peek(&s->services, number);
	l = slot_array_peek(&s->listeners, p->kind == KIND_ROUTE ? p->listener : number);
	if (l == NULL || p->kind == KIND_LISTENER)
		return (const char *)l;
	if (number == RECORD_NO_SLOT)
		return (const char *)&l->unrouted;
	return slot_array_peek(&l->routes, number);
}

/* What stands at `offset` in the cells of all workers, put together by `add`. */
static void add_up(const struct place *p, size_t offset, void (*add)(void *sum, const void *at),
		   void *sum)
{
	for (uint32_t w = 0; w < p->s->workers; w++) {
		for (uint32_t n = p->from; n != p->to; n++) {
			const char *at = cell(p, &p->s->stats[w], n);

			if (at != NULL)
				add(sum, at + offset);
		}
	}
}

static void add_counter(void *sum, const void *at)
{
	*(uint64_t *)sum += counter_read(at);
}

static void add_gauge(void *sum, const void *at)
{
	*(int64_t *)sum += gauge_read(at);
}

static void add_histogram(void *sum, const void *at)
{
	histogram_see(sum, at);
}

static uint64_t sum_of(const struct place *p, size_t offset)
{
	uint64_t sum = 0;

	add_up(p, offset, add_counter, &sum);
	return sum;
}

/* --- places ---------------------------------------------------------------------------------- */

/* Gives the name as a label value; absent when nobody holds the number any more. */
static struct weir_str name_of(const struct metrics_names *names, const struct place *p, char *at)
{
	if (p->from == RECORD_NO_SLOT)
		return STR("");
	if (p->to - p->from > 1 || (p->from >= p->s->series && p->kind != KIND_LISTENER))
		return STR("(other)");
	return names->name(names->arg, p->from, at, NAME);
}

static void visit(struct exposition *e, struct place *p, const struct metrics_names *names,
		  const char *label, place_fn fn)
{
	unsigned at = p->count;
	struct weir_str name = name_of(names, p, p->names[at]);

	if (name.data == NULL)
		return;
	p->labels[at] = (struct label){ label, name };
	p->count = at + 1;
	fn(e, p);
	p->count = at;
}

/* All numbers one by one, and what lies beyond `series` in one go. */
static void visit_each(struct exposition *e, struct place *p, const struct metrics_names *names,
		       const char *label, place_fn fn)
{
	uint32_t count = names->count(names->arg), each = count;

	if (p->kind != KIND_LISTENER && each > p->s->series)
		each = p->s->series;
	for (uint32_t n = 0; n < each; n++) {
		p->from = n;
		p->to = n + 1;
		visit(e, p, names, label, fn);
	}
	if (each < count) {
		p->from = each;
		p->to = count;
		visit(e, p, names, label, fn);
	}
}

static void each_listener(const struct sums *s, struct exposition *e, enum family_id id,
			  place_fn fn)
{
	struct place p = { .s = s, .kind = KIND_LISTENER };

	exposition_begin(e, &families[id]);
	visit_each(e, &p, &s->listeners, "listener", fn);
}

static void each_service(const struct sums *s, struct exposition *e, enum family_id id, place_fn fn)
{
	struct place p = { .s = s, .kind = KIND_SERVICE };

	exposition_begin(e, &families[id]);
	visit_each(e, &p, &s->services, "service", fn);
}

static void each_route(const struct sums *s, struct exposition *e, enum family_id id, place_fn fn)
{
	struct place p = { .s = s, .kind = KIND_ROUTE };
	uint32_t listeners = s->listeners.count(s->listeners.arg);

	exposition_begin(e, &families[id]);
	for (p.listener = 0; p.listener < listeners; p.listener++) {
		struct weir_str name = s->listeners.name(s->listeners.arg, p.listener, p.names[0],
							 NAME);

		if (name.data == NULL)
			continue;
		p.labels[0] = (struct label){ "listener", name };
		p.count = 1;
		p.from = RECORD_NO_SLOT;
		p.to = 0;
		visit(e, &p, &s->routes, "route", fn);
		visit_each(e, &p, &s->routes, "route", fn);
	}
}

/* --- lines ----------------------------------------------------------------------------------- */

/* One more label; nothing for 0: what never happened has no series. */
static void put_counted(struct exposition *e, struct place *p, const char *label,
			struct weir_str value, size_t offset)
{
	uint64_t n = sum_of(p, offset);

	if (n == 0)
		return;
	p->labels[p->count] = (struct label){ label, value };
	exposition_u64(e, p->labels, p->count + 1, n);
}

static void put_histogram(struct exposition *e, struct place *p, size_t offset,
			  const struct histogram_scale *scale)
{
	struct histogram_seen seen = { 0 };

	add_up(p, offset, add_histogram, &seen);
	if (histogram_count(&seen) > 0)
		exposition_histogram(e, p->labels, p->count, &seen, scale);
}

static void put_gauge(struct exposition *e, struct place *p, size_t offset)
{
	int64_t n = 0;

	add_up(p, offset, add_gauge, &n);
	exposition_i64(e, p->labels, p->count, n);
}

static void put_classes(struct exposition *e, struct place *p, size_t offset)
{
	for (unsigned i = 0; i < CODE_CLASSES; i++)
		put_counted(e, p, "code_class", code_class_word(i),
			    offset + i * sizeof(struct counter));
}

static void put_reasons(struct exposition *e, struct place *p, size_t offset)
{
	for (unsigned i = 0; i < REASON_COUNT; i++)
		put_counted(e, p, "reason",
			    i == REASON_NONE ? STR("ok") : reason_row((enum reason)i)->word,
			    offset + i * sizeof(struct counter));
}

static void route_requests(struct exposition *e, struct place *p)
{
	put_classes(e, p, offsetof(struct route_stats, requests));
}

static void route_duration(struct exposition *e, struct place *p)
{
	put_histogram(e, p, offsetof(struct route_stats, duration), stats_scale());
}

static void listener_gateway(struct exposition *e, struct place *p)
{
	put_histogram(e, p, offsetof(struct listener_stats, gateway), stats_gateway_scale());
}

static void put_sum(struct exposition *e, struct place *p, size_t offset)
{
	exposition_u64(e, p->labels, p->count, sum_of(p, offset));
}

static void listener_bytes_in(struct exposition *e, struct place *p)
{
	put_sum(e, p, offsetof(struct listener_stats, bytes_in));
}

static void listener_bytes_out(struct exposition *e, struct place *p)
{
	put_sum(e, p, offsetof(struct listener_stats, bytes_out));
}

static void listener_accepted(struct exposition *e, struct place *p)
{
	put_sum(e, p, offsetof(struct listener_stats, accepted));
}

static void listener_handshakes(struct exposition *e, struct place *p)
{
	put_counted(e, p, "result", STR("resumed"), offsetof(struct listener_stats, resumed));
	for (unsigned i = 0; i < REASON_COUNT; i++)
		put_counted(e, p, "result",
			    i == REASON_NONE ? STR("full") : reason_row((enum reason)i)->word,
			    offsetof(struct listener_stats, handshakes) + i * sizeof(struct counter));
}

static void listener_active(struct exposition *e, struct place *p)
{
	put_gauge(e, p, offsetof(struct listener_stats, active));
}

static void listener_connections(struct exposition *e, struct place *p)
{
	put_gauge(e, p, offsetof(struct listener_stats, connections));
}

static void service_requests(struct exposition *e, struct place *p)
{
	put_classes(e, p, offsetof(struct service_stats, requests));
}

static void service_reasons(struct exposition *e, struct place *p)
{
	put_reasons(e, p, offsetof(struct service_stats, reasons));
}

static void service_attempts(struct exposition *e, struct place *p)
{
	put_reasons(e, p, offsetof(struct service_stats, attempts));
}

static void service_retries(struct exposition *e, struct place *p)
{
	put_reasons(e, p, offsetof(struct service_stats, retries));
}

static void service_upstream(struct exposition *e, struct place *p)
{
	put_histogram(e, p, offsetof(struct service_stats, upstream), stats_scale());
}

/* --- those without a place ------------------------------------------------------------------- */

static void print_reasons(const struct sums *s, struct exposition *e)
{
	exposition_begin(e, &families[FAMILY_REASONS]);
	for (enum reason why = REASON_NONE + 1; why < REASON_COUNT; why++) {
		struct label labels[] = { { "reason", reason_row(why)->word },
					  { "side", reason_side_word(reason_row(why)->side) } };
		uint64_t n = 0;

		for (uint32_t w = 0; w < s->workers; w++)
			n += counter_read(&s->stats[w].reasons[why]);
		exposition_u64(e, labels, 2, n);
	}
}

static void print_uncounted(const struct sums *s, struct exposition *e)
{
	uint64_t n = 0;

	for (uint32_t w = 0; w < s->workers; w++)
		n += counter_read(&s->stats[w].uncounted);
	exposition_begin(e, &families[FAMILY_UNCOUNTED]);
	exposition_u64(e, NULL, 0, n);
}

static void print_per_worker(const struct sums *s, struct exposition *e, enum family_id id,
			     size_t offset)
{
	exposition_begin(e, &families[id]);
	for (uint32_t w = 0; w < s->workers; w++) {
		char name[12];
		int n = snprintf(name, sizeof(name), "%u", w);
		struct label label = { "worker", str_of(name, (size_t)n) };
		const void *at = (const char *)&s->stats[w] + offset;

		exposition_i64(e, &label, 1, gauge_read(at));
	}
}

void sums_print(const struct sums *s, struct exposition *e)
{
	each_route(s, e, FAMILY_REQUESTS, route_requests);
	each_route(s, e, FAMILY_DURATION, route_duration);
	each_listener(s, e, FAMILY_GATEWAY, listener_gateway);
	each_listener(s, e, FAMILY_BYTES_IN, listener_bytes_in);
	each_listener(s, e, FAMILY_BYTES_OUT, listener_bytes_out);
	each_listener(s, e, FAMILY_ACTIVE, listener_active);
	each_listener(s, e, FAMILY_CONNECTIONS, listener_connections);
	each_listener(s, e, FAMILY_ACCEPTED, listener_accepted);
	each_listener(s, e, FAMILY_HANDSHAKES, listener_handshakes);
	print_reasons(s, e);
	each_service(s, e, FAMILY_UPSTREAM, service_upstream);
	each_service(s, e, FAMILY_SERVICE_REQUESTS, service_requests);
	each_service(s, e, FAMILY_SERVICE_REASONS, service_reasons);
	each_service(s, e, FAMILY_ATTEMPTS, service_attempts);
	each_service(s, e, FAMILY_RETRIES, service_retries);
	print_per_worker(s, e, FAMILY_FIBERS, offsetof(struct stats, fibers));
	print_per_worker(s, e, FAMILY_STACK, offsetof(struct stats, stack_high_water));
	print_uncounted(s, e);
}
