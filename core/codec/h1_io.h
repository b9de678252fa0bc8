/* h1_io.h - what the files of the HTTP/1.1 stream share; nobody else includes it. */
#ifndef CORE_CODEC_H1_IO_H
#define CORE_CODEC_H1_IO_H

#include "core/base/clock.h"
#include "core/codec/h1_stream.h"

extern const struct stream_ops h1_stream_ops;

/* Until when, if it may take `span` from now on. */
static inline uint64_t h1_after(const struct h1_stream *s, uint64_t span)
{
	return clock_after(loop_now(s->transport->loop), span);
}

enum reason h1_reason_of(const struct h1_stream *s, enum io result);
enum reason h1_fill(struct h1_stream *s);	/* one more read, within the stream's patience */
enum reason h1_read_response(struct stream *stream, enum method to, struct response *r);
enum reason h1_read_body(struct stream *stream, struct weir_str *data, bool *last);

#endif
