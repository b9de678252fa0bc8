/* access_log.h - a line for each exchange, written by the log thread. */
#ifndef CORE_TELEMETRY_ACCESS_LOG_H
#define CORE_TELEMETRY_ACCESS_LOG_H

#include "core/base/sink.h"
#include "core/telemetry/access_line.h"

/* One output, shared by all workers; each writes with a pen of its own and never waits. SIGUSR1
 * reopens its file (sinks_reopen()). */
struct access_log;

struct access_log_settings {
	const char *path;		/* as sink_open() takes it */
	struct access_rules rules;
};

/* NULL with a sentence. [control] */
struct access_log *access_log_open(const struct access_log_settings *settings,
				   struct weir_error *error);
/* Once no worker writes to it any more; lines of pens that are closed still come out. [control] */
void access_log_close(struct access_log *log);

/* Gives the worker's pen; pen_close() it. NULL: out of memory. [worker] */
struct pen *access_log_pen(struct access_log *log);

/* Once for each exchange. [the pen's worker, does not wait or allocate] */
void access_log_write(const struct access_log *log, struct pen *pen, const struct record *r);

/* Lines lost since the process started, by all access logs. Any thread. */
uint64_t access_log_dropped(void);

#endif
