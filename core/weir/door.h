/* door.h - one listening address: its sockets, and who accepts on them. */
#ifndef CORE_WEIR_DOOR_H
#define CORE_WEIR_DOOR_H

#include "core/net/listener.h"
#include "core/weir/gateway.h"

/* One worker's part of a door. Lives until its listeners have finished, on the worker. */
struct door_place {
	struct listener *listeners;	/* one for each socket that is this worker's */
	uint32_t count;
	uint32_t finishing;
	uint32_t slot;			/* of the sessions that come in here */
	struct door *door;
	struct snapshot_reader *reader;	/* while it finishes: the last world that knew it, pinned */
	struct letter finished;
};

/* Opened when a configuration first names the address, given up when one no longer does. In between it
 * outlives reloads: what it says to its sessions comes from the snapshot, by its slot. */
struct door {
	struct list link;		/* in gateway.doors */
	struct gateway *gateway;
	char name[MESSAGE_NAME];
	struct address address;		/* as the configuration says */
	uint32_t slot;
	struct shared_limit *connections;	/* of this listener; ref held */
	struct listening *sockets;
	struct door_place *places;	/* by worker */
	uint32_t unfinished;		/* workers that still finish */
	bool wanted;			/* by the configuration that is being put in force */
	bool accepting;
};

/* Makes sure that there is a door for each listener of this configuration, not accepting yet; marks the
 * others as unwanted. False with a diagnostic: none of the new ones stays. [control, a fiber] */
bool doors_prepare(struct gateway *g, const struct conf *conf, const struct snapshot *s,
		   struct diagnostics *d);
/* The new configuration comes for sure: unwanted doors will be given up. Before the workers take its
 * snapshot, and doors_finish() with it. [control] */
void doors_leave(struct gateway *g);
/* Unwanted ones are given up without resetting anybody, just before the snapshot. [worker] */
void doors_finish(struct gateway *g, struct worker *w);
/* Listeners may have other names and slots than before: their sessions follow. Together with the snapshot.
 * [worker] */
void doors_move(struct gateway *g, struct worker *w);
/* Wanted ones accept, after the workers have taken the snapshot. [control, a fiber] */
void doors_commit(struct gateway *g);

/* Stops accepting everywhere. When another child has taken over, the sockets stay open; else they are
 * given up, so that newcomers are refused and can go elsewhere. [control, a fiber] */
void doors_stop(struct gateway *g);
void doors_close(struct gateway *g);		/* when every worker has ended */

#endif
