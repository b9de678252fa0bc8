/* roster.c - endpoints found by name and address, counted, and in the end forgotten. */
#include "config.h"

#include "core/upstream/roster.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/upstream/ejection.h"
#include "core/upstream/health.h"
#include "core/upstream/listing.h"
#include "core/upstream/pools.h"

/* So long an endpoint that has left is remembered: it may only have been lost from view. */
#define MEMORY (60 * NS_PER_S)

/* Rosters -------------------------------------------------------------------- */

static struct roster *find(struct upstreams *world, struct weir_str name)
{
	list_for_each(item, &world->rosters) {
		struct roster *r = container_of(item, struct roster, link);

		if (str_eq(r->name, name))
			return r;
	}
	return NULL;
}

static struct roster *roster_new(struct upstreams *world, struct weir_str name)
{
	struct roster *r = aligned_alloc(64, sizeof(*r));

	if (r == NULL)
		return NULL;
	*r = (struct roster){ .world = world };
	list_init(&r->endpoints);
	list_init(&r->services);
	list_init(&r->watches);
	wait_queue_init(&r->ends);
	r->name = str_of(str_dup(name), name.len);
	r->tallies = aligned_alloc(64, world->places * sizeof(*r->tallies));
	if (r->name.data == NULL || r->tallies == NULL) {
		roster_free(r);
		return NULL;
	}
	memset(r->tallies, 0, world->places * sizeof(*r->tallies));
	return r;
}

struct roster *roster_of(struct upstreams *world, struct weir_str name)
{
	struct roster *r = find(world, name);

	if (r != NULL) {
		r->quiet = 0;
		return r;
	}
	r = roster_new(world, name);
	if (r == NULL)
		return NULL;
	if (!slots_take(&world->names, name, &r->slot, NULL)) {
		roster_free(r);
		return NULL;
	}
	pthread_mutex_lock(&world->lock);
	list_push_back(&world->rosters, &r->link);
	pthread_mutex_unlock(&world->lock);
	return r;
}

void roster_free(struct roster *r)
{
	if (r == NULL)
		return;
	gate_free(r->requests);
	gate_free(r->connections);
	mem_free(r->sheds);
	mem_free(r->tallies);
	mem_free((char *)r->name.data);
	mem_free(r);
}

/* Endpoints ------------------------------------------------------------------ */

static bool take_slot(struct upstreams *world, uint32_t *slot)
{
	if (world->free_count > 0) {
		*slot = world->free_slots[--world->free_count];
		return true;
	}
	if (world->next_slot >= world->free_room) {
		/* Room for all to come back, so that giving a number back cannot fail. */
		uint32_t room = world->free_room > 0 ? world->free_room * 2 : 64;
		uint32_t *slots = mem_resize(world->free_slots, room, sizeof(*slots));

		if (slots == NULL)
			return false;
		world->free_slots = slots;
		world->free_room = room;
	}
	*slot = world->next_slot++;
	return true;
}

static void endpoint_free(struct endpoint *ep)
{
	mem_free(ep->server_name);
	mem_free(ep);
}

static struct endpoint *endpoint_new(struct roster *r, const struct address *address, struct weir_str name)
{
	struct endpoint *ep = aligned_alloc(64, sizeof(*ep));

	if (ep == NULL)
		return NULL;
	*ep = (struct endpoint){ .address = *address, .roster = r, .refs = 1, .gone = true };
	if (name.len > 0)
		ep->server_name = str_dup(name);
	if ((name.len > 0 && ep->server_name == NULL) || !take_slot(r->world, &ep->slot)) {
		endpoint_free(ep);
		return NULL;
	}
	ep->health = endpoint_state_word(HEALTH_UNCHECKED, REASON_NONE, 0);
	ep->ejection = endpoint_state_word(EJECTION_NONE, REASON_NONE, 0);
	ep->left_at = clock_now();
	pthread_mutex_lock(&r->world->lock);
	list_push_back(&r->endpoints, &ep->link);
	r->endpoint_count++;
	pthread_mutex_unlock(&r->world->lock);
	return ep;
}

static void forget(struct endpoint *ep)
{
	struct roster *r = ep->roster;

	pthread_mutex_lock(&r->world->lock);
	list_remove(&ep->link);
	r->endpoint_count--;
	pthread_mutex_unlock(&r->world->lock);
	r->world->free_slots[r->world->free_count++] = ep->slot;
	endpoint_free(ep);
}

/* For the time of one change: the roster's endpoints by their text. */
static bool index_all(struct roster *r, struct map *index)
{
	map_init(index);
	list_for_each(item, &r->endpoints) {
		struct endpoint *ep = container_of(item, struct endpoint, link);

		if (!map_set(index, endpoint_text(ep), ep))
			return false;
	}
	return true;
}

static bool has_name(const struct endpoint *ep, struct weir_str name)
{
	return str_eq(ep->server_name != NULL ? str_from(ep->server_name) : STR(""), name);
}

