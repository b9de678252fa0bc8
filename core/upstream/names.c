/* names.c - the host names of a source are looked up, now and again; what they last were stays. */
#include "config.h"

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/fiber/wait.h"
#include "core/net/dns.h"
#include "core/upstream/watch.h"

enum { LOOKUPS_MOST = 64 };	/* at once: a name server is not to be flooded */

/* As long as the answer holds, within reason; where that is not told (the hosts file), half a minute. */
#define LOOK_AGAIN (30 * NS_PER_S)
#define LOOK_AGAIN_LEAST (2 * NS_PER_S)
#define LOOK_AGAIN_MOST (300 * NS_PER_S)
#define LOOK_AGAIN_FAILED (2 * NS_PER_S)
#define LOOKUP_TIME (20 * NS_PER_S)

/* What a name was when it was last known. */
struct host {
	struct list link;		/* in watch->hosts */
	struct weir_str name;		/* owned */
	uint32_t round;			/* when it was last asked for */
	struct dns_host found;
};

static struct host *host_of(struct weir_watch *watch, struct weir_str name)
{
	struct host *host;

	list_for_each(item, &watch->hosts) {
		host = container_of(item, struct host, link);
		if (str_eq(host->name, name))
			return host;
	}
	host = mem_alloc(sizeof(*host));
	if (host == NULL)
		return NULL;
	host->name = str_of(str_dup(name), name.len);
	if (host->name.data == NULL) {
		mem_free(host);
		return NULL;
	}
	list_push_back(&watch->hosts, &host->link);
	return host;
}

static void host_free(struct host *host)
{
	list_remove(&host->link);
	mem_free((char *)host->name.data);
	mem_free(host);
}

void names_forget(struct weir_watch *watch)
{
	list_for_each_safe(item, &watch->hosts)
		host_free(container_of(item, struct host, link));
}

/* False: cancelled. */
static bool enter(struct upstreams *world)
{
	while (world->looking_up >= LOOKUPS_MOST)
		if (wait_queue_park(&world->lookups) != WAKE_EVENT)
			return false;
	world->looking_up++;
	return true;
}

static void leave(struct upstreams *world)
{
	world->looking_up--;
	(void)wait_queue_wake_one(&world->lookups);
}

/* False: nobody could say, or there is no such name; what it was stays. */
static bool look_up(struct upstreams *world, struct host *host, char *why, size_t room)
{
	struct dns_host found;
	enum dns_result result;
	struct deadline d;

	if (!enter(world))
		return false;
	deadline_enter(&d, clock_after(loop_now(&world->control->loop), LOOKUP_TIME), REASON_NONE);
	result = dns_host(world->control, host->name.data, &found);
	deadline_leave(&d);
	leave(world);
	if (result == DNS_FOUND)
		host->found = found;
	else
		(void)snprintf(why, room, "host name %s was not found: %s", host->name.data,
			       dns_words(result));
	return result == DNS_FOUND;
}

static bool look_all_up(struct weir_watch *watch, const struct listing *raw, uint32_t round,
			char *why, size_t room)
{
	bool all = true;

	for (uint32_t i = 0; i < raw->count && !fiber_cancelled(fiber_self()); i++) {
		struct host *host;

		if (raw->addresses[i].kind != ADDRESS_NAME)
			continue;
		host = host_of(watch, address_host(&raw->addresses[i]));
		if (host == NULL)
			return false;
		if (host->round == round)
			continue;	/* it stands there with another port, too */
		host->round = round;
		all = look_up(watch->roster->world, host, why, room) && all;
	}
	return all;
}

/* A name with one address may keep the id that was given for it. */
static bool add_host(struct listing *l, const struct host *host, const struct weir_endpoint *row,
		     uint16_t port)
{
	struct weir_endpoint one = *row;

	if (host->found.count > 1 || str_eq(row->id, row->address))
		one.id = STR_ABSENT;
	for (uint32_t i = 0; i < host->found.count; i++) {
		struct address address;

		if (!address_from_sockaddr(&address, (const struct sockaddr *)&host->found.at[i],
					   host->found.lens[i]))
			continue;
		address_set_port(&address, port);
		if (!listing_add(l, &one, &address, host->name))
			return false;
	}
	return true;
}

