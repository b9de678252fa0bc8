/* story.h - one story: a gateway, the origins behind it, the clients before it.
 *
 *     static void a_refused_try_goes_elsewhere(struct story *s)
 *     {
 *             origin_refuses(s->a);
 *             origin_always(s->b, answers(200, "hello"));
 *
 *             client_gets(s->client, "/");
 *
 *             client_saw(s->client, 200, "hello");
 *     }
 *
 * Before it a fresh gateway runs with the configuration of the story, where ${EDGE} is the address of
 * its listener, ${A} to ${D} are the origins and ${SPARE} is a port nobody listens on; after it
 * the gateway must have ended well. */
#ifndef TESTS_E2E_STORY_H
#define TESTS_E2E_STORY_H

#include "tests/test.h"

#include <unistd.h>

#include "core/base/mem.h"
#include "tests/e2e/client.h"
#include "tests/e2e/gateway.h"
#include "tests/e2e/origin.h"

struct story {
	const struct scene *scene;
	struct origin *a, *b, *c, *d;
	struct gateway *gateway;
	struct client *client;		/* connected to the edge; closed with the story */
	char edge[32], spare[32];
	int reserved[2];		/* sockets that keep the two ports from being given away */
	bool told;			/* to its end */
	bool may_end_badly;		/* the story ends the gateway by force */
};

struct scene {
	void (*play)(struct story *s);
	const char *config;	/* NULL: the story starts the gateway itself */
};

int story_begin(void **state);
int story_end(void **state);
void story_tell(void **state);

/* Another connection to the edge. The story closes it by client_close() or client_aborts(). */
struct client *story_client(struct story *s);
/* In place of s->client, which may be over. */
void story_reconnects(struct story *s);
void story_starts(struct story *s, const char *config);
/* POST /reload with this configuration; gives the status. */
long story_reloads(struct story *s, const char *config);
/* Asserts that nothing is left: no exchange, no upstream request, as many descriptors as `before`. */
void story_is_at_baseline(struct story *s, unsigned descriptors);

/* 1, or the value of SOAK_SCALE: how much longer or larger the long run wants it. */
unsigned story_seconds(unsigned fallback);

#define STORY(play_, config_) { \
	.name = #play_, .test_func = story_tell, \
	.setup_func = story_begin, .teardown_func = story_end, \
	.initial_state = (void *)&(const struct scene){ play_, config_ } }

#define TELL(name, stories) cmocka_run_group_tests_name(name, stories, NULL, NULL)

/* The configuration most stories begin with. */
#define LISTEN "listen: \"${EDGE}\"\n"
#define ONE_SERVICE LISTEN \
	"services: {app: {endpoints: [\"${A}\"]}}\n" \
	"routes: [{to: app}]\n"
#define TWO_ENDPOINTS LISTEN \
	"services: {app: {endpoints: [\"${A}\", \"${B}\"]}}\n" \
	"routes: [{to: app}]\n"

/* A sanitizer keeps what is freed for a while, and shadows all of it: there memory says nothing. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define assert_memory_below(bytes, most) \
	print_message("%zu bytes; under a sanitizer nobody asks whether that is below %zu\n", \
		      (size_t)(bytes), (size_t)(most))
#else
#define assert_memory_below(bytes, most) assert_in_range(bytes, 0, most)
#endif

#endif
