/* server_inside.h - what the server's thread and its callbacks share. */
#ifndef CORE_ADMIN_SERVER_INSIDE_H
#define CORE_ADMIN_SERVER_INSIDE_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "core/admin/entry.h"
#include "core/admin/guests.h"
#include "core/admin/helper.h"
#include "core/admin/server.h"

enum server_phase {
	SERVER_WAITING,		/* accepts nobody yet */
	SERVER_SERVING,
	SERVER_FINISHING,	/* accepts the last who have come, then ends */
	SERVER_YIELDING,	/* accepts nobody any more, and ends */
	SERVER_CLOSING,		/* the same, and somebody waits for it */
};

struct server {
	const char *name;
	const struct admin_world *world;
	struct MHD_Daemon *daemon;
	int listen_fd;			/* ours until the daemon is stopped, and after */
	int events, wake;		/* the daemon's epoll; an eventfd: server_wake() */
	pthread_t thread;
	atomic_int phase;		/* enum server_phase: only grows */
	void (*finished)(void *arg);
	void *arg;

	pthread_mutex_t lock;		/* around rules.token */
	struct entry_rules rules;	/* owns name and token */
	struct helper helper;		/* not open: a probe */

	/* The thread's own. */
	struct list guests;
	unsigned visits;		/* begun and not over */
	bool again;			/* the daemon wants another turn, whatever happens */
	bool quiet;			/* nobody is accepted any more */
	uint64_t quiet_at, end_at;	/* while finishing; 0: not set */
	uint64_t complained;		/* when a refusal was last logged */
	unsigned unsaid;		/* refusals since */
};

/* One request as the daemon sees it. */
struct call {
	struct visit visit;
	struct errand errand;
	struct server *server;
	struct MHD_Connection *connection;
	bool begun;			/* its head has been seen */
	bool suspended;
};

/* Lets the thread look at phases and resumed connections now. Any thread. */
void server_wake(struct server *s);

/* Gives a running daemon that calls back as answer.c says; NULL with a sentence. */
struct MHD_Daemon *daemon_start(struct server *s, struct weir_error *error);

#endif
