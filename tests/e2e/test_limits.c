/* test_limits.c - everything a client may ask for has an end, and says so. */
#include "tests/e2e/story.h"

#include <stdlib.h>

#define ASKING(limits) LISTEN \
	"limits: {" limits "}\n" \
	"services: {app: {endpoints: [\"${A}\"]}}\n" \
	"routes: [{to: app}]\n"
#define SERVING(limits) LISTEN \
	"services: {app: {endpoints: [\"${A}\"], limits: {" limits "}, timeouts: {connect: 20s}}}\n" \
	"routes: [{to: app}]\n"

static void sends_head_of(struct client *c, const char *target, size_t header_bytes)
{
	char *long_value = calloc(1, header_bytes + 1);

	memset(long_value, 'x', header_bytes);
	client_sends(c, "GET ");
	client_sends(c, target);
	client_sends(c, " HTTP/1.1\r\nhost: x\r\nx-long: ");
	client_sends(c, long_value);
	client_sends(c, "\r\n\r\n");
	free(long_value);
}

static void a_head_over_the_limit_is_refused(struct story *s)
{
	sends_head_of(s->client, "/", 3000);
	assert_true(client_reads(s->client));
	client_saw(s->client, 200, "A");

	sends_head_of(s->client, "/", 4200);
	assert_true(client_reads(s->client));
	client_saw_reason(s->client, 431, "head-too-large");
	client_saw_the_end(s->client);
	assert_int_equal(origin_count(s->a, NULL), 1);
}

static void too_many_headers_are_refused(struct story *s)
{
	client_sends(s->client, "GET / HTTP/1.1\r\nhost: x\r\n");
	for (int i = 0; i < 20; i++)
		client_sends(s->client, "x-h: 1\r\n");
	client_sends(s->client, "\r\n");

	assert_true(client_reads(s->client));
	client_saw_reason(s->client, 431, "head-too-large");
	client_saw_the_end(s->client);
}

static void a_target_over_the_limit_is_refused(struct story *s)
{
	char target[400] = "/";

	memset(target + 1, 'a', 300);
	client_asks(s->client, "GET", target);

	assert_true(client_reads(s->client));
	client_saw_reason(s->client, 414, "target-too-long");
}

static void a_route_may_allow_a_larger_body(struct story *s)
{
	client_posts(s->client, "/small", "twelve bytes");
	client_saw_reason(s->client, 413, "body-too-large");

	story_reconnects(s);
	client_posts(s->client, "/large", "twelve bytes");
	client_saw(s->client, 200, "A");
}

static void head_of_is_answered(struct story *s, const char *target, size_t bytes, unsigned status)
{
	story_reconnects(s);
	sends_head_of(s->client, target, bytes);
	assert_true(client_reads(s->client));
	client_saw(s->client, status, NULL);
}

/* A head is read before its route is known: within the widest, then held against its own. */
static void a_route_has_its_own_bounds_on_heads(struct story *s)
{
	head_of_is_answered(s, "/", 3000, 200);
	head_of_is_answered(s, "/", 5000, 431);
	head_of_is_answered(s, "/small", 1500, 200);
	head_of_is_answered(s, "/small", 3000, 431);
	head_of_is_answered(s, "/large", 15000, 200);
	head_of_is_answered(s, "/large", 17000, 431);
	head_of_is_answered(s, "/nowhere", 15000, 431);
	head_of_is_answered(s, "/nowhere", 3000, 404);
	assert_int_equal(origin_count(s->a, NULL), 3);
}

static void over_the_limit_of_requests_the_answer_is_overloaded(struct story *s)
{
	struct client *one = story_client(s), *two = story_client(s);

	origin_always(s->a, gated(answers(200, "done")));
	client_asks(one, "GET", "/");
	client_asks(two, "GET", "/");
	assert_true(origin_sees(s->a, "GET /", 2));

	client_gets(s->client, "/");
	client_saw_reason(s->client, 503, "overloaded");

	origin_lets_go(s->a, 3);
	assert_true(client_reads(one));
	assert_true(client_reads(two));
	client_gets(s->client, "/");
	client_saw(s->client, 200, "done");
	client_close(one);
	client_close(two);
}

