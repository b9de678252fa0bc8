/* h1_splice.h - long bodies of known length pass inside the kernel. */
#ifndef CORE_CODEC_H1_SPLICE_H
#define CORE_CODEC_H1_SPLICE_H

#include "core/codec/h1_stream.h"

/* What is left of the body is long enough to be worth it, lies wholly in the source's socket, and both
 * sides are plain and say its length. */
bool h1_splice_fits(const struct h1_stream *from, const struct h1_stream *to);

/* Moves what is there, at most `most` bytes, waiting for the source and for the peer to take it all,
 * within both streams' patience; `from` and `to` then stand as if it had been read and written.
 * *moved 0 with REASON_NONE: the source has paused; the next call waits for it. REASON_OVERLOADED: no
 * pipe is to be had, and nothing has moved: read and write instead. */
enum reason h1_splice(struct h1_stream *from, struct h1_stream *to, size_t most, size_t *moved);

#endif
