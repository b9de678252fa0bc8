/* publish.c - sets on their way: built on control, sent to each worker, taken there. */
#include "config.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/fiber/wait.h"
#include "core/upstream/balance.h"
#include "core/upstream/pools.h"
#include "core/upstream/sets.h"
#include "core/upstream/watch.h"

/* Stands for "none any more" on its way to a worker. */
static struct endpoint_set none;

/* At a worker -------------------------------------------------------------- */

static void letter_came(struct letter *l)
{
	struct service_here *here = container_of(l, struct service_here, letter);
	struct service *svc = here->svc;

	atomic_store(&here->under_way, false);	/* first: what is sent from now on has a letter of its own */
	service_here_take(here);
	service_unref(svc);
}

void service_here_init(struct service_here *here, struct service *svc, uint32_t place)
{
	*here = (struct service_here){ .svc = svc, .place = place,
				       .letter = { .open = letter_came } };
}

/* What this worker keeps for endpoints that are in no set any more. */
static void retire_pools(struct upstream_here *mine, const struct endpoint_set *old)
{
	for (uint32_t t = 0; t < old->tier_count; t++)
		for (uint32_t i = 0; i < old->tiers[t].count; i++)
			if (atomic_load_explicit(&old->tiers[t].members[i]->gone,
						 memory_order_acquire))
				pool_retire(mine, old->tiers[t].members[i]);
}

/* The first set of a snapshot may learn from the last one of the snapshot before. */
static void begin_set(struct service_here *here, struct worker *w, struct endpoint_set *set,
		      const struct endpoint_set *old, const struct set_view *old_view)
{
	if (old == NULL && set->before != NULL) {
		old = set->before->here[here->place].set;
		old_view = set->before->here[here->place].view;
	}
	balance_begin(w, set, &set->views[here->place], old, old_view);
}

void service_here_take(struct service_here *here)
{
	struct endpoint_set *set = atomic_exchange(&here->next, NULL), *old = here->set;
	struct set_view *old_view = here->view;
	struct worker *w = worker_of_place(here->svc->world, here->place);

	if (set == NULL)
		return;
	if (set == &none)
		set = NULL;
	else
		begin_set(here, w, set, old, old_view);
	here->set = set;
	here->view = set != NULL ? &set->views[here->place] : NULL;
	if (old == NULL)
		return;
	retire_pools(upstream_here_of(w), old);
	set_unref(old);
}

/* On control ----------------------------------------------------------------- */

static void give_up(struct endpoint_set *set)
{
	if (set != &none)
		set_unref(set);
}

/* A letter is under way at most once: a newer set replaces one that was not taken yet. */
static void send_to(struct service_here *here, struct endpoint_set *set)
{
	struct endpoint_set *untaken = atomic_exchange(&here->next, set);

	if (untaken != NULL)
		give_up(untaken);
	if (atomic_exchange(&here->under_way, true))
		return;
	(void)service_ref(here->svc);
	loop_post(here->svc->world->loops[here->place], &here->letter);
}

/* With the lock, so that no worker ends meanwhile. */
static void send_all(struct service *svc, struct endpoint_set *set)
{
	struct upstreams *world = svc->world;

	pthread_mutex_lock(&world->lock);
	for (uint32_t p = 0; p < world->places; p++) {
		if (world->open[p])
			send_to(&svc->here[p], set);
		else
			give_up(set);
	}
	pthread_mutex_unlock(&world->lock);
}

void service_here_end(struct service_here *here)
{
	struct endpoint_set *set = atomic_exchange(&here->next, NULL);

	if (set != NULL)
		give_up(set);
	set_unref(here->set);
	here->set = NULL;
	here->view = NULL;
}

static void say_published(const struct service *svc, const struct endpoint_set *set)
{
	uint32_t n = 0;

	for (uint32_t t = 0; t < set->tier_count; t++)
		n += set->tiers[t].count;
	if (n == 0 && service_is_known(svc))
		log_warn("service %.*s: no endpoint is known", STR_ARG(svc->name));
	else if (svc->roster->live == svc)
		log_info("service %.*s: the endpoints have changed, there are %u now",
			 STR_ARG(svc->name), n);
}

/* The one in force before this service, if it has the same balancer. */
static struct service *carried_from(const struct service *svc)
{
	struct service *before = svc->roster->live;

	return before != NULL && before != svc && before->balance == svc->balance ? before : NULL;
}

/* To readers of other threads, who hold the lock while they look. */
static void show(struct service *svc, struct endpoint_set *set)
{
	pthread_mutex_lock(&svc->world->lock);
	svc->newest = set;
	pthread_mutex_unlock(&svc->world->lock);
}

static bool publish_one(struct service *svc, struct weir_error *error)
{
	struct endpoint_set *set = set_new(svc, error);

	if (set == NULL)
		return false;
	if (svc->closing) {
		set_free(set);
		return true;
	}
	if (svc->newest == NULL)
		set->before = carried_from(svc);
	show(svc, set);
	roster_settle(svc->roster);
	say_published(svc, set);
	send_all(svc, set);
	return true;
}

/* What changes while a table is being built makes it go round again. */
bool service_publish(struct service *svc, struct weir_error *error)
{
	bool ok = true;

	svc->publishing = true;
	do {
		svc->dirty = false;
		ok = publish_one(svc, error);
	} while (ok && svc->dirty && !svc->closing);
	svc->publishing = false;
	wait_queue_wake_all(&svc->roster->ends);
	return ok;
}

static void publish_news(struct service *svc)
{
	struct weir_error why = { .text = "" };

	if (svc->publishing || svc->closing || !svc->dirty)
		return;
	if (!service_publish(svc, &why))
		log_error("service %.*s: the new endpoints cannot be used, the old ones stay: %s",
			  STR_ARG(svc->name), why.text);
}

static void publisher(void *arg)
{
	struct service *svc = arg;
	struct deadline d;

	deadline_enter(&d, clock_after(loop_now(loop_self()), 30 * NS_PER_S), REASON_INTERNAL);
	publish_news(svc);
	deadline_leave(&d);
	service_unref(svc);
}

void service_changed(struct service *svc)
{
	svc->dirty = true;
	if (svc->publishing || svc->closing)
		return;		/* whoever is at it goes round again */
	(void)service_ref(svc);
	if (fiber_start(&svc->world->control->loop, publisher, svc) != NULL)
		return;
	service_unref(svc);
	publish_news(svc);	/* without a fiber the tables are built here and now */
}

void service_withdraw(struct service *svc)
{
	svc->closing = true;
	show(svc, NULL);
	roster_settle(svc->roster);
	send_all(svc, &none);
}
