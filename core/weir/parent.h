/* parent.h - the small process that owns the pid and the sockets, whatever happens to its child. */
#ifndef CORE_WEIR_PARENT_H
#define CORE_WEIR_PARENT_H

#include "core/weir/child.h"
#include "core/weir/sockets.h"

/* The life of the parent: it opens what its child asks for, hears that the child is ready, and from
 * then on forwards the operator's wishes and watches. A child that dies is followed by another, on
 * the same sockets, in whose queues the clients wait meanwhile. It serves nobody itself, has one
 * thread, and believes nothing that a child says. */

enum { CHILDREN_MOST = 8 };	/* one serves, one may start, the others drain */

struct parent_options {
	char *const *argv;	/* its own command line: the child's and the next image's as well */
	const char *path;	/* where the executable is on disk, as it was called; see image_find() */
	uint64_t watchdog;	/* a worker may be stuck so long, ns; 0: for ever */
	uint64_t start;		/* a child may take so long to become ready, ns */
};

/* An attempt to make sure, before anything is risked, that the image on disk can take over. */
struct trial {
	pid_t pid;		/* 0: none is under way */
	int pipe, image;
	uint64_t until;
	char nonce[33];
};

struct parent {
	struct parent_options options;
	struct sockets sockets;
	struct child children[CHILDREN_MOST];
	struct trial trial;
	int signals;		/* a descriptor to read them from */
	int image;		/* of our own executable, also when the file was replaced; -1: none */
	int kept;		/* what the last child left for the next; -1: nothing */
	bool served;		/* some child has been ready */
	bool handover;		/* this image has just taken over and starts its first child */
	bool reload;		/* wanted while a handover is under way */
	bool stopping;
	unsigned interrupts;	/* SIGINT, so far */
	unsigned crashes;	/* in a row */
	uint64_t restart_at;	/* not before */
	uint64_t tick_every, tick_at;	/* when silence is counted */
	int status;		/* of exit */
};

/* Runs until everything has ended; gives the exit status. Reads WEIR_HANDOVER, LISTEN_FDS and
 * NOTIFY_SOCKET from the environment. */
int parent_run(const struct parent_options *options);

/* The path by which this program was called, absolute, symbolic links not resolved (so that one that
 * is pointed elsewhere leads to the new version). */
bool image_find(const char *argv0, char *room, size_t size);

#endif