static void over_the_limit_of_a_service_requests_wait_in_a_queue(struct story *s)
{
	struct client *first = story_client(s), *second = story_client(s);

	origin_always(s->a, gated(answers(200, "done")));
	client_asks(first, "GET", "/");
	assert_true(origin_sees(s->a, "GET /", 1));
	client_asks(second, "GET", "/");
	assert_true(eventually(gateway_metric(s->gateway, "weir_queue_length", NULL) == 1));

	client_gets(s->client, "/");
	client_saw_reason(s->client, 503, "queue-full");
	assert_int_equal(origin_count(s->a, "GET /"), 1);

	origin_lets_go(s->a, 2);
	assert_true(client_reads(first));
	assert_true(client_reads(second));
	client_saw(second, 200, "done");
	client_close(first);
	client_close(second);
}

static void who_waits_in_the_queue_too_long_is_told(struct story *s)
{
	struct client *first = story_client(s);

	origin_always(s->a, gated(answers(200, "done")));
	client_asks(first, "GET", "/");
	assert_true(origin_sees(s->a, "GET /", 1));

	client_gets(s->client, "/");
	client_saw_reason(s->client, 503, "queue-slow");
	assert_int_equal(origin_count(s->a, "GET /"), 1);

	origin_lets_go(s->a, 1);
	client_close(first);
}

static void an_endpoint_gets_no_more_connections_than_allowed(struct story *s)
{
	struct client *many[8];

	origin_always(s->a, gated(answers(200, "in turn")));
	for (int i = 0; i < 8; i++) {
		many[i] = story_client(s);
		client_asks(many[i], "GET", "/");
	}
	for (unsigned i = 0; i < 6; i++) {
		assert_true(origin_sees(s->a, "GET /", i + 2));
		usleep(20000);
		assert_int_equal(origin_count(s->a, "GET /"), i + 2);
		origin_lets_go(s->a, 1);
	}
	origin_lets_go(s->a, 2);

	for (int i = 0; i < 8; i++) {
		assert_true(client_reads(many[i]));
		client_saw(many[i], 200, "in turn");
		client_close(many[i]);
	}
}

static void over_the_limit_of_connections_new_ones_wait(struct story *s)
{
	struct client *second = story_client(s), *third;

	client_gets(s->client, "/");
	client_gets(second, "/");
	third = story_client(s);
	client_asks(third, "GET", "/third");
	client_is_still_connected(third);
	assert_int_equal(origin_count(s->a, "GET /third"), 0);

	client_close(second);

	assert_true(client_reads(third));
	client_saw(third, 200, "A");
	client_close(third);
}

#define BODIES LISTEN \
	"limits: {body: 10b}\n" \
	"services: {app: {endpoints: [\"${A}\"]}}\n" \
	"routes:\n" \
	"  - {match: {path: /small}, to: app}\n" \
	"  - {match: {path: /large}, limits: {body: 1k}, to: app}\n"

#define HEADS LISTEN \
	"limits: {header_bytes: 4k}\n" \
	"services: {app: {endpoints: [\"${A}\"]}}\n" \
	"routes:\n" \
	"  - {match: {path: /}, to: app}\n" \
	"  - {match: {path: /small}, limits: {header_bytes: 2k}, to: app}\n" \
	"  - {match: {path: /large}, limits: {header_bytes: 16k}, to: app}\n"

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(a_head_over_the_limit_is_refused, ASKING("header_bytes: 4k")),
		STORY(too_many_headers_are_refused, ASKING("headers: 16")),
		STORY(a_target_over_the_limit_is_refused, ASKING("target: 256b")),
		STORY(a_route_may_allow_a_larger_body, BODIES),
		STORY(a_route_has_its_own_bounds_on_heads, HEADS),
		STORY(over_the_limit_of_requests_the_answer_is_overloaded, ASKING("requests: 2")),
		STORY(over_the_limit_of_a_service_requests_wait_in_a_queue,
		      SERVING("requests: 1, queue: 1")),
		STORY(who_waits_in_the_queue_too_long_is_told, LISTEN
		      "services: {app: {endpoints: [\"${A}\"], limits: {requests: 1, queue: 5},\n"
		      "  timeouts: {connect: 300ms}}}\n"
		      "routes: [{to: app}]\n"),
		STORY(an_endpoint_gets_no_more_connections_than_allowed,
		      SERVING("connections: 2, queue: 50")),
		STORY(over_the_limit_of_connections_new_ones_wait, ASKING("connections: 2")),
	};

	return TELL("limits", stories);
}
