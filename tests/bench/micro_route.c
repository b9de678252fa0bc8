/* micro_route.c - building a table, and nanoseconds to find a route in it, among ten and among ten
 * thousand. Not a test: run it by hand on a quiet machine, `micro_route [ROUNDS]`. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/base/rng.h"
#include "core/route/table.h"

enum { ASKED = 1024 };

/* A table of `count` routes on a thousand hosts, and requests for them. */
struct bench {
	struct arena arena;
	struct table *table;
	struct request requests[ASKED];
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "micro_route: %s\n", what);
	exit(1);
}

static void make_spec(struct bench *b, struct route_spec *spec, uint32_t i)
{
	struct weir_str *host = arena_zero(&b->arena, sizeof(*host));

	*host = arena_print(&b->arena, "host%u.example.com", i % 1000);
	spec->number = i;
	spec->name = arena_print(&b->arena, "route%u", i);
	spec->path = arena_print(&b->arena, i % 2 == 0 ? "/service%u/*" : "/service%u/{id}/lines", i);
	spec->hosts = host;
	spec->host_count = 1;
}

static void make_request(struct bench *b, struct request *r, uint32_t i)
{
	*r = (struct request){ .method = METHOD_GET, .method_text = STR("GET"), .minor = 1 };
	headers_init(&r->headers, &b->arena, 10);
	r->host = arena_print(&b->arena, "host%u.example.com", i % 1000);
	r->path = arena_print(&b->arena, "/service%u/8471/lines", i);
}

static void open_bench(struct bench *b, uint32_t count)
{
	const struct route_spec **pointers;
	struct weir_error error = { "" };
	struct route_spec *specs;
	struct rng dice;
	double start;

	arena_init(&b->arena, NULL, 1 << 28);
	specs = arena_zero(&b->arena, count * sizeof(*specs));
	pointers = arena_zero(&b->arena, count * sizeof(*pointers));
	for (uint32_t i = 0; i < count; i++) {
		make_spec(b, &specs[i], i);
		pointers[i] = &specs[i];
	}
	rng_init_seed(&dice, 1);
	for (uint32_t i = 0; i < ASKED; i++)
		make_request(b, &b->requests[i], rng_below(&dice, count));
	start = now();
	b->table = table_build(pointers, count, &error);
	must(b->table != NULL, error.text);
	printf("%6u routes: built in %.1f ms, ", count, (now() - start) / 1e6);
}

static double find_all(struct bench *b, long rounds)
{
	struct route_ask ask = { .arena = &b->arena };
	struct route_found found;
	struct weir_str allowed;
	double start = now();

	for (long i = 0; i < rounds; i++) {
		ask.request = &b->requests[i % ASKED];
		must(table_find(b->table, &ask, &found, &allowed) == ROUTE_FOUND, "not found");
	}
	return (now() - start) / (double)rounds;
}

int main(int argc, char **argv)
{
	long rounds = argc > 1 ? atol(argv[1]) : 100000;

	for (uint32_t count = 10; count <= 10000; count *= 10) {
		static struct bench b;
		double least = 1e18;

		open_bench(&b, count);
		for (int pass = 0; pass < 10; pass++) {
			double each = find_all(&b, rounds);

			least = each < least ? each : least;
		}
		printf("a route found in %.0f ns\n", least);
		table_free(b.table);
		arena_reset(&b.arena);
	}
	return 0;
}
