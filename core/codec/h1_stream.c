/* h1_stream.c - HTTP/1.1 over a transport: heads in, and the way a wait's end becomes a reason. */
#include "core/codec/h1_stream.h"

#include <string.h>

#include "core/base/clock.h"
#include "core/codec/h1_io.h"
#include "core/fiber/wait.h"

enum { MOST_INTERIM = 8 };	/* 1xx heads before the answer, then it is a flood */

void h1_stream_init(struct h1_stream *s, struct transport *t, struct inlet *in, struct arena *arena,
		    const struct h1_limits *limits)
{
	*s = (struct h1_stream){
		.stream = { .ops = &h1_stream_ops },
		.in = in,
		.transport = t,
		.arena = arena,
		.limits = limits,
	};
}

enum reason h1_reason_of(const struct h1_stream *s, enum io result)
{
	switch (result) {
	case IO_OK:
	case IO_AGAIN:
		return REASON_NONE;
	case IO_TIMEOUT:
		return deadline_ended();
	case IO_CANCELLED:
		return REASON_CLIENT_GONE;
	case IO_EOF:
	case IO_RESET:
		break;
	}
	if (s->in->starved)
		return REASON_OUT_OF_MEMORY;
	return s->transport->why != REASON_NONE ? (enum reason)s->transport->why : s->stream.cut;
}

/* What is there is read at once; only a wait is timed. */
enum reason h1_fill(struct h1_stream *s)
{
	struct deadline patience;
	enum io result = inlet_fill_now(s->in);

	if (result != IO_AGAIN)
		return h1_reason_of(s, result);
	deadline_enter(&patience, h1_after(s, s->stream.read_patience), s->stream.read_slow);
	result = inlet_fill(s->in);
	deadline_leave(&patience);
	return h1_reason_of(s, result);
}

bool h1_stream_at_hand(struct h1_stream *s)
{
	return s->stream.in_ended || inlet_len(s->in) > 0 || inlet_fill_now(s->in) != IO_AGAIN;
}

bool h1_stream_take_whole(struct h1_stream *s, struct weir_str *body)
{
	if (s->in_framing.kind != FRAMING_LENGTH || s->in_left != s->in_framing.length ||
	    inlet_len(s->in) < s->in_left)
		return false;
	*body = str_head(inlet_str(s->in), (size_t)s->in_left);
	inlet_pin(s->in, body->len);
	s->in_left = 0;
	s->stream.body_in += body->len;
	s->stream.in_ended = true;
	return true;
}

/* Interim answers end with their head. */
static void begin_body(struct h1_stream *s, struct framing framing)
{
	s->in_framing = framing;
	s->in_left = framing.kind == FRAMING_LENGTH ? framing.length : 0;
	s->stream.in_ended = framing.kind == FRAMING_NONE;
	if (framing.kind == FRAMING_CHUNKED)
		chunk_decoder_init(&s->chunks);
}

/* A head that fills its buffer gets a larger one; the parser then starts over. */
static enum reason grow(struct h1_stream *s, enum reason too_large)
{
	if (inlet_grow(s->in))
		return REASON_NONE;
	return s->in->starved ? REASON_OUT_OF_MEMORY : too_large;
}

/* What was read of it lies in the buffer that went back. */
static void forget_request(struct request *r)
{
	struct headers headers = r->headers;

	headers.count = 0;
	headers.present = 0;
	*r = (struct request){ .headers = headers };
}

static enum reason more_of_request(struct h1_stream *s, struct request *r)
{
	enum reason why = REASON_NONE;

	if (inlet_full(s->in)) {
		forget_request(r);
		why = grow(s, REASON_HEAD_TOO_LARGE);
	}
	return why == REASON_NONE ? h1_fill(s) : why;
}

static enum reason parse_request(struct h1_stream *s, struct request *r, size_t *scanned)
{
	enum reason why = REASON_NONE;
	size_t consumed = 0;

