/* micro_telemetry.c - what counting and logging one exchange cost. Run by hand. */
#include <stdio.h>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/telemetry/access_log.h"
#include "core/telemetry/stats.h"
#include "tests/telemetry/example.h"

enum { ROUNDS = 2000000 };

static void say(const char *what, uint64_t ns)
{
	printf("%-28s %6.1f ns\n", what, (double)ns / ROUNDS);
}

static void bench_count(struct record *r)
{
	struct stats s;
	uint64_t start;

	stats_init(&s);
	stats_prepare(&s, 0, 0, 0);
	start = clock_now();
	for (unsigned i = 0; i < ROUNDS; i++) {
		r->end = r->start + (i % 4096) * NS_PER_US;
		stats_begin(&s, 0);
		stats_count(&s, r);
	}
	say("stats_begin + stats_count", clock_now() - start);
	stats_fini(&s);
}

static void bench_line(struct record *r, enum access_format format, const char *what)
{
	const struct access_rules rules = { .format = format };
	static char line[ACCESS_LINE];
	uint64_t start = clock_now();
	size_t bytes = 0;

	for (unsigned i = 0; i < ROUNDS; i++) {
		r->wall += 1000;
		bytes += access_line(line, r, &rules);
	}
	say(what, clock_now() - start);
	printf("%-28s %6zu bytes\n", "", bytes / ROUNDS);
}

/* Also what the log thread takes away on another core. */
static bool bench_log(struct record *r)
{
	const struct access_log_settings settings = { .path = "/dev/null" };
	struct weir_error error = { "" };
	struct access_log *log = access_log_open(&settings, &error);
	struct pen *pen = log != NULL ? access_log_pen(log) : NULL;
	uint64_t start = clock_now();

	if (pen == NULL) {
		fprintf(stderr, "%s\n", error.text);
		return false;
	}
	for (unsigned i = 0; i < ROUNDS; i++)
		access_log_write(log, pen, r);
	say("access_log_write", clock_now() - start);
	pen_close(pen);
	access_log_close(log);
	printf("%-28s %6.1f %% (it is asked for more than any gateway can)\n", "lines lost",
	       100.0 * (double)access_log_dropped() / ROUNDS);
	return true;
}

int main(void)
{
	struct record r;

	example_record(&r);
	bench_count(&r);
	bench_line(&r, ACCESS_JSON, "access_line, JSON");
	bench_line(&r, ACCESS_TEXT, "access_line, text");
	return bench_log(&r) ? 0 : 1;
}