/* `name` absent: whatever it is called. */
static struct endpoint *find_or_make(struct roster *r, struct map *index,
				     const struct address *address, struct weir_str name)
{
	struct endpoint *ep = map_get(index, address_text(address));

	if (ep != NULL && (name.data == NULL || has_name(ep, name)))
		return ep;
	ep = endpoint_new(r, address, name);
	if (ep == NULL || !map_set(index, endpoint_text(ep), ep))
		return NULL;
	return ep;
}

/* What discovery has told, else the host name that led to the address. */
static struct weir_str tls_name_of(const struct listing *l, uint32_t i)
{
	if (l->told[i].server_name.len > 0)
		return l->told[i].server_name;
	return l->names[i].len > 0 ? l->names[i] : STR("");
}

bool roster_endpoints(struct roster *r, const struct listing *listing, bool named,
		      struct endpoint **out)
{
	struct map index;
	uint32_t n = 0;
	bool ok = index_all(r, &index);

	while (ok && n < listing->count) {
		struct weir_str name = named ? tls_name_of(listing, n) : STR_ABSENT;
		struct endpoint *ep = find_or_make(r, &index, &listing->addresses[n], name);

		ok = ep != NULL;
		if (ok)
			out[n++] = endpoint_ref(ep);
	}
	map_fini(&index);
	while (!ok && n > 0)
		endpoint_unref(out[--n]);
	return ok;
}

/* Settling ------------------------------------------------------------------- */

/* Marks the members of a set with a new mark; gives how many different ones there are. */
static uint32_t mark_set(struct roster *r, const struct endpoint_set *set)
{
	uint32_t mark = ++r->last_mark, n = 0;

	for (uint32_t t = 0; set != NULL && t < set->tier_count; t++) {
		for (uint32_t i = 0; i < set->tiers[t].count; i++) {
			struct endpoint *ep = set->tiers[t].members[i];

			n += ep->mark != mark;
			ep->mark = mark;
		}
	}
	return n;
}

static void settle_gone(struct roster *r, uint32_t since_mark, uint64_t now)
{
	list_for_each(item, &r->endpoints) {
		struct endpoint *ep = container_of(item, struct endpoint, link);
		bool gone = ep->mark < since_mark;

		if (gone && !atomic_load(&ep->gone))
			ep->left_at = now;
		atomic_store_explicit(&ep->gone, gone, memory_order_release);
	}
}

/* Slow start is for who joins others, not for the first set. */
static void settle_members(struct roster *r, uint32_t live_mark, bool first, uint64_t now)
{
	list_for_each(item, &r->endpoints) {
		struct endpoint *ep = container_of(item, struct endpoint, link);
		bool member = ep->mark == live_mark;

		if (member && !ep->member && !first)
			atomic_store_explicit(&ep->warm_from, now, memory_order_relaxed);
		ep->member = member;
		ejection_set_member(ep, member);
		health_settle(ep, member ? r->live : NULL);
	}
}

static struct endpoint *first_due(struct roster *r)
{
	struct endpoint *first = NULL;

	list_for_each(item, &r->endpoints) {
		struct endpoint *ep = container_of(item, struct endpoint, link);

		if (!ep->member || endpoint_ejection(ep).state != EJECTION_OUT)
			continue;
		if (first == NULL || atomic_load(&ep->ejected_until) <
				     atomic_load(&first->ejected_until))
			first = ep;
	}
	return first;
}

static void settle_ejections(struct roster *r, uint32_t members)
{
	double share = r->live != NULL ? r->live->settings.eject.at_most : 0;
	struct endpoint *ep;

	atomic_store(&r->members, members);
	atomic_store(&r->ejected_most, (uint32_t)((double)members * share + 1e-9));
	while (atomic_load(&r->ejected) > atomic_load(&r->ejected_most) &&
	       (ep = first_due(r)) != NULL)
		ejection_pardon(ep);
}

/* All open services keep endpoints from being gone; the live one's are counted. */
void roster_settle(struct roster *r)
{
	uint32_t since_mark = r->last_mark + 1, members;
	uint64_t now = clock_now();
	bool first = atomic_load(&r->members) == 0;

	list_for_each(item, &r->services) {
		struct service *svc = container_of(item, struct service, in_roster);

		if (svc != r->live)
			(void)mark_set(r, svc->newest);
	}
	members = mark_set(r, r->live != NULL ? r->live->newest : NULL);
	settle_gone(r, since_mark, now);
	settle_members(r, r->last_mark, first, now);
	settle_ejections(r, members);
	roster_touch(r);
	upstreams_sweep_soon(r->world);
}

/* Forgetting ----------------------------------------------------------------- */

void roster_forget(struct roster *r, uint64_t now, bool all)
{
	list_for_each_safe(item, &r->endpoints) {
		struct endpoint *ep = container_of(item, struct endpoint, link);

		if (all || (atomic_load(&ep->gone) && now - ep->left_at >= MEMORY &&
			    atomic_load_explicit(&ep->refs, memory_order_acquire) == 1)) {
			health_settle(ep, NULL);
			forget(ep);
		}
	}
}
