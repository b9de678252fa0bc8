/* feeder.c - the request's body on its way to the upstream, on a fiber of its own. */
#include "core/proxy/feeder.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/fiber/wait.h"
#include "core/proxy/exchange.h"
#include "core/proxy/limit.h"
#include "core/proxy/pace.h"
#include "core/upstream/pool.h"

#define HEAD_WAITS NS_PER_MS
#define JOIN_TIME (10 * NS_PER_S)

static void upstream_blocks(void *arg, struct iovec *parts, int count)
{
	struct exchange *ex = arg;

	ex->attempt.feeder.blocked = true;
	if (ex->req_trailers.count == 0)
		pace_shelter(ex->client_h1.in, parts, count);
}

/* A head leaves with the first of its body, which is most often right behind it; but not every client sends
 * that before it has seen the head of an answer. */
static enum reason send_head(struct exchange *ex)
{
	struct stream *to = ex->attempt.stream;
	struct deadline moment;
	enum io result;

	if (ex->attempt.h1.staged.len == 0 || h1_stream_at_hand(&ex->client_h1))
		return REASON_NONE;
	deadline_enter(&moment, clock_after(exchange_now(ex), HEAD_WAITS), REASON_BODY_SLOW);
	result = transport_wait_in(ex->client_h1.transport);
	deadline_leave(&moment);
	if (result == IO_CANCELLED)
		return REASON_CLIENT_GONE;
	return h1_stream_at_hand(&ex->client_h1) ? REASON_NONE : to->ops->flush(to);
}

/* One piece from the client to the upstream. The reason tells by its side who failed. */
static enum reason feed_some(struct exchange *ex, bool *last)
{
	struct attempt *at = &ex->attempt;
	struct weir_str data;
	enum reason why = ex->client->ops->read_body(ex->client, &data, last);

	if (why == REASON_NONE)
		why = limit_body(ex);
	if (why != REASON_NONE)
		return why;
	replay_keep(&ex->replay, data);
	at->feeder.blocked = false;
	why = attempt_send(ex, data, *last);
	if (why != REASON_NONE || *last)
		return why;
	pace_next(ex->client_h1.in, at->h1.transport, data.len, at->feeder.blocked);
	fiber_worked(at->feeder.fiber, data.len);
	return fiber_cancelled(at->feeder.fiber) ? REASON_CLIENT_GONE : REASON_NONE;
}

static void feed(void *arg)
{
	struct exchange *ex = arg;
	struct feeder *f = &ex->attempt.feeder;
	struct fiber *waits;
	bool last = false;

	f->fiber = fiber_self();
	if (ex->client->trailers == NULL) {
		headers_init(&ex->req_trailers, &ex->arena, 32);
		ex->client->trailers = &ex->req_trailers;
	}
	ex->attempt.stream->blocked = upstream_blocks;
	ex->attempt.stream->blocked_arg = ex;
	f->why = send_head(ex);
	while (f->why == REASON_NONE && !last)
		f->why = feed_some(ex, &last);
	f->done_at = exchange_now(ex);
	f->done = true;
	waits = ex->attempt.up->transport.reader;
	if (waits != NULL)
		fiber_wake(waits);	/* its patience counts from now, or the client has failed */
}

bool feeder_start(struct exchange *ex)
{
	struct feeder *f = &ex->attempt.feeder;

	f->ex = ex;
	f->fiber = fiber_start(&ex->proxy->worker->loop, feed, ex);
	if (f->fiber == NULL)
		return false;
	f->generation = f->fiber->generation;
	return true;
}

/* Nothing of the attempt may go before the feeder has ended, however late it is for the exchange. */
static void join(struct feeder *f)
{
	bool ended = false;

	while (!ended) {
		struct deadline moment;

		deadline_enter_alone(&moment, clock_after(loop_now(loop_self()), JOIN_TIME),
				     REASON_INTERNAL);
		ended = fiber_join(f->fiber, f->generation);
		deadline_leave(&moment);
		if (!ended)
			log_error("a request's body is still being sent although it was cancelled");
	}
}

void feeder_stop(struct exchange *ex)
{
	struct feeder *f = &ex->attempt.feeder;

	if (f->fiber == NULL)
		return;
	if (!f->done)
		fiber_cancel(f->fiber);
	join(f);
	f->fiber = NULL;
}
