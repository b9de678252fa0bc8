/* answer.c - answers that Weir makes itself: a policy's reply, a fixed one, or the problem document of a
 * reason (RFC 9457). */
#include "core/proxy/answer.h"

#include <weir/host.h>

#include "core/base/clock.h"
#include "core/base/json_write.h"
#include "core/http/date.h"
#include "core/proxy/collect.h"
#include "core/proxy/forwarded.h"

void exchange_unrefuse(struct exchange *ex)
{
	ex->refused_status = 0;
	ex->refused_why = REASON_NONE;
	ex->refused_count = 0;
	ex->detail = STR_ABSENT;
}

/* What no one could use: there is nobody to answer. */
static bool nobody_there(enum reason why)
{
	return why == REASON_CLIENT_GONE || why == REASON_CLIENT_SLOW;
}

enum { PROBLEM_ROOM = 2048 };	/* a sentence that does not fit is left out */

static struct weir_str problem(struct exchange *ex, unsigned status)
{
	const struct reason_row *row = reason_row(ex->why);
	char *room = arena_take(&ex->arena, PROBLEM_ROOM);
	struct json_write w;

	if (room == NULL)
		return STR("");
	json_write_init(&w, room, PROBLEM_ROOM - 1);
	json_write_open(&w, STR_ABSENT, '{');
	json_write_u64(&w, STR("status"), status);
	json_write_str(&w, STR("title"), status_phrase(status));
	json_write_str(&w, STR("detail"), ex->detail.data != NULL ? ex->detail : row->sentence);
	if (ex->listener->tell_reasons)
		json_write_str(&w, STR("reason"), row->word);
	json_write_str(&w, STR("request_id"), exchange_id(ex));
	json_write_close(&w);
	*w.at++ = '\n';
	return json_write_text(&w);
}

static void begin_response(struct exchange *ex, unsigned status)
{
	ex->res = (struct response){ .status = (uint16_t)status, .minor = 1, .keep_alive = true };
	headers_init(&ex->res.headers, &ex->arena, 100);
}

static void add_date(struct exchange *ex)
{
	char *at = arena_take(&ex->arena, HTTP_DATE_BYTES);

	if (at == NULL)
		return;
	http_date_write(at, ex->proxy->worker->loop.wall / NS_PER_S);
	(void)headers_set_id(&ex->res.headers, HEADER_DATE, str_of(at, HTTP_DATE_BYTES));
}

static void add_allow(struct exchange *ex)
{
	if (ex->why == REASON_METHOD_NOT_ALLOWED && ex->allow.len > 0)
		(void)headers_set(&ex->res.headers, STR("allow"), ex->allow);
}

static void add_of_refusal(struct exchange *ex)
{
	for (uint32_t i = 0; i < ex->refused_count; i++)
		(void)headers_add(&ex->res.headers, ex->refused_headers[i].name,
				  ex->refused_headers[i].value);
}

/* The documents of refusals and failures. */
void answer_prepare(struct exchange *ex, enum reason why)
{
	unsigned status = ex->refused_status != 0 ? ex->refused_status : reason_row(why)->status;
	struct headers *h = &ex->res.headers;

	ex->why = why;
	begin_response(ex, status);
	ex->reply = problem(ex, status);
	(void)headers_set_id(h, HEADER_CONTENT_TYPE, STR("application/problem+json"));
	if (ex->listener->tell_reasons)
		(void)headers_set_id(h, HEADER_WEIR_REASON, reason_row(why)->word);
	(void)headers_set_id(h, HEADER_X_REQUEST_ID, exchange_id(ex));
	(void)headers_set(h, STR("cache-control"), STR("no-store"));
	add_allow(ex);
	add_of_refusal(ex);
	add_date(ex);
	ex->replied = true;
}

void answer_reply(struct exchange *ex, unsigned status, struct weir_str type, struct weir_str body)
{
	begin_response(ex, status);
	ex->reply = body;
	if (type.data != NULL && body.len > 0)
		(void)headers_set_id(&ex->res.headers, HEADER_CONTENT_TYPE, type);
	add_date(ex);
	ex->replied = true;
}

static bool bodyless(const struct exchange *ex)
{
	return ex->res.status == 204 || ex->res.status == 304;
}

void answer_set_framing(struct exchange *ex)
{
	struct framing *f = &ex->res.framing;

	*f = (struct framing){ FRAMING_NONE, 0 };
	if (bodyless(ex))
		return;
	f->length = ex->reply.len;
	if (ex->reply.len > 0 && ex->req.method != METHOD_HEAD)
		f->kind = FRAMING_LENGTH;
}

/* What was not read of the request would be taken for the next one. */
static void decide_keeping(struct exchange *ex)
{
	exchange_take_body(ex);
	ex->client_keeps = ex->req.keep_alive && ex->client->in_ended && !ex->session->ending &&
			   !ex->proxy->draining && !nobody_there(ex->why);
}

/* Not even the head of an answer can be put together. */
static enum reason refuse(struct exchange *ex, enum reason why)
{
	session_refuse(ex->session);
	ex->res.status = reason_row(REASON_OUT_OF_MEMORY)->status;
	ex->head_sent = ex->client->out_ended = true;
	ex->client_keeps = false;
	return why;
}

enum reason exchange_answer(struct exchange *ex)
{
	struct stream *s = ex->client;
	enum reason why;

	if (nobody_there(ex->why))
		return ex->why;
	if (!ex->replied)
		answer_prepare(ex, ex->why);
	exchange_response_hooks(ex);
	if (ex->again.wanted)
		return ex->why;
	decide_keeping(ex);
	answer_set_framing(ex);
	why = s->ops->write_response(s, &ex->res, exchange_connection_word(ex));
	if (why != REASON_NONE)
		return refuse(ex, why);
	ex->head_sent = true;
	ex->record.answered = clock_now();
	why = ex->res.framing.kind == FRAMING_LENGTH ? s->ops->write_body(s, ex->reply, true)
						      : s->ops->flush(s);
	return why == REASON_NONE ? ex->why : why;
}
