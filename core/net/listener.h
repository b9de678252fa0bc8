/* listener.h - a listening socket on one worker's loop: accepts in bounded batches and hands them on. */
#ifndef CORE_NET_LISTENER_H
#define CORE_NET_LISTENER_H

#include "core/fiber/loop.h"
#include "core/net/socket.h"

struct listener;

struct listener_calls {
	/* May one more be accepted? NULL: always. On false the newcomers wait in the kernel's queue
	 * until listener_resume(), or at most 100 ms, when it is asked again. */
	bool (*may_accept)(struct listener *l);
	/* Takes fd: connected, non-blocking, close-on-exec. Called while the loop marks events: it
	 * may start a fiber, and may close or finish the listener, but must not switch. */
	void (*accepted)(struct listener *l, int fd, const struct peer *peer);
	/* listener_finish() has come to its end; the listener is closed already. May free it. */
	void (*finished)(struct listener *l);
};

enum listener_state {
	LISTENER_CLOSED,
	LISTENER_OPEN,		/* accepting */
	LISTENER_HELD,		/* out of descriptors or over a limit: tries again by itself */
	LISTENER_PAUSED,	/* until listener_resume() */
};

/* Begins with listener_open(), ends with listener_close(), or with listener_finish() when the
 * address itself is given up. Lives in its owner; everything happens on its loop's thread. */
struct listener {
	struct source source;
	struct loop *loop;
	const struct listener_calls *calls;
	const struct address *address;	/* lent: for log lines and for finishing */
	struct timer timer;		/* to try again, or the end of finishing */
	uint64_t accepted;		/* how many so far */
	uint64_t finish_at;		/* 0: not finishing */
	uint8_t state;			/* enum listener_state */
	bool shared;			/* other loops listen on the same descriptor */
	void *owner;
};

/* Starts to accept. `fd` and `address` are lent and stay open until the listener is closed; with
 * `shared`, several loops may have the same fd. False when the poller refuses it. */
bool listener_open(struct listener *l, struct loop *loop, int fd, const struct address *address,
		   bool shared, const struct listener_calls *calls, struct weir_error *error);

/* Newcomers wait in the kernel's queue meanwhile. Both are harmless at any time. */
void listener_pause(struct listener *l);
void listener_resume(struct listener *l);

/* Gives the address up without resetting anybody: refuses newcomers, accepts all who are already
 * on their way (at least 250 ms, at most 2 s), closes, calls finished(). Only after every loop
 * that shares the descriptor has finished may it be closed. */
void listener_finish(struct listener *l);

/* Stops accepting now. Does not close the descriptor. Harmless when closed. */
void listener_close(struct listener *l);

#endif
