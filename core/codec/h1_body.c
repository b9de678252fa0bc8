/* h1_body.c - bodies that come in: by length, in chunks, or until the connection ends. */
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

/* True when the decoder finds the end right behind what it gave, so that data and end leave together. */
static bool ends_here(struct h1_stream *s)
{
	struct chunk_decoder ahead = s->chunks;
	struct weir_str in = inlet_str(s->in), data;

	if (in.len == 0 || chunk_decode(&ahead, &in, &data, s->stream.trailers) != CHUNK_END)
		return false;
	inlet_drop(s->in, inlet_len(s->in) - in.len);
	return true;
}

static enum reason read_chunked(struct h1_stream *s, struct weir_str *data, bool *last)
{
	struct weir_str in = inlet_str(s->in);
	size_t before = in.len;
	enum chunk_step step = chunk_decode(&s->chunks, &in, data, s->stream.trailers);

	inlet_drop(s->in, before - in.len);
	switch (step) {
	case CHUNK_DATA:
		s->stream.body_in += data->len;
		*last = ends_here(s);
		return REASON_NONE;
	case CHUNK_END:
		*data = STR("");
		*last = true;
		return REASON_NONE;
	case CHUNK_MORE:
		*data = STR("");
		*last = false;
		return inlet_full(s->in) ? s->stream.bad : REASON_NONE;
	case CHUNK_BAD:
		break;
	}
	return s->stream.bad;
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
