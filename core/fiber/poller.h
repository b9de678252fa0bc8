/* poller.h - the kernel behind five calls: open, add, remove, wait, close. */
#ifndef CORE_FIBER_POLLER_H
#define CORE_FIBER_POLLER_H

#include <stdbool.h>
#include <stdint.h>
#include <weir/error.h>

enum source_mode {
	SOURCE_EDGE,		/* in and out, edge-triggered, once for its life */
	SOURCE_LEVEL_IN,	/* level-triggered: listeners, foreign descriptors, eventfd */
	SOURCE_LEVEL_OUT,
	SOURCE_LEVEL_IN_SHARED,	/* EPOLLEXCLUSIVE: one listener on several loops */
};

enum source_events {	/* the numbers are epoll's */
	SOURCE_IN = 0x1,	/* bytes, or a connection, or a FIN behind them */
	SOURCE_OUT = 0x4,
	SOURCE_ERR = 0x8,
	SOURCE_HUP = 0x10,	/* both directions are over, or reset */
	SOURCE_RDHUP = 0x2000,	/* the peer has sent its FIN */
};

/* A descriptor in a loop; lives in its owner. `notify` is called while the loop marks events: it
 * latches, wakes, starts fibers; it must not switch. It may remove its own or any other source. */
struct source {
	int fd;
	void (*notify)(struct source *s, unsigned events);
};

struct poller {
	int fd;
	void *events;		/* those fetched together */
	int count, at;		/* how many they are, and which is being delivered */
	void (*woken)(struct poller *p);	/* each wait is over, nothing is delivered yet; or NULL */
};

bool poller_open(struct poller *p, struct weir_error *error);
/* False with errno. */
bool poller_add(struct poller *p, struct source *s, enum source_mode mode);
/* After it no event of `s` is delivered, not even one already fetched. Before closing the fd. */
void poller_remove(struct poller *p, struct source *s);
/* Waits up to timeout_ms (-1: for ever, 0: not at all) and notifies. Gives how many events. */
int poller_wait(struct poller *p, int timeout_ms);
void poller_close(struct poller *p);

#endif
