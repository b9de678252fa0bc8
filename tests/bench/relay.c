/* relay.c - the barest relay on the fiber floor: what the floor itself costs per request. */
/* relay PORT UPSTREAM_PORT, both on 127.0.0.1. It knows of HTTP only where a head ends and what its
 * content-length is. But it waits as the gateway does: an idle client holds no fiber and no buffer,
 * every wait has a deadline, and a client that vanishes cancels the fiber that serves it. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/fiber/wait.h"
#include "core/fiber/worker.h"

#define EXCHANGE_SPAN (15 * NS_PER_S)
#define TRY_SPAN (5 * NS_PER_S)
#define CONNECT_SPAN NS_PER_S

/* One socket, of either side. */
struct conn {
	struct source source;
	struct fiber *fiber;	/* who works with it; NULL: idle */
	unsigned wanted;	/* events that this fiber waits for */
	bool readable;		/* an edge was seen and not yet drained */
	bool gone;		/* reset, or both directions over */
	bool is_client;
	struct list link;	/* upstream: in the pool */
};

/* Everything that the one worker needs. */
static struct {
	struct worker worker;
	struct source listener;
	struct list pool;	/* idle upstream connections, newest first */
	struct sockaddr_in upstream;
} relay;

static void serve(void *arg);

/* Connections ------------------------------------------------------------------ */

static void conn_close(struct conn *c)
{
	poller_remove(&relay.worker.loop.poller, &c->source);
	(void)close(c->source.fd);
	list_remove(&c->link);
	mem_free(c);
}

/* Nobody works with it: a client asks, or somebody hangs up. */
static void idle_hears(struct conn *c, unsigned events)
{
	if (c->is_client && (events & SOURCE_IN) && !c->gone)
		c->fiber = fiber_start(&relay.worker.loop, serve, c);
	else if (c->is_client ? !c->gone && !(events & SOURCE_RDHUP) : !(events & ~SOURCE_OUT))
		return;
	if (c->fiber == NULL)
		conn_close(c);
}

static void conn_hears(struct source *s, unsigned events)
{
	struct conn *c = container_of(s, struct conn, source);

	if (events & ~(unsigned)SOURCE_OUT)
		c->readable = true;
	if (events & (SOURCE_HUP | SOURCE_ERR))
		c->gone = true;
	if (c->fiber == NULL)
		idle_hears(c, events);
	else if (c->gone && c->is_client)
		fiber_cancel(c->fiber);
	else if (events & (c->wanted | SOURCE_HUP | SOURCE_ERR))
		fiber_wake(c->fiber);
}

/* Takes the descriptor. */
static struct conn *conn_new(int fd, bool is_client, struct fiber *fiber)
{
	struct conn *c = mem_alloc(sizeof(*c));
	int one = 1;

	if (c == NULL) {
		(void)close(fd);
		return NULL;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	c->source = (struct source){ .fd = fd, .notify = conn_hears };
	c->is_client = is_client;
	c->fiber = fiber;
	list_init(&c->link);
	if (!poller_add(&relay.worker.loop.poller, &c->source, SOURCE_EDGE)) {
		(void)close(fd);
		mem_free(c);
		return NULL;
	}
	return c;
}

static bool conn_wait(struct conn *c, unsigned events)
{
	enum wake why;

	c->wanted = events;
	why = fiber_park();
	c->wanted = 0;
	return why == WAKE_EVENT;
}

/* Gives the number of bytes; 0 at the end, on an error, a deadline or a cancellation. */
static size_t conn_read(struct conn *c, char *at, size_t room)
{
	for (;;) {
		ssize_t n;

		while (!c->readable)
			if (!conn_wait(c, SOURCE_IN | SOURCE_RDHUP))
				return 0;
		n = recv(c->source.fd, at, room, 0);
		if (n < (ssize_t)room)
			c->readable = n == 0;	/* drained: wait for an edge */
		if (n >= 0)
			return (size_t)n;
		if (errno != EAGAIN && errno != EINTR)
			return 0;
	}
}

static bool conn_write(struct conn *c, const char *at, size_t len)
{
	while (len > 0) {
		ssize_t n = send(c->source.fd, at, len, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		if (n > 0)
			at += n, len -= (size_t)n;
		if (len > 0 && !conn_wait(c, SOURCE_OUT))
			return false;
	}
	return true;
}

/* Messages --------------------------------------------------------------------- */

/* A head in a buffer, and what followed it there. */
struct message {
	size_t have;	/* bytes in the buffer */
	size_t rest;	/* bytes of the body that are still to come */
};

static bool find_length(const char *head, size_t len, size_t *length)
{
	static const char name[] = "ontent-length:";
	const char *at = head, *end = head + len;

	*length = 0;
	while ((at = memmem(at, (size_t)(end - at), "ontent-", 7)) != NULL) {
		if (strncasecmp(at, name, sizeof(name) - 1) == 0) {
			*length = strtoul(at + sizeof(name) - 1, NULL, 10);
			return true;
		}
		at++;
	}
	return false;
}

static bool read_head(struct conn *from, char *buffer, struct message *m)
{
	const char *end;
	size_t head, length, n;

	m->have = 0;
	do {
		n = conn_read(from, buffer + m->have, WORKER_BUFFER - m->have);
		if (n == 0)
			return false;
		m->have += n;
		end = memmem(buffer, m->have, "\r\n\r\n", 4);
	} while (end == NULL && m->have < WORKER_BUFFER);
	if (end == NULL)
		return false;
	head = (size_t)(end + 4 - buffer);
	(void)find_length(buffer, head, &length);
	if (m->have - head > length)
		return false;		/* pipelining is for the real one */
	m->rest = length - (m->have - head);
	return true;
}

/* What is in the buffer, and then the rest of the body. */
static bool pass_on(struct conn *from, struct conn *to, char *buffer, struct message *m)
{
	if (!conn_write(to, buffer, m->have))
		return false;
	while (m->rest > 0) {
		size_t want = m->rest < WORKER_BUFFER ? m->rest : WORKER_BUFFER;
		size_t n = conn_read(from, buffer, want);

		if (n == 0 || !conn_write(to, buffer, n))
			return false;
		m->rest -= n;
		fiber_worked(from->fiber, n);
	}
	return true;
}

/* The straight line ------------------------------------------------------------ */

static struct conn *dial(struct fiber *fiber)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error = 0;
	struct conn *c;
	struct deadline connecting;
	socklen_t len = sizeof(error);

	if (fd < 0)
		return NULL;
	(void)connect(fd, (struct sockaddr *)&relay.upstream, sizeof(relay.upstream));
	c = conn_new(fd, false, fiber);
	if (c == NULL)
		return NULL;
	deadline_enter(&connecting, clock_after(loop_now(fiber->loop), CONNECT_SPAN),
		       REASON_CONNECT_TIMEOUT);
	if (!conn_wait(c, SOURCE_OUT))
		error = ETIMEDOUT;
	deadline_leave(&connecting);
	if (error != 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0) {
		conn_close(c);
		return NULL;
	}
	return c;
}

static struct conn *lease(struct fiber *fiber)
{
	struct list *item = list_pop_front(&relay.pool);
	struct conn *up;

