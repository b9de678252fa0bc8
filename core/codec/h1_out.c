/* h1_out.c - what leaves: staged heads, bodies, the last chunk. One send for a head and its body. */
#include "core/base/clock.h"
#include "core/codec/h1_io.h"
#include "core/fiber/wait.h"

enum { SMALL_ENOUGH = 1024 };	/* head and body together: worth a copy */

/* Waits for room as long as the peer takes something now and then. */
static enum reason send_patiently(struct h1_stream *s, struct iovec *parts, int count)
{
	struct transport *t = s->transport;
	struct deadline patience;
	enum io result;

	deadline_enter(&patience, clock_after(loop_now(t->loop), s->stream.write_patience),
		       s->stream.write_slow);
	for (;;) {
		size_t put;

		result = transport_wait_out(t);
		if (result != IO_OK)
			break;
		result = transport_write_now(t, parts, count, &put);
		if (result != IO_OK && result != IO_AGAIN)
			break;
		if (iovec_advance(&parts, &count, put))
			break;
		deadline_move(&patience,
			      clock_after(loop_now(t->loop), s->stream.write_patience));
	}
	deadline_leave(&patience);
	return h1_reason_of(s, result);
}

/* The kernel takes one small piece cheaper than it walks over several. */
static enum io send_now(struct transport *t, const struct iovec *parts, int count, size_t *put)
{
	char joined[SMALL_ENOUGH];
	size_t len = 0;

	for (int i = 0; i < count; i++) {
		if (count == 1 || parts[i].iov_len > sizeof(joined) - len)
			return transport_write_now(t, parts, count, put);
		memcpy(joined + len, parts[i].iov_base, parts[i].iov_len);
		len += parts[i].iov_len;
	}
	return transport_write_now(t, &(struct iovec){ joined, len }, 1, put);
}

static enum reason send_parts(struct h1_stream *s, struct iovec *parts, int count)
{
	size_t put;
	enum io result = send_now(s->transport, parts, count, &put);

	s->wrote |= put > 0;
	if (result != IO_OK && result != IO_AGAIN)
		return s->stream.cut;
	if (iovec_advance(&parts, &count, put))
		return REASON_NONE;
	return send_patiently(s, parts, count);
}

/* Parts of one send: a head, a chunk's size, the data, a chunk's end, the last chunk. */
struct parts {
	struct iovec at[5];
	int count;
};

static void part_add(struct parts *p, struct weir_str s)
{
	if (s.len > 0)
		p->at[p->count++] = (struct iovec){ (char *)s.data, s.len };
}

static struct weir_str take_staged(struct h1_stream *s)
{
	struct weir_str staged = s->staged;

	s->staged = STR("");
	return staged;
}

static enum reason flush(struct stream *stream)
{
	struct h1_stream *s = (struct h1_stream *)stream;
	struct parts p = { .count = 0 };

	part_add(&p, take_staged(s));
	return p.count > 0 ? send_parts(s, p.at, p.count) : REASON_NONE;
}

static void add_body(struct h1_stream *s, struct parts *p, struct weir_str data, bool last,
		     char size[CHUNK_HEAD_ROOM])
{
	if (s->out_framing.kind != FRAMING_CHUNKED) {
		part_add(p, data);
		return;
	}
	if (data.len > 0) {
		part_add(p, str_of(size, chunk_write_head(size, data.len)));
		part_add(p, data);
		part_add(p, last ? STR("\r\n0\r\n\r\n") : STR("\r\n"));
	} else if (last) {
		part_add(p, STR("0\r\n\r\n"));
	}
}

static enum reason write_body(struct stream *stream, struct weir_str data, bool last)
{
	struct h1_stream *s = (struct h1_stream *)stream;
	struct parts p = { .count = 0 };
	char size[CHUNK_HEAD_ROOM];
	enum reason why;

	if (s->out_framing.kind == FRAMING_LENGTH) {
		if (data.len > s->out_left || (last && data.len < s->out_left))
			return s->stream.bad;
		s->out_left -= data.len;
	}
	part_add(&p, take_staged(s));
	if (s->out_framing.kind != FRAMING_NONE)
		add_body(s, &p, data, last, size);
	why = p.count > 0 ? send_parts(s, p.at, p.count) : REASON_NONE;
	s->stream.body_out += data.len;
	if (why == REASON_NONE && last)
		stream->out_ended = true;
	return why;
}

