/* signals.h - signals as something to read from a descriptor, so that no code runs in a handler. */
#ifndef CORE_WEIR_SIGNALS_H
#define CORE_WEIR_SIGNALS_H

/* Blocks HUP, INT, TERM, USR1, USR2 and CHLD for the calling thread (and the threads it starts) and
 * gives a non-blocking, close-on-exec descriptor on which they arrive; -1 with errno. PIPE is
 * ignored. Before any other thread is started. */
int signals_open(void);

/* The next signal that has arrived, or 0. */
int signals_next(int fd);

/* After fork(), before execve(): all as a program expects to find it. Async-signal-safe. */
void signals_reset(void);

/* In a child with a parent: those signals mean the parent, also when the terminal or the service
 * manager sends them to both. */
void signals_ignore(void);

#endif
