/* stores.c - the shared store, the real one, on the fake clock. A world's stores are its own. */
#include "core/kit/host_inside.h"

#include "core/base/shared.h"

enum { STORE_USUAL = 16 << 20 };

/* Open until the world ends, as if the next configuration always held it. */
struct fake_held_store {
	struct fake_held_store *next;
	struct shared *store;
	size_t most;
};

static struct shared *shared_of(struct weir_store *store)
{
	return (struct shared *)(void *)store;
}

struct weir_store *fake_store_open(struct setup_life *life, struct weir_str name, size_t most)
{
	struct weir_fake_use *use = container_of(life, struct weir_fake_use, life);
	struct weir_fake *f = use->fake;
	struct fake_held_store *held = fake_must(arena_zero(&f->arena, sizeof(*held)));
	struct weir_str full = arena_print(&f->arena, "fake %p/%s/%.*s", (void *)f,
					   use->plugin.name, WEIR_ARG(name));

	held->most = most != 0 ? most : STORE_USUAL;
	held->store = fake_must(shared_open(full, held->most));
	held->next = f->stores;
	f->stores = held;
	return (struct weir_store *)(void *)held->store;
}

void fake_stores_close(struct weir_fake *f)
{
	for (struct fake_held_store *held = f->stores; held != NULL; held = held->next)
		shared_close(held->store, held->most);
	f->stores = NULL;
}

static struct weir_store *open_of(const struct weir_setup *setup, struct weir_str name, size_t most)
{
	struct setup_life *life = setup->life;

	return life->store_open != NULL ? life->store_open(life, name, most) : NULL;
}

/* While this thread is in a step of weir_store_update(), the gateway holds a lock that another call may
 * want. */
static __thread bool in_step;

bool fake_in_step(const char *call)
{
	if (in_step)
		fault_note(fake_world, FAULT_BUSY_STEP, call);
	return in_step;
}

static bool get(struct weir_store *store, struct weir_str key, void *room, size_t size, size_t *len)
{
	*len = 0;
	return !fake_in_step("a store") &&
	       shared_get(shared_of(store), key, fake_world->now, room, size, len);
}

static bool set(struct weir_store *store, struct weir_str key, struct weir_str value, uint64_t ttl)
{
	return !fake_in_step("a store") && shared_set(shared_of(store), key, value, fake_world->now, ttl);
}

static bool delete(struct weir_store *store, struct weir_str key)
{
	return !fake_in_step("a store") && shared_delete(shared_of(store), key, fake_world->now);
}

static bool add(struct weir_store *store, struct weir_str key, int64_t delta, uint64_t ttl,
		int64_t *sum)
{
	return !fake_in_step("a store") &&
	       shared_add(shared_of(store), key, delta, fake_world->now, ttl, sum);
}

static bool swap(struct weir_store *store, struct weir_str key, struct weir_str expected,
		 struct weir_str next, uint64_t ttl)
{
	return !fake_in_step("a store") &&
	       shared_swap(shared_of(store), key, expected, next, fake_world->now, ttl);
}

struct stepping {
	weir_store_step *step;
	void *arg;
};

static uint64_t step_on(void *arg, void *value)
{
	const struct stepping *s = arg;
	uint64_t ttl;

	in_step = true;
	ttl = s->step(s->arg, value);
	in_step = false;
	return ttl;
}

static bool update(struct weir_store *store, struct weir_str key, void *value, size_t size,
		   weir_store_step *step, void *arg)
{
	struct stepping stepping = { step, arg };

	return !fake_in_step("a store") &&
	       shared_update(shared_of(store), key, fake_world->now, value, size, step_on, &stepping);
}

void fake_fill_stores(struct weir_host *host)
{
	host->store_open = open_of;
	host->store_get = get;
	host->store_set = set;
	host->store_delete = delete;
	host->store_add = add;
	host->store_swap = swap;
	host->store_update = update;
}
