/* relay.c - the upstream's answer to the client, at the client's pace. */
#include "core/base/clock.h"
#include "core/codec/h1_splice.h"
#include "core/fiber/wait.h"
#include "core/http/hop.h"
#include "core/proxy/answer.h"
#include "core/proxy/chain.h"
#include "core/proxy/exchange.h"
#include "core/proxy/forwarded.h"
#include "core/proxy/pace.h"

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
	if (!ex->again.wanted)
		chain_response(ex, &ex->listener->chain);
}

/* Only Weir says why Weir answered; and both sides know the request by one id. */
static void add_ours(struct exchange *ex)
{
	struct headers *h = &ex->res.headers;

	headers_add_via(h, STR("1.1 weir"));
	if (headers_has_id(h, HEADER_WEIR_REASON))
		headers_remove_id(h, HEADER_WEIR_REASON);
	(void)headers_put_id(h, HEADER_X_REQUEST_ID, exchange_id(ex));
}

/* The client may not know chunks; then the end of the connection is the end of the body. */
static void set_framing(struct exchange *ex)
{
	struct framing *f = &ex->res.framing;

	if (ex->body_replaced)
		answer_set_framing(ex);
	if (f->kind == FRAMING_CLOSE || (f->kind == FRAMING_LENGTH && ex->trailers.count > 0))
		f->kind = FRAMING_CHUNKED;
	if (f->kind == FRAMING_CHUNKED && ex->req.minor == 0)
		f->kind = FRAMING_CLOSE;
}

/* An answer that tells of a failure while the request is still being sent ends it: what is on its way
 * would be taken for the next one. */
static bool gives_up_request(const struct exchange *ex)
{
	return !ex->client->in_ended && ex->res.status >= 300;
}

static void decide_keeping(struct exchange *ex)
{
	ex->client_keeps = ex->req.keep_alive && !ex->session->ending && !ex->proxy->draining &&
			   ex->res.framing.kind != FRAMING_CLOSE && !gives_up_request(ex);
}

/* Called when the client does not take all at once: the rest waits in a small buffer. Trailers are slices
 * of the large one. */
static void client_blocks(void *arg, struct iovec *parts, int count)
{
	struct exchange *ex = arg;

	ex->blocked = true;
	if (ex->trailers.count == 0)
		pace_shelter(&ex->attempt.inlet, parts, count);
}

/* A piece of the body: copied through our memory, or spliced past it. */
struct piece {
	size_t copied, spliced;
	bool last;
};

/* A head without a body yet must not wait for it: event streams begin so. */
static enum reason read_some(struct exchange *ex, struct weir_str *data, bool *last)
{
	struct stream *from = ex->attempt.stream, *to = ex->client;
	enum reason why = REASON_NONE;

	if (ex->client_h1.staged.len > 0 && !h1_stream_at_hand(&ex->attempt.h1))
		why = to->ops->flush(to);
	return why == REASON_NONE ? from->ops->read_body(from, data, last) : why;
}

static enum reason copy_some(struct exchange *ex, struct piece *piece)
{
	struct stream *to = ex->client;
	struct weir_str data;
	enum reason why = read_some(ex, &data, &piece->last);

	if (why != REASON_NONE)
		return why;
	piece->copied = data.len;
	if (piece->last && ex->trailers.count > 0)
		return data.len > 0 ? to->ops->write_body(to, data, false) : REASON_NONE;
	return to->ops->write_body(to, data, piece->last);
}

/* A long body needs none of our memory while the client has room for it; and little when it has not. */
static enum reason move_some(struct exchange *ex, struct piece *piece)
{
	struct h1_stream *from = &ex->attempt.h1, *to = &ex->client_h1;
	enum reason why = REASON_OVERLOADED;
	size_t most;

	if (!h1_splice_fits(from, to))
		return copy_some(ex, piece);
	most = pace_splice(to->transport);
	if (most > 0)
		why = h1_splice(from, to, most, &piece->spliced);
	if (why == REASON_OVERLOADED) {
		inlet_pace(from->in, 0);
		return copy_some(ex, piece);
	}
	piece->last = from->stream.in_ended;
	return why;
}

static enum reason relay_some(struct exchange *ex, bool *last)
{
	struct piece piece = { 0 };
	enum reason why;

	ex->blocked = false;
	why = move_some(ex, &piece);
	*last = piece.last;
	if (why != REASON_NONE || *last)
		return why;
	pace_next(&ex->attempt.inlet, &ex->session->transport, piece.copied, ex->blocked);
	fiber_worked(ex->fiber, piece.copied + piece.spliced);
	return deadline_due() ? REASON_ALL_TIMEOUT : REASON_NONE;
}

static enum reason relay_body(struct exchange *ex)
{
	struct stream *from = ex->attempt.stream, *to = ex->client;
	enum reason why = ex->answer_lost;
	bool last = from->in_ended;

	if (why == REASON_NONE && buffer_len(&ex->answer) > 0)	/* a policy has read the beginning */
		why = to->ops->write_body(to, buffer_str(&ex->answer),
					  last && ex->trailers.count == 0);
	else if (why == REASON_NONE && last)
		why = to->ops->write_end(to, &ex->trailers);
	if (ex->trailers.arena == NULL)		/* else a policy has put some there */
		headers_init(&ex->trailers, &ex->arena, 32);
	from->trailers = &ex->trailers;
	to->blocked = client_blocks;
	to->blocked_arg = ex;
	while (why == REASON_NONE && !last)
		why = relay_some(ex, &last);
	to->blocked = NULL;
	if (why == REASON_NONE && !to->out_ended)
		why = to->ops->write_end(to, &ex->trailers);
	return why;
}

static enum reason write_replaced(struct exchange *ex)
{
	struct stream *to = ex->client;
	enum reason why;

	if (ex->trailers.count == 0)
		return to->ops->write_body(to, ex->reply, true);
	why = ex->reply.len > 0 ? to->ops->write_body(to, ex->reply, false) : REASON_NONE;
	return why == REASON_NONE ? to->ops->write_end(to, &ex->trailers) : why;
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
	return ex->body_replaced ? write_replaced(ex) : relay_body(ex);
}

/* As long as nothing of its head has left, another answer may take its place. */
static bool not_begun(struct exchange *ex)
{
	return !ex->head_sent || h1_stream_unstage(&ex->client_h1);
}

enum reason exchange_relay(struct exchange *ex)
{
	enum reason why;

	headers_strip_hop_by_hop(&ex->res.headers);
	add_ours(ex);
	exchange_response_hooks(ex);
	if (ex->again.wanted)
		return ex->why;
	if (ex->replied) {		/* a policy answers instead */
		attempt_end(ex, REASON_NONE);
		return exchange_answer(ex);
	}
	why = relay(ex);
	attempt_end(ex, why);
	if (why != REASON_NONE && not_begun(ex)) {
		ex->head_sent = false;
		ex->why = why;
		return exchange_answer(ex);
	}
	return why;
}
