/* buffers.c - receive buffers in three sizes, and pipes. */
#include "core/codec/buffers.h"

#include "core/base/error.h"
#include "core/base/mem.h"

/* Kept free ones: enough that a busy worker never asks the heap, few enough to forget a peak. Nobody
 * holds one of the larger sizes while he waits, so that few are in use at once. */
enum { KEEP_MIDDLE = 16, KEEP_LARGE = 1 };

/* Lent at once, by one worker. */
enum { MOST_MIDDLE = 64, MOST_LARGE = 16 };

/* Pipes of one worker. Nobody holds one while he waits for bytes, only while he waits for a peer to
 * take them. */
enum { MOST_PIPES = 16 };

struct buffers {
	struct slab middle, large;
	struct pipe pipes[MOST_PIPES];
	struct pipe *spare[MOST_PIPES];	/* open or not yet; the newest one last */
	uint32_t spares;
};

bool buffers_open(struct worker *w, struct weir_error *error)
{
	struct buffers *b = mem_alloc(sizeof(*b));

	if (b == NULL)
		return fail_memory(error);
	slab_init(&b->middle, BUFFER_MIDDLE_BYTES, KEEP_MIDDLE);
	slab_init(&b->large, BUFFER_LARGE_BYTES, KEEP_LARGE);
	worker_cools(w, &b->middle);
	for (uint32_t i = 0; i < MOST_PIPES; i++) {
		b->pipes[i] = (struct pipe){ .in = -1, .out = -1 };
		b->spare[b->spares++] = &b->pipes[i];
	}
	w->slots[WORKER_CODEC] = b;
	return true;
}

void buffers_close(struct worker *w)
{
	struct buffers *b = w->slots[WORKER_CODEC];

	if (b == NULL)
		return;
	slab_fini(&b->middle);
	slab_fini(&b->large);
	for (uint32_t i = 0; i < MOST_PIPES; i++)
		pipe_close(&b->pipes[i]);
	mem_free(b);
	w->slots[WORKER_CODEC] = NULL;
}

static struct slab *slab_of(struct worker *w, enum buffer_class size)
{
	struct buffers *b = w->slots[WORKER_CODEC];

	switch (size) {
	case BUFFER_MIDDLE:
		return &b->middle;
	case BUFFER_LARGE:
		return &b->large;
	case BUFFER_SMALL:
	case BUFFER_CLASSES:
		break;
	}
	return &w->buffers;
}

enum buffer_class buffer_affordable(struct worker *w, enum buffer_class want)
{
	const struct buffers *b = w->slots[WORKER_CODEC];

	if (want == BUFFER_LARGE && b->large.live >= MOST_LARGE)
		want = BUFFER_MIDDLE;
	if (want == BUFFER_MIDDLE && b->middle.live >= MOST_MIDDLE)
		want = BUFFER_SMALL;
	return want;
}

size_t buffer_bytes(enum buffer_class size)
{
	static const size_t bytes[BUFFER_CLASSES] = {
		[BUFFER_SMALL] = WORKER_BUFFER,
		[BUFFER_MIDDLE] = BUFFER_MIDDLE_BYTES,
		[BUFFER_LARGE] = BUFFER_LARGE_BYTES,
	};

	return bytes[size];
}

char *buffer_lend(struct worker *w, enum buffer_class size)
{
	return slab_take(slab_of(w, size));
}

void buffer_give(struct worker *w, enum buffer_class size, char *buffer)
{
	slab_give(slab_of(w, size), buffer);
}

struct pipe *buffers_lend_pipe(struct worker *w)
{
	struct buffers *b = w->slots[WORKER_CODEC];
	struct pipe *p = b->spares > 0 ? b->spare[b->spares - 1] : NULL;

	if (p == NULL || (p->in < 0 && !pipe_open(p)))
		return NULL;
	b->spares--;
	return p;
}

void buffers_give_pipe(struct worker *w, struct pipe *p)
{
	struct buffers *b = w->slots[WORKER_CODEC];

	if (p->held > 0)
		pipe_close(p);
	b->spare[b->spares++] = p;
}

uint32_t buffers_lent(const struct worker *w)
{
	const struct buffers *b = w->slots[WORKER_CODEC];

	return w->buffers.live + b->middle.live + b->large.live + (MOST_PIPES - b->spares);
}
