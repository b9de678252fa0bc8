/* proxy.h - what a worker keeps to carry traffic: its sessions, its exchanges, its view of the world. */
#ifndef CORE_PROXY_PROXY_H
#define CORE_PROXY_PROXY_H

#include "core/base/slab.h"
#include "core/fiber/worker.h"
#include "core/net/address.h"
#include "core/proxy/shared_limit.h"
#include "core/proxy/snapshot.h"

struct stats;
struct access_log;
struct record;
struct tracing_here;

/* In the worker's WORKER_PROXY slot. */
struct proxy {
	struct worker *worker;
	struct snapshot_reader *reader;		/* of the current snapshot; never NULL while serving */
	struct slab sessions, exchanges;
	struct list open;			/* struct session */
	uint32_t session_count, idle_sessions, exchange_count, mirrors;
	struct shared_limit *requests, *connections;	/* of all workers; NULL: no limit */
	struct stats *stats;
	struct access_log *access_log;		/* NULL: off */
	struct pen *access_pen;
	struct tracing_here *tracing;		/* NULL: off */
	uint64_t complain_at;			/* when a lack of fibers may be logged again */
	uint64_t handshake_log_at;		/* likewise of a handshake that failed */
	uint32_t handshakes_untold;
	bool draining;
	void (*drained)(struct proxy *px);	/* called once when draining and nothing is left */
	struct letter farewell;			/* for whoever it is told to */
	struct list copies;			/* of mirrors, on their way: struct copy */
};

bool proxy_open(struct worker *w, struct weir_error *error);
void proxy_close(struct worker *w);

static inline struct proxy *proxy_of(const struct worker *w)
{
	return w->slots[WORKER_PROXY];
}

/* [worker] Exchanges that begin from now on see this snapshot. */
void proxy_use(struct proxy *px, struct snapshot *s);

/* [worker] A connected socket becomes a session of the listener with this slot. Takes the fd. `reader`: see
 * session_open(). */
void proxy_accept(struct proxy *px, uint32_t listener_slot, struct snapshot_reader *reader,
		  struct shared_limit *limit, int fd, const struct peer *peer);

/* [worker] The listener goes, before proxy_use() of the world without it: each of its sessions ends with
 * its next exchange, in the world as it is now. */
void proxy_end_sessions(struct proxy *px, uint32_t listener_slot);

/* [worker] Listeners have other slots: idle and busy sessions belong to slot_after() of theirs from their
 * next exchange on. */
void proxy_move_sessions(struct proxy *px, uint32_t (*slot_after)(void *arg, uint32_t slot),
			 void *arg);

/* [worker] Lets exchanges finish and ends their connections; calls `drained` (may be NULL) when no session
 * and no copy for a mirror is left. */
void proxy_drain(struct proxy *px, void (*drained)(struct proxy *px));
/* [worker] Ends what is left, at once. */
void proxy_cut(struct proxy *px);
/* [worker] Something has ended: perhaps it was the last. */
void proxy_note_end(struct proxy *px);

#endif
