/* child.h - one serving child, as its parent sees it. */
#ifndef CORE_WEIR_CHILD_H
#define CORE_WEIR_CHILD_H

#include <sys/types.h>

#include "core/weir/message.h"

enum child_state {
	CHILD_NONE,
	CHILD_STARTING,		/* until it says ready, or fails */
	CHILD_SERVING,
	CHILD_DRAINING,		/* was told to; finishes what it has */
	CHILD_ENDING,		/* hopeless: told to die, not yet dead */
};

struct child {
	pid_t pid;
	int fd;			/* to it; -1: closed */
	enum child_state state;
	enum birth birth;
	bool greeted, beaten;	/* beaten: a beat came since the last tick */
	uint64_t started, ready;	/* when; monotonic ns, 0: not yet */
	uint64_t end_by;	/* killed if it still lives then; CLOCK_NEVER: may live */
	uint32_t silent;	/* ticks without a beat, in a row */
	uint32_t stop_ms;	/* what it needs to drain */
	unsigned todo;		/* commands that it has not taken yet: bits of enum message_type */
	char why[WEIR_ERROR_ROOM];	/* what it said when it failed */
};

/* What a child is made of. */
struct child_plan {
	int image;		/* the parent's own executable, so that both are of one build */
	const char *path;	/* used when the image cannot be executed by descriptor */
	char *const *argv;
};

/* Forks and executes. Its environment has WEIR_CONTROL and lacks what is the parent's alone. */
bool child_spawn(struct child *c, const struct child_plan *plan, enum birth birth,
		 struct weir_error *error);

/* Executes `image`, or `path` when that is not possible; returns only on failure, with errno. */
void image_execute(int image, const char *path, char *const *argv);

/* Sends RELOAD, DRAIN, REOPEN or YIELD, now or when it has room for it. */
void child_command(struct child *c, enum message_type type);
void child_flush(struct child *c);	/* sends what is still to do */
void child_send(struct child *c, struct message *m);	/* one that does not listen is killed */

void child_drain(struct child *c);
void child_abort(struct child *c);	/* SIGABRT, for the core; SIGKILL 5 s later */
void child_kill(struct child *c);	/* SIGKILL, now */
void child_forget(struct child *c);	/* after its death */

/* "was killed by signal 11 (Segmentation fault), core dumped" or "exited with 1". */
void child_describe_end(int status, char *room, size_t size);

#endif
