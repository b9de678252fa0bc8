/* buffers.c - receive buffers in three sizes. */
#include "core/codec/buffers.h"

#include "core/base/error.h"
#include "core/base/mem.h"

/* Kept free ones: enough that a busy worker never asks the heap, few enough to forget a peak. Nobody
 * holds one of the larger sizes while he waits, so that few are in use at once. */
enum { KEEP_MIDDLE = 16, KEEP_LARGE = 1 };

/* Lent at once, by one worker. */
enum { MOST_MIDDLE = 64, MOST_LARGE = 16 };

struct buffers {
	struct slab middle, large;
};

bool buffers_open(struct worker *w, struct weir_error *error)
{
	struct buffers *b = mem_alloc(sizeof(*b));

	if (b == NULL)
		return fail_memory(error);
	slab_init(&b->middle, BUFFER_MIDDLE_BYTES, KEEP_MIDDLE);
	slab_init(&b->large, BUFFER_LARGE_BYTES, KEEP_LARGE);
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

uint32_t buffers_lent(const struct worker *w)
{
	const struct buffers *b = w->slots[WORKER_CODEC];

	return w->buffers.live + b->middle.live + b->large.live;
}
