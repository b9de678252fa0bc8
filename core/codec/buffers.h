/* buffers.h - receive buffers in three sizes, and pipes, lent by the worker newest first. */
#ifndef CORE_CODEC_BUFFERS_H
#define CORE_CODEC_BUFFERS_H

#include "core/fiber/worker.h"
#include "core/net/pipe.h"

/* Small: WORKER_BUFFER, what a slow peer gets. Middle: the first read of an answer, so that most come
 * with one, and that of a long one as the full packet from which a client's kernel learns to open its
 * window wide. Large: while a fast client takes every write whole. */
enum buffer_class { BUFFER_SMALL, BUFFER_MIDDLE, BUFFER_LARGE, BUFFER_CLASSES };

enum { BUFFER_MIDDLE_BYTES = 65536, BUFFER_LARGE_BYTES = 262144 };

/* Fills the worker's WORKER_CODEC slot. */
bool buffers_open(struct worker *w, struct weir_error *error);
void buffers_close(struct worker *w);

size_t buffer_bytes(enum buffer_class size);
/* `want`, or a smaller one while so many of it are lent that one more would be greed: those who wait
 * with a large buffer are slow ones, whatever it looked like when they got it. */
enum buffer_class buffer_affordable(struct worker *w, enum buffer_class want);
/* Lends; NULL when out of memory. */
char *buffer_lend(struct worker *w, enum buffer_class size);
void buffer_give(struct worker *w, enum buffer_class size, char *buffer);	/* NULL is fine */
/* An empty pipe. NULL: so many are lent that the bytes had better go through a buffer, or none can be
 * had. */
struct pipe *buffers_lend_pipe(struct worker *w);
/* One that still holds bytes is closed. */
void buffers_give_pipe(struct worker *w, struct pipe *p);
/* How many are lent, of all sizes, pipes among them. */
uint32_t buffers_lent(const struct worker *w);

#endif