static bool add_all(struct listing *l, struct weir_watch *watch, const struct listing *raw)
{
	for (uint32_t i = 0; i < raw->count; i++) {
		const struct address *address = &raw->addresses[i];
		struct host *host;

		if (address->kind != ADDRESS_NAME) {
			if (!listing_add(l, &raw->told[i], address, STR_ABSENT))
				return false;
			continue;
		}
		host = host_of(watch, address_host(address));
		if (host == NULL || !add_host(l, host, &raw->told[i], address->port))
			return false;
	}
	return true;
}

static uint32_t rows_needed(struct weir_watch *watch, const struct listing *raw)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < raw->count; i++) {
		const struct host *host = NULL;

		if (raw->addresses[i].kind == ADDRESS_NAME)
			host = host_of(watch, address_host(&raw->addresses[i]));
		n += host != NULL ? host->found.count : 1;
	}
	return n;
}

static struct listing *with_addresses(struct weir_watch *watch, const struct listing *raw)
{
	struct listing *l = listing_begin(rows_needed(watch, raw));

	if (l == NULL || add_all(l, watch, raw))
		return l;
	listing_unref(l);
	return NULL;
}

static void forget_old(struct weir_watch *watch, uint32_t round)
{
	list_for_each_safe(item, &watch->hosts) {
		struct host *host = container_of(item, struct host, link);

		if (host->round != round)
			host_free(host);
	}
}

/* When the first of the answers no longer holds. */
static uint64_t look_again(const struct weir_watch *watch, uint32_t round)
{
	uint64_t least = LOOK_AGAIN_MOST;

	list_for_each(item, &watch->hosts) {
		const struct host *host = container_of(item, struct host, link);
		uint64_t span = host->found.ttl > 0 ? host->found.ttl * NS_PER_S : LOOK_AGAIN;

		if (host->round == round && span < least)
			least = span;
	}
	return least > LOOK_AGAIN_LEAST ? least : LOOK_AGAIN_LEAST;
}

/* One round; gives when the next is due. `raw` is held meanwhile, for a newer one may come. */
static uint64_t look(struct weir_watch *watch, uint32_t round)
{
	struct listing *raw = listing_ref(watch->raw), *listing;
	char why[sizeof(watch->failure)] = "";
	bool all = look_all_up(watch, raw, round, why, sizeof(why));

	if (fiber_cancelled(fiber_self()) || watch->raw != raw) {
		listing_unref(raw);
		return 0;
	}
	listing = with_addresses(watch, raw);
	listing_unref(raw);
	if (listing == NULL)
		return LOOK_AGAIN_FAILED;
	if (all)
		forget_old(watch, round);
	if (all && watch->use == NULL)
		watch_set_told(watch, loop_now(&watch->roster->world->control->loop));
	watch_say(watch, why);
	watch_settle(watch, listing);
	return all ? look_again(watch, round) : LOOK_AGAIN_FAILED;
}

/* Some earlier, some later, so that many names are not asked for at once. */
static enum wake wait_for_next(struct weir_watch *watch, uint64_t span)
{
	struct worker *control = watch->roster->world->control;
	struct deadline d;
	enum wake why;

	span = span - span / 4 + rng_next(&control->rng) % (span / 4 + 1);
	deadline_enter(&d, clock_after(loop_now(&control->loop), span), REASON_NONE);
	why = watch->news ? WAKE_EVENT : wait_queue_park(&watch->kicked);
	deadline_leave(&d);
	return why;
}

void names_run(void *arg)
{
	struct weir_watch *watch = arg;
	struct deadline d;

	deadline_enter(&d, CLOCK_NEVER, REASON_NONE);
	while (!fiber_cancelled(fiber_self()) && watch->raw->name_count > 0) {
		uint64_t span;

		watch->news = false;
		span = look(watch, ++watch->round);
		if (span > 0 && wait_for_next(watch, span) == WAKE_CANCEL)
			break;
	}
	watch->resolver = NULL;
	deadline_leave(&d);
}
