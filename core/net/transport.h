/* transport.h - a byte stream in the loop: plain, or TLS behind the same vtable (tls.h). */
#ifndef CORE_NET_TRANSPORT_H
#define CORE_NET_TRANSPORT_H

#include <sys/uio.h>

#include "core/fiber/loop.h"
#include "core/fiber/wait.h"

/* How a read or a write went. Every caller switches over all of them. */
enum io {
	IO_OK,
	IO_AGAIN,	/* only from the _now calls */
	IO_EOF,		/* the peer ended its direction in order */
	IO_RESET,	/* the connection is broken */
	IO_TIMEOUT,	/* a deadline came first; deadline_ended() says which */
	IO_CANCELLED,
};

struct transport;

struct transport_ops {
	enum io (*read)(struct transport *t, char *at, size_t room, size_t *got);
	enum io (*write)(struct transport *t, const struct iovec *parts, int count, size_t *put);
	bool (*pending)(const struct transport *t);	/* bytes held above the socket */
	void (*shutdown)(struct transport *t);		/* end of our direction */
	void (*close)(struct transport *t);		/* what the layer holds, not the socket */
};

/* Lives in its owner. Readiness is latched from edge-triggered events, so that a read is tried only
 * when there is something, and a short read needs no second one to learn that it was the last.
 * One fiber may read and another write. While nobody owns it, `idle` gets its events. */
struct transport {
	const struct transport_ops *ops;
	struct source source;
	struct loop *loop;
	struct fiber *reader, *writer;	/* parked in this direction */
	struct fiber *owner;		/* cancelled when the peer is gone (HUP, ERR), or NULL */
	void (*idle)(struct transport *t);	/* called while marking, when not NULL, for any event */
	uint16_t latched;		/* SOURCE_* bits */
	bool broken;			/* reset, or closed: nothing more comes or goes */
	bool mute;			/* a write has failed: nothing more goes, but what came before
					 * the end may still be read: an early answer, say */
	bool is_open;
	bool cut;			/* it ends without a word: what was sent is not whole */
	uint8_t why;			/* enum reason: why it is broken, when the layer knows it better */
	void *layer;			/* what `ops` keeps; NULL: nothing */
};

/* Takes the connected, non-blocking fd and puts it into the loop. On false (errno) the fd is still
 * the caller's. A socket whose connect is under way may be opened too. */
bool transport_open(struct transport *t, struct loop *loop, int fd);
/* Ends it; the fd is closed. Parked fibers must be gone. Harmless when not open. */
void transport_close(struct transport *t);
/* The same with a reset: the peer can tell that what it got is not whole. */
void transport_abort(struct transport *t);

/* Reads at least one byte, waiting for it. `room` is 1 or more. */
enum io transport_read(struct transport *t, char *at, size_t room, size_t *got);
enum io transport_read_now(struct transport *t, char *at, size_t room, size_t *got);

/* Writes all of it, waiting as often as need be. Changes `parts`. */
enum io transport_write(struct transport *t, struct iovec *parts, int count);
/* Writes what the socket takes now. */
enum io transport_write_now(struct transport *t, const struct iovec *parts, int count, size_t *put);

size_t iovec_total(const struct iovec *parts, int count);	/* bytes */
/* Steps over the first `done` bytes of the parts; true when none is left. */
bool iovec_advance(struct iovec **parts, int *count, size_t done);

/* Waits until a read or a write is worth trying. */
enum io transport_wait_in(struct transport *t);
enum io transport_wait_out(struct transport *t);

void transport_shutdown(struct transport *t);	/* FIN after what was written */

/* What the kernel says of the socket's send queue. It counts what its packets cost besides their bytes,
 * so that less fits in than `room`; and when all sockets together hold too much it takes less still. */
struct send_queue {
	size_t queued;		/* not yet acknowledged by the peer */
	size_t room;		/* 0 as well when the kernel cannot say */
};
struct send_queue transport_queue(const struct transport *t);

/* Without a system call: bytes or an end may be there to read. */
static inline bool transport_readable(const struct transport *t)
{
	return (t->latched & SOURCE_IN) != 0 || t->ops->pending(t);
}

/* The peer is gone altogether: reset, or both directions ended. */
static inline bool transport_gone(const struct transport *t)
{
	return t->broken || t->mute || (t->latched & (SOURCE_HUP | SOURCE_ERR)) != 0;
}

extern const struct transport_ops transport_plain;

#endif
