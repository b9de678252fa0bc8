/* hear.c - what children say to the parent, and what it does about it. */
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/net/socket.h"
#include "core/weir/nursery.h"
#include "core/weir/systemd.h"

#define LAST_WORDS (5 * NS_PER_S)	/* between saying goodbye and being dead */

static void welcome(struct parent *p, struct child *c, const struct message_hello *hello)
{
	struct message m;

	if (hello->protocol != MESSAGE_PROTOCOL) {
		message_set_text(c->why, sizeof(c->why), "it is of another version");
		child_kill(c);
		return;
	}
	c->greeted = true;
	message_init(&m, MESSAGE_WELCOME);
	m.welcome.birth = c->birth;
	if (p->kept >= 0) {
		m.welcome.kept = 1;
		m.fds[m.fd_count++] = p->kept;
	}
	child_send(c, &m);
}

static void refuse(struct child *c, const char *why)
{
	struct message m;

	message_init(&m, MESSAGE_REFUSED);
	message_set_text(m.text.text, sizeof(m.text.text), why);
	child_send(c, &m);
}

static void give_sockets(struct child *c, const struct listening *l)
{
	for (uint32_t at = 0; at < l->count && c->state != CHILD_ENDING; at += MESSAGE_FDS) {
		struct message m;

		message_init(&m, MESSAGE_SOCKETS);
		message_set_text(m.sockets.name, sizeof(m.sockets.name), l->name);
		message_set_text(m.sockets.address, sizeof(m.sockets.address), l->bound.text);
		m.sockets.count = l->count;
		m.sockets.at = at;
		m.sockets.serial = l->serial;
		m.sockets.shared = l->shared;
		m.sockets.activated = l->activated;
		m.fd_count = l->count - at < MESSAGE_FDS ? l->count - at : MESSAGE_FDS;
		memcpy(m.fds, l->fds + at, m.fd_count * sizeof(int));
		child_send(c, &m);
	}
}

static void open_sockets(struct parent *p, struct child *c, const struct message_open *wish)
{
	struct weir_error error = { "" };
	struct listening *l = sockets_open(&p->sockets, wish, &error);

	if (l == NULL) {
		refuse(c, error.text);
		return;
	}
	l->holder = (uint32_t)c->pid;
	give_sockets(c, l);
}

static void close_sockets(struct parent *p, const struct child *c, const struct message_sockets *s)
{
	struct address wanted;

	if ((c->state == CHILD_SERVING || p->stopping) && address_parse(&wanted, str_from(s->address), NULL))
		sockets_close(&p->sockets, sockets_find(&p->sockets, s->name, &wanted), s->serial);
}

/* It serves from now on, and the one before may finish. */
static void now_serves(struct parent *p, struct child *c, uint32_t stop_ms)
{
	c->stop_ms = stop_ms;
	if (c->state != CHILD_STARTING)
		return;
	for_each_child(other, p) {
		if (other->state == CHILD_SERVING) {
			log_info("child %d is ready; child %d finishes its requests and ends",
				 (int)c->pid, (int)other->pid);
			child_command(other, MESSAGE_YIELD);
			child_drain(other);
		}
	}
	c->state = CHILD_SERVING;
	c->ready = clock_now();
	c->end_by = CLOCK_NEVER;
	c->silent = 0;
	p->served = true;
	sockets_retire(&p->sockets, (uint32_t)c->pid);
	notify_ready("serving");
	if (p->reload)
		nursery_reload(p);
}

static void keep(struct parent *p, struct message *m)
{
	socket_close(p->kept);
	p->kept = m->fds[0];
	m->fd_count = 0;
}

static void hear_beat(struct parent *p, struct child *c, const struct message_beat *beat)
{
	c->beaten = true;
	if (p->options.watchdog == 0 || c->state == CHILD_ENDING || c->state == CHILD_STARTING)
		return;
	for (uint32_t i = 0; i < beat->workers; i++) {
		if (beat->stuck_ms[i] < p->options.watchdog / NS_PER_MS)
			continue;
		log_error("worker %u of child %d has been stuck for %u.%u s; the child is aborted "
			  "and replaced", (unsigned)i, (int)c->pid, beat->stuck_ms[i] / 1000,
			  beat->stuck_ms[i] % 1000 / 100);
		child_abort(c);
		return;
	}
}

static void hear_failed(struct child *c, const char *why)
{
	message_set_text(c->why, sizeof(c->why), why);
	c->state = CHILD_ENDING;
	c->end_by = clock_now() + LAST_WORDS;
}

static void hear_reloaded(const struct message_text *text)
{
	char status[256];

	(void)snprintf(status, sizeof(status), "serving; the last reload was refused: %.180s",
		       text->text);
	notify_ready(text->ok ? "serving" : status);
}

static void hear_draining(struct parent *p, struct child *c, uint32_t stop_ms)
{
	c->stop_ms = stop_ms;
	if (c->state == CHILD_SERVING)
		nursery_stop(p);
}

static void hear(struct parent *p, struct child *c, struct message *m)
{
	switch (m->head.type) {
	case MESSAGE_HELLO:
		welcome(p, c, &m->hello);
		break;
	case MESSAGE_OPEN:
		open_sockets(p, c, &m->open);
		break;
	case MESSAGE_CLOSE:
		close_sockets(p, c, &m->sockets);
		break;
	case MESSAGE_READY:
		now_serves(p, c, m->ready.stop_ms);
		break;
	case MESSAGE_FAILED:
		if (c->state == CHILD_STARTING)
			hear_failed(c, m->text.text);
		break;
	case MESSAGE_BEAT:
		hear_beat(p, c, &m->beat);
		break;
	case MESSAGE_DRAINING:
		hear_draining(p, c, m->ready.stop_ms);
		break;
	case MESSAGE_RELOADED:
		hear_reloaded(&m->text);
		break;
	case MESSAGE_KEEP:
		keep(p, m);
		break;
	default:
		break;
	}
}

static void lose(struct child *c)
{
	uint64_t by = clock_now() + LAST_WORDS;

	socket_close(c->fd);
	c->fd = -1;
	if (by < c->end_by)
		c->end_by = by;
}

void nursery_hear(struct parent *p, struct child *c)
{
	struct message m;

	for (int i = 0; i < 16 && c->fd >= 0; i++) {
		switch (message_receive(c->fd, &m)) {
		case MESSAGE_OK:
			hear(p, c, &m);
			message_close_fds(&m);
			break;
		case MESSAGE_NONE:
			return;
		case MESSAGE_BAD:
			log_error("child %d said something that is no message; it is aborted and "
				  "replaced", (int)c->pid);
			child_abort(c);
			return;
		case MESSAGE_END:	/* death follows, or is helped */
			lose(c);
			return;
		}
	}
}
