/* here.h - where a hook is called: the lives it may touch, and a line for the log. */
#ifndef WEIR_HERE_H
#define WEIR_HERE_H

#include <weir/host.h>

/* Lent for the call; it grows at the end. */
struct weir_here {
	size_t size;
	void *self;		/* from `open`: shared by all workers, read-only from then on */
	void *worker;		/* from `worker_open`: this worker's own; NULL on control */
	void *exchange;		/* the role's exchange_size bytes, zeroed at first; or NULL */
	const struct weir_use *use;	/* for the host's accounts */
};

/* Monotonic nanoseconds, read once per turn of the loop: cheap. Any thread. */
static inline uint64_t weir_now(void)
{
	return weir_host_slot->now();
}

/* Nanoseconds since 1970. Any thread. */
static inline uint64_t weir_wall(void)
{
	return weir_host_slot->wall();
}

/* 64 random bits; not for keys and tokens. Any thread. */
static inline uint64_t weir_dice(void)
{
	return weir_host_slot->dice();
}

/* A line in Weir's log, with the plugin and its place before it. Bounded per use: beyond ten
 * lines a second they are counted, not written. Never waits. Any thread. */
static inline void weir_log(const struct weir_here *here, enum weir_level level,
			    const char *format, ...) __attribute__((format(printf, 3, 4)));

static inline void weir_log(const struct weir_here *here, enum weir_level level,
			    const char *format, ...)
{
	char line[WEIR_ERROR_ROOM];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n < 0)
		return;
	if ((size_t)n >= sizeof(line))
		n = (int)sizeof(line) - 1;
	weir_host_slot->log(here->use, level, (struct weir_str){ line, (size_t)n });
}

/* This use cannot do its work yet (or can again): /readyz says so with the sentence, until the
 * process was ready once. At a start, traffic is accepted when all are ready, or after three
 * seconds. First call: at the beginning of `background`, before any wait. [any thread] */
static inline void weir_ready(const struct weir_here *here, bool ready, const char *sentence)
{
	weir_host_slot->use_ready(here->use, ready,
				  (struct weir_str){ sentence, strlen(sentence) });
}

#endif
