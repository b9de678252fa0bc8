/* test_retries.c - what is safe is tried again, elsewhere; nothing else is. */
#include "tests/e2e/story.h"

#define ROUTE(retry) LISTEN \
	"defaults: {service: {eject: none, balance: round_robin}}\n" \
	"services: {app: {endpoints: [\"${A}\", \"${B}\", \"${C}\"]}}\n" \
	"routes: [{to: app, retry: " retry "}]\n"
#define THREE "{attempts: 3, decide: {standard: {always: 1000/s}}}"	/* no budget in the way */
#define ALONE(retry) LISTEN \
	"services: {app: {endpoints: [\"${A}\"], eject: none}}\n" \
	"routes: [{to: app, retry: " retry "}]\n"

static unsigned tries(struct story *s, const char *what)
{
	return origin_count(s->a, what) + origin_count(s->b, what) + origin_count(s->c, what);
}

static void all_of_them(struct story *s, struct act a)
{
	origin_always(s->a, a);
	origin_always(s->b, a);
	origin_always(s->c, a);
}

static void a_refused_try_goes_elsewhere(struct story *s)
{
	origin_refuses(s->a);

	for (int i = 0; i < 20; i++) {
		client_gets(s->client, "/");
		client_saw(s->client, 200, "B");
	}
	assert_int_equal(origin_count(s->b, "GET /"), 20);
}

static void a_get_that_was_reset_goes_elsewhere(struct story *s)
{
	origin_always(s->a, resetting(says("")));
	origin_always(s->b, closing(says("")));

	for (int i = 0; i < 4; i++) {
		client_gets(s->client, "/");
		client_saw(s->client, 200, "C");
	}
	assert_int_equal(origin_count(s->c, "GET /"), 4);
}

static void a_post_is_never_repeated_once_bytes_were_sent(struct story *s)
{
	all_of_them(s, resetting(says("")));

	for (int i = 0; i < 10; i++) {
		client_posts(s->client, "/pay", "100");
		client_saw_reason(s->client, 502, "upstream-reset");
	}
	assert_int_equal(tries(s, "POST /pay"), 10);
}

static void a_post_that_reached_nobody_may_go_elsewhere(struct story *s)
{
	origin_refuses(s->a);
	origin_refuses(s->b);

	for (int i = 0; i < 4; i++) {
		client_posts(s->client, "/pay", "100");
		client_saw(s->client, 200, "C");
	}
	assert_int_equal(tries(s, "POST /pay"), 4);
}

static void a_post_is_repeated_where_the_route_says_it_may_be(struct story *s)
{
	origin_always(s->a, resetting(says("")));
	origin_always(s->b, resetting(says("")));

	client_posts(s->client, "/pay", "100");

	client_saw(s->client, 200, "C");
	assert_string_equal(origin_last_body(s->c), "100");
}

static void a_replayed_body_is_the_same_body(struct story *s)
{
	origin_always(s->a, resetting(says("")));
	origin_always(s->b, resetting(says("")));

	client_sends(s->client, "PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 60000\r\n\r\n");
	client_sends_pattern(s->client, 60000);

	assert_true(client_reads(s->client));
	client_saw(s->client, 200, "C");
	assert_int_equal(origin_last_body_len(s->c), 60000);
	assert_true(origin_last_body_hash(s->c) == pattern_hash(60000));
}

static void a_body_over_the_replay_bound_only_loses_the_right_to_retry(struct story *s)
{
	client_sends(s->client, "PUT /fine HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n");
	client_sends_pattern(s->client, 100000);
	assert_true(client_reads(s->client));
	client_saw(s->client, 200, NULL);

	all_of_them(s, resetting(says("")));
	client_sends(s->client, "PUT /bad HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n");
	client_sends_pattern(s->client, 100000);
	assert_true(client_reads(s->client));
	client_saw_reason(s->client, 502, "upstream-reset");
	assert_int_equal(tries(s, "PUT /bad"), 1);
}

static void each_endpoint_is_tried_before_any_is_tried_twice(struct story *s)
{
	all_of_them(s, resetting(says("")));

	for (unsigned i = 1; i <= 5; i++) {
		client_gets(s->client, "/");
		client_saw(s->client, 502, NULL);
		assert_int_equal(origin_count(s->a, "GET /"), i);
		assert_int_equal(origin_count(s->b, "GET /"), i);
		assert_int_equal(origin_count(s->c, "GET /"), i);
	}
}

