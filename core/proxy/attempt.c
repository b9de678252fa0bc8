/* attempt.c - one try: an endpoint, a connection, the request out, the head back. */
#include "core/proxy/attempt.h"

#include "core/base/clock.h"
#include "core/http/hop.h"
#include "core/proxy/exchange.h"
#include "core/proxy/feeder.h"
#include "core/proxy/trailers.h"
#include "core/upstream/outcome.h"

static struct worker *worker_of(const struct exchange *ex)
{
	return ex->proxy->worker;
}

static void begin_stream(struct exchange *ex)
{
	struct attempt *at = &ex->attempt;
	const struct service_settings *set = &ex->service->settings;
	struct stream *s = &at->h1.stream;

	inlet_open(&at->inlet, worker_of(ex), &at->up->transport, BUFFER_MIDDLE);
	h1_stream_init(&at->h1, &at->up->transport, &at->inlet, &ex->arena, &ex->listener->limits);
	s->read_patience = set->timeouts.first_byte;
	s->read_slow = REASON_HEAD_TIMEOUT;
	s->write_patience = set->timeouts.between_bytes;
	s->write_slow = REASON_UPSTREAM_STALLED;
	s->cut = at->reused ? REASON_UPSTREAM_STALE : REASON_UPSTREAM_RESET;
	s->bad = REASON_UPSTREAM_INVALID;
	at->stream = s;
	at->open = true;
}

/* Trailers can follow only what was not said to be the last. */
enum reason attempt_send(struct exchange *ex, struct weir_str data, bool last)
{
	struct stream *to = ex->attempt.stream;
	enum reason why = REASON_NONE;

	if (last)
		exchange_clean_trailers(ex);
	if (!last || ex->req_trailers.count == 0)
		return to->ops->write_body(to, data, last);
	if (data.len > 0)
		why = to->ops->write_body(to, data, false);
	return why == REASON_NONE ? to->ops->write_end(to, &ex->req_trailers) : why;
}

/* What was read of a body that is still on its way, or was sent before. */
static enum reason send_beginning(struct exchange *ex)
{
	struct weir_str kept = ex->beginning.len > 0 ? ex->beginning
						     : buffer_str(&ex->replay.kept);

	if (ex->beginning.len > 0)
		replay_keep(&ex->replay, kept);
	ex->beginning = STR("");
	if (kept.len == 0 && !ex->client->in_ended)
		return REASON_NONE;
	return attempt_send(ex, kept, ex->client->in_ended);
}

/* What is in hand goes with the head, in one send. */
static enum reason send_in_hand(struct exchange *ex)
{
	struct stream *s = ex->attempt.stream;

	if (!ex->body_in_hand)
		return send_beginning(ex);
	return ex->body.len > 0 ? s->ops->write_body(s, ex->body, true) : s->ops->write_end(s, NULL);
}

static bool needs_feeder(const struct exchange *ex)
{
	return !ex->body_in_hand && !ex->client->in_ended;
}

static enum reason send_request(struct exchange *ex)
{
	struct stream *s = ex->attempt.stream;
	enum reason why = s->ops->write_request(s, &ex->req, ex->path_and_query);

	if (why == REASON_NONE)
		why = send_in_hand(ex);
	if (why == REASON_NONE && needs_feeder(ex) && !feeder_start(ex))
		why = REASON_OVERLOADED;
	return why;
}

/* The client's failures end the attempt; an upstream that stopped reading may have answered. */
static bool client_failed(const struct exchange *ex)
{
	const struct feeder *f = &ex->attempt.feeder;

	return f->done && f->why != REASON_NONE && reason_row(f->why)->side != SIDE_UPSTREAM;
}

/* How long the head may take: as long as the body is on its way, patience is the feeder's matter; from
 * its end on, the tightest of the times of the service, of one try, and of the route. */
static uint64_t head_until(const struct exchange *ex, enum reason *reason)
{
	const struct feeder *f = &ex->attempt.feeder;
	uint64_t span = ex->service->settings.timeouts.first_byte;

	*reason = REASON_HEAD_TIMEOUT;
	if (ex->plan->retry.per_try < span) {
		span = ex->plan->retry.per_try;
		*reason = REASON_TRY_TIMEOUT;
	}
	if (ex->plan->head_timeout < span) {
		span = ex->plan->head_timeout;
		*reason = REASON_TIMEOUT;
	}
	return f->done ? clock_after(f->done_at, span) : CLOCK_NEVER;
}

