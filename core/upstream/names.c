/* names.c - the host names of a source are looked up, now and again; what they last were stays. */
#include "config.h"

#include <netdb.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/fiber/wait.h"
#include "core/upstream/watch.h"

enum {
	ADDRESSES_MOST = 32,	/* of one name; the others are left out */
	LOOKUPS_MOST = 4,	/* at once, of the 8 helpers there are */
};

/* getaddrinfo() does not tell how long an answer holds. */
#define LOOK_AGAIN (30 * NS_PER_S)
#define LOOK_AGAIN_FAILED (2 * NS_PER_S)

/* What a name was when it was last known. */
struct host {
	struct list link;		/* in watch->hosts */
	struct weir_str name;		/* owned */
	uint32_t count;
	uint32_t round;			/* when it was last asked for */
	struct sockaddr_storage addresses[ADDRESSES_MOST];
	socklen_t lens[ADDRESSES_MOST];
};

/* One question, on the stack of the fiber that asks. */
struct question {
	const char *name;
	int rc;
	struct addrinfo *answer;
};

/* On a helper thread. */
static void ask(void *arg)
{
	struct question *q = arg;
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_ADDRCONFIG };

	q->rc = getaddrinfo(q->name, NULL, &hints, &q->answer);
}

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

static void keep_answer(struct host *host, const struct addrinfo *answer)
{
	host->count = 0;
	for (; answer != NULL && host->count < ADDRESSES_MOST; answer = answer->ai_next) {
		if (answer->ai_addrlen > sizeof(host->addresses[0]))
			continue;
		memcpy(&host->addresses[host->count], answer->ai_addr, answer->ai_addrlen);
		host->lens[host->count++] = answer->ai_addrlen;
	}
}

/* A name server that is silent must not take every helper: the others read files and build tables. */
static bool ask_helper(struct upstreams *world, struct question *q)
{
	bool asked;

	while (world->looking_up >= LOOKUPS_MOST)
		if (wait_queue_park(&world->lookups) != WAKE_EVENT)
			return false;
	world->looking_up++;
	asked = loop_offload(ask, q);
	world->looking_up--;
	(void)wait_queue_wake_one(&world->lookups);
	return asked;
}

/* False: nobody could say, or there is no such name; what it was stays. */
static bool look_up(struct upstreams *world, struct host *host, char *why, size_t room)
{
	struct question q = { .name = host->name.data, .rc = EAI_AGAIN };

	if (!ask_helper(world, &q)) {
		(void)snprintf(why, room, "host name %s was not looked up: no helper is free",
			       q.name);
		return false;
	}
	if (q.rc != 0) {
		(void)snprintf(why, room, "host name %s was not found: %s", q.name,
			       gai_strerror(q.rc));
		return false;
	}
	keep_answer(host, q.answer);
	freeaddrinfo(q.answer);
	return true;
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

	if (host->count > 1 || str_eq(row->id, row->address))
		one.id = STR_ABSENT;
	for (uint32_t i = 0; i < host->count; i++) {
		struct address address;

		if (!address_from_sockaddr(&address, (const struct sockaddr *)&host->addresses[i],
					   host->lens[i]))
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
		n += host != NULL ? host->count : 1;
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
	return all ? LOOK_AGAIN : LOOK_AGAIN_FAILED;
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
