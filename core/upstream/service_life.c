/* service_life.c - a service is opened, comes into force, and is closed. */
#include "config.h"

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/fiber/wait.h"
#include "core/upstream/pools.h"
#include "core/upstream/sets.h"
#include "core/upstream/watch.h"

#define END_PATIENCE (30 * NS_PER_S)

/* Gates are the roster's, so that a reload does not forget who is in. */
static bool take_gate(struct roster *r, struct gate **of_roster, uint32_t limit, struct gate **out)
{
	*out = NULL;
	if (limit == NO_LIMIT)
		return true;
	if (*of_roster == NULL)
		*of_roster = gate_new(r->world->loops, r->world->places);
	*out = *of_roster;
	return *out != NULL;
}

static bool take_gates(struct service *svc)
{
	struct roster *r = svc->roster;
	bool first = r->connections == NULL && svc->settings.limits.connections != NO_LIMIT;

	return (!first || r->sheds != NULL || sheds_new(r)) &&
	       take_gate(r, &r->requests, svc->settings.limits.requests, &svc->requests) &&
	       take_gate(r, &r->connections, svc->settings.limits.connections,
			 &svc->connections);
}

static void set_gates(struct service *svc)
{
	uint32_t queue = svc->settings.limits.queue;

	if (svc->requests != NULL)
		gate_set(svc->requests, svc->settings.limits.requests, queue);
	if (svc->connections != NULL)
		gate_set(svc->connections, svc->settings.limits.connections, queue);
}

static bool take_watches(struct service *svc, struct weir_error *error)
{
	for (uint32_t t = 0; t < svc->tier_count; t++) {
		svc->sources[t].watch = watch_take(svc->roster, &svc->sources[t], error);
		if (svc->sources[t].watch == NULL)
			return false;
	}
	return true;
}

static void drop_watches(struct service *svc)
{
	for (uint32_t t = 0; t < svc->tier_count; t++) {
		watch_drop(svc->sources[t].watch);
		svc->sources[t].watch = NULL;
	}
}

static void join_lists(struct service *svc)
{
	pthread_mutex_lock(&svc->world->lock);
	list_push_back(&svc->world->services, &svc->in_world);
	list_push_back(&svc->roster->services, &svc->in_roster);
	svc->roster->service_count++;
	pthread_mutex_unlock(&svc->world->lock);
}

static void leave_roster(struct service *svc)
{
	pthread_mutex_lock(&svc->world->lock);
	list_remove(&svc->in_roster);
	if (svc->roster->live == svc)
		svc->roster->live = NULL;
	pthread_mutex_unlock(&svc->world->lock);
}

bool service_open(struct service *svc, struct weir_error *error)
{
	svc->roster = roster_of(svc->world, svc->name);
	if (svc->roster == NULL || !take_gates(svc)) {
		svc->roster = NULL;
		return fail_memory(error);
	}
	svc->slot = svc->roster->slot;
	join_lists(svc);
	svc->open = true;
	svc->publishing = true;		/* what the watches know already is published below */
	if (take_watches(svc, error) && service_publish(svc, error)) {
		if (svc->roster->live == NULL)
			set_gates(svc);
		return true;
	}
	svc->publishing = false;
	service_close(svc);
	return false;
}

bool service_is_known(const struct service *svc)
{
	for (uint32_t t = 0; t < svc->tier_count; t++)
		if (!svc->sources[t].watch->known)
			return false;
	return true;
}

/* Looked at now and then: it is a matter of seconds, once per reload. */
bool service_wait_known(struct service *svc)
{
	while (!service_is_known(svc))
		if (wait_sleep(20 * NS_PER_MS) != WAKE_EVENT)
			return false;
	return true;
}

void service_commit(struct service *svc)
{
	pthread_mutex_lock(&svc->world->lock);
	svc->roster->live = svc;
	pthread_mutex_unlock(&svc->world->lock);
	set_gates(svc);
	roster_settle(svc->roster);
}

static bool is_over(const struct service *svc)
{
	return svc->sets == 0 && !svc->publishing &&
	       (svc->roster->live != NULL || svc->roster->asking == 0);
}

/* Every worker takes the news and sends its set home; checks that nobody wants any more end. */
static void wait_until_over(struct service *svc)
{
	struct deadline d;

	fiber_shield();
	while (!is_over(svc)) {
		enum wake why;

		deadline_enter_alone(&d, clock_after(clock_now(), END_PATIENCE), REASON_INTERNAL);
		why = wait_queue_park(&svc->roster->ends);
		deadline_leave(&d);
		if (why != WAKE_EVENT)
			log_error("service %.*s: still waiting for a worker to let go of it",
				  STR_ARG(svc->name));
	}
	fiber_unshield();
}

static void close_on_fiber(struct service *svc)
{
	leave_roster(svc);
	service_withdraw(svc);
	drop_watches(svc);
	wait_until_over(svc);
	svc->over = true;
}

struct closing {
	struct service *svc;
	bool done;
};

static void close_apart(void *arg)
{
	struct closing *c = arg;

	close_on_fiber(c->svc);
	c->done = true;
}

/* The threads have ended: control's loop is turned from here, for those who have to come to an end. */
static void close_at_the_end(struct service *svc)
{
	struct loop *loop = &svc->world->control->loop;
	struct closing c = { .svc = svc };

	if (fiber_start(loop, close_apart, &c) == NULL) {
		log_error("service %.*s: no fiber is left to end it", STR_ARG(svc->name));
		return;
	}
	while (!c.done)
		loop_turn(loop, 10 * NS_PER_MS);
}

void service_close(struct service *svc)
{
	if (svc == NULL || !svc->open)
		return;		/* it was never open, or is closed */
	svc->open = false;
	if (fiber_self() != NULL)
		close_on_fiber(svc);
	else
		close_at_the_end(svc);
}
