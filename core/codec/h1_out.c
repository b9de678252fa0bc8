/* h1_out.c - what leaves: staged heads, bodies, the last chunk. One send for a head and its body. */
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/codec/h1_io.h"
#include "core/fiber/fiber.h"
#include "core/fiber/wait.h"

enum { SMALL_ENOUGH = 1024 };	/* head and body together: worth a copy */

/* Who sends more does not wait for the others: what he holds would not be in the cache any more, and
 * many would hold a buffer at once. */
enum { GATE_MOST = 4096 };

static void say_blocked(struct h1_stream *s, struct iovec *parts, int count)
{
	if (s->stream.blocked != NULL)
		s->stream.blocked(s->stream.blocked_arg, parts, count);
}

/* Waits for room as long as the peer takes something now and then. */
static enum reason send_patiently(struct h1_stream *s, struct iovec *parts, int count)
{
	struct transport *t = s->transport;
	struct deadline patience;
	enum io result;

	deadline_enter(&patience, h1_after(s, s->stream.write_patience), s->stream.write_slow);
	for (;;) {
		size_t put;

		say_blocked(s, parts, count);
		result = transport_wait_out(t);
		if (result != IO_OK)
			break;
		result = transport_write_now(t, parts, count, &put);
		if (result != IO_OK && result != IO_AGAIN)
			break;
		s->wrote |= put > 0;
		if (iovec_advance(&parts, &count, put))
			break;
		if (put > 0)
			deadline_move(&patience, h1_after(s, s->stream.write_patience));
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
	enum io result;

	if (iovec_total(parts, count) <= GATE_MOST)
		fiber_gate();
	result = send_now(s->transport, parts, count, &put);
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

/* A message without a body ends with its head. */
static enum reason flush(struct stream *stream)
{
	struct h1_stream *s = (struct h1_stream *)stream;
	struct parts p = { .count = 0 };
	enum reason why;

	part_add(&p, take_staged(s));
	if (p.count == 0)
		return REASON_NONE;
	why = send_parts(s, p.at, p.count);
	stream->out_ended = why == REASON_NONE && s->out_framing.kind == FRAMING_NONE;
	return why;
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

/* "0 CRLF, fields, CRLF": the end of a chunked body that has trailers. Empty when there is no memory. */
static struct weir_str trailer_section(struct h1_stream *s, const struct headers *trailers)
{
	struct weir_str *parts = arena_take(s->arena, (trailers->count * 4u + 2) * sizeof(*parts));
	size_t count = 0;

	if (parts == NULL)
		return STR("");
	parts[count++] = STR("0\r\n");
	headers_for_each(field, trailers) {
		parts[count++] = field->name;
		parts[count++] = STR(": ");
		parts[count++] = field->value;
		parts[count++] = STR("\r\n");
	}
	parts[count++] = STR("\r\n");
	return arena_join(s->arena, parts, count);
}

static enum reason write_trailers(struct h1_stream *s, const struct headers *trailers)
{
	struct parts p = { .count = 0 };
	struct weir_str section = trailer_section(s, trailers);
	enum reason why;

	if (section.len == 0)
		return REASON_OUT_OF_MEMORY;
	part_add(&p, take_staged(s));
	part_add(&p, section);
	why = send_parts(s, p.at, p.count);
	s->stream.out_ended = why == REASON_NONE;
	return why;
}

static enum reason write_end(struct stream *stream, const struct headers *trailers)
{
	struct h1_stream *s = (struct h1_stream *)stream;

	if (s->out_framing.kind == FRAMING_NONE)
		return flush(stream);
	if (trailers == NULL || trailers->count == 0 || s->out_framing.kind != FRAMING_CHUNKED)
		return write_body(stream, STR(""), true);
	return write_trailers(s, trailers);
}

/* One of the two heads, and how it is written. */
struct heading {
	const struct request *request;
	const struct response *response;
	struct weir_str target;
	struct h1_write how;
};

static size_t put_head(char *at, size_t room, const struct heading *h)
{
	if (h->request != NULL)
		return h1_write_request(at, room, h->request, h->target, &h->how);
	return h1_write_response(at, room, h->response, &h->how);
}

/* Behind what stands in the arena; else in a chunk of its own; else it is a very large one. */
static enum reason stage(struct h1_stream *s, const struct heading *h)
{
	static char *(*const open[])(struct arena *a, size_t *room) = {
		arena_open, arena_open_chunk, arena_open_large
	};
	size_t len = 0, room;
	char *at = NULL;

	for (size_t i = 0; i < ARRAY_LEN(open) && len == 0; i++) {
		at = open[i](s->arena, &room);
		len = at != NULL ? put_head(at, room, h) : 0;
	}
	if (len == 0)
		return REASON_OUT_OF_MEMORY;
	s->staged = arena_shut(s->arena, at, len);
	s->out_framing = h->how.framing;
	s->out_left = h->how.framing.kind == FRAMING_LENGTH ? h->how.framing.length : 0;
	s->stream.out_ended = false;
	return REASON_NONE;
}

bool h1_stream_unstage(struct h1_stream *s)
{
	return take_staged(s).len > 0;
}

static enum reason write_request(struct stream *stream, const struct request *r,
				 struct weir_str path_and_query)
{
	const struct heading h = {
		.request = r,
		.target = path_and_query,
		.how = {
			.framing = r->framing,
			.zero_length = r->method == METHOD_POST || r->method == METHOD_PUT ||
				       r->method == METHOD_PATCH,
		},
	};

	return stage((struct h1_stream *)stream, &h);
}

/* 204, 304 and 1xx have no length; the answer to a HEAD has the one that a GET would have, or none
 * (RFC 9110 8.6). */
static bool zero_length(const struct h1_stream *s, const struct response *r)
{
	return r->status >= 200 && r->status != 204 && r->status != 304 && !s->answers_head;
}

static enum reason write_response(struct stream *stream, const struct response *r,
				  struct weir_str connection)
{
	struct h1_stream *s = (struct h1_stream *)stream;
	const struct heading h = {
		.response = r,
		.how = {
			.framing = r->framing,
			.zero_length = zero_length(s, r),
			.connection = connection,
		},
	};

	return stage(s, &h);
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
