/* waits.c - the waits that need no exchange: sleeping, a descriptor, a helper thread. */
#include "config.h"

#include "core/plugin/waits.h"

#include "core/fiber/loop.h"
#include "core/fiber/wait.h"

/* What a wait of the running fiber came to, in the window's words. */
static enum weir_wait wait_word(enum wake why)
{
	switch (why) {
	case WAKE_EVENT:
		return WEIR_OK;
	case WAKE_DEADLINE:
		return WEIR_TIMED_OUT;
	case WAKE_CANCEL:
		break;
	}
	return WEIR_CANCELLED;
}

enum weir_wait wait_of_reason(enum reason why)
{
	switch (why) {
	case REASON_NONE:
		return WEIR_OK;
	case REASON_CLIENT_GONE:
		return WEIR_CANCELLED;
	case REASON_TIMEOUT:
	case REASON_ALL_TIMEOUT:
	case REASON_HEAD_TIMEOUT:
	case REASON_BODY_SLOW:
		return WEIR_TIMED_OUT;
	case REASON_BODY_TOO_LARGE:
	case REASON_UPSTREAM_TOO_LARGE:
		return WEIR_TOO_LARGE;
	case REASON_OUT_OF_MEMORY:
		return WEIR_NO_MEMORY;
	case REASON_UNKNOWN_SERVICE:
		return WEIR_UNKNOWN;
	default:
		return WEIR_NO_ANSWER;
	}
}

bool wait_allowed(void)
{
	const struct fiber *self = fiber_self();

	return self != NULL && self->loop->no_wait == 0;
}

static enum weir_wait nap(struct weir_exchange *ex, uint64_t ns)
{
	(void)ex;
	return wait_allowed() ? wait_word(wait_sleep(ns)) : WEIR_NOT_HERE;
}

/* One descriptor of a plugin in the loop, for the time of one wait. */
struct foreign {
	struct source source;
	struct fiber *waiting;
	bool ready;
};

static void ready(struct source *s, unsigned events)
{
	struct foreign *f = container_of(s, struct foreign, source);

	(void)events;
	f->ready = true;
	fiber_wake(f->waiting);
}

static enum weir_wait park_until_ready(struct foreign *f, uint64_t ns)
{
	struct deadline until;
	enum wake why = WAKE_EVENT;

	deadline_enter(&until, clock_after(f->waiting->loop->now, ns), REASON_NONE);
	while (!f->ready && why == WAKE_EVENT)
		why = fiber_park();
	deadline_leave(&until);
	return f->ready && why != WAKE_CANCEL ? WEIR_OK : wait_word(why);
}

/* NO_ANSWER: it cannot be watched: closed, or a plain file, which is always ready. */
static enum weir_wait wait_fd(struct weir_exchange *ex, int fd, unsigned events, uint64_t ns)
{
	enum source_mode mode = (events & WEIR_WRITABLE) != 0 ? SOURCE_LEVEL_OUT : SOURCE_LEVEL_IN;
	struct foreign f = { .source = { .fd = fd, .notify = ready } };
	enum weir_wait how;

	(void)ex;
	if (!wait_allowed() || events == 0)
		return WEIR_NOT_HERE;
	f.waiting = fiber_self();
	if (!poller_add(&f.waiting->loop->poller, &f.source, mode))
		return WEIR_NO_ANSWER;
	how = park_until_ready(&f, ns);
	poller_remove(&f.waiting->loop->poller, &f.source);
	return how;
}

static enum weir_wait offload(struct weir_exchange *ex, void (*fn)(void *), void *arg)
{
	struct deadline none;
	bool ran;

	(void)ex;
	if (!wait_allowed())
		return WEIR_NOT_HERE;
	deadline_enter(&none, CLOCK_NEVER, REASON_NONE);	/* it ends when fn does */
	ran = loop_offload(fn, arg);
	deadline_leave(&none);
	if (!ran)
		return WEIR_NO_MEMORY;
	return fiber_cancelled(fiber_self()) ? WEIR_CANCELLED : WEIR_OK;
}

void waits_fill_host(struct weir_host *host)
{
	host->sleep = nap;
	host->wait_fd = wait_fd;
	host->offload = offload;
}
