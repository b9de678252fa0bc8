/* h1_body.c - bodies that come in: by length, in chunks, or until the connection ends. */
#include <string.h>

#include "core/codec/h1_io.h"

static void take(struct h1_stream *s, struct weir_str *data, size_t n)
{
	*data = str_head(inlet_str(s->in), n);
	inlet_drop(s->in, n);
	s->stream.body_in += n;
}

static enum reason read_length(struct h1_stream *s, struct weir_str *data, bool *last)
{
	size_t here = inlet_len(s->in);

	take(s, data, here < s->in_left ? here : (size_t)s->in_left);
	s->in_left -= data->len;
	*last = s->in_left == 0;
	return REASON_NONE;
}

static enum reason read_close(struct h1_stream *s, struct weir_str *data, bool *last)
{
	take(s, data, inlet_len(s->in));
	*last = false;
	return REASON_NONE;
}

/* What follows in the same buffer moves up behind it: many small chunks leave as one, and with them the
 * end of the body, if that has come. What is bad there is found by the next read. */
static void gather(struct h1_stream *s, struct weir_str *in, struct weir_str *data, bool *last)
{
	while (in->len > 0 && !*last) {
		struct chunk_decoder ahead = s->chunks;
		struct weir_str rest = *in, more;
		enum chunk_step step = chunk_decode(&ahead, &rest, &more, s->stream.trailers);

		if (step == CHUNK_BAD)
			return;
		s->chunks = ahead;
		*in = rest;
		*last = step == CHUNK_END;
		if (step != CHUNK_DATA)
			return;
		memmove((char *)(uintptr_t)data->data + data->len, more.data, more.len);
		data->len += more.len;
	}
}

/* A chunk's line, or the trailers, that are not whole although the buffer is full. */
static enum reason need_room(struct h1_stream *s)
{
	if (!inlet_full(s->in) || inlet_grow(s->in))
		return REASON_NONE;
	return s->in->starved ? REASON_OUT_OF_MEMORY : s->stream.bad;
}

static enum reason read_chunked(struct h1_stream *s, struct weir_str *data, bool *last)
{
	struct weir_str in = inlet_str(s->in);
	size_t before = in.len;
	enum chunk_step step = chunk_decode(&s->chunks, &in, data, s->stream.trailers);

	*last = step == CHUNK_END;
	if (step == CHUNK_DATA)
		gather(s, &in, data, last);
	else
		*data = STR("");
	inlet_drop(s->in, before - in.len);
	s->stream.body_in += data->len;
	if (step == CHUNK_BAD)
		return s->stream.bad;
	return step == CHUNK_MORE ? need_room(s) : REASON_NONE;
}

static enum reason read_held(struct h1_stream *s, struct weir_str *data, bool *last)
{
	switch (s->in_framing.kind) {
	case FRAMING_LENGTH:
		return read_length(s, data, last);
	case FRAMING_CHUNKED:
		return read_chunked(s, data, last);
	case FRAMING_CLOSE:
		return read_close(s, data, last);
	case FRAMING_NONE:
	case FRAMING_STREAM:
		break;
	}
	*data = STR("");
	*last = true;
	return REASON_NONE;
}

/* A body without length ends with the connection, and only in order. */
static bool ended_by_close(const struct h1_stream *s)
{
	return s->in_framing.kind == FRAMING_CLOSE && s->in->ended && inlet_len(s->in) == 0;
}

enum reason h1_read_body(struct stream *stream, struct weir_str *data, bool *last)
{
	struct h1_stream *s = (struct h1_stream *)stream;

	*data = STR("");
	*last = s->stream.in_ended;
	while (!*last && data->len == 0) {
		enum reason why = REASON_NONE;

		if (inlet_len(s->in) > 0)
			why = read_held(s, data, last);
		if (why != REASON_NONE)
			return why;
		if (*last || data->len > 0)
			break;
		why = h1_fill(s);
		*last = ended_by_close(s);
		if (why != REASON_NONE && !*last)
			return why;
	}
	s->stream.in_ended = *last;
	return REASON_NONE;
}
