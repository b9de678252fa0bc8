/* house.h - a parent with its toy child, started as a process of its own, for tests to knock at. */
#ifndef TESTS_WEIR_HOUSE_H
#define TESTS_WEIR_HOUSE_H

#include <sys/types.h>

#include "core/net/address.h"

struct house {
	char folder[64];		/* of its own, removed at the end */
	char image[96], file[96], log[96];
	struct address address;		/* of the listener "edge" */
	pid_t pid;			/* of the parent; 0: not started */
	int status;			/* of its exit, once it is over */
	const char *variables[4];	/* "NAME=value" for its environment */
	const char *wrapper[6];		/* a program that starts it; ends with NULL */
};

/* Makes the folder, copies this program there as the image, finds a free port, and writes a file
 * with `listen edge ADDRESS 2`, `version one`, and `more`. */
void house_build(struct house *h, const char *more);
/* Writes the file anew: the listener and these lines. */
void house_write(const struct house *h, const char *lines);
void house_start(struct house *h);
/* Starts and waits until it answers. */
void house_open(struct house *h);
/* Ends it the hard way if it still runs, and removes the folder. */
void house_raze(struct house *h);

void house_signal(const struct house *h, int number);
/* Waits for the parent's end; gives its exit status, or 128 + signal. */
int house_exit(struct house *h);

/* Waits (at most 20 s) until the log has this text; fails the test with the log otherwise. */
void house_says(const struct house *h, const char *text);
bool house_has_said(const struct house *h, const char *text);

/* What a child tells its client. */
struct greeting {
	pid_t pid;
	char version[64], birth[16], kept[64];
};

/* Connects and reads the greeting; fails the test when that cannot be done in 20 s. Gives the
 * connection. */
int visit(const struct address *a, struct greeting *g);
/* The same, and leaves. */
struct greeting ask(const struct house *h);
/* Says a word to whoever answers, and leaves. */
void tell(const struct house *h, const char *word);
/* Asks until the answer comes from another than `old`. */
struct greeting ask_after(const struct house *h, pid_t old);
/* Waits until the process is gone (or is dead but unburied). */
void wait_gone(pid_t pid);

/* A process that connects, reads a greeting and leaves, again and again. */
struct crowd {
	pid_t pid;
	int pipe;
};

struct crowd_count {
	uint64_t visits;	/* greeted */
	uint64_t refused;	/* connect() failed */
	uint64_t lost;		/* connected, but no greeting */
};

void crowd_start(struct crowd *c, const struct house *h);
struct crowd_count crowd_stop(struct crowd *c);

void copy_file(const char *from, const char *to);

#endif
