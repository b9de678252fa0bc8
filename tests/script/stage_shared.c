/* stage_shared.c - what scripts share and call, of cardboard: a store, tickets, and one service. */
#include <stdlib.h>
#include <weir/store.h>
#include <weir/wait.h>

#include "core/base/buffer.h"
#include "core/base/clock.h"
#include "core/base/shared.h"
#include "tests/script/stage.h"

enum { TICKETS = 64 };

static struct shared *store;
struct stage_calls stage_calls;

/* The store -------------------------------------------------------------------- */

static struct shared *of(struct weir_store *s)
{
	return (struct shared *)(void *)s;
}

static struct weir_store *store_open(const struct weir_setup *setup, struct weir_str name, size_t most)
{
	(void)setup;
	(void)most;
	if (store == NULL)
		store = shared_open(name, 16 << 20);
	return (struct weir_store *)(void *)store;
}

static bool store_get(struct weir_store *s, struct weir_str key, void *room, size_t size, size_t *len)
{
	return shared_get(of(s), key, clock_now(), room, size, len);
}

static bool store_set(struct weir_store *s, struct weir_str key, struct weir_str value, uint64_t ttl)
{
	return shared_set(of(s), key, value, clock_now(), ttl);
}

static bool store_delete(struct weir_store *s, struct weir_str key)
{
	return shared_delete(of(s), key, clock_now());
}

static bool store_add(struct weir_store *s, struct weir_str key, int64_t delta, uint64_t ttl,
		      int64_t *sum)
{
	return shared_add(of(s), key, delta, clock_now(), ttl, sum);
}

static bool store_swap(struct weir_store *s, struct weir_str key, struct weir_str expected,
		       struct weir_str next, uint64_t ttl)
{
	return shared_swap(of(s), key, expected, next, clock_now(), ttl);
}

/* Tickets ---------------------------------------------------------------------- */

static struct {
	struct wait_queue queue;
	bool woken;
} tickets[TICKETS];
static uint64_t ticket_count;

static struct weir_ticket ticket_take(struct weir_exchange *ex)
{
	uint64_t at = ticket_count++ % TICKETS;

	(void)ex;
	wait_queue_init(&tickets[at].queue);
	tickets[at].woken = false;
	return (struct weir_ticket){ at + 1, ticket_count };
}

static void ticket_wake(struct weir_ticket t)
{
	tickets[t.id - 1].woken = true;
	(void)wait_queue_wake_one(&tickets[t.id - 1].queue);
}

static enum weir_wait ticket_wait(struct weir_exchange *ex, struct weir_ticket t, uint64_t ns)
{
	enum wake how = WAKE_EVENT;
	struct deadline d;

	(void)ex;
	deadline_enter(&d, clock_after(clock_now(), ns), REASON_TIMEOUT);
	if (!tickets[t.id - 1].woken)
		how = wait_queue_park(&tickets[t.id - 1].queue);
	deadline_leave(&d);
	if (how == WAKE_CANCEL)
		return WEIR_CANCELLED;
	return how == WAKE_EVENT ? WEIR_OK : WEIR_TIMED_OUT;
}

/* The service "up" ------------------------------------------------------------- */

static const struct weir_field answer_headers[] = {
	{ WEIR_STR("content-type"), WEIR_STR("application/json") }, { WEIR_STR("x-a"), WEIR_STR("1") },
	{ WEIR_STR("x-a"), WEIR_STR("2") }, { WEIR_STR("set-cookie"), WEIR_STR("a=1") },
	{ WEIR_STR("set-cookie"), WEIR_STR("b=2") },
};

static void write_down(const struct weir_call_request *r)
{
	struct buffer b;

	buffer_init(&b, 1 << 20);
	(void)buffer_print(&b, "%.*s %.*s", STR_ARG(r->method), STR_ARG(r->path));
	for (size_t i = 0; i < r->header_count; i++)
		(void)buffer_print(&b, " %.*s=%.*s", STR_ARG(r->headers[i].name),
				   STR_ARG(r->headers[i].value));
	(void)buffer_print(&b, " %.*s", STR_ARG(r->body));
	(void)snprintf(stage_calls.last, sizeof(stage_calls.last), "%.*s", STR_ARG(buffer_str(&b)));
	buffer_fini(&b);
	stage_calls.count++;
}

static enum weir_wait call(struct weir_exchange *ex, const struct weir_call_request *r,
			   struct weir_call_reply *reply)
{
	if (ex == NULL)
		return WEIR_NOT_HERE;
	if (!str_eq(r->service, STR("up")))
		return WEIR_UNKNOWN;
	if (wait_sleep(5 * NS_PER_MS) == WAKE_CANCEL)
		return WEIR_CANCELLED;
	write_down(r);
	if (stage_calls.refuses) {
		reply->reason = STR("connect-refused");
		return WEIR_NO_ANSWER;
	}
	reply->status = 200;
	reply->body = STR("{\"n\":7}");
	reply->headers = answer_headers;
	reply->header_count = 5;
	return WEIR_OK;
}

static void call_done(struct weir_call_reply *reply)
{
	(void)reply;
}

void stage_fill_shared(struct weir_host *host)
{
	host->store_open = store_open;
	host->store_get = store_get;
	host->store_set = store_set;
	host->store_delete = store_delete;
	host->store_add = store_add;
	host->store_swap = store_swap;
	host->ticket_take = ticket_take;
	host->ticket_wake = ticket_wake;
	host->ticket_wait = ticket_wait;
	host->call = call;
	host->call_done = call_done;
	stage_calls = (struct stage_calls){ 0 };
}

void stage_end_shared(void)
{
	shared_close(store, 16 << 20);
	store = NULL;
}
