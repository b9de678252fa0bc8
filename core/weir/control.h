/* control.h - the serving child's end: it asks its parent for sockets, and is told what to do. */
#ifndef CORE_WEIR_CONTROL_H
#define CORE_WEIR_CONTROL_H

#include "core/weir/sockets.h"

/* What the operator wants, as it reaches the child. Called from control_read(). */
struct control_calls {
	void (*reload)(void *owner);	/* read the configuration again; then control_reloaded() */
	void (*drain)(void *owner);	/* finish and exit 0; may come twice. Also: the parent is gone */
	void (*reopen)(void *owner);	/* open the logs anew */
	void (*yield)(void *owner);	/* another child serves: leave the admin API to it. May be NULL */
};

/* One per process, used by the control thread alone. Without a parent (a test, a debugger) it opens
 * sockets itself and hears the signals itself; nothing else differs. */
struct control {
	int fd;			/* the parent, or the signals when alone */
	bool alone;
	bool yielded;		/* another child has the sockets now; else who drains gives them up */
	bool orphaned;		/* the parent is gone: drain() was called for it */
	enum birth birth;	/* why this child was started */
	int kept;		/* what the last child left with control_keep(), or -1. Owned */
	unsigned held;		/* what came while we waited for sockets */
	unsigned interrupts;	/* SIGINT, when alone */
	struct sockets own;	/* when alone */
	const struct control_calls *calls;
	void *owner;
};

/* True in a child that was started by a parent. */
bool control_inherited(void);

/* Before any thread is started. Greets the parent; all signals but the deadly ones are ignored from
 * then on, for they are the parent's. */
bool control_open(struct control *c, struct weir_error *error);
/* Alone: blocks the signals and reads them from a descriptor. */
bool control_open_alone(struct control *c, struct weir_error *error);
void control_close(struct control *c);

void control_set_calls(struct control *c, const struct control_calls *calls, void *owner);

/* Whenever control_fd() can be read (level-triggered), and now and then besides: calls what is to
 * be called. False once the parent is gone; then stop watching the descriptor. */
bool control_read(struct control *c);
static inline int control_fd(const struct control *c)
{
	return c->fd;
}

/* Gives the listening sockets of `wish`, opened or already there, as a struct listening of the
 * child's own; listening_free() it. Waits for the parent, at most 5 s. Asking again for the same
 * address with more workers gives all of them anew. NULL with a sentence. */
struct listening *control_listen(struct control *c, const struct message_open *wish,
				 struct weir_error *error);
/* The address is given up for good: after every listener on it has finished. */
void control_give_up(struct control *c, const struct listening *l);

/* It serves. After being told to drain it needs at most `stop_ms` until it exits; said again when a
 * reload has changed that. */
void control_ready(struct control *c, uint32_t stop_ms);
/* It will not become ready; then exit with 1. */
void control_failed(struct control *c, const char *why);
/* It begins to drain by itself (POST /drain) and will exit 0; nobody shall take its place. */
void control_draining(struct control *c, uint32_t stop_ms);
/* How a reload ended; `text` says why not. */
void control_reloaded(struct control *c, bool ok, const char *text);
/* How long each worker has not turned although it had work, in ms. About once a second; a parent
 * that hears nothing, or of a worker stuck beyond its patience, replaces the child. */
void control_beat(struct control *c, const uint32_t *stuck_ms, uint32_t workers);
/* Leaves a descriptor (a memfd, say) for the next child, instead of the one left before. Lent. */
void control_keep(struct control *c, int fd);

#endif
