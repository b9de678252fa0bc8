/* access_log.c - a line for each exchange, written by the log thread. */
#include "core/telemetry/access_log.h"

#include "core/base/error.h"
#include "core/base/mem.h"

/* Between two rounds of the log thread (20 ms) a busy worker writes some thousand lines. */
enum { RING = 1024 * 1024 };

struct access_log {
	struct sink *sink;
	struct access_rules rules;
};

static _Atomic(uint64_t) dropped;

struct access_log *access_log_open(const struct access_log_settings *settings,
				   struct weir_error *error)
{
	struct access_log *log = mem_alloc(sizeof(*log));

	if (log == NULL) {
		fail_memory(error);
		return NULL;
	}
	log->rules = settings->rules;
	log->sink = sink_open(settings->path, &dropped, error);
	if (log->sink != NULL)
		return log;
	mem_free(log);
	return NULL;
}

void access_log_close(struct access_log *log)
{
	if (log == NULL)
		return;
	sink_close(log->sink);
	mem_free(log);
}

struct pen *access_log_pen(struct access_log *log)
{
	return pen_open(log->sink, RING);
}

void access_log_write(const struct access_log *log, struct pen *pen, const struct record *r)
{
	char *line = pen_begin(pen, ACCESS_LINE);

	if (line != NULL)
		pen_end(pen, access_line(line, r, &log->rules));
}

uint64_t access_log_dropped(void)
{
	return atomic_load_explicit(&dropped, memory_order_relaxed);
}
