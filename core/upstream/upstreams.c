/* upstreams.c - the process's services: where they all hang, and each worker's share. */
#include "config.h"

#include "core/upstream/upstreams.h"

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/upstream/balance.h"
#include "core/upstream/pools.h"
#include "core/upstream/sets.h"
#include "core/upstream/watch.h"

#define SWEEP_EVERY (5 * NS_PER_S)
#define CLOSE_PATIENCE (30 * NS_PER_S)

enum { POOLS_KEPT = 64, CONNECTIONS_KEPT = 256, QUIET_SWEEPS = 3 };

/* Sweeping ------------------------------------------------------------------- */

static bool is_idle(const struct gate *g)
{
	return g == NULL || (atomic_load(&g->held) == 0 && atomic_load(&g->waiting) == 0);
}

/* Seen so often without anybody who could have a use for it, no letter to it is under way either. */
static bool is_forgotten(struct roster *r)
{
	bool used = !list_empty(&r->services) || !list_empty(&r->watches) || r->endpoint_count > 0 ||
		    r->service_count > 0 || !is_idle(r->requests) || !is_idle(r->connections);

	r->quiet = used ? 0 : r->quiet + 1;
	return r->quiet > QUIET_SWEEPS;
}

static void drop_roster(struct roster *r)
{
	pthread_mutex_lock(&r->world->lock);
	list_remove(&r->link);
	pthread_mutex_unlock(&r->world->lock);
	slots_give(&r->world->names, r->slot);
	roster_free(r);
}

static bool has_memories(struct upstreams *world)
{
	list_for_each(item, &world->rosters) {
		struct roster *r = container_of(item, struct roster, link);

		if (list_empty(&r->services) || r->endpoint_count > atomic_load(&r->members))
			return true;
	}
	return false;
}

static void sweep(struct timer *t)
{
	struct upstreams *world = container_of(t, struct upstreams, sweep);

	list_for_each_safe(item, &world->rosters) {
		struct roster *r = container_of(item, struct roster, link);

		roster_forget(r, clock_now(), false);
		if (is_forgotten(r))
			drop_roster(r);
	}
	if (has_memories(world))
		upstreams_sweep_soon(world);
}

void upstreams_sweep_soon(struct upstreams *world)
{
	struct loop *loop = &world->control->loop;

	if (!timer_is_set(&world->sweep))
		timer_set(&loop->timers, &world->sweep, clock_after(loop_now(loop), SWEEP_EVERY));
}

/* The world ------------------------------------------------------------------ */

static bool make_places(struct upstreams *world, struct worker *const *workers, uint32_t count)
{
	world->places = count + 1;
	world->workers = mem_array(world->places, sizeof(struct worker *));
	world->loops = mem_array(world->places, sizeof(struct loop *));
	world->open = mem_array(world->places, sizeof(bool));
	if (world->workers == NULL || world->loops == NULL || world->open == NULL)
		return false;
	for (uint32_t p = 0; p < world->places; p++) {
		world->workers[p] = p < count ? workers[p] : world->control;
		world->loops[p] = &world->workers[p]->loop;
		world->open[p] = true;	/* letters wait for who has not begun */
	}
	return true;
}

struct upstreams *upstreams_new(struct worker *const *workers, uint32_t count,
				struct worker *control, struct weir_error *error)
{
	struct upstreams *world = mem_alloc(sizeof(*world));

	if (world == NULL) {
		(void)fail_memory(error);
		return NULL;
	}
	world->control = control;
	list_init(&world->rosters);
	list_init(&world->services);
	timer_init(&world->sweep, sweep);
	wait_queue_init(&world->lookups);
	slots_init(&world->names);
	pthread_mutex_init(&world->lock, NULL);
	if (!make_places(world, workers, count)) {
		(void)fail_memory(error);
		upstreams_free(world);
		return NULL;
	}
	return world;
}

/* One that was opened and has not come to its end; with `open`, one that nobody has begun to close. */
static struct service *find_unfinished(struct upstreams *world, bool open)
{
	list_for_each(item, &world->services) {
		struct service *svc = container_of(item, struct service, in_world);

		if (open ? svc->open : !svc->over)
			return svc;
	}
	return NULL;
}

void upstreams_close(struct upstreams *world)
{
	uint64_t patience = clock_after(clock_now(), CLOSE_PATIENCE);
	struct service *svc;

	if (world == NULL)
		return;
	while ((svc = find_unfinished(world, true)) != NULL)
		service_close(svc);
	/* A fiber that was at it when the loop ended goes on. */
	while (find_unfinished(world, false) != NULL && clock_now() < patience)
		loop_turn(&world->control->loop, NS_PER_MS);
}

/* Letters that nobody opened any more may still refer to a service: its sets are let go by hand. */
static void free_services(struct upstreams *world)
{
	list_for_each_safe(item, &world->services) {
		struct service *svc = container_of(item, struct service, in_world);

		for (uint32_t p = 0; p < world->places; p++)
			service_here_end(&svc->here[p]);
		service_free_now(svc);
	}
}

void upstreams_free(struct upstreams *world)
{
	if (world == NULL)
		return;
	world->ended = true;
	timer_clear(&world->control->loop.timers, &world->sweep);
	free_services(world);
	list_for_each_safe(item, &world->rosters) {
		struct roster *r = container_of(item, struct roster, link);

		roster_forget(r, 0, true);
		roster_free(r);
	}
	pthread_mutex_destroy(&world->lock);
	slots_fini(&world->names);
	mem_free(world->free_slots);
	mem_free(world->workers);
	mem_free(world->loops);
	mem_free(world->open);
	mem_free(world);
}

void upstreams_fill_window(struct weir_host *host)
{
	host->pick_usable = balance_usable;
	host->pick_in_flight = balance_in_flight;
	host->pick_weight = balance_weight;
	host->watch_service = watch_service;
	host->watch_publish = watch_publish;
	host->watch_failed = watch_failed;
}

/* Workers -------------------------------------------------------------------- */

static uint32_t place_of(const struct upstreams *world, const struct worker *w)
{
	return w->index < world->places - 1 ? w->index : world->places - 1;
}

bool upstream_worker_open(struct upstreams *world, struct worker *w, struct weir_error *error)
{
	struct upstream_here *here = mem_alloc(sizeof(*here));

	if (here == NULL)
		return fail_memory(error);
	*here = (struct upstream_here){ .world = world, .worker = w, .place = place_of(world, w) };
	slab_init(&here->pool_slab, sizeof(struct pool), POOLS_KEPT);
	slab_init(&here->upstream_slab, sizeof(struct upstream), CONNECTIONS_KEPT);
	w->slots[WORKER_UPSTREAM] = here;
	return true;
}

/* Control sends nothing here after this, and what it has sent is let go. */
static void leave_services(struct upstreams *world, uint32_t place)
{
	pthread_mutex_lock(&world->lock);
	world->open[place] = false;
	list_for_each(item, &world->services)
		service_here_end(&container_of(item, struct service, in_world)->here[place]);
	pthread_mutex_unlock(&world->lock);
}

void upstream_worker_close(struct worker *w)
{
	struct upstream_here *here = upstream_here_of(w);

	if (here == NULL)
		return;
	leave_services(here->world, here->place);
	for (uint32_t slot = 0; slot < here->pool_room; slot++)
		pool_end(here->pools[slot]);
	mem_free(here->pools);
	slab_fini(&here->pool_slab);
	slab_fini(&here->upstream_slab);
	mem_free(here);
	w->slots[WORKER_UPSTREAM] = NULL;
}
