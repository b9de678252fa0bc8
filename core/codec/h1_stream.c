/* h1_stream.c - HTTP/1.1 over a transport: heads in, and the way a wait's end becomes a reason. */
#include "core/codec/h1_stream.h"

#include "core/base/clock.h"
#include "core/codec/h1_io.h"
#include "core/fiber/wait.h"

enum {
	MOST_INTERIM = 8,	/* 1xx heads before the answer, then it is a flood */
	SETTLED_MOST = 4096,	/* bytes of a head that is moved out of its buffer */
};

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
	return s->stream.cut;
}

enum reason h1_fill(struct h1_stream *s)
{
	struct deadline patience;
	enum io result;

	if (transport_readable(s->transport))
		return h1_reason_of(s, inlet_fill(s->in));
	deadline_enter(&patience, clock_after(loop_now(s->transport->loop), s->stream.read_patience),
		       s->stream.read_slow);
	result = inlet_fill(s->in);
	deadline_leave(&patience);
	return h1_reason_of(s, result);
}

void h1_begin_body(struct h1_stream *s, struct framing framing)
{
	s->in_framing = framing;
	s->in_left = framing.kind == FRAMING_LENGTH ? framing.length : 0;
	s->stream.in_ended = framing.kind == FRAMING_NONE;
	if (framing.kind == FRAMING_CHUNKED)
		chunk_decoder_init(&s->chunks);
}

/* A head that fills its buffer gets a larger one; the parser then starts over, as its slices moved. */
static enum reason more_head(struct h1_stream *s, enum reason too_large)
{
	if (inlet_full(s->in) && !inlet_grow(s->in))
		return too_large;
	return h1_fill(s);
}

static enum reason parse_request(struct h1_stream *s, struct request *r, size_t *scanned)
{
	enum reason why = REASON_NONE;
	size_t consumed = 0;

	for (;;) {
		switch (h1_parse_request(inlet_str(s->in), s->limits, scanned, r, &consumed, &why)) {
		case H1_DONE:
			inlet_pin(s->in, consumed);
			h1_begin_body(s, r->framing);
			return REASON_NONE;
		case H1_BAD:
			return why;
		case H1_MORE:
			break;
		}
		why = more_head(s, REASON_HEAD_TOO_LARGE);
		if (why != REASON_NONE)
			return why;
		s->head_began = true;
		headers_init(&r->headers, s->arena, s->limits->headers);
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

/* A body that is still on its way may take long: the buffer that its head came in is then not kept for
 * the head's sake, which moves to the arena before anyone has looked at it. */
static void settle_head(struct h1_stream *s, struct response *r, size_t len)
{
	struct weir_str head = str_of(s->in->data + s->in->start - len, len);
	char *copy;

	if (len > SETTLED_MOST || s->stream.in_ended ||
	    (s->in_framing.kind == FRAMING_LENGTH && inlet_len(s->in) >= s->in_left))
		return;
	copy = arena_take(s->arena, len);
	if (copy == NULL)
		return;
	memcpy(copy, head.data, len);
	response_move(r, head, copy);
	inlet_release(s->in);
}

static enum reason parse_response(struct h1_stream *s, enum method to, struct response *r,
				  size_t *len)
{
	enum reason why = REASON_NONE;
	size_t consumed = 0, scanned = 0;

	headers_init(&r->headers, s->arena, s->limits->headers);
	for (;;) {
		if (inlet_len(s->in) > 0) {
			switch (h1_parse_response(inlet_str(s->in), s->limits, &scanned, to, r,
						  &consumed, &why)) {
			case H1_DONE:
				inlet_pin(s->in, consumed);
				*len = consumed;
				return REASON_NONE;
			case H1_BAD:
				return why;
			case H1_MORE:
				break;
			}
		}
		why = more_head(s, REASON_UPSTREAM_TOO_LARGE);
		if (why != REASON_NONE)
			return why;
		s->head_began = true;
		headers_init(&r->headers, s->arena, s->limits->headers);
	}
}

enum reason h1_read_response(struct stream *stream, enum method to, struct response *r)
{
	struct h1_stream *s = (struct h1_stream *)stream;
	size_t len = 0;

	for (;;) {
		enum reason why = parse_response(s, to, r, &len);

		if (why != REASON_NONE)
			return why;
		if (r->status >= 200)
			break;
		if (++s->interim > MOST_INTERIM || r->status == 101)
			return REASON_UPSTREAM_INVALID;
		if (r->status != 100)
			return REASON_NONE;
	}
	h1_begin_body(s, r->framing);
	settle_head(s, r, len);
	return REASON_NONE;
}

bool h1_stream_clean(const struct h1_stream *s)
{
	return s->stream.in_ended && s->stream.out_ended && s->staged.len == 0 &&
	       inlet_len(s->in) == 0 && !s->in->ended && !transport_gone(s->transport);
}
