/* pipe.c - bytes that go from one plain socket to another inside the kernel. */
#include "core/net/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

/* Its size decides how many pieces fit in, and pieces may be as large as 32 KiB. A user without
 * privileges may have 64 MiB of such; beyond that a pipe has the common 64 KiB. */
enum { PIPE_BYTES = 256 * 1024 };

bool pipe_open(struct pipe *p)
{
	int ends[2];

	*p = (struct pipe){ .in = -1, .out = -1 };
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return false;
	p->out = ends[0];
	p->in = ends[1];
	(void)fcntl(p->in, F_SETPIPE_SZ, PIPE_BYTES);
	return true;
}

void pipe_close(struct pipe *p)
{
	if (p->in < 0)
		return;
	close(p->in);
	close(p->out);
	*p = (struct pipe){ .in = -1, .out = -1 };
}

static ssize_t move(int from, int to, size_t most, unsigned more)
{
	ssize_t n;

	do
		n = splice(from, NULL, to, NULL, most, SPLICE_F_MOVE | SPLICE_F_NONBLOCK | more);
	while (n < 0 && errno == EINTR);
	return n;
}

static bool may_come_back(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK;
}

enum io pipe_take(struct pipe *p, struct transport *from, size_t most, size_t *got)
{
	ssize_t n;

	*got = 0;
	if (from->broken)
		return IO_RESET;
	if (!transport_readable(from))
		return IO_AGAIN;
	n = move(from->source.fd, p->in, most, 0);
	if (n > 0) {
		*got = (size_t)n;
		p->held += *got;
		return IO_OK;
	}
	if (n == 0)
		return IO_EOF;
	if (may_come_back()) {
		if (p->held == 0)	/* else it may be the pipe that is full */
			from->latched &= (uint16_t)~SOURCE_IN;
		return IO_AGAIN;
	}
	from->broken = true;
	return IO_RESET;
}

enum io pipe_put(struct pipe *p, struct transport *to, bool more, size_t *put)
{
	ssize_t n;

	*put = 0;
	if (to->broken || to->mute)
		return IO_RESET;
	if (!(to->latched & SOURCE_OUT))
		return IO_AGAIN;
	n = move(p->out, to->source.fd, p->held, more ? SPLICE_F_MORE : 0);
	if (n >= 0) {
		*put = (size_t)n;
		p->held -= *put;
		return IO_OK;
	}
	if (may_come_back()) {
		to->latched &= (uint16_t)~SOURCE_OUT;
		return IO_AGAIN;
	}
	to->mute = true;
	return IO_RESET;
}

/* tcp(7): setting TCP_NODELAY, also where it is set, flushes what is pending. */
void pipe_push(struct transport *to)
{
	(void)setsockopt(to->source.fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
}