static void a_503_of_the_upstream_is_retried_for_get_only(struct story *s)
{
	origin_always(s->a, answers(503, "busy"));
	origin_always(s->b, answers(503, "busy"));

	for (int i = 0; i < 4; i++) {
		client_gets(s->client, "/");
		client_saw(s->client, 200, "C");
	}
	for (int i = 0; i < 6; i++)
		client_posts(s->client, "/pay", "1");
	assert_int_equal(tries(s, "POST /pay"), 6);
}

static void the_last_503_is_the_answer_when_all_are_busy(struct story *s)
{
	all_of_them(s, answers_with(503, "x-mine: yes\r\n", "busy"));

	client_gets(s->client, "/");

	client_saw(s->client, 503, "busy");
	client_saw_header(s->client, "x-mine", "yes");
	client_saw_header(s->client, "weir-reason", NULL);
}

static void other_statuses_are_not_retried(struct story *s)
{
	all_of_them(s, answers(500, "broken"));

	client_gets(s->client, "/");

	client_saw(s->client, 500, "broken");
	assert_int_equal(tries(s, "GET /"), 1);
}

static void one_attempt_means_no_retry(struct story *s)
{
	all_of_them(s, resetting(says("")));

	client_gets(s->client, "/");

	client_saw(s->client, 502, NULL);
	assert_int_equal(tries(s, "GET /"), 1);
}

static void nothing_is_retried_after_a_byte_of_the_answer(struct story *s)
{
	all_of_them(s, resetting(says("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf")));

	client_asks(s->client, "GET", "/");

	assert_false(client_reads(s->client));
	assert_int_equal(tries(s, "GET /"), 1);
}

static void retry_after_that_would_come_too_late_ends_it(struct story *s)
{
	origin_always(s->a, answers_with(503, "retry-after: 60\r\n", "come back later"));

	client_gets(s->client, "/");

	client_saw(s->client, 503, "come back later");
	client_saw_header(s->client, "retry-after", "60");
	assert_int_equal(origin_count(s->a, "GET /"), 1);
}

static void the_budget_bounds_retries_as_a_share_of_requests(struct story *s)
{
	origin_always(s->a, resetting(says("")));

	for (int i = 0; i < 200; i++) {
		client_gets(s->client, "/");
		client_saw(s->client, 502, NULL);
	}
	/* 200 requests and 10 % of them, and what a quiet service may always have. */
	print_message("200 requests made %u tries\n", tries(s, "GET /"));
	assert_in_range(tries(s, "GET /"), 201, 280);
}

static void retries_are_counted(struct story *s)
{
	origin_once(s->a, resetting(says("")));

	client_gets(s->client, "/");
	client_saw(s->client, 200, "A");

	assert_true(eventually(gateway_metric(s->gateway, "weir_retries_total", NULL) == 1));
	assert_true(gateway_logged_requests(s->gateway, 1));
	assert_non_null(strstr(gateway_access_log(s->gateway), "\"reason\":\"upstream-reset\""));
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(a_refused_try_goes_elsewhere, TWO_ENDPOINTS),
		STORY(a_get_that_was_reset_goes_elsewhere, ROUTE(THREE)),
		STORY(a_post_is_never_repeated_once_bytes_were_sent, ROUTE(THREE)),
		STORY(a_post_that_reached_nobody_may_go_elsewhere, ROUTE(THREE)),
		STORY(a_post_is_repeated_where_the_route_says_it_may_be,
		      ROUTE(THREE ", repeatable: true")),
		STORY(a_replayed_body_is_the_same_body, ROUTE(THREE)),
		STORY(a_body_over_the_replay_bound_only_loses_the_right_to_retry,
		      ROUTE("{attempts: 3, body: 64k, decide: {standard: {always: 1000/s}}}")),
		STORY(each_endpoint_is_tried_before_any_is_tried_twice,
		      ROUTE(THREE)),
		STORY(a_503_of_the_upstream_is_retried_for_get_only, ROUTE(THREE)),
		STORY(the_last_503_is_the_answer_when_all_are_busy, ROUTE(THREE)),
		STORY(other_statuses_are_not_retried, ROUTE(THREE)),
		STORY(one_attempt_means_no_retry, ROUTE("1")),
		STORY(nothing_is_retried_after_a_byte_of_the_answer, ROUTE(THREE)),
		STORY(retry_after_that_would_come_too_late_ends_it, ALONE(THREE)),
		STORY(the_budget_bounds_retries_as_a_share_of_requests,
		      ALONE("{attempts: 2, budget: 10%, decide: {standard: {backoff: 1ms}}}")),
		STORY(retries_are_counted, ALONE("2")),
	};

	return TELL("retries", stories);
}
