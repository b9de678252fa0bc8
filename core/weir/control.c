/* control.c - the serving child's end of the socketpair. */
#include "core/weir/control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/net/socket.h"
#include "core/weir/signals.h"

#define VARIABLE "WEIR_CONTROL"

enum { PATIENCE_MS = 5000 };	/* for the parent's answer: it does nothing slow */

bool control_inherited(void)
{
	return getenv(VARIABLE) != NULL;
}

static bool wait_for(int fd, short events, uint64_t until)
{
	uint64_t now = clock_now();
	struct pollfd p = { .fd = fd, .events = events };

	if (now >= until)
		return false;
	return poll(&p, 1, (int)((until - now) / NS_PER_MS) + 1) > 0 || errno == EINTR;
}

/* Sends what must not be lost; a parent that does not read for so long is not there. */
static bool tell(struct control *c, struct message *m)
{
	uint64_t until = clock_now() + PATIENCE_MS * NS_PER_MS;
	enum message_result sent;

	if (c->alone || c->orphaned)
		return false;
	while ((sent = message_send(c->fd, m)) == MESSAGE_NONE) {
		if (!wait_for(c->fd, POLLOUT, until))
			return false;
	}
	return sent == MESSAGE_OK;
}

static void tell_text(struct control *c, enum message_type type, bool ok, const char *text)
{
	struct message m;

	message_init(&m, type);
	m.text.ok = ok;
	message_set_text(m.text.text, sizeof(m.text.text), text != NULL ? text : "");
	(void)tell(c, &m);
}

/* Keeps for control_read() what comes in between. */
static bool hold(struct control *c, struct message *m)
{
	bool command = m->head.type >= MESSAGE_RELOAD;

	if (!command)
		return false;
	c->held |= 1u << m->head.type;
	message_close_fds(m);
	return true;
}

/* The next message that is an answer. */
static bool await(struct control *c, struct message *m, struct weir_error *error)
{
	uint64_t until = clock_now() + PATIENCE_MS * NS_PER_MS;

	for (;;) {
		enum message_result got = message_receive(c->fd, m);

		if (got == MESSAGE_OK && !hold(c, m))
			return true;
		if (got == MESSAGE_END || got == MESSAGE_BAD)
			return fail(error, "the parent process is gone");
		if (got == MESSAGE_NONE && !wait_for(c->fd, POLLIN, until))
			return fail(error, "the parent process does not answer");
	}
}

static bool greet(struct control *c, struct weir_error *error)
{
	struct message m;

	message_init(&m, MESSAGE_HELLO);
	m.hello.protocol = MESSAGE_PROTOCOL;
	m.hello.pid = (uint32_t)getpid();
	if (!tell(c, &m) || !await(c, &m, error))
		return fail(error, "the parent process is gone");
	if (m.head.type != MESSAGE_WELCOME) {
		message_close_fds(&m);
		return fail(error, "the parent process speaks another language");
	}
	c->birth = (enum birth)m.welcome.birth;
	c->kept = m.fd_count == 1 ? m.fds[0] : -1;
	return true;
}

bool control_open(struct control *c, struct weir_error *error)
{
	const char *text = getenv(VARIABLE);
	uint64_t fd;

	*c = (struct control){ .fd = -1, .kept = -1 };
	sockets_init(&c->own);
	if (text == NULL || !str_to_u64(str_from(text), &fd) || fd > INT32_MAX ||
	    !socket_set_cloexec((int)fd, true))
		return fail(error, VARIABLE " is not a descriptor; it is set by weir run alone");
	(void)unsetenv(VARIABLE);
	c->fd = (int)fd;
	signals_ignore();
	return greet(c, error);
}

bool control_open_alone(struct control *c, struct weir_error *error)
{
	*c = (struct control){ .fd = -1, .kept = -1, .alone = true };
	sockets_init(&c->own);
	c->fd = signals_open();
	return c->fd >= 0 || fail(error, "cannot read signals: %s", strerror(errno));
}

