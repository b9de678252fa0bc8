/* log.c - lines for the operator. */
#include "core/base/log.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static _Atomic(enum log_level) level_now = LOG_LEVEL_INFO;

bool log_open(struct weir_error *error)
{
	(void)error;
	return true;
}

void log_close(void)
{
}

void log_set_level(enum log_level level)
{
	atomic_store_explicit(&level_now, level, memory_order_relaxed);
}

enum log_level log_level(void)
{
	return atomic_load_explicit(&level_now, memory_order_relaxed);
}

void log_set_format(enum log_format format)
{
	(void)format;
}

uint64_t log_dropped(void)
{
	return 0;
}

static const char *const words[] = { "error", "warn", "info", "debug" };

const char *log_level_word(enum log_level level)
{
	return words[level];
}

bool log_level_parse(const char *word, enum log_level *out)
{
	for (int i = 0; i <= LOG_LEVEL_DEBUG; i++) {
		if (strcmp(word, words[i]) == 0) {
			*out = (enum log_level)i;
			return true;
		}
	}
	return false;
}

void log_say(enum log_level level, const char *format, ...)
{
	char line[1024];
	va_list args;
	int n;

	if (level > log_level())
		return;
	va_start(args, format);
	n = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	if (n < 0)
		return;
	fprintf(stderr, "%s: %s\n", words[level], line);
}
