/* inlet.c - the receiving end of a transport. */
#include "core/codec/inlet.h"

#include <string.h>

void inlet_open(struct inlet *in, struct worker *w, struct transport *t, enum buffer_class want)
{
	*in = (struct inlet){ .transport = t, .worker = w, .want = want };
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

bool inlet_grow(struct inlet *in)
{
	enum buffer_class larger = in->size + 1;
	size_t left = inlet_len(in);
	char *data;

	if (larger >= BUFFER_CLASSES)
		return false;
	data = buffer_lend(in->worker, larger);
	if (data == NULL)
		return false;
	memcpy(data, in->data + in->start, left);
	give(in);
	in->data = data;
	in->size = larger;
	in->end = left;
	return true;
}

void inlet_want(struct inlet *in, enum buffer_class size)
{
	in->want = size;
}

/* An empty buffer of the wrong size is changed; one with a pinned head is put aside for that. */
static bool change_size(struct inlet *in)
{
	if (in->floor == 0) {
		give(in);
		return true;
	}
	if (in->held != NULL)
		return false;
	in->held = in->data;
	in->held_size = in->size;
	in->data = NULL;
	in->floor = in->start = in->end = 0;
	return true;
}

static bool make_room(struct inlet *in)
{
	if (in->data != NULL && inlet_len(in) == 0 && in->want != in->size)
		(void)change_size(in);
	if (in->data == NULL) {
		in->size = buffer_affordable(in->worker, in->want);
		in->data = buffer_lend(in->worker, in->size);
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
	result = transport_read_now(in->transport, in->data + in->end, room, &got);
	in->end += got;
	return result;
}

enum io inlet_fill(struct inlet *in)
{
	if (in->ended)
		return IO_EOF;
	for (;;) {
		enum io result;

		if (transport_readable(in->transport)) {
			result = read_some(in);
			in->ended = result == IO_EOF;
			if (result != IO_AGAIN)
				return result;
		}
		inlet_rest(in);
		result = transport_wait_in(in->transport);
		if (result != IO_OK)
			return result;
	}
}
