/* inlet.c - the receiving end of a transport. */
#include "core/codec/inlet.h"

#include <string.h>

void inlet_open(struct inlet *in, struct worker *w, struct transport *t, enum buffer_class want)
{
	*in = (struct inlet){ .transport = t, .worker = w, .want = want, .most = SIZE_MAX };
}

static void give(struct inlet *in)
{
	buffer_give(in->worker, in->size, in->data);
	in->data = NULL;
	in->floor = in->start = in->end = 0;
}

static void give_held(struct inlet *in)
{
	buffer_give(in->worker, in->held_size, in->held);
	in->held = NULL;
}

void inlet_close(struct inlet *in)
{
	if (in->data != NULL)
		give(in);
	if (in->held != NULL)
		give_held(in);
}

void inlet_drop(struct inlet *in, size_t n)
{
	in->start += n;
	if (in->start == in->end)
		in->start = in->end = in->floor;
}

void inlet_pin(struct inlet *in, size_t n)
{
	in->start += n;
	in->floor = in->start;
}

void inlet_rest(struct inlet *in)
{
	if (in->data != NULL && inlet_len(in) == 0 && in->floor == 0)
		give(in);
}

void inlet_release(struct inlet *in)
{
	in->floor = 0;
	inlet_drop(in, 0);
}

void inlet_unpin(struct inlet *in)
{
	size_t left = inlet_len(in);

	if (in->held != NULL)
		give_held(in);
	if (in->data == NULL)
		return;
	if (left == 0) {
		give(in);
		return;
	}
	memmove(in->data, in->data + in->start, left);
	in->floor = in->start = 0;
	in->end = left;
}

bool inlet_full(const struct inlet *in)
{
	return in->data != NULL && in->start == in->floor && in->end == buffer_bytes(in->size);
}

/* What is pinned in the buffer is put aside with it. That happens once to a message: no more is pinned
 * behind it. */
static void put_aside(struct inlet *in)
{
	if (in->floor == 0 || in->held != NULL) {
		give(in);
		return;
	}
	in->held = in->data;
	in->held_size = in->size;
	in->data = NULL;
	in->floor = in->start = in->end = 0;
}

static char *lend(struct inlet *in, enum buffer_class size)
{
	char *data = buffer_lend(in->worker, size);

	in->starved = data == NULL;
	return data;
}

bool inlet_grow(struct inlet *in)
{
	enum buffer_class larger = in->size + 1;
	size_t left = inlet_len(in);
	char *data;

	if (larger >= BUFFER_CLASSES)
		return false;
	data = lend(in, larger);
	if (data == NULL)
		return false;
	memcpy(data, in->data + in->start, left);
	put_aside(in);
	in->data = data;
	in->size = larger;
	in->end = left;
	return true;
}

static enum buffer_class class_for(size_t bytes)
{
	enum buffer_class size = BUFFER_SMALL;

	while (size < BUFFER_LARGE && buffer_bytes(size) < bytes)
		size++;
	return size;
}

void inlet_pace(struct inlet *in, size_t most)
{
	in->most = most > WORKER_BUFFER ? most : WORKER_BUFFER;
	in->want = class_for(in->most);
}

/* Both, one behind the other. */
static void move_to(struct inlet *in, enum buffer_class size, struct weir_str *lent)
{
	size_t unused = inlet_len(in);
	char *data = buffer_lend(in->worker, size);

	if (data == NULL)
		return;
	if (lent->len > 0)
		memcpy(data, lent->data, lent->len);
	memcpy(data + lent->len, in->data + in->start, unused);
	give(in);
	in->data = data;
	in->size = size;
	in->start = lent->len;
	in->end = lent->len + unused;
	lent->data = data;
}

void inlet_shelter(struct inlet *in, struct weir_str *lent)
{
	size_t bytes = lent->len + inlet_len(in);

	if (in->data == NULL || in->floor > 0)
		return;
	if (bytes == 0)
		give(in);
	else if (class_for(bytes) < in->size)
		move_to(in, class_for(bytes), lent);
}

/* An empty buffer is changed for one of the size that is wanted, or when pinned bytes have left so little
 * of it that the body would come in crumbs. */
static bool should_change(const struct inlet *in)
{
	return in->data != NULL && inlet_len(in) == 0 &&
	       (in->want != in->size || in->floor > buffer_bytes(in->size) / 2);
}

static bool make_room(struct inlet *in)
{
	if (should_change(in))
		put_aside(in);
	if (in->data == NULL) {
		in->size = buffer_affordable(in->worker, in->want);
		in->data = lend(in, in->size);
		return in->data != NULL;
	}
	if (in->end == buffer_bytes(in->size) && in->start > in->floor) {
		memmove(in->data + in->floor, in->data + in->start, inlet_len(in));
		in->end -= in->start - in->floor;
		in->start = in->floor;
	}
	return true;
}

static enum io read_some(struct inlet *in)
{
	size_t room, got;
	enum io result;

	if (!make_room(in))
		return IO_RESET;
	room = buffer_bytes(in->size) - in->end;
	if (room == 0)
		return IO_OK;
	if (room > in->most && inlet_len(in) == 0)
		room = in->most;
	result = transport_read_now(in->transport, in->data + in->end, room, &got);
	in->end += got;
	return result;
}

enum io inlet_fill_now(struct inlet *in)
{
	enum io result;

	if (in->ended)
		return IO_EOF;
	if (!transport_readable(in->transport))
		return IO_AGAIN;
	result = read_some(in);
	in->ended = result == IO_EOF;
	return result;
}

enum io inlet_fill(struct inlet *in)
{
	for (;;) {
		enum io result = inlet_fill_now(in);

		if (result != IO_AGAIN)
			return result;
		inlet_rest(in);
		result = transport_wait_in(in->transport);
		if (result != IO_OK)
			return result;
	}
}
