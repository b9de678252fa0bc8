/* watch.c - sources: begun, listened to, kept when they fail, ended. */
#include "config.h"

#include "core/upstream/watch.h"

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/fiber/wait.h"
#include "core/plugin/hold.h"
#include "core/plugin/use.h"
#include "core/upstream/sets.h"

#define PAUSE_FIRST (250 * NS_PER_MS)
#define PAUSE_MOST (30 * NS_PER_S)
#define END_PATIENCE (30 * NS_PER_S)

static struct loop *control_loop(const struct weir_watch *watch)
{
	return &watch->roster->world->control->loop;
}

static struct weir_str source_name(const struct weir_watch *watch)
{
	return watch->use != NULL ? watch->use->name : STR("endpoints");
}

/* News ----------------------------------------------------------------------- */

static bool uses_watch(const struct service *svc, const struct weir_watch *watch)
{
	for (uint32_t t = 0; t < svc->tier_count; t++)
		if (svc->sources[t].watch == watch)
			return true;
	return false;
}

static void tell_services(struct weir_watch *watch)
{
	list_for_each_safe(item, &watch->roster->services) {
		struct service *svc = container_of(item, struct service, in_roster);

		if (uses_watch(svc, watch))
			service_changed(svc);
	}
}

static void set_known(struct weir_watch *watch)
{
	pthread_mutex_lock(&watch->roster->world->lock);
	watch->known = true;
	pthread_mutex_unlock(&watch->roster->world->lock);
}

void watch_set_told(struct weir_watch *watch, uint64_t at)
{
	pthread_mutex_lock(&watch->roster->world->lock);
	watch->told_at = at;
	pthread_mutex_unlock(&watch->roster->world->lock);
}

/* Readers of other threads look at listings under the lock. */
static void replace(struct weir_watch *watch, struct listing **place, struct listing *listing)
{
	struct listing *old = *place;

	pthread_mutex_lock(&watch->roster->world->lock);
	*place = listing;
	pthread_mutex_unlock(&watch->roster->world->lock);
	listing_unref(old);
}

void watch_settle(struct weir_watch *watch, struct listing *listing)
{
	bool same = listing_same(watch->listing, listing);

	set_known(watch);
	if (same) {
		listing_unref(listing);
		return;
	}
	replace(watch, &watch->listing, listing);
	tell_services(watch);
}

void watch_say(struct weir_watch *watch, const char *text)
{
	struct weir_str name = source_name(watch), service = watch->roster->name;

	if (text[0] != '\0')
		set_known(watch);
	if (strcmp(watch->failure, text) == 0)
		return;
	if (text[0] != '\0')
		log_warn("service %.*s: %.*s: %s; %s", STR_ARG(service), STR_ARG(name), text,
			 watch->listing != NULL ? "the last endpoints known stay in use"
						: "no endpoint is known yet");
	else
		log_info("service %.*s: %.*s works again", STR_ARG(service), STR_ARG(name));
	pthread_mutex_lock(&watch->roster->world->lock);
	(void)snprintf(watch->failure, sizeof(watch->failure), "%s", text);
	pthread_mutex_unlock(&watch->roster->world->lock);
}

static bool start_resolver(struct weir_watch *watch, struct weir_error *error)
{
	watch->news = true;
	wait_queue_wake_all(&watch->kicked);
	if (watch->resolver != NULL)
		return true;
	watch->resolver = fiber_start(control_loop(watch), names_run, watch);
	if (watch->resolver == NULL)
		return fail(error, "no fiber is left to look host names up; see limits.fibers");
	watch->resolver_life = watch->resolver->generation;
	return true;
}

/* Takes a new listing as it was told. */
static bool take_raw(struct weir_watch *watch, struct listing *raw, struct weir_error *error)
{
	replace(watch, &watch->raw, raw);
	if (raw->name_count > 0)
		return start_resolver(watch, error);
	watch->news = true;	/* for a resolver that is at older names */
	wait_queue_wake_all(&watch->kicked);
	watch_settle(watch, listing_ref(raw));
	return true;
}

/* The plugin's side ---------------------------------------------------------- */

struct weir_str watch_service(const struct weir_watch *watch)
{
	return watch->roster->name;
}

bool watch_publish(struct weir_watch *watch, const struct weir_endpoint *rows, uint32_t count,
		   size_t row_size, struct weir_error *error)
{
	struct listing *raw = listing_new(rows, count, row_size, error);

	if (raw == NULL)
		return false;
	watch_set_told(watch, loop_now(control_loop(watch)));
	if (raw->name_count == 0)
		watch_say(watch, "");
	if (!listing_same(watch->raw, raw))
		return take_raw(watch, raw, error);
	if (raw->name_count > 0 && watch->failure[0] != '\0')
		wait_queue_wake_all(&watch->kicked);
	listing_unref(raw);
	return true;
}

