/* service.c - a service as the configuration says it: checked, defaults filled in, copied. */
#include "config.h"

#include "core/upstream/service.h"

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/net/tls_client.h"
#include "core/plugin/use.h"
#include "core/upstream/listing.h"
#include "core/upstream/roster.h"
#include "core/upstream/sets.h"
#include "core/upstream/watch.h"

static void settle_time(uint64_t *time, uint64_t fallback)
{
	if (*time == 0)
		*time = fallback;
}

static void settle_count(uint32_t *count, uint32_t fallback)
{
	if (*count == 0)
		*count = fallback;
}

static void fill_in_defaults(struct service_settings *s)
{
	settle_count(&s->limits.connections, NO_LIMIT);
	settle_count(&s->limits.requests, NO_LIMIT);
	settle_time(&s->timeouts.connect, NS_PER_S);
	settle_time(&s->timeouts.first_byte, CLOCK_NEVER);
	settle_time(&s->timeouts.between_bytes, 30 * NS_PER_S);
	settle_time(&s->timeouts.keepalive, 55 * NS_PER_S);
	settle_time(&s->timeouts.queue, s->timeouts.connect);
	settle_count(&s->eject.after, 5);
	settle_time(&s->eject.span, 30 * NS_PER_S);
	if (s->eject.at_most == 0)
		s->eject.at_most = 0.5;
	settle_time(&s->health.interval, 5 * NS_PER_S);
	settle_time(&s->health.timeout, NS_PER_S);
	settle_count(&s->health.unhealthy, 3);
	settle_count(&s->health.healthy, 2);
	if (s->eject.at_most < 0)
		s->eject.at_most = 0;
}

static bool copy_tier(struct service_source *source, const struct service_tier *tier,
		      struct weir_error *error)
{
	if (tier->discover != NULL) {
		if (tier->discover->discovery == NULL)
			return fail(error, "%.*s cannot find endpoints: it has no role `discovery`",
				    STR_ARG(tier->discover->name));
		source->use = tier->discover;
		return true;
	}
	source->given = listing_of_service(tier->endpoints, tier->endpoint_count, error);
	return source->given != NULL;
}

static bool copy_tiers(struct service *svc, const struct service_spec *spec,
		       struct weir_error *error)
{
	if (spec->tier_count == 0)
		return fail(error, "a service needs `endpoints` or `discover`");
	svc->sources = mem_array(spec->tier_count, sizeof(*svc->sources));
	if (svc->sources == NULL)
		return fail_memory(error);
	svc->tier_count = spec->tier_count;
	for (uint32_t t = 0; t < spec->tier_count; t++)
		if (!copy_tier(&svc->sources[t], &spec->tiers[t], error))
			return false;
	return true;
}

/* An absent one stays absent. */
static bool copy_text(struct weir_str *to, struct weir_str from)
{
	*to = from.data != NULL ? str_of(str_dup(from), from.len) : STR_ABSENT;
	return to->data != NULL || from.data == NULL;
}

static bool copy_settings(struct service *svc, const struct service_spec *spec,
			  struct weir_error *error)
{
	svc->settings = spec->settings;
	fill_in_defaults(&svc->settings);
	svc->settings.health.path = svc->settings.health.host = STR_ABSENT;
	if (svc->settings.tls != NULL)
		(void)tls_client_ref(svc->settings.tls);
	if (!copy_text(&svc->settings.health.path, spec->settings.health.path) ||
	    !copy_text(&svc->settings.health.host, spec->settings.health.host))
		return fail_memory(error);
	if (spec->balance != NULL && spec->balance->balancer == NULL)
		return fail(error, "%.*s cannot balance: it has no role `balancer`",
			    STR_ARG(spec->balance->name));
	svc->balance = spec->balance;
	return true;
}

static bool make_places(struct service *svc, struct weir_error *error)
{
	uint32_t places = svc->world->places;

	svc->here = aligned_alloc(64, places * sizeof(*svc->here));
	if (svc->here == NULL)
		return fail_memory(error);
	for (uint32_t p = 0; p < places; p++)
		service_here_init(&svc->here[p], svc, p);
	return true;
}

static void service_free(struct service *svc)
{
	for (uint32_t t = 0; svc->sources != NULL && t < svc->tier_count; t++)
		listing_unref(svc->sources[t].given);
	mem_free(svc->sources);
	mem_free(svc->here);
	tls_client_unref(svc->settings.tls);
	mem_free((char *)svc->settings.health.path.data);
	mem_free((char *)svc->settings.health.host.data);
	mem_free((char *)svc->name.data);
	mem_free(svc);
}

struct service *service_new(struct upstreams *world, const struct service_spec *spec,
			    struct weir_error *error)
{
	struct service *svc = mem_alloc(sizeof(*svc));

	if (svc == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	svc->refs = 1;
	svc->world = world;
	list_init(&svc->in_roster);
	list_init(&svc->in_world);
	svc->name = str_of(str_dup(spec->name), spec->name.len);
	if (svc->name.data == NULL || !copy_settings(svc, spec, error) ||
	    !copy_tiers(svc, spec, error) || !make_places(svc, error)) {
		(void)fail_memory(error);	/* unless there is a better sentence */
		service_free(svc);
		return NULL;
	}
	return svc;
}

struct service *service_ref(struct service *svc)
{
	atomic_fetch_add_explicit(&svc->refs, 1, memory_order_relaxed);
	return svc;
}

/* On control. */
static void end(struct service *svc)
{
	struct upstreams *world = svc->world;

	pthread_mutex_lock(&world->lock);
	list_remove(&svc->in_world);
	svc->roster->service_count--;
	pthread_mutex_unlock(&world->lock);
	service_free(svc);
}

static void came_home(struct letter *l)
{
	end(container_of(l, struct service, letter));
}

/* Workers give theirs back with the letters that they have opened: nothing shared is freed there. */
void service_unref(struct service *svc)
{
	if (svc == NULL || atomic_fetch_sub_explicit(&svc->refs, 1, memory_order_acq_rel) > 1)
		return;
	if (svc->roster == NULL) {
		service_free(svc);	/* never opened: nobody else has seen it */
		return;
	}
	svc->letter.open = came_home;
	loop_post(&svc->world->control->loop, &svc->letter);
}

void service_free_now(struct service *svc)
{
	end(svc);
}
