/* micro_http.c - nanoseconds for a usual request: read, stripped, written; and for a response. Not
 * a test: run it by hand on a quiet machine, `micro_http [ROUNDS]`. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/base/rng.h"
#include "core/base/slab.h"
#include "core/http/h1.h"
#include "core/http/hop.h"

/* The fields stand in another order in every head, so that the processor cannot learn one by
 * heart. */
enum { HEADS = 1024 };

static const char *const fields[] = {
	"Host: api.customs.example\r\n",
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n",
	"Accept: application/json, text/plain;q=0.9, */*;q=0.8\r\n",
	"Accept-Encoding: gzip, deflate, br\r\n",
	"X-Request-Id: 0f8fad5b-d9cb-469f-a165-70867728950e\r\n",
	"Cookie: session=0123456789abcdef\r\n",
	"Connection: keep-alive\r\n",
};

static char texts[HEADS][512];
static struct weir_str request_heads[HEADS];

static void make_heads(void)
{
	enum { COUNT = sizeof(fields) / sizeof(fields[0]) };
	struct rng dice;

	rng_init_seed(&dice, 1);
	for (int i = 0; i < HEADS; i++) {
		char *head = texts[i];
		unsigned done = 0;

		strcpy(head, "GET /tariff/8471.30?lang=en&detail=full HTTP/1.1\r\n");
		while (done != (1u << COUNT) - 1) {
			uint32_t pick = rng_below(&dice, COUNT);

			if ((done >> pick & 1) == 0)
				strcat(head, fields[pick]);
			done |= 1u << pick;
		}
		strcat(head, "\r\n");
		request_heads[i] = str_from(head);
	}
}

static const char response_head[] =
	"HTTP/1.1 200 OK\r\n"
	"Date: Mon, 23 Nov 2026 15:00:00 GMT\r\n"
	"Content-Type: application/json\r\n"
	"Content-Length: 128\r\n"
	"Server: tariff\r\n"
	"Cache-Control: no-store\r\n"
	"\r\n";

static const struct h1_limits limits = {
	.head_bytes = 32768, .headers = 100, .target = { .longest = 8192 },
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
	fprintf(stderr, "micro_http: %s\n", what);
	exit(1);
}

static void read_request(struct arena *arena, struct request *r)
{
	static unsigned turn;
	struct weir_str head = request_heads[turn++ % HEADS];
	size_t scanned = 0, consumed = 0;
	enum reason why;

	headers_init(&r->headers, arena, 120);
	must(h1_parse_request(head, &limits, &scanned, r, &consumed, &why) == H1_DONE,
	     "the request is not taken");
}

static void read_response(struct arena *arena, struct response *r)
{
	size_t scanned = 0, consumed = 0;
	enum reason why;

	headers_init(&r->headers, arena, 120);
	must(h1_parse_response(STR(response_head), &limits, &scanned, METHOD_GET, r, &consumed,
			       &why) == H1_DONE, "the response is not taken");
}

static void write_request(struct request *r)
{
	struct h1_write how = { .framing = r->framing };
	char out[4096];

	headers_strip_hop_by_hop(&r->headers);
	must(h1_write_request(out, sizeof(out), r, r->target, &how) > 0, "no room");
}

static void write_response(struct response *r)
{
	struct h1_write how = { .framing = r->framing };
	char out[4096];

	headers_strip_hop_by_hop(&r->headers);
	must(h1_write_response(out, sizeof(out), r, &how) > 0, "no room");
}

enum job { READ_REQUEST, READ_AND_WRITE_REQUEST, READ_RESPONSE, READ_AND_WRITE_RESPONSE };

static void once(enum job job, struct arena *arena)
{
	struct response response;
	struct request request;

	switch (job) {
	case READ_REQUEST:
	case READ_AND_WRITE_REQUEST:
		read_request(arena, &request);
		if (job == READ_AND_WRITE_REQUEST)
			write_request(&request);
		break;
	case READ_RESPONSE:
	case READ_AND_WRITE_RESPONSE:
		read_response(arena, &response);
		if (job == READ_AND_WRITE_RESPONSE)
			write_response(&response);
		break;
	}
	arena_reset(arena);
}

/* The best of thirty, since the machine only ever adds. */
static double best(enum job job, struct arena *arena, long rounds)
{
	double least = 1e18;

	for (int pass = 0; pass < 30; pass++) {
		double start = now(), each;

		for (long i = 0; i < rounds; i++)
			once(job, arena);
		each = (now() - start) / (double)rounds;
		least = each < least ? each : least;
	}
	return least;
}

int main(int argc, char **argv)
{
	static const char *const names[] = {
		"request: read", "request: read, strip, write", "response: read",
		"response: read, strip, write",
	};
	long rounds = argc > 1 ? atol(argv[1]) : 20000;
	struct arena arena;
	struct slab slab;

	slab_init(&slab, ARENA_CHUNK, 4);
	arena_init(&arena, &slab, 65536);
	make_heads();
	printf("heads of %zu and %zu bytes, %ld rounds\n", request_heads[0].len,
	       sizeof(response_head) - 1, rounds);
	for (enum job job = READ_REQUEST; job <= READ_AND_WRITE_RESPONSE; job++)
		printf("%-30s %6.0f ns\n", names[job], best(job, &arena, rounds));
	slab_fini(&slab);
	return 0;
}
