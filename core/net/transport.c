/* transport.c - a byte stream in the loop: latches, waits, and the plain layer. */
#include "core/net/transport.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/net/calls.h"

/* Runs while the loop marks events: latch, wake, and no more. */
static void on_events(struct source *s, unsigned events)
{
	struct transport *t = container_of(s, struct transport, source);

	if (events & (SOURCE_RDHUP | SOURCE_HUP | SOURCE_ERR))
		events |= SOURCE_IN;
	if (events & (SOURCE_HUP | SOURCE_ERR))
		events |= SOURCE_OUT;
	t->latched |= (uint16_t)events;
	if (t->idle != NULL) {
		if (events & SOURCE_IN)
			t->idle(t);
		return;
	}
	if (t->reader != NULL && (events & SOURCE_IN))
		fiber_wake(t->reader);
	if (t->writer != NULL && (events & SOURCE_OUT))
		fiber_wake(t->writer);
	if (t->owner != NULL && (events & (SOURCE_HUP | SOURCE_ERR)))
		fiber_cancel(t->owner);
}

bool transport_open(struct transport *t, struct loop *loop, int fd)
{
	*t = (struct transport){
		.ops = &transport_plain,
		.loop = loop,
		.source = { .fd = fd, .notify = on_events },
		.latched = SOURCE_OUT,
	};
	t->is_open = poller_add(&loop->poller, &t->source, SOURCE_EDGE);
	return t->is_open;
}

/* Whoever reads or writes it after that learns so at once, instead of waiting for an event. */
void transport_close(struct transport *t)
{
	if (!t->is_open)
		return;
	t->is_open = false;
	t->cut = t->cut || t->broken || t->mute;
	t->broken = true;
	t->latched |= SOURCE_IN | SOURCE_OUT;
	t->idle = NULL;
	t->owner = NULL;
	t->ops->close(t);
	poller_remove(&t->loop->poller, &t->source);
	close(t->source.fd);
	t->source.fd = -1;
}

