/* test_idle.c - connections that wait cost next to nothing. */
#include "tests/e2e/story.h"

#include <stdlib.h>
#include <sys/resource.h>

/* Stacks and buffers that the burst of first requests leaves warm, however many connections idle. */
enum { WARM = 512 * 1024 };

enum { MANY = 1000 };

static void a_thousand_idle_connections_cost_little_and_all_still_serve(struct story *s)
{
	struct client **many = calloc(MANY, sizeof(*many));
	struct rlimit files = { 4096, 4096 };
	size_t before, after;

	(void)setrlimit(RLIMIT_NOFILE, &files);
	for (int i = 0; i < 50; i++)	/* warm: arenas, buffers and pools are there */
		assert_int_equal(get_once(s->edge, "/"), 200);
	before = gateway_memory(s->gateway);
	for (int i = 0; i < MANY; i++) {
		many[i] = story_client(s);
		client_gets(many[i], "/");
	}
	after = gateway_memory(s->gateway);

	print_message("%d idle connections: %zd bytes each\n", MANY,
		      ((ssize_t)after - (ssize_t)before) / MANY);
	if (getenv("WEIR_SANITIZED") == NULL)
		assert_memory_below(after, before + WARM + MANY * 1024);
	for (int i = 0; i < MANY; i += 37) {
		client_gets(many[i], "/again");
		client_saw(many[i], 200, "A");
	}
	for (int i = 0; i < MANY; i++)
		client_close(many[i]);
	free(many);
	assert_true(gateway_is_idle(s->gateway));
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(a_thousand_idle_connections_cost_little_and_all_still_serve, ONE_SERVICE),
	};

	return TELL("idle", stories);
}
