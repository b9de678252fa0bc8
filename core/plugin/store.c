/* store.c - the shared store as plugins see it. */
#include "config.h"

#include "core/plugin/store.h"

#include "core/base/mem.h"
#include "core/base/shared.h"
#include "core/fiber/fiber.h"
#include "core/plugin/life.h"
#include "core/plugin/window.h"

static struct shared *shared_of(struct weir_store *store)
{
	return (struct shared *)(void *)store;
}

/* PLUGIN/NAME: plugins do not find each other's. */
static struct weir_str full_name(struct use_life *life, struct weir_str name)
{
	struct weir_str parts[] = { life->use.kind->name, STR("/"),
				    name.data != NULL ? name : life->use.name };

	return arena_join(&life->arena, parts, 3);
}

struct weir_store *store_open(struct setup_life *setup, struct weir_str name, size_t most)
{
	struct use_life *life = container_of(setup, struct use_life, setup);
	struct use_store *held = arena_take(&life->arena, sizeof(*held));
	struct weir_str full = full_name(life, name);

	if (held == NULL || life->arena.overflowed)
		return NULL;
	held->most = most != 0 ? most : STORE_USUAL;
	held->store = shared_open(full, held->most);
	if (held->store == NULL)
		return NULL;
	held->next = life->stores;
	life->stores = held;
	return (struct weir_store *)(void *)held->store;
}

void stores_close(struct use_life *life)
{
	for (struct use_store *held = life->stores; held != NULL; held = held->next)
		shared_close(held->store, held->most);
	life->stores = NULL;
}

/* Through the window -------------------------------------------------------- */

static struct weir_store *open_of(const struct weir_setup *setup, struct weir_str name, size_t most)
{
	struct setup_life *life = setup->life;

	return life->store_open != NULL ? life->store_open(life, name, most) : NULL;
}

static uint64_t now(void)
{
	return window_table()->now();
}

static bool get(struct weir_store *store, struct weir_str key, void *room, size_t size, size_t *len)
{
	return shared_get(shared_of(store), key, now(), room, size, len);
}

static bool set(struct weir_store *store, struct weir_str key, struct weir_str value, uint64_t ttl)
{
	return shared_set(shared_of(store), key, value, now(), ttl);
}

static bool delete(struct weir_store *store, struct weir_str key)
{
	return shared_delete(shared_of(store), key, now());
}

static bool add(struct weir_store *store, struct weir_str key, int64_t delta, uint64_t ttl,
		int64_t *sum)
{
	return shared_add(shared_of(store), key, delta, now(), ttl, sum);
}

static bool swap(struct weir_store *store, struct weir_str key, struct weir_str expected,
		 struct weir_str next, uint64_t ttl)
{
	return shared_swap(shared_of(store), key, expected, next, now(), ttl);
}

static bool update(struct weir_store *store, struct weir_str key, void *value, size_t size,
		   weir_store_step *step, void *arg)
{
	bool ok;

	fiber_no_wait_begin();
	ok = shared_update(shared_of(store), key, now(), value, size, step, arg);
	fiber_no_wait_end();
	return ok;
}

void store_fill_host(struct weir_host *host)
{
	host->store_open = open_of;
	host->store_get = get;
	host->store_set = set;
	host->store_delete = delete;
	host->store_add = add;
	host->store_swap = swap;
	host->store_update = update;
}
