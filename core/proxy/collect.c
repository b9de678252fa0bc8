/* collect.c - a body read whole into memory, because a policy asked for it and named a limit. */
#include "core/proxy/exchange.h"
#include "core/proxy/limit.h"

static enum reason say_continue(struct exchange *ex)
{
	if (!ex->continue_owed)
		return REASON_NONE;
	ex->continue_owed = false;
	return h1_stream_write_interim(&ex->client_h1, 100, NULL);
}

/* What has been read when the limit is met is not lost: it goes on as the kept beginning of a body that
 * is still on its way. */
static void keep_beginning(struct exchange *ex)
{
	ex->beginning = buffer_str(&ex->collected);
}

enum reason exchange_collect_body(struct exchange *ex, uint64_t most, bool *too_large)
{
	const struct framing *f = &ex->req.framing;
	bool last = ex->client == NULL || ex->client->in_ended;
	enum reason why = REASON_NONE;

	*too_large = false;
	if (ex->body_in_hand)
		return REASON_NONE;
	if (ex->collected.ceiling == 0)
		buffer_init(&ex->collected, SIZE_MAX / 2);
	if (f->kind == FRAMING_LENGTH && f->length > most) {
		*too_large = true;
		return REASON_NONE;
	}
	why = say_continue(ex);
	while (why == REASON_NONE && !last) {
		struct weir_str data;

		if (buffer_len(&ex->collected) > most) {
			*too_large = true;
			keep_beginning(ex);
			return REASON_NONE;
		}
		why = ex->client->ops->read_body(ex->client, &data, &last);
		if (why == REASON_NONE)
			why = limit_body(ex);
		if (why == REASON_NONE && !buffer_add(&ex->collected, data))
			why = REASON_OUT_OF_MEMORY;
	}
	if (why != REASON_NONE)
		return why;
	if (buffer_len(&ex->collected) > most) {
		*too_large = true;
		keep_beginning(ex);
		return REASON_NONE;
	}
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

/* The answer, whole: it then leaves as one body of known length. Over the limit it streams on, what was
 * read of it first. */
enum reason exchange_collect_answer(struct exchange *ex, uint64_t most, struct weir_str *out)
{
	struct stream *from = ex->attempt.stream;
	bool last = !ex->attempt.open || from->in_ended;
	enum reason why = REASON_NONE;

	*out = ex->reply;
	if (ex->body_replaced || ex->replied)
		return ex->reply.len > most ? REASON_BODY_TOO_LARGE : REASON_NONE;
	if (ex->answer.ceiling == 0)
		buffer_init(&ex->answer, SIZE_MAX / 2);
	while (why == REASON_NONE && !last && buffer_len(&ex->answer) <= most) {
		struct weir_str data;

		why = from->ops->read_body(from, &data, &last);
		if (why == REASON_NONE && !buffer_add(&ex->answer, data))
			why = REASON_OUT_OF_MEMORY;
	}
	if (why != REASON_NONE)
		return why;
	if (buffer_len(&ex->answer) > most)
		return REASON_BODY_TOO_LARGE;
	ex->body_replaced = last;
	ex->reply = *out = buffer_str(&ex->answer);
	return REASON_NONE;
}
