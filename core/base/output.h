/* output.h - a place where log lines go: a file, stdout, stderr, or a unix datagram socket. Never
 * waits. */
#ifndef CORE_BASE_OUTPUT_H
#define CORE_BASE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <weir/error.h>

enum output_kind {
	OUTPUT_FILE,		/* a write does not wait longer than the disk */
	OUTPUT_PIPE,		/* or terminal: asked first, and given a little at a time */
	OUTPUT_SOCKET,		/* a stream: stderr under systemd */
	OUTPUT_DATAGRAM,	/* one line each */
};

struct output {
	int fd;			/* -1: not open now */
	enum output_kind kind;
	bool owned;		/* we opened it */
	char *target;
};

/* `target` is "stdout", "stderr", "unix:PATH" (a datagram socket that somebody listens on) or the
 * path of a file, which is made when it is not there. False with a sentence. */
bool output_open(struct output *o, const char *target, struct weir_error *error);
void output_close(struct output *o);

/* Opens the same target anew, for rotated files. On failure the old one goes on being used. */
bool output_reopen(struct output *o, struct weir_error *error);

/* Gives how many bytes were taken, 0 when it cannot take any now, -1 with errno when it is broken.
 * A datagram is taken whole. */
ssize_t output_write(struct output *o, const char *data, size_t len);

#endif
