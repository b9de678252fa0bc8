/* h1_stream.h - HTTP/1.1 over a transport: both sides. */
#ifndef CORE_CODEC_H1_STREAM_H
#define CORE_CODEC_H1_STREAM_H

#include "core/codec/inlet.h"
#include "core/codec/stream.h"
#include "core/http/h1.h"

struct h1_stream {
	struct stream stream;
	struct inlet *in;
	struct transport *transport;
	struct arena *arena;		/* where heads are written */
	const struct h1_limits *limits;
	struct weir_str staged;		/* a head that has not left yet */
	struct framing out_framing, in_framing;
	uint64_t out_left, in_left;	/* of FRAMING_LENGTH */
	struct chunk_decoder chunks;
	size_t head_bytes;		/* of the head that came, where it lies in the inlet */
	uint8_t interim;		/* 1xx heads seen */
	bool answers_head;		/* the request that came is a HEAD */
	bool wrote;			/* bytes of the message out have left */
	bool kept_back;			/* the end of what was spliced, by the kernel */
	bool head_began;		/* bytes of the message in have come */
};

void h1_stream_init(struct h1_stream *s, struct transport *t, struct inlet *in, struct arena *arena,
		    const struct h1_limits *limits);

/* Client's side: reads a request head. `head_deadline` (monotonic ns) is for all of it. The head stays
 * pinned in the inlet. CLIENT_GONE when the connection ended: before the first byte of a head
 * `head_began` is false, and nothing needs to be answered. */
enum reason h1_stream_read_request(struct h1_stream *s, uint64_t head_deadline, struct request *r);

/* Without waiting: bytes of the body, or its end, are there to read. May read some. */
bool h1_stream_at_hand(struct h1_stream *s);

/* A body of known length that has come whole with its head: gives it, and keeps it where it lies. False:
 * there is more to it, or some of it was read before. */
bool h1_stream_take_whole(struct h1_stream *s, struct weir_str *body);

/* Upstream's side: the head just read moves to the arena, so that its buffer is free for other things.
 * Before anything of the body was read. Without memory it stays. */
void h1_stream_settle(struct h1_stream *s, struct response *r);

/* A head that was staged, and of which nothing has left, is forgotten: true, and another may be staged. */
bool h1_stream_unstage(struct h1_stream *s);

/* Sends an interim response: 100 Continue, 103 Early Hints with `fields` (may be NULL). */
enum reason h1_stream_write_interim(struct h1_stream *s, unsigned status, const struct headers *fields);

/* Both messages ended exactly and nothing is left over: the connection may carry another one. */
bool h1_stream_clean(const struct h1_stream *s);

#endif
