/* metrics.c - all that is measured, as text: what telemetry itself sums up, and whom it asks. */
#include "core/telemetry/metrics.h"

#include <pthread.h>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/telemetry/access_log.h"
#include "core/telemetry/certificates.h"
#include "core/telemetry/sums.h"

enum { SERIES = 1000 };

struct metrics {
	struct sums sums;
	const char *version;
	struct counter reloads, reloads_failed;
	struct gauge last_reload;		/* ms since 1970 */
	pthread_mutex_t lock;			/* one reader, or one who adds, at a time */
	struct collector *collectors;
};

static struct weir_str slot_name(void *arg, uint32_t number, char *at, size_t room)
{
	return slots_name(arg, number, at, room);
}

static uint32_t slot_count(void *arg)
{
	return slots_count(arg);
}

struct metrics_names metrics_names_of(struct slots *s)
{
	return (struct metrics_names){ slot_name, slot_count, s };
}

struct metrics *metrics_new(const struct metrics_setup *setup, struct weir_error *error)
{
	struct metrics *m = mem_alloc(sizeof(*m));
	struct stats *stats = mem_array(setup->workers, sizeof(*stats));

	if (m == NULL || stats == NULL) {
		mem_free(m);
		mem_free(stats);
		fail_memory(error);
		return NULL;
	}
	for (uint32_t i = 0; i < setup->workers; i++)
		stats_init(&stats[i]);
	m->sums = (struct sums){
		.stats = stats,
		.workers = setup->workers,
		.listeners = setup->listeners,
		.routes = setup->routes,
		.services = setup->services,
		.series = setup->series > 0 ? setup->series : SERIES,
	};
	m->version = setup->version;
	pthread_mutex_init(&m->lock, NULL);
	return m;
}

void metrics_free(struct metrics *m)
{
	if (m == NULL)
		return;
	for (uint32_t i = 0; i < m->sums.workers; i++)
		stats_fini(&m->sums.stats[i]);
	mem_free(m->sums.stats);
	pthread_mutex_destroy(&m->lock);
	mem_free(m);
}

struct stats *metrics_stats(struct metrics *m, uint32_t worker)
{
	return worker < m->sums.workers ? &m->sums.stats[worker] : NULL;
}

void metrics_reloaded(struct metrics *m, bool accepted)
{
	counter_add(accepted ? &m->reloads : &m->reloads_failed, 1);
	if (accepted)
		gauge_set(&m->last_reload, (int64_t)(clock_wall() / NS_PER_MS));
}

void metrics_add(struct metrics *m, struct collector *c)
{
	pthread_mutex_lock(&m->lock);
	c->next = m->collectors;
	m->collectors = c;
	pthread_mutex_unlock(&m->lock);
}

void metrics_remove(struct metrics *m, struct collector *c)
{
	pthread_mutex_lock(&m->lock);
	for (struct collector **at = &m->collectors; *at != NULL; at = &(*at)->next) {
		if (*at == c) {
			*at = c->next;
			break;
		}
	}
	pthread_mutex_unlock(&m->lock);
}

static void print_reloads(struct metrics *m, struct exposition *e)
{
	struct label accepted = { "result", STR("accepted") };
	struct label refused = { "result", STR("refused") };

	exposition_begin(e, &families[FAMILY_RELOADS]);
	exposition_u64(e, &accepted, 1, counter_read(&m->reloads));
	exposition_u64(e, &refused, 1, counter_read(&m->reloads_failed));
	exposition_begin(e, &families[FAMILY_LAST_RELOAD]);
	exposition_double(e, NULL, 0, (double)gauge_read(&m->last_reload) / 1000);
}

static void print_dropped(struct exposition *e)
{
	struct label log = { "log", STR("log") }, access = { "log", STR("access") };

	exposition_begin(e, &families[FAMILY_LOG_DROPPED]);
	exposition_u64(e, &log, 1, log_dropped());
	exposition_u64(e, &access, 1, access_log_dropped());
}

static void print_build(struct metrics *m, struct exposition *e)
{
	struct label version = { "version", str_from(m->version) };

	exposition_begin(e, &families[FAMILY_BUILD]);
	exposition_u64(e, &version, 1, 1);
}

bool metrics_print(struct metrics *m, struct buffer *out)
{
	struct exposition e;

	exposition_init(&e, out);
	pthread_mutex_lock(&m->lock);
	sums_print(&m->sums, &e);
	print_reloads(m, &e);
	print_dropped(&e);
	named_collect(&e);
	certificates_collect(&e);
	print_build(m, &e);
	for (struct collector *c = m->collectors; c != NULL; c = c->next)
		c->collect(c->arg, &e);
	pthread_mutex_unlock(&m->lock);
	process_collect(&e);
	return !e.failed;
}