static enum reason wait_beside_feeder(struct exchange *ex)
{
	struct transport *t = &ex->attempt.up->transport;

	while (!transport_readable(t) && !t->broken) {
		struct deadline d;
		enum reason slow;
		uint64_t until = head_until(ex, &slow);
		enum io result;

		if (client_failed(ex))
			return ex->attempt.feeder.why;
		deadline_enter(&d, until, slow);
		result = transport_wait_in(t);
		deadline_leave(&d);
		if (result == IO_TIMEOUT)
			return deadline_ended();
		if (result == IO_CANCELLED)
			return REASON_CLIENT_GONE;
	}
	return REASON_NONE;
}

/* Interim heads are passed on to those who understand them. */
static enum reason read_head(struct exchange *ex)
{
	struct stream *s = ex->attempt.stream;

	for (;;) {
		enum reason why = s->ops->read_response(s, ex->req.method, &ex->res);

		if (why != REASON_NONE || ex->res.status >= 200)
			return why;
		headers_strip_hop_by_hop(&ex->res.headers);
		if (ex->client != NULL && ex->req.minor > 0)
			why = h1_stream_write_interim(&ex->client_h1, ex->res.status,
						      &ex->res.headers);
		if (why != REASON_NONE)
			return why;
	}
}

/* Its death under the request is the fault of its age only while it has said nothing. */
static enum reason blame(const struct exchange *ex, enum reason why)
{
	if (client_failed(ex))
		return ex->attempt.feeder.why;
	if (why == REASON_UPSTREAM_STALE && ex->attempt.h1.head_began)
		return REASON_UPSTREAM_RESET;
	return why;
}

/* An endpoint may answer before it has read everything, and then stop reading: look for that before giving
 * up. */
static enum reason talk(struct exchange *ex)
{
	struct attempt *at = &ex->attempt;
	enum reason why = send_request(ex);

	if (why != REASON_NONE && (why != at->stream->cut || at->up->transport.broken))
		return why;
	why = REASON_NONE;
	if (at->feeder.fiber != NULL)
		why = wait_beside_feeder(ex);
	if (why == REASON_NONE)
		why = read_head(ex);
	if (why != REASON_NONE)
		return blame(ex, why);
	at->status = ex->res.status;
	at->keep_alive = ex->res.keep_alive;
	at->stream->cut = REASON_UPSTREAM_CUT;
	at->stream->read_patience = ex->service->settings.timeouts.between_bytes;
	at->stream->read_slow = REASON_UPSTREAM_STALLED;
	return REASON_NONE;
}

/* Of an answer before this one, and of a head that was not whole, no slice is left. */
static void forget_answer(struct exchange *ex)
{
	attempt_forget(ex);
	ex->res = (struct response){ .status = 0 };
}

enum reason attempt_run(struct exchange *ex, struct endpoint *ep, enum trust trust)
{
	struct attempt *at = &ex->attempt;
	struct worker *w = worker_of(ex);
	enum reason why;

	forget_answer(ex);
	*at = (struct attempt){ .ep = ep, .begun = exchange_now(ex) };
	trace_attempt(ex);
	why = pool_lease(ex->service, w, ep, trust, &at->up);
	if (why != REASON_NONE)
		return why;
	at->reused = upstream_is_reused(at->up);
	at->secure = at->up->secured != 0;
	if (!at->reused) {
		at->connected = at->up->connected;
		at->secured = at->up->secured;
	}
	begin_stream(ex);
	why = talk(ex);
	if (why == REASON_NONE)
		endpoint_answered(&ex->ask, ex->res.status);
	else
		ex->res = (struct response){ .status = 0 };
	return why;
}

void attempt_end(struct exchange *ex, enum reason why)
{
	struct attempt *at = &ex->attempt;
	bool clean = why == REASON_NONE && at->open;

	if (at->open)
		feeder_stop(ex);
	clean = clean && h1_stream_clean(&at->h1) && at->keep_alive;
	at->open = false;
	if (clean)
		pool_return(at->up);
	else
		pool_discard(at->up);
	at->up = NULL;
	endpoint_report(&ex->ask, why, at->status);
}

void attempt_forget(struct exchange *ex)
{
	if (ex->attempt.inlet.worker != NULL)
		inlet_close(&ex->attempt.inlet);
}