void control_close(struct control *c)
{
	sockets_fini(&c->own);
	socket_close(c->fd);
	socket_close(c->kept);
	c->fd = c->kept = -1;
}

void control_set_calls(struct control *c, const struct control_calls *calls, void *owner)
{
	c->calls = calls;
	c->owner = owner;
}

static void yield(struct control *c)
{
	c->yielded = true;
	if (c->calls->yield != NULL)
		c->calls->yield(c->owner);
}

static void call(struct control *c, unsigned type)
{
	if (c->calls == NULL) {
		c->held |= 1u << type;
		return;
	}
	if (type == MESSAGE_RELOAD)
		c->calls->reload(c->owner);
	else if (type == MESSAGE_DRAIN)
		c->calls->drain(c->owner);
	else if (type == MESSAGE_REOPEN)
		c->calls->reopen(c->owner);
	else if (type == MESSAGE_YIELD)
		yield(c);
}

static void orphan(struct control *c)
{
	if (c->orphaned)
		return;
	c->orphaned = true;
	log_error("the parent process is gone: this one finishes its requests and ends");
	call(c, MESSAGE_DRAIN);
}

static void call_held(struct control *c)
{
	unsigned held = c->held;

	c->held = 0;
	for (unsigned type = 0; held != 0; type++, held >>= 1) {
		if (held & 1)
			call(c, type);
	}
}

static bool read_signals(struct control *c)
{
	int number;

	while ((number = signals_next(c->fd)) != 0) {
		if (number == SIGHUP)
			call(c, MESSAGE_RELOAD);
		else if (number == SIGUSR1)
			call(c, MESSAGE_REOPEN);
		else if (number == SIGTERM || number == SIGINT)
			call(c, MESSAGE_DRAIN);
		if (number == SIGINT && ++c->interrupts == 2)
			_exit(128 + SIGINT);
	}
	return true;
}

bool control_read(struct control *c)
{
	struct message m;

	call_held(c);
	if (c->alone)
		return read_signals(c);
	while (!c->orphaned) {
		switch (message_receive(c->fd, &m)) {
		case MESSAGE_OK:
			call(c, m.head.type);
			message_close_fds(&m);
			break;
		case MESSAGE_NONE:
			return true;
		case MESSAGE_END:
		case MESSAGE_BAD:
			orphan(c);
			break;
		}
	}
	return false;
}

static struct listening *listening_new(const struct message_sockets *s)
{
	struct listening *l = mem_alloc(sizeof(*l));

	if (l == NULL)
		return NULL;
	l->fds = mem_array(s->count, sizeof(int));
	if (l->fds == NULL || !address_parse(&l->bound, str_from(s->address), NULL)) {
		listening_free(l);
		return NULL;
	}
	message_set_text(l->name, sizeof(l->name), s->name);
	l->room = s->count;
	l->serial = s->serial;
	l->shared = s->shared != 0;
	l->activated = s->activated != 0;
	return l;
}

/* Puts one message's descriptors where they belong; the first makes the thing. */
static bool gather(struct listening **l, struct message *m)
{
	if (m->head.type != MESSAGE_SOCKETS || m->fd_count == 0)
		return false;
	if (*l == NULL)
		*l = listening_new(&m->sockets);
	if (*l == NULL || m->sockets.at != (*l)->count ||
	    m->fd_count > (*l)->room - (*l)->count)
		return false;
	memcpy((*l)->fds + (*l)->count, m->fds, m->fd_count * sizeof(int));
	(*l)->count += m->fd_count;
	m->fd_count = 0;
	return true;
}

static struct listening *receive_sockets(struct control *c, struct weir_error *error)
{
	struct listening *l = NULL;
	struct message m;

	do {
		if (!await(c, &m, error))
			goto failed;
		if (m.head.type == MESSAGE_REFUSED) {
			(void)fail(error, "%s", m.text.text);
			goto failed;
		}
		if (!gather(&l, &m)) {
			message_close_fds(&m);
			(void)fail(error, "the parent process sent something else than sockets");
			goto failed;
		}
	} while (l->count < l->room);
	return l;

failed:
	listening_free(l);
	return NULL;
}