/* "0 CRLF, fields, CRLF": the end of a chunked body that has trailers. */
static struct weir_str trailer_section(struct h1_stream *s, const struct headers *trailers)
{
	struct weir_str text = STR("0\r\n");

	headers_for_each(field, trailers) {
		const struct weir_str parts[] = { text, field->name, STR(": "), field->value,
						  STR("\r\n") };

		text = arena_join(s->arena, parts, ARRAY_LEN(parts));
	}
	return arena_join(s->arena, (struct weir_str[]){ text, STR("\r\n") }, 2);
}

static enum reason write_end(struct stream *stream, const struct headers *trailers)
{
	struct h1_stream *s = (struct h1_stream *)stream;
	struct parts p = { .count = 0 };

	if (stream->out_ended)
		return flush(stream);
	if (trailers == NULL || trailers->count == 0 || s->out_framing.kind != FRAMING_CHUNKED)
		return write_body(stream, STR(""), true);
	part_add(&p, take_staged(s));
	part_add(&p, trailer_section(s, trailers));
	stream->out_ended = true;
	return send_parts(s, p.at, p.count);
}

static void begin_out(struct h1_stream *s, struct weir_str head, struct framing framing)
{
	s->staged = head;
	s->out_framing = framing;
	s->out_left = framing.kind == FRAMING_LENGTH ? framing.length : 0;
	s->stream.out_ended = framing.kind == FRAMING_NONE;
}

static enum reason write_request(struct stream *stream, const struct request *r,
				 struct weir_str path_and_query)
{
	struct h1_stream *s = (struct h1_stream *)stream;
	const struct h1_write how = {
		.framing = r->framing,
		.zero_length = r->method == METHOD_POST || r->method == METHOD_PUT ||
			       r->method == METHOD_PATCH,
	};
	size_t room, len;
	char *at = arena_open(s->arena, &room);

	len = h1_write_request(at, room, r, path_and_query, &how);
	if (len == 0) {
		at = arena_open_large(s->arena, &room);
		len = at != NULL ? h1_write_request(at, room, r, path_and_query, &how) : 0;
	}
	if (len == 0)
		return REASON_OUT_OF_MEMORY;
	begin_out(s, arena_shut(s->arena, at, len), r->framing);
	return REASON_NONE;
}

/* 204, 304 and 1xx have no length; the answer to HEAD keeps the one that GET would have. */
static bool zero_length(const struct response *r)
{
	return r->status >= 200 && r->status != 204 && r->status != 304;
}

static enum reason write_response(struct stream *stream, const struct response *r,
				  struct weir_str connection)
{
	struct h1_stream *s = (struct h1_stream *)stream;
	const struct h1_write how = {
		.framing = r->framing,
		.zero_length = zero_length(r),
		.connection = connection,
	};
	size_t room, len;
	char *at = arena_open(s->arena, &room);

	len = h1_write_response(at, room, r, &how);
	if (len == 0) {
		at = arena_open_large(s->arena, &room);
		len = at != NULL ? h1_write_response(at, room, r, &how) : 0;
	}
	if (len == 0)
		return REASON_OUT_OF_MEMORY;
	begin_out(s, arena_shut(s->arena, at, len), r->framing);
	return REASON_NONE;
}

enum reason h1_stream_write_interim(struct h1_stream *s, unsigned status, const struct headers *fields)
{
	struct response r = { .status = (uint16_t)status, .minor = 1 };
	const struct h1_write how = { .framing = { FRAMING_NONE, 0 } };
	char head[1024];
	size_t len;

	if (fields != NULL)
		r.headers = *fields;
	len = h1_write_response(head, sizeof(head), &r, &how);
	if (len == 0)
		return REASON_NONE;	/* an over-long hint is dropped: it is only a hint */
	return send_parts(s, &(struct iovec){ head, len }, 1);
}

const struct stream_ops h1_stream_ops = {
	.write_request = write_request,
	.write_response = write_response,
	.write_body = write_body,
	.write_end = write_end,
	.flush = flush,
	.read_response = h1_read_response,
	.read_body = h1_read_body,
};
