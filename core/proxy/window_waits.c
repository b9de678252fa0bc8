/* window_waits.c - what a plugin may wait for on behalf of an exchange: bodies, calls, names. */
#include <weir/wait.h>

#include "core/http/date.h"
#include "core/plugin/waits.h"
#include "core/plugin/window.h"
#include "core/proxy/call.h"
#include "core/proxy/collect.h"
#include "core/proxy/exchange.h"
#include "core/proxy/resolve.h"
#include "core/proxy/window_exchange.h"

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

/* While there is an answer and its head has not left: in the response hooks. */
static enum weir_wait read_answer_body(struct exchange *ex, size_t most, struct weir_str *out)
{
	struct weir_str body;
	enum reason why;

	if (ex->res.status == 0 || ex->head_sent)
		return WEIR_NOT_HERE;
	why = exchange_collect_answer(ex, most, &body);
	if (why == REASON_NONE && body.len > 0)
		*out = body;
	return wait_of_reason(why);
}

/* The route's time counts from the end of the body: that it took long to come is not its doing. */
static void count_from_now(struct exchange *ex)
{
	if (ex->plan != NULL)
		ex->route_until = clock_after(exchange_now(ex), ex->plan->head_timeout);
	if (ex->policies != NULL && fiber_self()->deadline == ex->policies)
		deadline_move(ex->policies, ex->route_until);
}

/* While a body comes, whoever sends it has his own patience, between its bytes; only the time of the whole
 * exchange bounds it. */
static enum weir_wait read_unhurried(struct exchange *ex, enum weir_side side, size_t most,
				     struct weir_str *out)
{
	uint64_t before = exchange_now(ex);
	struct deadline all;
	enum weir_wait how;

	deadline_enter_alone(&all, ex->all_until, REASON_ALL_TIMEOUT);
	how = side == WEIR_REQUEST ? read_request_body(ex, most, out)
				   : read_answer_body(ex, most, out);
	deadline_leave(&all);
	if (side == WEIR_REQUEST && exchange_now(ex) != before)
		count_from_now(ex);
	return how;
}

static enum weir_wait body_read(struct weir_exchange *wex, enum weir_side side, size_t most,
				struct weir_str *out)
{
	*out = STR_ABSENT;
	if (wex == NULL || !wait_allowed())
		return WEIR_NOT_HERE;
	return read_unhurried(exchange_of(wex), side, most, out);
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

/* Also asked for on control, where there is no exchange. */
static uint64_t retry_after(struct weir_str value)
{
	return retry_after_parse(value, window_table()->wall());
}

void window_fill_waits(struct weir_host *host)
{
	host->body_read = body_read;
	host->body_set = body_set;
	host->call = call_from_window;
	host->call_done = call_reply_done;
	host->retry_after = retry_after;
	host->resolve = resolve_from_window;
	host->resolve_done = resolve_done;
}
