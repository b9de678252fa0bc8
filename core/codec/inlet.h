/* inlet.h - the receiving end of a transport: bytes that came and are not yet used. */
#ifndef CORE_CODEC_INLET_H
#define CORE_CODEC_INLET_H

#include "core/codec/buffers.h"
#include "core/net/transport.h"

/* Takes a buffer only when there is something to read, so that waiting costs none. What lies before
 * `floor` is held: heads whose slices are in use. */
struct inlet {
	struct transport *transport;
	struct worker *worker;
	char *data;			/* NULL: no buffer at the moment */
	size_t floor, start, end;	/* floor <= start <= end; [start..end) is unused */
	enum buffer_class size, want;	/* of data; of the next one */
	size_t most;			/* bytes that one read may bring into an empty buffer */
	char *held;			/* an earlier buffer whose bytes are still in use */
	enum buffer_class held_size;
	bool ended;			/* the peer's FIN was read */
	bool starved;			/* IO_RESET came from here: there was no memory for a buffer */
};

void inlet_open(struct inlet *in, struct worker *w, struct transport *t, enum buffer_class want);
void inlet_close(struct inlet *in);	/* gives buffers back */

static inline struct weir_str inlet_str(const struct inlet *in)
{
	return str_of(in->data + in->start, in->end - in->start);
}

static inline size_t inlet_len(const struct inlet *in)
{
	return in->end - in->start;
}

/* The first n bytes are used and may be overwritten by the next fill. */
void inlet_drop(struct inlet *in, size_t n);
/* The first n bytes are used but must stay where they are until inlet_unpin(). Once in a message, or
 * again before anything more is read. */
void inlet_pin(struct inlet *in, size_t n);
/* Before others run: an empty buffer goes back, so that those who take turns share one. */
void inlet_rest(struct inlet *in);
/* What was pinned is not needed any more; unused bytes stay where they are. */
void inlet_release(struct inlet *in);
/* Nothing is held any more; unused bytes move to the front. Without any, the buffer goes back. */
void inlet_unpin(struct inlet *in);

/* Reads some more, waiting for it. IO_EOF at the end; IO_AGAIN never. A full buffer: IO_OK with
 * nothing read when it could not be made larger; ask inlet_full() before. */
enum io inlet_fill(struct inlet *in);
/* The same without waiting: IO_AGAIN when nothing is there. */
enum io inlet_fill_now(struct inlet *in);
/* No room is left and nothing unused could be moved away. */
bool inlet_full(const struct inlet *in);
/* The unused bytes move into a larger buffer; views of them are void, what is pinned stays. False: none
 * is larger, or (starved) there is no memory. */
bool inlet_grow(struct inlet *in);

/* From now on a read into an empty buffer brings `most` bytes at most, and the buffer is no larger than
 * that needs: for a peer that takes no more at once. */
void inlet_pace(struct inlet *in, size_t most);
/* The view lent last, as far as it is still in use, and the unused bytes move into the smallest buffer
 * that holds them: for a wait that may be long. Nothing happens when something pinned lies in the same
 * buffer. */
void inlet_shelter(struct inlet *in, struct weir_str *lent);

#endif
