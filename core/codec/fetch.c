/* fetch.c - the small HTTP client: one request on one connection of its own. */
#include "core/codec/fetch.h"

#include "core/base/buffer.h"
#include "core/base/clock.h"
#include "core/http/target.h"
#include "core/net/dial.h"

#define PATIENCE (30 * NS_PER_S)	/* without a byte, when the caller has more */
#define CONNECT_TIME (10 * NS_PER_S)

static const struct h1_limits limits = {
	.head_bytes = 32768,
	.headers = 100,
	.target = { .longest = 8192 },
};

static enum reason build(const struct fetch *f, struct arena *arena, struct request *r)
{
	*r = (struct request){ .method = method_of(f->method), .method_text = f->method, .minor = 1 };
	if (!request_line_valid(f->method, f->path) || r->method == METHOD_CONNECT)
		return REASON_BAD_REQUEST;
	headers_init(&r->headers, arena, 64);
	(void)headers_set_id(&r->headers, HEADER_HOST, f->host);
	(void)headers_set_id(&r->headers, HEADER_USER_AGENT, STR("weir"));
	for (size_t i = 0; i < f->header_count; i++) {
		if (!header_name_valid(f->headers[i].name) ||
		    !header_value_valid(f->headers[i].value))
			return REASON_BAD_REQUEST;
		(void)headers_set(&r->headers, f->headers[i].name, f->headers[i].value);
	}
	if (f->via.len > 0)
		(void)headers_set_id(&r->headers, HEADER_VIA, f->via);
	r->framing.kind = f->body.len > 0 ? FRAMING_LENGTH : FRAMING_NONE;
	r->framing.length = f->body.len;
	return arena->overflowed ? REASON_OUT_OF_MEMORY : REASON_NONE;
}

static enum reason send_all(struct stream *s, const struct fetch *f, struct arena *arena)
{
	struct request r;
	enum reason why = build(f, arena, &r);

	if (why == REASON_NONE)
		why = s->ops->write_request(s, &r, f->path);
	if (why != REASON_NONE)
		return why;
	return f->body.len > 0 ? s->ops->write_body(s, f->body, true) : s->ops->flush(s);
}

static enum reason read_answer(struct stream *s, const struct fetch *f, struct buffer *body,
			       struct response *head)
{
	enum reason why;
	bool last;

	do
		why = s->ops->read_response(s, method_of(f->method), head);
	while (why == REASON_NONE && head->status < 200);
	last = s->in_ended;
	while (why == REASON_NONE && !last) {
		struct weir_str data;

		why = s->ops->read_body(s, &data, &last);
		if (why == REASON_NONE && !buffer_add(body, data))
			why = REASON_UPSTREAM_TOO_LARGE;
	}
	return why;
}

/* The head's slices lie in a buffer that goes back: they are copied. */
static void keep_head(struct response *head, struct arena *arena)
{
	head->phrase = arena_copy(arena, head->phrase);
	headers_for_each(field, &head->headers) {
		field->name = arena_copy(arena, field->name);
		field->value = arena_copy(arena, field->value);
	}
}

static void begin(struct h1_stream *h1, struct transport *t, struct inlet *in, struct arena *arena)
{
	struct stream *s = &h1->stream;

	h1_stream_init(h1, t, in, arena, &limits);
	s->read_patience = s->write_patience = PATIENCE;
	s->read_slow = REASON_HEAD_TIMEOUT;
	s->write_slow = REASON_UPSTREAM_STALLED;
	s->cut = REASON_UPSTREAM_RESET;
	s->bad = REASON_UPSTREAM_INVALID;
}

/* The handshake is within the same time. */
static enum reason connect_it(struct worker *w, const struct fetch *f, struct transport *t,
			      struct weir_error *words)
{
	struct deadline d;
	enum reason why;

	deadline_enter(&d, clock_after(loop_now(&w->loop), CONNECT_TIME), REASON_CONNECT_TIMEOUT);
	why = dial(t, &w->loop, f->to, NULL);
	if (why == REASON_NONE && f->tls != NULL) {
		why = tls_connect(t, f->tls, f->server_name, NULL, words);
		if (why != REASON_NONE)
			transport_close(t);
	}
	deadline_leave(&d);
	return why;
}

static enum reason talk(struct stream *s, const struct fetch *f, struct arena *arena,
			struct fetch_answer *answer)
{
	struct buffer body;
	enum reason why = send_all(s, f, arena);

	buffer_init(&body, f->most);
	if (why == REASON_NONE)
		why = read_answer(s, f, &body, &answer->head);
	if (why == REASON_NONE) {
		keep_head(&answer->head, arena);
		answer->body = arena_copy(arena, buffer_str(&body));
		why = arena->overflowed ? REASON_OUT_OF_MEMORY : REASON_NONE;
	}
	buffer_fini(&body);
	return why;
}

enum reason fetch_run(struct worker *w, const struct fetch *f, struct arena *arena,
		      struct fetch_answer *answer)
{
	struct transport t;
	struct inlet in;
	struct h1_stream h1;
	enum reason why;

	answer->words = (struct weir_error){ "" };
	why = connect_it(w, f, &t, &answer->words);
	if (why != REASON_NONE)
		return why;
	inlet_open(&in, w, &t, BUFFER_SMALL);
	begin(&h1, &t, &in, arena);
	why = talk(&h1.stream, f, arena, answer);
	inlet_close(&in);
	transport_close(&t);
	return why;
}
