/* listener.c - accepts in bounded batches and hands the connections on. */
#include "core/net/listener.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/resource.h>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/log.h"

enum { ACCEPT_BATCH = 32 };	/* per turn: others want to run, too */

#define RETRY_AFTER (100 * NS_PER_MS)
#define FINISH_AT_LEAST (250 * NS_PER_MS)	/* a handshake under way needs a round trip */
#define FINISH_AT_MOST (2 * NS_PER_S)
#define COMPLAIN_EVERY (60 * NS_PER_S)

enum taken { TAKEN, TAKEN_NONE, TAKEN_LIMIT, TAKEN_GONE };

static bool watch(struct listener *l)
{
	return poller_add(&l->loop->poller, &l->source,
			  l->shared ? SOURCE_LEVEL_IN_SHARED : SOURCE_LEVEL_IN);
}

/* One line a minute for the whole process, for every worker meets the same limit. */
static void complain(const struct listener *l, int number)
{
	static _Atomic(uint64_t) last;
	uint64_t then = atomic_load(&last), now = clock_now();
	struct rlimit files = { 0 };

	if (then != 0 && now - then < COMPLAIN_EVERY)
		return;
	if (!atomic_compare_exchange_strong(&last, &then, now))
		return;
	(void)getrlimit(RLIMIT_NOFILE, &files);
	if (number == EMFILE)
		log_error("%s: cannot accept: all %llu file descriptors are in use; newcomers wait. "
			  "Raise the limit (ulimit -n, LimitNOFILE=) or lower limits.connections",
			  l->address->text, (unsigned long long)files.rlim_cur);
	else
		log_error("%s: cannot accept: %s; newcomers wait", l->address->text,
			  strerror(number));
}

/* Out of the poller, and back by the timer: a level-triggered source would spin here. */
static void hold(struct listener *l)
{
	if (l->state != LISTENER_OPEN)
		return;
	poller_remove(&l->loop->poller, &l->source);
	l->state = LISTENER_HELD;
	timer_set(&l->loop->timers, &l->timer, loop_now(l->loop) + RETRY_AFTER);
}

static enum taken accept_failed(struct listener *l)
{
	switch (errno) {
	case EAGAIN:
		return TAKEN_NONE;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
	case EBADF:
	case EINVAL:
	case ENOTSOCK:
		complain(l, errno);
		return TAKEN_LIMIT;
	default:		/* this client was gone before we came to it */
		return TAKEN;
	}
}

static enum taken take_one(struct listener *l)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	struct peer peer;
	int fd;

	if (l->calls->may_accept != NULL && !l->calls->may_accept(l))
		return TAKEN_LIMIT;
	fd = accept4(l->source.fd, (struct sockaddr *)&sa, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return accept_failed(l);
	l->accepted++;
	peer = peer_from_sockaddr((struct sockaddr *)&sa, len);
	l->calls->accepted(l, fd, &peer);
	return l->state == LISTENER_OPEN ? TAKEN : TAKEN_GONE;
}

/* What ended the batch; TAKEN when there may be more. */
static enum taken take_batch(struct listener *l)
{
	enum taken how = TAKEN;

	for (int i = 0; i < ACCEPT_BATCH && how == TAKEN; i++)
		how = take_one(l);
	return how;
}

static void end_finish(struct listener *l)
{
	listener_close(l);
	if (l->calls->finished != NULL)
		l->calls->finished(l);
}

static void on_ready(struct source *s, unsigned events)
{
	struct listener *l = container_of(s, struct listener, source);

	(void)events;
	if (take_batch(l) == TAKEN_LIMIT)
		hold(l);
}

/* A finishing listener is over when its time has come and its queue is empty. */
static void go_on_finishing(struct listener *l)
{
	uint64_t now = loop_now(l->loop);
	enum taken how = take_batch(l);

	if (how == TAKEN_GONE)
		return;
	if ((how == TAKEN_NONE && now >= l->finish_at) ||
	    now >= l->finish_at + FINISH_AT_MOST - FINISH_AT_LEAST) {
		end_finish(l);
		return;
	}
	timer_set(&l->loop->timers, &l->timer, now + FINISH_AT_LEAST / 5);
}

static void on_timer(struct timer *t)
{
	struct listener *l = container_of(t, struct listener, timer);

	if (l->state == LISTENER_HELD)
		listener_resume(l);
	if (l->finish_at != 0 && l->state != LISTENER_CLOSED)
		go_on_finishing(l);
}

bool listener_open(struct listener *l, struct loop *loop, int fd, const struct address *address,
		   bool shared, const struct listener_calls *calls, struct weir_error *error)
{
	void *owner = l->owner;

	*l = (struct listener){ .loop = loop, .calls = calls, .address = address,
				.shared = shared, .owner = owner };
	l->source.fd = fd;
	l->source.notify = on_ready;
	timer_init(&l->timer, on_timer);
	if (!watch(l))
		return fail(error, "cannot watch %s: %s", address->text, strerror(errno));
	l->state = LISTENER_OPEN;
	return true;
}

void listener_pause(struct listener *l)
{
	if (l->state == LISTENER_CLOSED || l->state == LISTENER_PAUSED || l->finish_at != 0)
		return;
	if (l->state == LISTENER_OPEN)
		poller_remove(&l->loop->poller, &l->source);
	timer_clear(&l->loop->timers, &l->timer);
	l->state = LISTENER_PAUSED;
}

void listener_resume(struct listener *l)
{
	if (l->state != LISTENER_HELD && l->state != LISTENER_PAUSED)
		return;
	timer_clear(&l->loop->timers, &l->timer);
	l->state = watch(l) ? LISTENER_OPEN : LISTENER_HELD;
	if (l->state == LISTENER_HELD)
		complain(l, errno);
	if (l->state == LISTENER_HELD || l->finish_at != 0)
		timer_set(&l->loop->timers, &l->timer, loop_now(l->loop) + RETRY_AFTER);
}

void listener_finish(struct listener *l)
{
	if (l->state == LISTENER_CLOSED || l->finish_at != 0)
		return;
	listener_resume(l);
	(void)socket_refuse_new(l->source.fd, l->address);
	l->finish_at = loop_now(l->loop) + FINISH_AT_LEAST;
	timer_set(&l->loop->timers, &l->timer, l->finish_at);
}

void listener_close(struct listener *l)
{
	if (l->state == LISTENER_CLOSED)
		return;
	if (l->state == LISTENER_OPEN)
		poller_remove(&l->loop->poller, &l->source);
	timer_clear(&l->loop->timers, &l->timer);
	l->state = LISTENER_CLOSED;
}
