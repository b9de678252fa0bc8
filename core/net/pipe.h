/* pipe.h - bytes that go from one plain socket to another inside the kernel. */
#ifndef CORE_NET_PIPE_H
#define CORE_NET_PIPE_H

#include "core/net/transport.h"

/* Holds references to the kernel's own pages: the bytes are not copied to us and back. For those who
 * carry at once what they took: what is left in it is the kernel's memory. */
struct pipe {
	int in, out;		/* descriptors; -1: not open */
	size_t held;		/* bytes in it */
};

bool pipe_open(struct pipe *p);		/* false, errno: none can be had */
void pipe_close(struct pipe *p);	/* harmless when not open; what it held is lost */

/* Only sockets without a layer above them: the bytes must be the message's own. */
static inline bool pipe_fits(const struct transport *from, const struct transport *to)
{
	return from->ops == &transport_plain && to->ops == &transport_plain;
}

/* Takes what is there, at most `most` bytes; results as transport_read_now(). Full: IO_AGAIN with
 * nothing taken; empty it first. */
enum io pipe_take(struct pipe *p, struct transport *from, size_t most, size_t *got);
/* Gives what the peer takes now; results as transport_write_now(). SIGPIPE must be ignored. `more`: the
 * kernel keeps back a packet that is not full, until the next put or pipe_push(). */
enum io pipe_put(struct pipe *p, struct transport *to, bool more, size_t *put);
/* What was kept back leaves, for more does not follow at once. */
void pipe_push(struct transport *to);

#endif
