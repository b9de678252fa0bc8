/* sink.h - lines on their way out: from a ring of each writing thread, by one log thread, to an
 * output. */
#ifndef CORE_BASE_SINK_H
#define CORE_BASE_SINK_H

#include <stdint.h>

#include "core/base/pen.h"
#include <weir/error.h>

/* Writers never wait: a line that finds its ring full is dropped and counted, and the log says so
 * once in a while. Outputs never wait either: one that stalls holds up its own lines only. */
struct sink;

enum { SINK_LINE = 32768 };	/* bytes of the longest line */

/* `target` as output_open() takes it. Lines that are lost, because a ring was full or the output is
 * broken, are added to *lost, which must outlive the sink; the log thread adds them, so that it may
 * lag a little. Starts the log thread when it is the first; never before a
 * fork that is not followed by an exec. NULL with a sentence. [control] */
struct sink *sink_open(const char *target, _Atomic(uint64_t) *lost, struct weir_error *error);

/* The sink ends once the lines so far are written, or after 5 seconds without that; a pen that is
 * still open then writes into nothing. The last one waits for the log thread, at most a second.
 * NULL is fine. [control] */
void sink_close(struct sink *s);

/* Gives a pen with `room` bytes of ring; NULL when out of memory. Any thread. */
struct pen *pen_open(struct sink *s, size_t room);
/* Its lines are still written, if the sink is open. NULL is fine. [its thread] */
void pen_close(struct pen *p);

/* Lends room for a line of up to `most` bytes; NULL: it is lost, and counted. [its thread] */
char *pen_begin(struct pen *p, size_t most);
/* The line is the first `used` bytes, newline included; 0: no line. [its thread] */
void pen_end(struct pen *p, size_t used);

/* Adds a line on the log thread itself, which has no pen: lines about lines. */
void sink_add_here(struct sink *s, struct weir_str line);
bool sinks_here(void);		/* is this the log thread? */

/* Opens the files of all sinks anew, soon. Any thread, and signal handlers. */
void sinks_reopen(void);

/* Waits until all lines so far are out, at most that long; false when some are not. Any thread, and
 * signal handlers: also that of a crash. */
bool sinks_flush(uint64_t within_ns);

#endif
