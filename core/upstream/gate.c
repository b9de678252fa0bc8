/* gate.c - permits, lanes, and how one is handed on. */
#include "config.h"

#include "core/upstream/gate.h"

#include "core/base/mem.h"
#include "core/fiber/wait.h"

static void permits_came(struct letter *l);

struct gate *gate_new(struct loop *const *loops, uint32_t count)
{
	struct gate *g = aligned_alloc(64, sizeof(*g));

	if (g == NULL)
		return NULL;
	*g = (struct gate){ .limit = UINT32_MAX, .lane_count = count };
	g->lanes = aligned_alloc(64, count * sizeof(*g->lanes));
	if (g->lanes == NULL) {
		mem_free(g);
		return NULL;
	}
	for (uint32_t i = 0; i < count; i++) {
		struct gate_lane *lane = &g->lanes[i];

		*lane = (struct gate_lane){ .letter = { .open = permits_came }, .gate = g,
					    .loop = loops[i], .place = i };
		list_init(&lane->waiting);
	}
	return g;
}

void gate_free(struct gate *g)
{
	if (g == NULL)
		return;
	mem_free(g->lanes);
	mem_free(g);
}

/* Takes one of the free permits. */
static bool take(struct gate *g)
{
	uint32_t held = atomic_load(&g->held);

	do {
		if (held >= atomic_load_explicit(&g->limit, memory_order_relaxed))
			return false;
	} while (!atomic_compare_exchange_weak(&g->held, &held, held + 1));
	return true;
}

bool gate_try(struct gate *g)
{
	return gate_waiting(g) == 0 && take(g);
}

static void remove_ticket(struct gate *g, struct gate_lane *lane, struct gate_ticket *t)
{
	list_remove(&t->link);
	atomic_fetch_sub(&lane->count, 1);
	atomic_fetch_sub(&g->waiting, 1);
}

/* Gives a permit to the oldest waiter of the own lane. */
static bool grant_here(struct gate *g, struct gate_lane *lane)
{
	struct gate_ticket *t;

	if (list_empty(&lane->waiting))
		return false;
	t = container_of(lane->waiting.next, struct gate_ticket, link);
	remove_ticket(g, lane, t);
	t->granted = true;
	fiber_wake(t->fiber);
	return true;
}

/* Somebody waits there for whom no permit is on its way yet. */
static bool lane_wants(struct gate_lane *lane)
{
	return atomic_load(&lane->count) > atomic_load(&lane->granted);
}

static bool anyone_wants(struct gate *g)
{
	for (uint32_t i = 0; i < g->lane_count; i++)
		if (lane_wants(&g->lanes[i]))
			return true;
	return false;
}

/* Passes a permit that is held to a waiter, lane by lane in turn. False: nobody waits. */
static bool hand_on(struct gate *g, uint32_t place)
{
	uint32_t turn = atomic_fetch_add_explicit(&g->turn, 1, memory_order_relaxed);

	for (uint32_t i = 0; i < g->lane_count; i++) {
		struct gate_lane *lane = &g->lanes[(turn + i) % g->lane_count];

		if (lane->place == place) {
			if (grant_here(g, lane))
				return true;
		} else if (lane_wants(lane)) {
			if (atomic_fetch_add(&lane->granted, 1) == 0)
				loop_post(lane->loop, &lane->letter);
			return true;
		}
	}
	return false;
}

static bool over_limit(struct gate *g)
{
	return atomic_load(&g->held) > atomic_load_explicit(&g->limit, memory_order_relaxed);
}

/* Who begins to wait counts itself and then looks at `held`; who leaves gives its permit back and then
 * looks at those counts. One of them sees the other. */
void gate_leave(struct gate *g, uint32_t place)
{
	do {
		if (gate_waiting(g) > 0 && !over_limit(g) && hand_on(g, place))
			return;
		atomic_fetch_sub(&g->held, 1);
	} while (atomic_load(&g->waiting) > 0 && anyone_wants(g) && take(g));
}

static void permits_came(struct letter *l)
{
	struct gate_lane *lane = container_of(l, struct gate_lane, letter);
	uint32_t permits = atomic_exchange(&lane->granted, 0);

	while (permits-- > 0)
		if (!grant_here(lane->gate, lane))
			gate_leave(lane->gate, lane->place);
}

void gate_set(struct gate *g, uint32_t limit, uint32_t queue)
{
	atomic_store(&g->queue, queue);
	atomic_store(&g->limit, limit);
	while (atomic_load(&g->waiting) > 0 && anyone_wants(g) && take(g))
		gate_leave(g, g->lane_count - 1);
}

bool gate_join(struct gate *g, uint32_t place, struct gate_ticket *t)
{
	struct gate_lane *lane = &g->lanes[place];
	uint32_t before = atomic_fetch_add(&g->waiting, 1);

	if (before >= atomic_load_explicit(&g->queue, memory_order_relaxed)) {
		atomic_fetch_sub(&g->waiting, 1);
		return false;
	}
	*t = (struct gate_ticket){ .fiber = fiber_self() };
	list_push_back(&lane->waiting, &t->link);
	atomic_fetch_add(&lane->count, 1);
	/* The second look: a permit may have come free before we counted. */
	if (take(g) && !grant_here(g, lane))
		gate_leave(g, place);
	return true;
}

/* Not a promise but a fact once `granted`: a deadline that comes together with it comes too late. */
enum reason gate_wait(struct gate *g, uint32_t place, struct gate_ticket *t)
{
	enum wake why = WAKE_EVENT;

	while (!t->granted && !t->dismissed && why == WAKE_EVENT)
		why = fiber_park();
	if (t->granted && why == WAKE_CANCEL) {
		t->granted = false;
		gate_leave(g, place);
		return REASON_CLIENT_GONE;
	}
	if (t->granted || t->dismissed)
		return REASON_NONE;
	remove_ticket(g, &g->lanes[place], t);
	return why == WAKE_CANCEL ? REASON_CLIENT_GONE : deadline_ended();
}

void gate_dismiss(struct gate *g, uint32_t place, struct gate_ticket *t)
{
	remove_ticket(g, &g->lanes[place], t);
	t->dismissed = true;
	fiber_wake(t->fiber);
}

enum reason gate_enter(struct gate *g, uint32_t place)
{
	struct gate_ticket ticket;

	if (gate_try(g))
		return REASON_NONE;
	if (!gate_join(g, place, &ticket))
		return REASON_QUEUE_FULL;
	return gate_wait(g, place, &ticket);
}
