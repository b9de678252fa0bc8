/* stream.h - one message out and one message in, over whichever HTTP version the connection speaks. */
#ifndef CORE_CODEC_STREAM_H
#define CORE_CODEC_STREAM_H

#include <sys/uio.h>

#include "core/http/message.h"

/* The client's side reads a request and writes a response, the upstream's side the other way round;
 * bodies are the same for both. Everything may wait, on the running fiber, within its deadlines and
 * the stream's own patience. What ends otherwise than well gives its reason. One fiber may read while
 * another writes. */
struct stream {
	const struct stream_ops *ops;
	uint64_t read_patience, write_patience;	/* ns without a byte */
	enum reason read_slow, write_slow;	/* when that ran out */
	enum reason cut;			/* the peer ended or reset in the middle */
	enum reason bad;			/* a body that is badly framed */
	uint64_t body_in, body_out;		/* bytes */
	bool in_ended, out_ended;		/* the message in that direction is complete, and has left */
	struct headers *trailers;		/* of the message in; NULL: dropped */
	/* The peer did not take all at once: called before each wait, with the parts that are left. It
	 * may move their bytes elsewhere, and must not wait. NULL: nobody cares. */
	void (*blocked)(void *arg, struct iovec *parts, int count);
	void *blocked_arg;
};

struct stream_ops {
	/* Stage a head: it leaves with the first bytes of the body, or at flush or end. Framing as
	 * `message->framing` says; FRAMING_NONE: the message is complete with its head. */
	enum reason (*write_request)(struct stream *s, const struct request *r,
				     struct weir_str path_and_query);
	enum reason (*write_response)(struct stream *s, const struct response *r,
				      struct weir_str connection);
	/* `last`: the message ends with these bytes. */
	enum reason (*write_body)(struct stream *s, struct weir_str data, bool last);
	/* Ends a message whose last bytes were not marked, with trailers if there are. */
	enum reason (*write_end)(struct stream *s, const struct headers *trailers);
	enum reason (*flush)(struct stream *s);

	/* Skips 100-continue; other 1xx are given like heads, and are void at the next call. Each head
	 * has to be whole within the patience for reading. */
	enum reason (*read_response)(struct stream *s, enum method to, struct response *r);
	/* Lends bytes until the next read. Empty only when `last` is true: then the body is over. */
	enum reason (*read_body)(struct stream *s, struct weir_str *data, bool *last);
};

#endif
