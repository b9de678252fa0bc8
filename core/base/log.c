/* log.c - lines for the operator: formed here, carried by a sink. */
#include "core/base/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/escape.h"
#include "core/base/json_write.h"
#include "core/base/mem.h"
#include "core/base/sink.h"

enum { MESSAGE = 2048, LINE = 3 * MESSAGE, RING = 64 * 1024 };

static _Atomic(enum log_level) level_now = LOG_LEVEL_INFO;
static _Atomic(enum log_format) format_now = LOG_FORMAT_TEXT;
static _Atomic(struct sink *) sink_now;		/* NULL: lines are written directly */
static _Atomic(uint64_t) generation = 1;	/* of sink_now */
static _Atomic(uint64_t) dropped;
static pthread_key_t at_exit_of_thread;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* What a thread needs to write; its pen is of `generation`. */
struct voice {
	struct pen *pen;
	uint64_t generation;
	char name[16];
};

static _Thread_local struct voice voice;

static void leave(void *arg)
{
	struct voice *v = arg;

	pen_close(v->pen);
	v->pen = NULL;
	v->generation = 0;
}

static void make_key(void)
{
	(void)pthread_key_create(&at_exit_of_thread, leave);
}

bool log_open(struct weir_error *error)
{
	struct sink *s;

	if (atomic_load(&sink_now) != NULL)
		return true;
	pthread_once(&once, make_key);
	s = sink_open("stderr", &dropped, error);
	if (s == NULL)
		return false;
	atomic_fetch_add(&generation, 1);
	atomic_store(&sink_now, s);
	return true;
}

void log_close(void)
{
	struct sink *s = atomic_exchange(&sink_now, NULL);

	if (s == NULL)
		return;
	(void)sinks_flush(NS_PER_S);
	leave(&voice);
	sink_close(s);
}

bool log_flush(uint64_t within_ns)
{
	return sinks_flush(within_ns);
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
	atomic_store_explicit(&format_now, format, memory_order_relaxed);
}

uint64_t log_dropped(void)
{
	return atomic_load_explicit(&dropped, memory_order_relaxed);
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

void log_name_thread(const char *name)
{
	(void)snprintf(voice.name, sizeof(voice.name), "%s", name);
}

/* ps shows "weir-0" and "weir-control"; in a line of ours w0 and control are enough. */
static struct weir_str thread_name(void)
{
	char name[16] = "?";
	const char *own;

	if (voice.name[0] != '\0')
		return str_from(voice.name);
	(void)pthread_getname_np(pthread_self(), name, sizeof(name));
	own = strncmp(name, "weir-", 5) == 0 ? name + 5 : name;
	(void)snprintf(voice.name, sizeof(voice.name), "%s%.14s", ascii_digit(*own) ? "w" : "",
		       own);
	return str_from(voice.name);
}

/* --- one line -------------------------------------------------------------------------------- */

static size_t text_line(char *at, enum log_level level, struct weir_str message)
{
	char *start = at, *end = at + LINE - 1, *stop;

	at = clock_put_utc(at, clock_wall());
	at += snprintf(at, 32, " %s %.*s ", words[level], STR_ARG(thread_name()));
	stop = escape_put(at, end, message, ESCAPE_PLAIN);
	if (stop == NULL)	/* more than doubled by escapes: the front of it will do */
		stop = escape_put(at, end, str_head(message, 512), ESCAPE_PLAIN);
	*stop++ = '\n';
	return (size_t)(stop - start);
}

static size_t json_line(char *at, enum log_level level, struct weir_str message)
{
	char time[CLOCK_UTC_LEN];
	struct json_write w;

	(void)clock_put_utc(time, clock_wall());
	json_write_init(&w, at, LINE - 1);
	json_write_open(&w, STR_ABSENT, '{');
	json_write_str(&w, STR("time"), str_of(time, sizeof(time)));
	json_write_str(&w, STR("level"), str_from(words[level]));
	json_write_str(&w, STR("thread"), thread_name());
	json_write_str(&w, STR("message"), message);
	if (w.cut)
		json_write_str(&w, STR("message"), str_head(message, 512));
	json_write_close(&w);
	*w.at++ = '\n';
	return (size_t)(w.at - w.start);
}

static size_t make_line(char *at, enum log_level level, struct weir_str message)
{
	if (atomic_load_explicit(&format_now, memory_order_relaxed) == LOG_FORMAT_JSON)
		return json_line(at, level, message);
	return text_line(at, level, message);
}

static struct pen *pen_of(struct sink *s)
{
	uint64_t now = atomic_load(&generation);

	if (voice.generation != now) {
		pen_close(voice.pen);
		voice.pen = pen_open(s, RING);
		voice.generation = voice.pen != NULL ? now : 0;
		(void)pthread_setspecific(at_exit_of_thread, &voice);
	}
	return voice.pen;
}

static void write_here(struct sink *s, enum log_level level, struct weir_str message)
{
	char line[LINE];
	size_t len = make_line(line, level, message);

	if (s != NULL)
		sink_add_here(s, str_of(line, len));
	else if (write(STDERR_FILENO, line, len) < 0)
		return;	/* there is nobody to tell */
}

static void carry(enum log_level level, struct weir_str message)
{
	struct sink *s = atomic_load(&sink_now);
	struct pen *pen = s != NULL && !sinks_here() ? pen_of(s) : NULL;
	char *line;

	if (pen == NULL) {
		write_here(sinks_here() ? s : NULL, level, message);
		return;
	}
	line = pen_begin(pen, LINE);
	if (line != NULL)
		pen_end(pen, make_line(line, level, message));
}

void log_say(enum log_level level, const char *format, ...)
{
	char message[MESSAGE];
	va_list args;
	int n;

	if (level > log_level())
		return;
	va_start(args, format);
	n = vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	if (n < 0)
		return;
	if ((size_t)n >= sizeof(message)) {
		memcpy(message + sizeof(message) - 4, "...", 4);
		n = sizeof(message) - 1;
	}
	carry(level, str_of(message, (size_t)n));
}