/* Alone: duplicates, so that both ways end with listening_free(). */
static struct listening *listen_alone(struct control *c, const struct message_open *wish,
				      struct weir_error *error)
{
	struct listening *own = sockets_open(&c->own, wish, error), *l;

	if (own == NULL)
		return NULL;
	l = mem_alloc(sizeof(*l));
	if (l == NULL)
		goto no_memory;
	*l = *own;
	l->count = 0;
	l->room = own->count;
	l->fds = mem_array(own->count, sizeof(int));
	if (l->fds == NULL)
		goto no_memory;
	for (; l->count < own->count; l->count++) {
		l->fds[l->count] = fcntl(own->fds[l->count], F_DUPFD_CLOEXEC, 0);
		if (l->fds[l->count] < 0)
			goto no_memory;
	}
	return l;

no_memory:
	listening_free(l);
	(void)fail(error, "cannot listen on %s: out of memory or file descriptors", wish->address);
	return NULL;
}

struct listening *control_listen(struct control *c, const struct message_open *wish,
				 struct weir_error *error)
{
	struct listening *l;
	struct message m;

	if (c->alone)
		return listen_alone(c, wish, error);
	message_init(&m, MESSAGE_OPEN);
	m.open = *wish;
	if (!message_check(&m, m.head.length)) {
		(void)fail(error, "cannot listen on %s: a listener's name has 1 to %d characters "
			   "and no spaces", wish->address, MESSAGE_NAME - 1);
		return NULL;
	}
	if (!tell(c, &m)) {
		(void)fail(error, "cannot listen on %s: the parent process is gone", wish->address);
		return NULL;
	}
	l = receive_sockets(c, error);
	if (l != NULL)
		(void)address_parse(&l->wanted, str_from(wish->address), NULL);
	return l;
}

void control_give_up(struct control *c, const struct listening *l)
{
	struct message m;

	if (c->alone) {
		sockets_close(&c->own, sockets_find(&c->own, l->name, &l->wanted), l->serial);
		return;
	}
	message_init(&m, MESSAGE_CLOSE);
	message_set_text(m.sockets.name, sizeof(m.sockets.name), l->name);
	message_set_text(m.sockets.address, sizeof(m.sockets.address), l->wanted.text);
	m.sockets.serial = l->serial;
	(void)tell(c, &m);
}

static void tell_stop(struct control *c, enum message_type type, uint32_t stop_ms)
{
	struct message m;

	message_init(&m, type);
	m.ready.stop_ms = stop_ms;
	(void)tell(c, &m);
}

void control_ready(struct control *c, uint32_t stop_ms)
{
	tell_stop(c, MESSAGE_READY, stop_ms);
}

void control_draining(struct control *c, uint32_t stop_ms)
{
	tell_stop(c, MESSAGE_DRAINING, stop_ms);
}

void control_failed(struct control *c, const char *why)
{
	tell_text(c, MESSAGE_FAILED, false, why);
}

void control_reloaded(struct control *c, bool ok, const char *text)
{
	tell_text(c, MESSAGE_RELOADED, ok, text);
}

void control_beat(struct control *c, const uint32_t *stuck_ms, uint32_t workers)
{
	struct message m;

	if (c->alone || c->orphaned)
		return;
	message_init(&m, MESSAGE_BEAT);
	m.beat.workers = workers < MESSAGE_WORKERS ? workers : MESSAGE_WORKERS;
	memcpy(m.beat.stuck_ms, stuck_ms, m.beat.workers * sizeof(uint32_t));
	(void)message_send(c->fd, &m);	/* one that is lost does no harm */
}

void control_keep(struct control *c, int fd)
{
	struct message m;

	message_init(&m, MESSAGE_KEEP);
	m.fds[0] = fd;
	m.fd_count = 1;
	(void)tell(c, &m);
}
