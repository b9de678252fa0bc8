/* test_timeouts.c - nothing waits without a bound, and each bound says its name. */
#include "tests/e2e/story.h"

/* What is not on trial takes as long as it likes. */
#define SERVICE(timeouts, route) CLIENTS("", timeouts, route)
#define CLIENTS(clients, timeouts, route) LISTEN \
	"timeouts: {" clients "}\n" \
	"services: {app: {endpoints: [\"${A}\"], eject: none, timeouts: {" timeouts "}}}\n" \
	"routes: [{to: app, " route "}]\n"

static void a_head_that_drips_is_ended(struct story *s)
{
	client_sends(s->client, "GET / HTTP/1.1\r\nhost:");

	assert_true(client_reads(s->client));
	client_saw_reason(s->client, 408, "head-slow");
	client_saw_the_end(s->client);
}

static void a_client_that_says_nothing_is_closed_without_a_word(struct story *s)
{
	client_saw_the_end(s->client);

	story_reconnects(s);
	client_gets(s->client, "/");
	client_saw(s->client, 200, "A");
	client_saw_the_end(s->client);
}

static void a_body_that_stops_is_ended(struct story *s)
{
	client_sends(s->client, "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf");

	assert_true(client_reads(s->client));
	client_saw_reason(s->client, 408, "body-slow");
	client_saw_the_end(s->client);
	assert_true(origin_becomes_idle(s->a));
}

static void an_endpoint_that_accepts_nobody_is_given_up(struct story *s)
{
	struct deaf deaf;

	deaf_open(&deaf);
	gateway_knows(s->gateway, "DEAF", deaf.address);
	story_starts(s, LISTEN "services: {app: {endpoints: [\"${DEAF}\"], eject: none,\n"
		     "  timeouts: {connect: 100ms}}}\n"
		     "routes: [{to: app, retry: 1}]\n");
	story_reconnects(s);

	client_gets(s->client, "/");

	client_saw_reason(s->client, 504, "connect-timeout");
	deaf_close(&deaf);
}

static void an_endpoint_that_does_not_begin_to_answer_is_given_up(struct story *s)
{
	origin_always(s->a, hanging(says("")));

	client_gets(s->client, "/");

	client_saw_reason(s->client, 504, "head-timeout");
	assert_true(origin_becomes_idle(s->a));
}

static void one_try_has_its_own_bound(struct story *s)
{
	origin_always(s->a, hanging(says("")));

	client_gets(s->client, "/");

	client_saw_reason(s->client, 504, "try-timeout");
	assert_true(origin_sees(s->a, "GET /", 2));
	assert_int_equal(origin_count(s->a, "GET /"), 2);
}

static void the_route_bounds_all_tries_together(struct story *s)
{
	origin_always(s->a, hanging(says("")));

	client_gets(s->client, "/");

	client_saw_reason(s->client, 504, "timeout");
}

static void a_head_that_comes_byte_by_byte_is_bounded_in_all(struct story *s)
{
	origin_always(s->a, dripping(answers(200, "much too slow"), 50));

	client_gets(s->client, "/");

	client_saw_reason(s->client, 504, "timeout");
}

static void the_whole_exchange_can_be_bounded(struct story *s)
{
	origin_always(s->a, sends_events(1000));

	client_asks(s->client, "GET", "/");
	assert_true(client_reads_head(s->client));
	origin_lets_go(s->a, 3);

	assert_false(client_reads_body(s->client));
	assert_true(gateway_logged_requests(s->gateway, 1));
	assert_non_null(strstr(gateway_access_log(s->gateway), "all-timeout"));
}

static void a_stream_that_goes_on_outlives_the_route_s_time(struct story *s)
{
	origin_always(s->a, sends_events(8));

	client_asks(s->client, "GET", "/");
	assert_true(client_reads_head(s->client));
	for (int i = 0; i < 8; i++) {
		usleep(300000);
		origin_lets_go(s->a, 1);
	}

	assert_true(client_reads_body(s->client));
}

static void unused_connections_to_an_endpoint_are_let_go(struct story *s)
{
	client_gets(s->client, "/");
	assert_int_equal(origin_accepted(s->a), 1);

	assert_true(origin_becomes_idle(s->a));

	story_reconnects(s);
	client_gets(s->client, "/");
	client_saw(s->client, 200, "A");
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(a_head_that_drips_is_ended, CLIENTS("head: 200ms", "", "retry: 1")),
		STORY(a_client_that_says_nothing_is_closed_without_a_word,
		      CLIENTS("idle: 1s", "", "retry: 1")),
		STORY(a_body_that_stops_is_ended, CLIENTS("body: 200ms", "", "retry: 1")),
		STORY(an_endpoint_that_accepts_nobody_is_given_up, NULL),
		STORY(an_endpoint_that_does_not_begin_to_answer_is_given_up,
		      SERVICE("first_byte: 200ms", "retry: 1")),
		STORY(one_try_has_its_own_bound,
		      SERVICE("first_byte: 10s", "retry: {attempts: 2, per_try: 300ms, "
			      "decide: {standard: {always: 1000/s}}}")),
		STORY(the_route_bounds_all_tries_together,
		      SERVICE("first_byte: 10s", "retry: 1, timeout: 200ms")),
		STORY(a_head_that_comes_byte_by_byte_is_bounded_in_all,
		      SERVICE("first_byte: 10s", "retry: 1, timeout: 300ms")),
		STORY(the_whole_exchange_can_be_bounded,
		      SERVICE("first_byte: 10s", "retry: 1, timeout: {head: 20s, all: 2s}")),
		STORY(a_stream_that_goes_on_outlives_the_route_s_time,
		      SERVICE("first_byte: 10s", "retry: 1, timeout: 2s")),
		STORY(unused_connections_to_an_endpoint_are_let_go,
		      SERVICE("keepalive: 200ms", "retry: 1")),
	};

	return TELL("timeouts", stories);
}
