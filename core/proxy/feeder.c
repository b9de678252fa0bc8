/* feeder.c - the request's body on its way to the upstream, on a fiber of its own. */
#include "core/proxy/feeder.h"

#include "core/base/clock.h"
#include "core/proxy/exchange.h"
#include "core/proxy/limit.h"
#include "core/upstream/pool.h"

/* Trailers can follow only what was not said to be the last. */
static enum reason send_on(struct exchange *ex, struct weir_str data, bool last)
{
	struct stream *to = ex->attempt.stream;
	enum reason why = REASON_NONE;

	if (!last || ex->req_trailers.count == 0)
		return to->ops->write_body(to, data, last);
	if (data.len > 0)
		why = to->ops->write_body(to, data, false);
	return why == REASON_NONE ? to->ops->write_end(to, &ex->req_trailers) : why;
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
	fiber_worked(at->feeder.fiber, data.len);
	return send_on(ex, data, *last);
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

void feeder_stop(struct exchange *ex)
{
	struct feeder *f = &ex->attempt.feeder;
	struct deadline moment;

	if (f->fiber == NULL)
		return;
	if (!f->done)
		fiber_cancel(f->fiber);
	deadline_enter(&moment, clock_after(exchange_now(ex), 10 * NS_PER_S), REASON_INTERNAL);
	(void)fiber_join(f->fiber, f->generation);
	deadline_leave(&moment);
	f->fiber = NULL;
}
