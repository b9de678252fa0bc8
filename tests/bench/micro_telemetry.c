/* micro_telemetry.c - what counting and logging one exchange cost. Run by hand. */
#include <stdio.h>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/ring.h"
#include "core/http/trace_context.h"
#include "core/telemetry/access_log.h"
#include "core/telemetry/span.h"
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
	stats_count(&s, r);	/* makes the places */
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

/* What a worker does for each exchange that is recorded. */
static void bench_span(struct record *r)
{
	static const struct span_origin origin = { .kind = WEIR_SPAN_SERVER, .low = 1, .span = 2 };
	struct weir_str line;
	struct ring ring;
	uint64_t start;

	if (!ring_init(&ring, 65536))
		return;
	start = clock_now();
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct span_room room;
		struct weir_span s = span_of(r, &origin, &room);
		size_t size = span_packed_size(&s);
		char *at = ring_begin(&ring, size);

		span_pack(&s, at);
		ring_end(&ring, size);
		if (ring_peek(&ring, &line))
			ring_drop(&ring);
	}
	say("span_of + span_pack", clock_now() - start);
	ring_fini(&ring);
}

/* And for each one that is traced at all: a head of nine fields is searched, and three ids written. */
static void bench_context(void)
{
	static const enum trace_format order[] = { TRACE_W3C, TRACE_B3, TRACE_B3_MULTI,
						   TRACE_JAEGER };
	static const char *const names[] = { "host", "user-agent", "accept", "accept-encoding",
					     "accept-language", "cookie", "x-forwarded-for", "via" };
	char text[TRACE_TEXT];
	struct trace_context c;
	struct headers h;
	struct arena a;
	uint64_t start;

	arena_init(&a, NULL, 1 << 20);
	headers_init(&h, &a, 50);
	for (unsigned k = 0; k < 8; k++)
		(void)headers_add(&h, str_from(names[k]), STR("value"));
	(void)headers_add(&h, STR("traceparent"),
			  STR("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
	start = clock_now();
	for (unsigned i = 0; i < ROUNDS; i++) {
		(void)trace_headers_read(&h, order, &c);
		c.span ^= i;
		(void)trace_write(TRACE_W3C, &c, text);
		__asm__ volatile("" : : "r"(text) : "memory");
	}
	say("trace_headers_read + write", clock_now() - start);
	arena_reset(&a);
}

int main(void)
{
	struct record r;

	example_record(&r);
	bench_count(&r);
	bench_line(&r, ACCESS_JSON, "access_line, JSON");
	bench_line(&r, ACCESS_TEXT, "access_line, text");
	bench_context();
	bench_span(&r);
	return bench_log(&r) ? 0 : 1;
}