	if (item == NULL)
		return dial(fiber);
	up = container_of(item, struct conn, link);
	up->fiber = fiber;
	return up;
}

static bool try_once(struct conn *client, struct conn *up, char *buffer, struct message *m)
{
	struct deadline try;
	bool ok;

	deadline_enter(&try, clock_after(loop_now(client->fiber->loop), TRY_SPAN),
		       REASON_TRY_TIMEOUT);
	ok = pass_on(client, up, buffer, m) && read_head(up, buffer, m);
	deadline_leave(&try);
	return ok && pass_on(up, client, buffer, m);
}

static bool exchange(struct conn *client, char *buffer)
{
	struct message m;
	struct conn *up;

	if (!read_head(client, buffer, &m))
		return false;
	up = lease(client->fiber);
	if (up == NULL)
		return false;
	if (!try_once(client, up, buffer, &m) || up->gone || up->readable) {
		conn_close(up);
		return false;
	}
	up->fiber = NULL;
	list_push_front(&relay.pool, &up->link);
	return true;
}

static void serve(void *arg)
{
	struct conn *client = arg;
	struct worker *w = &relay.worker;
	char *buffer = slab_take(&w->buffers);
	struct deadline whole;
	bool ok;

	deadline_enter(&whole, clock_after(loop_now(&w->loop), EXCHANGE_SPAN), REASON_TIMEOUT);
	do {
		ok = buffer != NULL && exchange(client, buffer);
	} while (ok && client->readable);
	deadline_leave(&whole);
	slab_give(&w->buffers, buffer);
	client->fiber = NULL;
	if (!ok || client->gone)
		conn_close(client);
}

/* Beginning -------------------------------------------------------------------- */

static void listener_hears(struct source *s, unsigned events)
{
	int fd;

	(void)events;
	while ((fd = accept4(s->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
		(void)conn_new(fd, true, NULL);
}

static bool listen_on(struct sockaddr_in *address)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
	    bind(fd, (struct sockaddr *)address, sizeof(*address)) != 0 || listen(fd, 4096) != 0)
		return false;
	relay.listener = (struct source){ .fd = fd, .notify = listener_hears };
	return poller_add(&relay.worker.loop.poller, &relay.listener, SOURCE_LEVEL_IN);
}

static struct sockaddr_in loopback(const char *port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

int main(int argc, char **argv)
{
	struct weir_error error = { .text = "" };
	struct sockaddr_in address;

	if (argc != 3) {
		fprintf(stderr, "usage: relay PORT UPSTREAM_PORT\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	list_init(&relay.pool);
	relay.upstream = loopback(argv[2]);
	address = loopback(argv[1]);
	if (!worker_init(&relay.worker, 0, NULL, &error)) {
		fprintf(stderr, "relay: %s\n", error.text);
		return 1;
	}
	if (!listen_on(&address)) {
		fprintf(stderr, "relay: cannot listen on port %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	worker_run_here(&relay.worker);
	return 0;
}