void transport_abort(struct transport *t)
{
	struct linger reset = { .l_onoff = 1, .l_linger = 0 };

	if (t->is_open)
		(void)setsockopt(t->source.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	t->cut = true;
	transport_close(t);
}

static enum io wait_for(struct transport *t, struct fiber **place, unsigned bit)
{
	enum wake cause;

	if (t->latched & bit)
		return IO_OK;
	*place = fiber_self();
	cause = fiber_park();
	*place = NULL;
	switch (cause) {
	case WAKE_EVENT:
		return IO_OK;
	case WAKE_DEADLINE:
		return IO_TIMEOUT;
	case WAKE_CANCEL:
		break;
	}
	return IO_CANCELLED;
}

enum io transport_wait_in(struct transport *t)
{
	if (t->ops->pending(t))
		return IO_OK;
	return wait_for(t, &t->reader, SOURCE_IN);
}

enum io transport_wait_out(struct transport *t)
{
	return wait_for(t, &t->writer, SOURCE_OUT);
}

enum io transport_read_now(struct transport *t, char *at, size_t room, size_t *got)
{
	enum io result;

	*got = 0;
	if (t->broken)
		return IO_RESET;
	if (!transport_readable(t))
		return IO_AGAIN;
	result = t->ops->read(t, at, room, got);
	return result;
}

enum io transport_read(struct transport *t, char *at, size_t room, size_t *got)
{
	for (;;) {
		enum io result = transport_read_now(t, at, room, got);

		if (result != IO_AGAIN)
			return result;
		result = transport_wait_in(t);
		if (result != IO_OK)
			return result;
	}
}

enum io transport_write_now(struct transport *t, const struct iovec *parts, int count, size_t *put)
{
	enum io result;

	*put = 0;
	if (t->broken || t->mute)
		return IO_RESET;
	if (!(t->latched & SOURCE_OUT))
		return IO_AGAIN;
	result = t->ops->write(t, parts, count, put);
	return result;
}

bool iovec_advance(struct iovec **parts, int *count, size_t done)
{
	struct iovec *at = *parts;
	int left = *count;

	for (; left > 0 && done >= at->iov_len; at++, left--)
		done -= at->iov_len;
	if (left > 0) {
		at->iov_base = (char *)at->iov_base + done;
		at->iov_len -= done;
	}
	*parts = at;
	*count = left;
	return left == 0;
}

enum io transport_write(struct transport *t, struct iovec *parts, int count)
{
	for (;;) {
		size_t put;
		enum io result = transport_write_now(t, parts, count, &put);

		if (result != IO_OK && result != IO_AGAIN)
			return result;
		if (iovec_advance(&parts, &count, put))
			return IO_OK;
		result = transport_wait_out(t);
		if (result != IO_OK)
			return result;
	}
}

void transport_shutdown(struct transport *t)
{
	if (t->is_open && !t->broken && !t->mute)
		t->ops->shutdown(t);
}

struct send_queue transport_queue(const struct transport *t)
{
	uint32_t memory[SK_MEMINFO_VARS];
	socklen_t len = sizeof(memory);
	struct send_queue q = { 0, 0 };
	uint32_t limit;

	if (getsockopt(t->source.fd, SOL_SOCKET, SO_MEMINFO, memory, &len) != 0)
		return q;
	limit = memory[SK_MEMINFO_SNDBUF];
	q.queued = memory[SK_MEMINFO_WMEM_QUEUED];
	q.room = limit > q.queued ? limit - q.queued : 0;
	return q;
}

/* The plain layer. */

/* A short read means that the socket is drained, unless a FIN waits behind the bytes. */
static enum io plain_read(struct transport *t, char *at, size_t room, size_t *got)
{
	ssize_t n;

	do
		n = call_recv(t->source.fd, at, room, 0);
	while (n < 0 && errno == EINTR);
	if (n > 0) {
		*got = (size_t)n;
		if (*got < room && !(t->latched & (SOURCE_RDHUP | SOURCE_HUP | SOURCE_ERR)))
			t->latched &= (uint16_t)~SOURCE_IN;
		return IO_OK;
	}
	if (n == 0)
		return IO_EOF;
	if (errno == EAGAIN || errno == EWOULDBLOCK) {
		t->latched &= (uint16_t)~SOURCE_IN;
		return IO_AGAIN;
	}
	t->broken = true;
	return IO_RESET;
}

static ssize_t send_parts(int fd, const struct iovec *parts, int count)
{
	struct msghdr message = {
		.msg_iov = (struct iovec *)parts,
		.msg_iovlen = (size_t)count,
	};

	if (count == 1)
		return call_send(fd, parts[0].iov_base, parts[0].iov_len, MSG_NOSIGNAL);
	return call_sendmsg(fd, &message, MSG_NOSIGNAL);
}

size_t iovec_total(const struct iovec *parts, int count)
{
	size_t sum = 0;

	for (int i = 0; i < count; i++)
		sum += parts[i].iov_len;
	return sum;
}

static enum io plain_write(struct transport *t, const struct iovec *parts, int count, size_t *put)
{
	ssize_t n;

	do
		n = send_parts(t->source.fd, parts, count);
	while (n < 0 && errno == EINTR);
	if (n >= 0) {
		*put = (size_t)n;
		if (*put < iovec_total(parts, count))
			t->latched &= (uint16_t)~SOURCE_OUT;
		return IO_OK;
	}
	if (errno == EAGAIN || errno == EWOULDBLOCK) {
		t->latched &= (uint16_t)~SOURCE_OUT;
		return IO_AGAIN;
	}
	t->mute = true;
	return IO_RESET;
}

static bool plain_pending(const struct transport *t)
{
	(void)t;
	return false;
}

static void plain_shutdown(struct transport *t)
{
	(void)shutdown(t->source.fd, SHUT_WR);
}

static void plain_close(struct transport *t)
{
	(void)t;
}

const struct transport_ops transport_plain = {
	.read = plain_read,
	.write = plain_write,
	.pending = plain_pending,
	.shutdown = plain_shutdown,
	.close = plain_close,
};
