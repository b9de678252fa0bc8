/* relay.c - the upstream's answer to the client, at the client's pace. */
#include "core/base/clock.h"
#include "core/proxy/chain.h"
#include "core/proxy/exchange.h"
#include "core/upstream/pool.h"

struct weir_str exchange_connection_word(const struct exchange *ex)
{
	if (!ex->client_keeps)
		return STR("close");
	return ex->req.minor == 0 ? STR("keep-alive") : STR_ABSENT;
}

/* Response hooks of the route's policies, then of the listener's: the way back. */
void exchange_response_hooks(struct exchange *ex)
{
	if (ex->hooks_ran)
		return;
	ex->hooks_ran = true;
	if (ex->plan != NULL) {
		if (!ex->replied)
			header_edits_apply(ex, &ex->res.headers, &ex->plan->response_headers);
		chain_response(ex, &ex->plan->chain);
	}
	chain_response(ex, &ex->listener->chain);
}

/* Only Weir says why Weir answered; and both sides know the request by one id. */
static void add_ours(struct exchange *ex)
{
	struct headers *h = &ex->res.headers;
	struct weir_str mine = STR("1.1 weir");

	if (headers_has_id(h, HEADER_VIA))
		mine = arena_join(&ex->arena, (struct weir_str[]){ headers_joined(h, STR("via")),
								   STR(", "), mine }, 3);
	(void)headers_set_id(h, HEADER_VIA, mine);
	if (headers_has_id(h, HEADER_WEIR_REASON))
		headers_remove_id(h, HEADER_WEIR_REASON);
	(void)headers_set_id(h, HEADER_X_REQUEST_ID, exchange_id(ex));
}

/* The client may not know chunks; then the end of the connection is the end of the body. */
static void set_framing(struct exchange *ex)
{
	struct framing *f = &ex->res.framing;

	if (ex->body_replaced) {
		f->length = ex->reply.len;
		f->kind = ex->reply.len > 0 && ex->req.method != METHOD_HEAD ? FRAMING_LENGTH
									     : FRAMING_NONE;
		return;
	}
	if (f->kind == FRAMING_CLOSE)
		f->kind = FRAMING_CHUNKED;
	if (f->kind == FRAMING_CHUNKED && ex->req.minor == 0)
		f->kind = FRAMING_CLOSE;
}

static void decide_keeping(struct exchange *ex)
{
	ex->client_keeps = ex->req.keep_alive && !ex->session->ending && !ex->proxy->draining &&
			   ex->res.framing.kind != FRAMING_CLOSE;
}

/* A receive buffer is as large as what the client can take at once, so that a write which has to wait
 * waits with a small one: a slow client costs no more, however fast the upstream is. The kernel counts
 * more than the bytes themselves. */
static void adapt_buffer(struct exchange *ex)
{
	size_t room = transport_room(&ex->session->transport) / 2;

	inlet_want(&ex->attempt.inlet, room >= BUFFER_LARGE_BYTES ? BUFFER_LARGE
				     : room >= BUFFER_MIDDLE_BYTES ? BUFFER_MIDDLE : BUFFER_SMALL);
}

static bool more_at_hand(const struct exchange *ex)
{
	return inlet_len(&ex->attempt.inlet) > 0 ||
	       transport_readable(&ex->attempt.up->transport);
}

/* One piece. A head without a body yet must not wait for it: event streams begin so. */
static enum reason relay_some(struct exchange *ex, bool *last)
{
	struct stream *from = ex->attempt.stream, *to = ex->client;
	struct weir_str data;
	enum reason why = REASON_NONE;

	if (ex->client_h1.staged.len > 0 && !more_at_hand(ex))
		why = to->ops->flush(to);
	if (why == REASON_NONE)
		why = from->ops->read_body(from, &data, last);
	if (why != REASON_NONE)
		return why;
	if (*last && ex->trailers.count > 0)
		why = data.len > 0 ? to->ops->write_body(to, data, false) : REASON_NONE;
	else
		why = to->ops->write_body(to, data, *last);
	if (!*last && data.len >= WORKER_BUFFER / 2)
		adapt_buffer(ex);
	inlet_rest(&ex->attempt.inlet);
	fiber_worked(ex->fiber, data.len);
	return why;
}

static enum reason relay_body(struct exchange *ex)
{
	struct stream *from = ex->attempt.stream, *to = ex->client;
	enum reason why = REASON_NONE;
	bool last = from->in_ended;

	if (ex->body_replaced)
		return to->ops->write_body(to, ex->reply, true);
	if (buffer_len(&ex->answer) > 0)	/* a policy has read the beginning */
		why = to->ops->write_body(to, buffer_str(&ex->answer), last);
	else if (last)
		why = to->ops->write_end(to, NULL);
	headers_init(&ex->trailers, &ex->arena, 32);
	from->trailers = &ex->trailers;
	while (why == REASON_NONE && !last)
		why = relay_some(ex, &last);
	if (why == REASON_NONE && !to->out_ended)
		why = to->ops->write_end(to, &ex->trailers);
	return why;
}

static enum reason relay(struct exchange *ex)
{
	struct stream *to = ex->client;
	enum reason why;

	set_framing(ex);
	decide_keeping(ex);
	if (ex->arena.overflowed)
		return REASON_OUT_OF_MEMORY;
	why = to->ops->write_response(to, &ex->res, exchange_connection_word(ex));
	if (why != REASON_NONE)
		return why;
	ex->head_sent = true;
	ex->record.answered = clock_now();
	return relay_body(ex);
}

enum reason exchange_relay(struct exchange *ex)
{
	enum reason why;

	headers_strip_hop_by_hop(&ex->res.headers);
	add_ours(ex);
	exchange_response_hooks(ex);
	if (ex->replied) {		/* a policy answers instead */
		attempt_end(ex, REASON_NONE);
		return exchange_answer(ex);
	}
	why = relay(ex);
	attempt_end(ex, why);
	if (why != REASON_NONE && !ex->head_sent) {
		ex->why = why;
		return exchange_answer(ex);
	}
	return why;
}
