/* waits.c - waiting on the fake clock: sleeps, bodies, descriptors, helper threads. */
#include "core/kit/host_inside.h"

#include <poll.h>

#include "core/base/clock.h"

#define DONE_TIME (5 * NS_PER_S)

int (*weir_fake_mutexes_held)(void);

uint32_t weir_fake_waits(const struct weir_fake *f)
{
	return f->waits;
}

void weir_fake_cancel_at(struct weir_fake *f, uint32_t n)
{
	f->cancel_at = n > 0 ? f->waits + n : 0;
}

void weir_fake_set_patience(struct weir_fake *f, uint64_t real_ns)
{
	f->patience = real_ns;
}

static bool may_wait(enum hook hook)
{
	switch (hook) {
	case HOOK_NONE:		/* the test itself */
	case HOOK_REQUEST:
	case HOOK_RESPONSE:
	case HOOK_DONE:
	case HOOK_SEND:
	case HOOK_BACKGROUND:
	case HOOK_WATCH:
		return true;
	default:
		return false;
	}
}

/* on_done is shielded: it is not cancelled, and has five seconds of its own. */
static bool is_shielded(const struct weir_fake *f)
{
	return f->hook == HOOK_DONE;
}

static enum weir_wait cancelled(struct weir_fake *f, struct weir_exchange *ex, const char *call)
{
	bool *mark = ex != NULL ? &ex->cancelled : &f->cancelled;

	if (*mark && f->hook != HOOK_NONE)
		fault_note(f, FAULT_WENT_ON, call);
	*mark = true;
	return WEIR_CANCELLED;
}

static bool is_cancelled(struct weir_fake *f, const struct weir_exchange *ex)
{
	if (is_shielded(f))
		return false;
	if (f->hook_waits == FAKE_WAITS)
		fault_note(f, FAULT_NO_END, NULL);
	return (ex != NULL ? ex->cancelled : f->cancelled) || f->hook_waits >= FAKE_WAITS ||
	       (f->cancel_at != 0 && f->waits >= f->cancel_at);
}

static uint64_t deadline_of(const struct weir_fake *f, const struct weir_exchange *ex)
{
	if (is_shielded(f))
		return f->now + DONE_TIME;
	return ex != NULL ? ex->until : CLOCK_NEVER;
}

enum weir_wait fake_wait(struct weir_exchange *ex, const char *call, uint64_t ns)
{
	struct weir_fake *f = fake_of(ex);
	uint64_t until;

	if (ex != NULL && !fake_may_look(ex, call))
		return WEIR_NOT_HERE;
	if (fake_in_step(call))
		return WEIR_NOT_HERE;
	if (!may_wait(f->hook)) {
		fault_note(f, FAULT_MAY_NOT_WAIT, call);
		return WEIR_NOT_HERE;
	}
	if (f->watches_mutexes && weir_fake_mutexes_held != NULL && weir_fake_mutexes_held() > 0)
		fault_note(f, FAULT_MUTEX_HELD, call);
	f->waits++;
	f->hook_waits++;
	if (is_cancelled(f, ex))
		return cancelled(f, ex, call);
	until = deadline_of(f, ex);
	if (clock_after(f->now, ns) <= until) {
		weir_fake_advance(f, ns);
		return WEIR_OK;
	}
	weir_fake_advance(f, until > f->now ? until - f->now : 0);
	return WEIR_TIMED_OUT;
}

static enum weir_wait nap(struct weir_exchange *ex, uint64_t ns)
{
	return fake_wait(ex, "weir_sleep", ns);
}

/* Bodies ---------------------------------------------------------------------------- */

static enum weir_wait body_read(struct weir_exchange *ex, enum weir_side side, size_t most,
				struct weir_str *out)
{
	enum weir_wait how;

	*out = WEIR_ABSENT;
	if (!fake_may_look(ex, "reading a body"))
		return WEIR_NOT_HERE;
	if (side == WEIR_REQUEST ? ex->stage != STAGE_REQUEST : ex->status == 0)
		return WEIR_NOT_HERE;
	how = fake_wait(ex, "reading a body", 0);
	if (how != WEIR_OK)
		return how;
	if (ex->body[side].len > most)
		return WEIR_TOO_LARGE;
	*out = ex->body[side].len > 0 ? ex->body[side] : WEIR_ABSENT;
	return WEIR_OK;
}

static bool body_set(struct weir_exchange *ex, enum weir_side side, struct weir_str body)
{
	if (!fake_may_edit(ex, "setting a body"))
		return false;
	if (side == WEIR_REQUEST ? ex->stage != STAGE_REQUEST : ex->status == 0)
		return false;
	ex->body[side] = fake_copy(&ex->arena, body);
	return true;
}

/* Descriptors and threads -------------------------------------------------------------- */

static enum weir_wait wait_fd(struct weir_exchange *ex, int fd, unsigned events, uint64_t ns)
{
	struct pollfd p = { .fd = fd };
	enum weir_wait how = fake_wait(ex, "weir_wait_fd", 0);
	uint64_t ms = fake_world->patience / NS_PER_MS;

	if (how != WEIR_OK)
		return how;
	p.events = (short)(((events & WEIR_READABLE) != 0 ? POLLIN : 0) |
			   ((events & WEIR_WRITABLE) != 0 ? POLLOUT : 0));
	if (poll(&p, 1, (int)ms) > 0)
		return (p.revents & POLLNVAL) != 0 ? WEIR_NO_ANSWER : WEIR_OK;
	weir_fake_advance(fake_world, ns);
	return WEIR_TIMED_OUT;
}

struct errand_fn {
	void (*fn)(void *);
	void *arg;
};

static void *run_errand(void *given)
{
	struct errand_fn *e = given;

	e->fn(e->arg);
	return NULL;
}

/* On a thread of its own, so that what touches the exchange there is seen. */
static enum weir_wait offload(struct weir_exchange *ex, void (*fn)(void *), void *arg)
{
	struct errand_fn errand = { fn, arg };
	enum weir_wait how = fake_wait(ex, "weir_offload", 0);
	pthread_t thread;

	if (how == WEIR_NOT_HERE)
		return how;
	if (pthread_create(&thread, NULL, run_errand, &errand) != 0)
		return WEIR_NO_MEMORY;
	(void)pthread_join(thread, NULL);
	return how;
}

void fake_fill_waits(struct weir_host *host)
{
	host->sleep = nap;
	host->body_read = body_read;
	host->body_set = body_set;
	host->wait_fd = wait_fd;
	host->offload = offload;
}
