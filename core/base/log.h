/* log.h - lines for the operator. Each says what happened, to what, and what to do about it. */
#ifndef CORE_BASE_LOG_H
#define CORE_BASE_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <weir/error.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

/* Lines go to a ring of the calling thread and from there to stderr by one log thread; a full
 * ring drops the line and counts it. Before log_open() and after log_close() lines are written
 * directly.
 *
 *     2026-11-23T14:46:41.123Z info w0 service tariff-svc: one request tries the ejected ...
 *
 * Both are for the thread that does the starting and stopping; while it closes, no thread may say
 * its first line. Open after a fork, not before. */
bool log_open(struct weir_error *error);
void log_close(void);			/* writes out what is in the rings, for a second at most */

/* Waits until what was said so far is out, at most that long. Any thread, and a handler of
 * crashes. */
bool log_flush(uint64_t within_ns);

/* What stands in this thread's lines; copied, 15 bytes. Otherwise it is the name that ps shows,
 * "weir-" cut off: w0, control. */
void log_name_thread(const char *name);

void log_set_level(enum log_level level);	/* any thread, at once */
enum log_level log_level(void);
void log_set_format(enum log_format format);
bool log_level_parse(const char *word, enum log_level *out);	/* error, warn, info, debug */
const char *log_level_word(enum log_level level);
uint64_t log_dropped(void);		/* lines lost so far; any thread */

void log_say(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_say(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...) log_say(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...) log_say(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) \
	do { \
		if (log_level() >= LOG_LEVEL_DEBUG) \
			log_say(LOG_LEVEL_DEBUG, __VA_ARGS__); \
	} while (0)

#endif