void watch_failed(struct weir_watch *watch, struct weir_str sentence)
{
	char text[sizeof(watch->failure)];

	(void)snprintf(text, sizeof(text), "%.*s", STR_ARG(sentence));
	watch_say(watch, text[0] != '\0' ? text : "the source fails and does not say why");
}

static uint64_t jitter(struct worker *w, uint64_t most)
{
	return most / 2 + rng_next(&w->rng) % (most / 2 + 1);
}

/* What returns before it is cancelled is begun again, with growing pauses while nothing comes of it. */
static void watch_run(void *arg)
{
	struct weir_watch *watch = arg;
	struct worker *control = watch->roster->world->control;
	struct weir_here here = use_here(watch->use, control, NULL);
	uint64_t pause = PAUSE_FIRST, told_at;
	struct deadline d;
	struct errand errand;

	deadline_enter(&d, CLOCK_NEVER, REASON_NONE);
	errand_begin(&errand);
	do {
		told_at = watch->told_at;
		watch->use->discovery->watch(&here, watch);
		if (fiber_cancelled(fiber_self()))
			break;
		if (watch->told_at == told_at && watch->failure[0] == '\0')
			watch_say(watch, "it stopped watching; it is begun again");
		pause = watch->told_at != told_at ? PAUSE_FIRST : pause * 2;
		pause = pause < PAUSE_MOST ? pause : PAUSE_MOST;
	} while (wait_sleep(jitter(control, pause)) == WAKE_EVENT);
	errand_end(&errand);
	deadline_leave(&d);
}

/* Lives ---------------------------------------------------------------------- */

static bool same_source(const struct weir_watch *watch, const struct service_source *source)
{
	if (source->use != NULL)
		return watch->use == source->use;
	return watch->use == NULL && listing_same(watch->raw, source->given);
}

static struct weir_watch *find(struct roster *r, const struct service_source *source)
{
	list_for_each(item, &r->watches) {
		struct weir_watch *watch = container_of(item, struct weir_watch, link);

		if (same_source(watch, source))
			return watch;
	}
	return NULL;
}

static bool begin(struct weir_watch *watch, const struct service_source *source,
		  struct weir_error *error)
{
	if (source->use == NULL)
		return take_raw(watch, listing_ref(source->given), error);
	watch->fiber = fiber_start(control_loop(watch), watch_run, watch);
	if (watch->fiber == NULL)
		return fail(error, "no fiber is left to watch %.*s; see limits.fibers",
			    STR_ARG(source->use->name));
	watch->fiber_life = watch->fiber->generation;
	return true;
}

struct weir_watch *watch_take(struct roster *r, const struct service_source *source,
			      struct weir_error *error)
{
	struct weir_watch *watch = find(r, source);

	if (watch != NULL) {
		watch->users++;
		return watch;
	}
	watch = mem_alloc(sizeof(*watch));
	if (watch == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	*watch = (struct weir_watch){ .roster = r, .use = source->use, .users = 1 };
	list_init(&watch->hosts);
	wait_queue_init(&watch->kicked);
	pthread_mutex_lock(&r->world->lock);
	list_push_back(&r->watches, &watch->link);
	pthread_mutex_unlock(&r->world->lock);
	if (!begin(watch, source, error)) {
		watch_drop(watch);
		return NULL;
	}
	return watch;
}

/* Their wait is bounded by their own deadlines; what hangs all the same is said, and waited for. */
static void end_fiber(struct weir_watch *watch, struct fiber *f, uint64_t life)
{
	struct deadline d;

	if (f == NULL || fiber_self() == NULL)
		return;
	fiber_cancel(f);
	for (;;) {
		bool ended;

		deadline_enter_alone(&d, clock_after(clock_now(), END_PATIENCE), REASON_INTERNAL);
		ended = fiber_join(f, life);
		deadline_leave(&d);
		if (ended)
			return;
		log_error("service %.*s: %.*s does not end although it was asked to",
			  STR_ARG(watch->roster->name), STR_ARG(source_name(watch)));
	}
}

void watch_drop(struct weir_watch *watch)
{
	if (watch == NULL || --watch->users > 0)
		return;
	pthread_mutex_lock(&watch->roster->world->lock);
	list_remove(&watch->link);
	pthread_mutex_unlock(&watch->roster->world->lock);
	end_fiber(watch, watch->fiber, watch->fiber_life);
	end_fiber(watch, watch->resolver, watch->resolver_life);
	listing_unref(watch->raw);
	listing_unref(watch->listing);
	names_forget(watch);
	mem_free(watch);
}
