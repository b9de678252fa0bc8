/* pool_limit.c - when a service may have no more connections: who waits, who is served, what is closed. */
#include "config.h"

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/fiber/wait.h"
#include "core/upstream/pools.h"

/* So often a connection goes straight on to the next on its worker before others get their turn. */
enum { HANDED_MOST = 16 };

/* On the stack of a fiber that waits: for a permit to dial, or for a connection of its pool. */
struct want {
	struct gate_ticket ticket;
	struct list link;
	uint64_t identity;		/* of the TLS client that it would dial with */
	struct upstream *up;
};

static struct shed *shed_of(const struct upstream *up)
{
	const struct upstream_here *here = up->pool->here;
	struct roster *r = up->ep->roster;

	return up->gate != NULL ? &r->sheds[here->place] : NULL;
}

void pool_note_idle(struct upstream *up)
{
	struct shed *shed = shed_of(up);
	_Atomic uint32_t *idle = &up->ep->roster->tallies[up->pool->here->place].idle;

	atomic_store_explicit(idle, atomic_load_explicit(idle, memory_order_relaxed) + 1,
			      memory_order_relaxed);
	if (shed != NULL)
		list_push_front(&shed->idle, &up->kin);
}

void pool_note_taken(struct upstream *up)
{
	_Atomic uint32_t *idle = &up->ep->roster->tallies[up->pool->here->place].idle;

	atomic_store_explicit(idle, atomic_load_explicit(idle, memory_order_relaxed) - 1,
			      memory_order_relaxed);
	list_remove(&up->kin);
}

/* An idle connection to whatever endpoint gives its permit to somebody who would dial another. */
static bool close_oldest(struct shed *shed)
{
	if (list_empty(&shed->idle))
		return false;
	pool_drop_idle(container_of(shed->idle.prev, struct upstream, kin));
	return true;
}

static void asked_to_close(struct letter *l)
{
	struct shed *shed = container_of(l, struct shed, letter);

	atomic_store(&shed->asked, false);
	if (gate_waiting(shed->roster->connections) > 0)
		(void)close_oldest(shed);
}

bool sheds_new(struct roster *r)
{
	uint32_t places = r->world->places;

	r->sheds = aligned_alloc(64, places * sizeof(*r->sheds));
	if (r->sheds == NULL)
		return false;
	for (uint32_t p = 0; p < places; p++) {
		r->sheds[p] = (struct shed){ .letter = { .open = asked_to_close }, .roster = r };
		list_init(&r->sheds[p].idle);
	}
	return true;
}

/* Asks one other worker that has an idle connection to close it. */
static void ask_others(struct roster *r, uint32_t place)
{
	for (uint32_t n = 1; n < r->world->places; n++) {
		uint32_t p = (place + n) % r->world->places;

		if (atomic_load_explicit(&r->tallies[p].idle, memory_order_relaxed) == 0 ||
		    atomic_exchange(&r->sheds[p].asked, true))
			continue;
		loop_post(r->world->loops[p], &r->sheds[p].letter);
		return;
	}
}

static enum reason wait_for_one(struct service *svc, struct pool *pool, struct want *want)
{
	uint32_t place = pool->here->place;
	struct deadline d;
	enum reason why;

	list_push_back(&pool->wanting, &want->link);
	pool->wanting_count++;
	ask_others(svc->roster, place);
	deadline_enter(&d, clock_after(loop_now(&pool->here->worker->loop),
				       svc->settings.timeouts.queue), REASON_QUEUE_SLOW);
	why = gate_wait(svc->connections, place, &want->ticket);
	deadline_leave(&d);
	list_remove(&want->link);
	pool->wanting_count--;
	return why;
}

enum reason pool_enter(struct service *svc, struct pool *pool, struct upstream **handed)
{
	struct roster *r = svc->roster;
	uint32_t place = pool->here->place;
	struct want want = { .identity = tls_client_identity(svc->settings.tls) };
	enum reason why;

	*handed = NULL;
	if (gate_try(svc->connections))
		return REASON_NONE;
	if (close_oldest(&r->sheds[place]) && gate_try(svc->connections))
		return REASON_NONE;
	if (!gate_join(svc->connections, place, &want.ticket)) {
		tally_add(r, place, SERVICE_QUEUE_FULL, 1);
		return REASON_QUEUE_FULL;
	}
	tally_add(r, place, SERVICE_QUEUED, 1);
	why = wait_for_one(svc, pool, &want);
	if (why == REASON_QUEUE_SLOW)
		tally_add(r, place, SERVICE_QUEUE_SLOW, 1);
	*handed = want.up;
	return why;
}

/* The oldest that nobody has served yet, and that would make the same connection. */
static struct want *first_wanting(struct pool *pool, uint64_t identity)
{
	list_for_each(item, &pool->wanting) {
		struct want *want = container_of(item, struct want, link);

		if (!want->ticket.granted && !want->ticket.dismissed && want->identity == identity)
			return want;
	}
	return NULL;
}

bool pool_hand_over(struct pool *pool, struct upstream *up)
{
	struct want *want;

	if (up->gate == NULL || gate_waiting(up->gate) == 0)
		return false;
	want = first_wanting(pool, up->identity);
	if (want == NULL || (gate_waiting(up->gate) > pool->wanting_count &&
			     ++pool->handed % HANDED_MOST == 0)) {
		pool_close(up);		/* and its permit goes to whoever is next */
		return true;
	}
	want->up = up;
	gate_dismiss(up->gate, pool->here->place, &want->ticket);
	return true;
}
