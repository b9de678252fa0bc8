/* h1_splice.c - long bodies of known length pass inside the kernel. */
#include "core/codec/h1_splice.h"

#include "core/codec/h1_io.h"
#include "core/fiber/wait.h"

/* Below that, copying is cheaper than two more system calls. */
enum { SPLICE_LEAST = 65536 };

bool h1_splice_fits(const struct h1_stream *from, const struct h1_stream *to)
{
	return from->in_framing.kind == FRAMING_LENGTH && to->out_framing.kind == FRAMING_LENGTH &&
	       from->in_left >= SPLICE_LEAST && from->in_left == to->out_left &&
	       inlet_len(from->in) == 0 && to->staged.len == 0 &&
	       pipe_fits(from->transport, to->transport);
}

/* What came before a pause does not wait for what comes after it. */
static enum reason wait_for_bytes(struct h1_stream *from, struct h1_stream *to)
{
	struct deadline patience;
	enum io result;

	if (transport_readable(from->transport))
		return REASON_NONE;
	if (to->kept_back)
		pipe_push(to->transport);
	to->kept_back = false;
	deadline_enter(&patience, h1_after(from, from->stream.read_patience), from->stream.read_slow);
	result = transport_wait_in(from->transport);
	deadline_leave(&patience);
	return h1_reason_of(from, result);
}

static enum reason take(struct h1_stream *from, struct pipe *p, size_t most)
{
	size_t got;
	enum io result = pipe_take(p, from->transport,
				   most < from->in_left ? most : (size_t)from->in_left, &got);

	from->in_left -= got;
	from->stream.body_in += got;
	from->stream.in_ended = from->in_left == 0;
	return h1_reason_of(from, result);
}

static void count_out(struct h1_stream *to, size_t put)
{
	to->wrote |= put > 0;
	to->out_left -= put;
	to->stream.body_out += put;
}

/* As long as the peer takes something now and then. */
static enum reason put_patiently(struct h1_stream *to, struct pipe *p)
{
	struct transport *t = to->transport;
	struct deadline patience;
	enum io result = IO_OK;

	deadline_enter(&patience, h1_after(to, to->stream.write_patience), to->stream.write_slow);
	while (p->held > 0) {
		size_t put;

		if (to->stream.blocked != NULL)
			to->stream.blocked(to->stream.blocked_arg, NULL, 0);
		result = transport_wait_out(t);
		if (result != IO_OK)
			break;
		result = pipe_put(p, t, to->kept_back, &put);
		if (result != IO_OK && result != IO_AGAIN)
			break;
		count_out(to, put);
		if (put > 0)
			deadline_move(&patience, h1_after(to, to->stream.write_patience));
	}
	deadline_leave(&patience);
	return h1_reason_of(to, result);
}

static enum reason put(struct h1_stream *to, struct pipe *p)
{
	enum reason why = REASON_NONE;
	size_t n;
	enum io result;

	if (p->held == 0)
		return REASON_NONE;
	to->kept_back = to->out_left > p->held;
	result = pipe_put(p, to->transport, to->kept_back, &n);
	count_out(to, n);
	if (result != IO_OK && result != IO_AGAIN)
		return h1_reason_of(to, result);
	if (p->held > 0)
		why = put_patiently(to, p);
	to->stream.out_ended = why == REASON_NONE && to->out_left == 0;
	return why;
}

enum reason h1_splice(struct h1_stream *from, struct h1_stream *to, size_t most, size_t *moved)
{
	struct worker *w = from->in->worker;
	uint64_t before = from->stream.body_in;
	enum reason why = wait_for_bytes(from, to);
	struct pipe *p;

	*moved = 0;
	if (why != REASON_NONE)
		return why;
	p = buffers_lend_pipe(w);
	if (p == NULL)
		return REASON_OVERLOADED;
	why = take(from, p, most);
	if (why == REASON_NONE)
		why = put(to, p);
	*moved = (size_t)(from->stream.body_in - before);
	buffers_give_pipe(w, p);
	return why;
}