	for (;;) {
		switch (h1_parse_request(inlet_str(s->in), s->limits, scanned, r, &consumed, &why)) {
		case H1_DONE:
			inlet_pin(s->in, consumed);
			s->head_bytes = consumed;
			s->answers_head = r->method == METHOD_HEAD;
			begin_body(s, r->framing);
			return REASON_NONE;
		case H1_BAD:
			return why;
		case H1_MORE:
			break;
		}
		why = more_of_request(s, r);
		if (why != REASON_NONE)
			return why;
	}
}

enum reason h1_stream_read_request(struct h1_stream *s, uint64_t head_deadline, struct request *r)
{
	struct deadline head;
	enum reason why;
	size_t scanned = 0;

	s->head_began = inlet_len(s->in) > 0;
	deadline_enter(&head, head_deadline, REASON_HEAD_SLOW);
	why = s->head_began ? REASON_NONE : h1_fill(s);
	if (why == REASON_NONE) {
		s->head_began = true;
		headers_init(&r->headers, s->arena, s->limits->headers);
		why = parse_request(s, r, &scanned);
	}
	deadline_leave(&head);
	return why;
}

static enum reason parse_response(struct h1_stream *s, enum method to, struct response *r)
{
	enum reason why = inlet_len(s->in) > 0 ? REASON_NONE : h1_fill(s);
	size_t consumed = 0, scanned = 0;

	while (why == REASON_NONE) {
		s->head_began = true;
		switch (h1_parse_response(inlet_str(s->in), s->limits, &scanned, to, r, &consumed,
					  &why)) {
		case H1_DONE:
			inlet_pin(s->in, consumed);
			s->head_bytes = consumed;
			return REASON_NONE;
		case H1_BAD:
			return why;
		case H1_MORE:
			break;
		}
		why = inlet_full(s->in) ? grow(s, REASON_UPSTREAM_TOO_LARGE) : REASON_NONE;
		if (why == REASON_NONE)
			why = h1_fill(s);
	}
	return why;
}

/* A head that drips in has no more time than one that does not come. */
static enum reason read_head(struct h1_stream *s, enum method to, struct response *r)
{
	struct deadline head;
	enum reason why;

	headers_init(&r->headers, s->arena, s->limits->headers);
	deadline_enter(&head, h1_after(s, s->stream.read_patience), s->stream.read_slow);
	why = parse_response(s, to, r);
	deadline_leave(&head);
	return why;
}

static bool has_come_whole(const struct h1_stream *s)
{
	return s->stream.in_ended ||
	       (s->in_framing.kind == FRAMING_LENGTH && inlet_len(s->in) >= s->in_left);
}

void h1_stream_settle(struct h1_stream *s, struct response *r)
{
	size_t len = s->head_bytes;
	struct weir_str head;
	char *copy = len > 0 ? arena_take(s->arena, len) : NULL;

	if (copy == NULL)
		return;
	head = str_of(s->in->data + s->in->start - len, len);
	memcpy(copy, head.data, len);
	response_move(r, head, copy);
	s->head_bytes = 0;
	inlet_release(s->in);
}

enum reason h1_read_response(struct stream *stream, enum method to, struct response *r)
{
	struct h1_stream *s = (struct h1_stream *)stream;

	for (;;) {
		enum reason why;

		if (s->interim > 0)
			inlet_unpin(s->in);	/* the interim head is done with */
		why = read_head(s, to, r);
		if (why != REASON_NONE)
			return why;
		if (r->status >= 200)
			break;
		if (++s->interim > MOST_INTERIM || r->status == 101)
			return REASON_UPSTREAM_INVALID;
		if (r->status != 100)
			return REASON_NONE;
	}
	begin_body(s, r->framing);
	/* A body that is still on its way may take long: the head moves before anyone has looked. */
	if (!has_come_whole(s))
		h1_stream_settle(s, r);
	return REASON_NONE;
}

bool h1_stream_clean(const struct h1_stream *s)
{
	return s->stream.in_ended && s->stream.out_ended && s->staged.len == 0 &&
	       inlet_len(s->in) == 0 && !s->in->ended && !transport_gone(s->transport);
}
