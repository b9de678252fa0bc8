/* collect.c - a body read whole into memory, because a policy asked for it and named a limit. */
#include "core/proxy/collect.h"

#include "core/proxy/limit.h"

enum reason exchange_say_continue(struct exchange *ex)
{
	if (!ex->continue_owed || ex->body_in_hand)
		return REASON_NONE;
	ex->continue_owed = false;
	return h1_stream_write_interim(&ex->client_h1, 100, NULL);
}

/* No fiber is needed to carry what has come whole with its head, or what a policy has read to its end. */
void exchange_take_body(struct exchange *ex)
{
	if (ex->body_in_hand || ex->client == NULL)
		return;
	if (ex->client->in_ended)
		exchange_set_body(ex, ex->beginning);
	else
		ex->body_in_hand = h1_stream_take_whole(&ex->client_h1, &ex->body);
	if (ex->body_in_hand)
		ex->continue_owed = false;
}

/* Within the limit or not, what has been read goes on as the kept beginning of the body. After a failure
 * it would not be whole: then the request cannot go on, whatever becomes of the policy. */
static enum reason read_on(struct exchange *ex, uint64_t most)
{
	enum reason why = REASON_NONE;
	bool last = ex->client->in_ended;

	while (why == REASON_NONE && !last && buffer_len(&ex->collected) <= most) {
		struct weir_str data;

		why = ex->client->ops->read_body(ex->client, &data, &last);
		if (why == REASON_NONE)
			why = limit_body(ex);
		if (why == REASON_NONE && !buffer_add(&ex->collected, data))
			why = REASON_OUT_OF_MEMORY;
	}
	ex->beginning = buffer_str(&ex->collected);
	ex->body_lost = why;
	return why;
}

enum reason exchange_collect_body(struct exchange *ex, uint64_t most, bool *too_large)
{
	const struct framing *f = &ex->req.framing;
	enum reason why;

	*too_large = f->kind == FRAMING_LENGTH && f->length > most && !ex->body_in_hand;
	exchange_take_body(ex);
	if (ex->body_in_hand || *too_large)
		return REASON_NONE;
	if (ex->collected.ceiling == 0)
		buffer_init(&ex->collected, SIZE_MAX / 2);
	why = exchange_say_continue(ex);
	if (why == REASON_NONE)
		why = read_on(ex, most);
	if (why != REASON_NONE)
		return why;
	*too_large = buffer_len(&ex->collected) > most;
	if (!*too_large)
		exchange_set_body(ex, buffer_str(&ex->collected));
	return REASON_NONE;
}

/* From now on the body is these bytes, of this length. */
void exchange_set_body(struct exchange *ex, struct weir_str body)
{
	ex->body = body;
	ex->body_in_hand = true;
	ex->beginning = STR("");
	ex->req.framing.kind = body.len > 0 ? FRAMING_LENGTH : FRAMING_NONE;
	ex->req.framing.length = body.len;
}

static enum reason read_answer(struct exchange *ex, uint64_t most, bool *last)
{
	struct stream *from = ex->attempt.stream;
	enum reason why = REASON_NONE;

	if (ex->trailers.arena == NULL)
		headers_init(&ex->trailers, &ex->arena, 32);
	from->trailers = &ex->trailers;
	while (why == REASON_NONE && !*last && buffer_len(&ex->answer) <= most) {
		struct weir_str data;

		why = from->ops->read_body(from, &data, last);
		if (why == REASON_NONE && !buffer_add(&ex->answer, data))
			why = REASON_OUT_OF_MEMORY;
	}
	ex->answer_lost = why;
	return why;
}

/* The answer, whole: it then leaves as one body of known length. Over the limit it streams on, what was
 * read of it first. */
enum reason exchange_collect_answer(struct exchange *ex, uint64_t most, struct weir_str *out)
{
	enum reason why;
	bool last;

	*out = ex->reply;
	if (ex->body_replaced || ex->replied)
		return ex->reply.len > most ? REASON_BODY_TOO_LARGE : REASON_NONE;
	*out = STR("");
	if (!ex->attempt.open)
		return ex->answer_lost;
	last = ex->attempt.stream->in_ended;
	if (last && buffer_len(&ex->answer) == 0)
		return REASON_NONE;	/* it has no body: its head may still tell a length */
	if (ex->answer.ceiling == 0)
		buffer_init(&ex->answer, SIZE_MAX / 2);
	why = read_answer(ex, most, &last);
	if (why != REASON_NONE)
		return why;
	if (buffer_len(&ex->answer) > most)
		return REASON_BODY_TOO_LARGE;
	ex->body_replaced = true;
	ex->reply = *out = buffer_str(&ex->answer);
	return REASON_NONE;
}
