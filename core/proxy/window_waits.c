/* window_waits.c - what a plugin may wait for: sleep, bodies, calls, descriptors, helper threads. */
#include <weir/wait.h>

#include "core/base/clock.h"
#include "core/proxy/call.h"
#include "core/proxy/exchange.h"
#include "core/proxy/resolve.h"
#include "core/proxy/window_exchange.h"

/* Without an exchange (control) and without a scope of its own, a wait has an hour. */
#define CONTROL_PATIENCE (3600 * NS_PER_S)

static enum weir_wait wait_of(enum wake cause)
{
	switch (cause) {
	case WAKE_EVENT:
		return WEIR_OK;
	case WAKE_DEADLINE:
		return WEIR_TIMED_OUT;
	case WAKE_CANCEL:
		break;
	}
	return WEIR_CANCELLED;
}

static enum weir_wait wait_of_reason(enum reason why)
{
	switch (why) {
	case REASON_NONE:
		return WEIR_OK;
	case REASON_CLIENT_GONE:
		return WEIR_CANCELLED;
	case REASON_BODY_SLOW:
	case REASON_TIMEOUT:
	case REASON_ALL_TIMEOUT:
		return WEIR_TIMED_OUT;
	case REASON_BODY_TOO_LARGE:
		return WEIR_TOO_LARGE;
	case REASON_OUT_OF_MEMORY:
		return WEIR_NO_MEMORY;
	default:
		return WEIR_NO_ANSWER;
	}
}

static bool may_wait(void)
{
	struct loop *l = loop_self();

	return fiber_self() != NULL && l != NULL && l->no_wait == 0;
}

static enum weir_wait sleep_for(struct weir_exchange *wex, uint64_t ns)
{
	(void)wex;
	return may_wait() ? wait_of(wait_sleep(ns)) : WEIR_NOT_HERE;
}

static enum weir_wait read_request_body(struct exchange *ex, size_t most, struct weir_str *out)
{
	bool too_large;
	enum reason why;

	if (ex->forwarded)
		return WEIR_NOT_HERE;
	if (ex->body_in_hand && ex->body.len > most)
		return WEIR_TOO_LARGE;
	why = exchange_collect_body(ex, most, &too_large);
	if (why != REASON_NONE || too_large)
		return too_large ? WEIR_TOO_LARGE : wait_of_reason(why);
	*out = ex->body.len > 0 ? ex->body : STR_ABSENT;
	return WEIR_OK;
}

static enum weir_wait body_read(struct weir_exchange *wex, enum weir_side side, size_t most,
				struct weir_str *out)
{
	*out = STR_ABSENT;
	if (wex == NULL || !may_wait())
		return WEIR_NOT_HERE;
	if (side == WEIR_REQUEST)
		return read_request_body(exchange_of(wex), most, out);
	return wait_of_reason(exchange_collect_answer(exchange_of(wex), most, out));
}

static bool body_set(struct weir_exchange *wex, enum weir_side side, struct weir_str body)
{
	struct exchange *ex = exchange_of(wex);
	struct weir_str copy = arena_copy(&ex->arena, body);

	if (ex->arena.overflowed)
		return false;
	if (side == WEIR_RESPONSE) {
		if (ex->res.status == 0 || ex->head_sent)
			return false;
		ex->reply = copy;
		ex->body_replaced = true;
		return true;
	}
	if (ex->forwarded || (!ex->body_in_hand && ex->client != NULL && !ex->client->in_ended))
		return false;	/* read it first: what was not read would follow it */
	exchange_set_body(ex, copy);
	return true;
}

struct fd_wait {
	struct source source;
	struct fiber *fiber;
	bool ready;
};

static void on_fd(struct source *s, unsigned events)
{
	struct fd_wait *w = container_of(s, struct fd_wait, source);

	(void)events;
	w->ready = true;
	fiber_wake(w->fiber);
}

static enum weir_wait wait_fd(struct weir_exchange *wex, int fd, unsigned events, uint64_t ns)
{
	struct fd_wait w = { .source = { .fd = fd, .notify = on_fd }, .fiber = fiber_self() };
	struct loop *loop = loop_self();
	struct deadline d;
	enum wake cause = WAKE_EVENT;

	(void)wex;
	if (!may_wait())
		return WEIR_NOT_HERE;
	if (!poller_add(&loop->poller, &w.source,
			events & WEIR_WRITABLE ? SOURCE_LEVEL_OUT : SOURCE_LEVEL_IN))
		return WEIR_NO_ANSWER;
	deadline_enter(&d, clock_after(loop_now(loop), ns), REASON_TIMEOUT);
	while (!w.ready && cause == WAKE_EVENT)
		cause = fiber_park();
	deadline_leave(&d);
	poller_remove(&loop->poller, &w.source);
	return wait_of(cause);
}

static enum weir_wait offload(struct weir_exchange *wex, void (*fn)(void *), void *arg)
{
	struct deadline d;
	bool done;

	(void)wex;
	if (!may_wait())
		return WEIR_NOT_HERE;
	deadline_enter(&d, clock_after(loop_now(loop_self()), CONTROL_PATIENCE), REASON_INTERNAL);
	done = loop_offload(fn, arg);
	deadline_leave(&d);
	if (!done)
		return WEIR_NO_MEMORY;
	return fiber_cancelled(fiber_self()) ? WEIR_CANCELLED : WEIR_OK;
}

void window_fill_waits(struct weir_host *host)
{
	host->sleep = sleep_for;
	host->body_read = body_read;
	host->body_set = body_set;
	host->wait_fd = wait_fd;
	host->offload = offload;
	host->call = call_from_window;
	host->call_done = call_reply_done;
	host->resolve = resolve_from_window;
	host->resolve_done = resolve_done;
}
