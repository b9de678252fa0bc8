/* gateway.h - the built weir, run as a user runs it: a file, a process, signals, its admin socket. */
#ifndef TESTS_E2E_GATEWAY_H
#define TESTS_E2E_GATEWAY_H

#include <stdbool.h>
#include <sys/types.h>

struct gateway {
	char dir[64];		/* a fresh folder: weir.yaml, log, access.log, admin */
	pid_t pid;		/* of `weir run`, the small parent; 0: not running */
	int status;		/* how it ended */
	bool watches;		/* --watch: set before it starts */
	bool says_workers;	/* the configuration does: the command line then does not */
	char *text;		/* the last file or answer that was read */
};

struct gateway *gateway_new(void);
void gateway_free(struct gateway *g);	/* kills what still runs and removes the folder */

/* What a configuration may say as ${NAME}. DIR is there from the start. */
void gateway_knows(struct gateway *g, const char *name, const char *value);

/* Writes weir.yaml: an admin socket and a JSON access log, then `text`. */
void gateway_writes(struct gateway *g, const char *text);
/* Writes any other file of the folder, whole or not at all. */
void gateway_writes_file(struct gateway *g, const char *name, const char *text);
bool gateway_start(struct gateway *g);		/* and waits until it is ready; false: it ended */
void gateway_start_somehow(struct gateway *g);	/* without waiting */
bool gateway_ends(struct gateway *g);		/* waits until it has ended by itself: see `status` */
int gateway_checks(struct gateway *g);		/* `weir check`: its exit status, -1: it died */
/* SIGTERM; gives the exit status, -1 when it died of a signal or had to be killed. */
int gateway_stop(struct gateway *g);
void gateway_signal(struct gateway *g, int signal);	/* the parent, as an operator does */

/* The admin API over its socket. Gives the status, 0 when it did not answer; body in g->text. */
long admin_get(struct gateway *g, const char *path);
long admin_post(struct gateway *g, const char *path);
/* The sum of all series of that name whose labels contain each of `labels` (NULL ends); 0: none. */
double gateway_metric(struct gateway *g, const char *name, ...) __attribute__((sentinel));
bool gateway_is_idle(struct gateway *g);	/* waits until no exchange is in flight */

/* What it wrote. Each lends until the next call. */
const char *gateway_log(struct gateway *g);
void gateway_forgets_log(struct gateway *g);	/* empties it */
bool gateway_logs(struct gateway *g, const char *text);		/* waits for it */
const char *gateway_access_log(struct gateway *g);
/* Waits until so many lines stand in the access log. */
bool gateway_logged_requests(struct gateway *g, unsigned lines);

/* What the system knows of it. */
pid_t gateway_child(struct gateway *g);		/* the process that serves; 0: none */
unsigned gateway_descriptors(struct gateway *g);	/* open ones, but for pipes: those are buffers */
size_t gateway_memory(struct gateway *g);	/* bytes that are its own (private and in memory) */

#endif
