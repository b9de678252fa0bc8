/* pace.c - how much of a body is read at once: as much as the other side takes. */
#include "core/proxy/pace.h"

enum { KEEPS_UP = 16384, ROOM_FOR_MIDDLE = 1 << 20, SPLICE_LEAST = 65536, SPLICE_MOST = 262144 };

/* A peer that has taken nearly all that was sent gets a fourth of what its socket has room for. From one
 * that lags behind a write may come back at any moment, and what is left of it then lies in our memory:
 * while all sockets together hold too much, the kernel stops long before the room is used up. */
static size_t takes_now(const struct transport *to)
{
	struct send_queue q = transport_queue(to);

	if (q.queued <= KEEPS_UP)
		return q.room / 4;
	return q.room >= ROOM_FOR_MIDDLE ? BUFFER_MIDDLE_BYTES : WORKER_BUFFER;
}

/* Half of what could have come: the source is the faster one. */
static bool came_fast(const struct inlet *in, size_t len)
{
	size_t most = buffer_bytes(in->size);

	return len >= (in->most < most ? in->most : most) / 2;
}

/* The kernel is asked only when it matters. */
void pace_next(struct inlet *in, const struct transport *to, size_t len, bool blocked)
{
	if (blocked)
		inlet_pace(in, 0);
	else if (came_fast(in, len))
		inlet_pace(in, takes_now(to));
	inlet_rest(in);
}

/* What the peer does not take after all waits in a pipe, of which there are few. */
size_t pace_splice(const struct transport *to)
{
	size_t room = transport_queue(to).room;

	if (room < SPLICE_LEAST)
		return 0;
	return room / 2 < SPLICE_MOST ? room / 2 : SPLICE_MOST;
}

static bool lies_in(const struct inlet *in, const char *at)
{
	return in->data != NULL && at >= in->data && at < in->data + buffer_bytes(in->size);
}

void pace_shelter(struct inlet *in, struct iovec *parts, int count)
{
	struct weir_str rest = STR("");
	struct iovec *mine = NULL;

	for (int i = 0; i < count && mine == NULL; i++)
		if (parts[i].iov_len > 0 && lies_in(in, parts[i].iov_base))
			mine = &parts[i];
	if (mine != NULL)
		rest = str_of(mine->iov_base, mine->iov_len);
	inlet_shelter(in, &rest);
	if (mine != NULL)
		mine->iov_base = (char *)(uintptr_t)rest.data;
}
