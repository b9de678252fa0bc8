/* scribe.c - the log thread. It naps while lines come, so that they come in batches, and sleeps
 * when none do. */
#include "core/base/scribe.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/sink.h"

enum { NAP_MS = 20, QUIET_NAPS = 2 };
#define STOP_WITHIN NS_PER_S

atomic_bool scribe_dozing;

static struct {
	pthread_mutex_t lock;			/* of `sinks` and of starting and stopping */
	unsigned sinks;
	pthread_t thread;
	atomic_bool running;
	atomic_int wake;			/* eventfd, once made never closed; -1: not yet */
	atomic_bool woken;			/* somebody wrote to it since the thread looked */
	_Atomic(struct sink *) incoming;
	_Atomic(uint64_t) flush_asked, flush_done, reopen_asked;
	_Atomic(uint64_t) stop_at;		/* 0: go on */
} scribe = { .lock = PTHREAD_MUTEX_INITIALIZER, .wake = -1 };

static _Thread_local bool on_scribe;

/* Unlike scribe_wake() also when the thread does not want to be woken by mere lines. */
static void rouse(void)
{
	uint64_t one = 1;
	int fd = atomic_load(&scribe.wake);
	ssize_t n = fd >= 0 ? write(fd, &one, sizeof(one)) : 0;

	(void)n;	/* full: it is awake */
}

void scribe_wake(void)
{
	if (!atomic_exchange(&scribe.woken, true))
		rouse();
}

static void nap(int ms)
{
	int fd = atomic_load(&scribe.wake);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t times;

	if (poll(&p, 1, ms) > 0 && read(fd, &times, sizeof(times)) < 0)
		return;	/* another wake-up took it */
}

/* The sinks, which only the thread walks over. */
struct rota {
	struct sink *sinks;
	uint64_t reopened;
	unsigned quiet;			/* naps without a line */
	struct sink_round round;	/* the last one, all sinks together */
};

static void welcome(struct rota *r)
{
	struct sink *s = atomic_exchange(&scribe.incoming, NULL);

	while (s != NULL) {
		struct sink *next = *sink_link(s);

		*sink_link(s) = r->sinks;
		r->sinks = s;
		s = next;
	}
}

static void reopen(struct rota *r)
{
	uint64_t asked = atomic_load(&scribe.reopen_asked);

	if (asked == r->reopened)
		return;
	r->reopened = asked;
	for (struct sink *s = r->sinks; s != NULL; s = *sink_link(s))
		sink_renew(s);
}

static void work(struct rota *r, bool hurry)
{
	struct sink **at = &r->sinks;

	r->round = (struct sink_round){ 0 };
	while (*at != NULL) {
		struct sink *next = *sink_link(*at);
		struct sink_round one = sink_work(*at, hurry);

		if (one.over) {
			*at = next;
			continue;
		}
		r->round.moved |= one.moved;
		r->round.more |= one.more;
		r->round.blocked |= one.blocked;
		r->round.waiting |= one.waiting;
		at = sink_link(*at);
	}
}

static bool all_quiet(const struct rota *r)
{
	for (struct sink *s = r->sinks; s != NULL; s = *sink_link(s))
		if (!sink_quiet(s))
			return false;
	return atomic_load(&scribe.incoming) == NULL;
}

/* Announce the sleep, then look once more: a writer publishes its line, then looks for sleepers. */
static void doze(const struct rota *r)
{
	atomic_store(&scribe_dozing, true);
	if (all_quiet(r))
		nap(-1);
	atomic_store(&scribe_dozing, false);
}

/* While an output is blocked, lines alone do not wake: `woken` stays set. */
static void rest(struct rota *r)
{
	if (!r->round.blocked)
		atomic_store(&scribe.woken, false);
	r->quiet = r->round.moved ? 0 : r->quiet + 1;
	if (r->round.more && !r->round.blocked)
		return;
	if (r->quiet <= QUIET_NAPS || r->round.blocked || r->round.waiting)
		nap(NAP_MS);
	else
		doze(r);
}

static void *scribe_main(void *arg)
{
	struct rota r = { .reopened = atomic_load(&scribe.reopen_asked) };

	(void)arg;
	on_scribe = true;
	for (;;) {
		uint64_t flush = atomic_load(&scribe.flush_asked);
		uint64_t stop = atomic_load(&scribe.stop_at);

		welcome(&r);
		reopen(&r);
		work(&r, stop != 0 && clock_now() >= stop);
		if (!r.round.blocked && !r.round.more)
			atomic_store(&scribe.flush_done, flush);
		if (stop != 0 && r.sinks == NULL)
			return NULL;
		if (atomic_load(&scribe.flush_asked) == flush)
			rest(&r);
	}
}

static bool make_wake(struct weir_error *error)
{
	if (atomic_load(&scribe.wake) < 0)
		atomic_store(&scribe.wake, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	if (atomic_load(&scribe.wake) < 0)
		return fail(error, "cannot make an eventfd for the log: %s", strerror(errno));
	return true;
}

static bool start(struct weir_error *error)
{
	sigset_t all, before;
	int err;

	if (!make_wake(error))
		return false;
	atomic_store(&scribe.stop_at, 0);
	atomic_store(&scribe.woken, false);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);	/* inherited: signals are for others */
	err = pthread_create(&scribe.thread, NULL, scribe_main, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err != 0)
		return fail(error, "cannot start the log thread: %s", strerror(err));
	(void)pthread_setname_np(scribe.thread, "weir-log");
	atomic_store(&scribe.running, true);
	return true;
}

static void stop(void)
{
	atomic_store(&scribe.stop_at, clock_now() + STOP_WITHIN);
	rouse();
	pthread_join(scribe.thread, NULL);
	atomic_store(&scribe.running, false);
}

bool scribe_take(struct sink *s, struct weir_error *error)
{
	bool ok;

	pthread_mutex_lock(&scribe.lock);
	ok = scribe.sinks > 0 || start(error);
	if (ok) {
		struct sink *first = atomic_load(&scribe.incoming);

		scribe.sinks++;
		do {
			*sink_link(s) = first;
		} while (!atomic_compare_exchange_weak(&scribe.incoming, &first, s));
		rouse();
	}
	pthread_mutex_unlock(&scribe.lock);
	return ok;
}

void scribe_release(void)
{
	rouse();
	pthread_mutex_lock(&scribe.lock);
	if (--scribe.sinks == 0)
		stop();
	pthread_mutex_unlock(&scribe.lock);
}

bool sinks_here(void)
{
	return on_scribe;
}

void sinks_reopen(void)
{
	atomic_fetch_add(&scribe.reopen_asked, 1);
	rouse();
}

bool sinks_flush(uint64_t within_ns)
{
	const struct timespec pause = { .tv_nsec = 500000 };
	uint64_t until = clock_after(clock_now(), within_ns);
	uint64_t ticket = atomic_fetch_add(&scribe.flush_asked, 1) + 1;

	if (on_scribe)
		return false;
	rouse();
	while (atomic_load(&scribe.running) && atomic_load(&scribe.flush_done) < ticket) {
		if (clock_now() >= until)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}
