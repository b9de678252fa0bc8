/* poller_epoll.c - the five calls on epoll. */
#include "config.h"

#include "core/fiber/poller.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/mem.h"

enum { BATCH = 512 };

bool poller_open(struct poller *p, struct weir_error *error)
{
	struct epoll_event *events = mem_array(BATCH, sizeof(*events));

	*p = (struct poller){ .fd = -1 };
	if (events == NULL)
		return fail_memory(error);
	p->fd = epoll_create1(EPOLL_CLOEXEC);
	if (p->fd < 0) {
		mem_free(events);
		return fail(error, "epoll_create1 failed: %s; raise the limit of open files",
			    strerror(errno));
	}
	p->events = events;
	return true;
}

void poller_close(struct poller *p)
{
	if (p->fd >= 0)
		(void)close(p->fd);
	mem_free(p->events);
	*p = (struct poller){ .fd = -1 };
}

static uint32_t mask_of(enum source_mode mode)
{
	switch (mode) {
	case SOURCE_EDGE:
		return EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
	case SOURCE_LEVEL_IN:
		return EPOLLIN;
	case SOURCE_LEVEL_OUT:
		return EPOLLOUT;
	case SOURCE_LEVEL_IN_SHARED:
		return EPOLLIN | EPOLLEXCLUSIVE;
	}
	return 0;
}

bool poller_add(struct poller *p, struct source *s, enum source_mode mode)
{
	struct epoll_event event = { .events = mask_of(mode), .data = { .ptr = s } };

	return epoll_ctl(p->fd, EPOLL_CTL_ADD, s->fd, &event) == 0;
}

/* Events are delivered by address, so what was fetched for this one must go. The search is
 * short: fibers, who close most sources, run when nothing is left to deliver. */
void poller_remove(struct poller *p, struct source *s)
{
	struct epoll_event *events = p->events;

	(void)epoll_ctl(p->fd, EPOLL_CTL_DEL, s->fd, NULL);
	for (int i = p->at; i < p->count; i++)
		if (events[i].data.ptr == s)
			events[i].data.ptr = NULL;
}

/* The poller's words are epoll's own, so that no event is translated. */
_Static_assert((int)SOURCE_IN == (int)EPOLLIN && (int)SOURCE_OUT == (int)EPOLLOUT &&
	       (int)SOURCE_ERR == (int)EPOLLERR && (int)SOURCE_HUP == (int)EPOLLHUP &&
	       (int)SOURCE_RDHUP == (int)EPOLLRDHUP, "source events have epoll's numbers");

int poller_wait(struct poller *p, int timeout_ms)
{
	struct epoll_event *events = p->events;
	int count = epoll_wait(p->fd, events, BATCH, timeout_ms);

	if (p->woken != NULL)
		p->woken(p);
	p->count = count;
	for (p->at = 0; p->at < p->count; p->at++) {
		struct source *s = events[p->at].data.ptr;

		if (likely(s != NULL))
			s->notify(s, events[p->at].events);
	}
	p->count = p->at = 0;
	return count > 0 ? count : 0;
}
