/* test_attempt.c - one try: what it leaves behind, and whom its failure is laid to. */
#include "tests/proxy/scene.h"

#include "core/upstream/roster.h"

static void told(struct scene *s, const char *status, const char *reason)
{
	struct weir_str heard = client_hears(s, "}\n");

	if (!str_starts(heard, str_from(status)) ||
	    str_find_str(heard, str_from(reason)) == heard.len)
		fail_msg("wanted \"%s\" and \"%s\", got \"%.*s\"", status, reason, STR_ARG(heard));
}

static uint32_t in_flight(struct scene *s)
{
	struct endpoint *ep = container_of(s->svc->roster->endpoints.next, struct endpoint, link);

	return atomic_load(&ep->in_flight);
}

static void ask(struct scene *s)
{
	client_says(s, GET);
	if (s->origin < 0)
		origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
}

/* The endpoint's account. */

static void it_is_in_flight_until_its_answer_has_ended(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	ask(s);
	assert_int_equal(in_flight(s), 1);
	origin_says(s, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\no");
	(void)client_hears(s, "\r\n\r\no");
	assert_int_equal(in_flight(s), 1);
	origin_says(s, "k");
	(void)client_hears(s, "k");
	scene_until(s, nobody_is_served);

	assert_int_equal(in_flight(s), 0);
	scene_free(s);
}

/* Connections. */

static void an_upstream_that_closes_is_not_asked_on_that_connection_again(void **state)
{
	struct scene *s = scene_new();
	struct weir_str heard;

	(void)state;
	ask(s);
	origin_says(s, "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok");
	heard = client_hears(s, "\r\n\r\nok");
	assert_int_equal(str_find_str(heard, STR("connection: close")), heard.len);
	scene_turns(s, 0);

	assert_int_equal(origin_idle(s), 0);
	assert_int_equal(s->px->idle_sessions, 1);	/* the client's goes on all the same */
	origin_hears_the_end(s);
	scene_free(s);
}

static void a_fresh_connection_that_ends_was_reset(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	ask(s);
	origin_closes(s);
	told(s, "HTTP/1.1 502 ", "weir-reason: upstream-reset");
	scene_free(s);
}

/* One that was kept may have been closed while the request was on its way. */
static void a_kept_connection_that_ends_was_stale(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	plain_exchange(s);
	scene_turns(s, 0);
	assert_int_equal(origin_idle(s), 1);
	ask(s);
	origin_closes(s);
	told(s, "HTTP/1.1 502 ", "weir-reason: upstream-stale");
	scene_free(s);
}

static void a_kept_connection_that_ends_within_the_head_was_reset(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	plain_exchange(s);
	scene_turns(s, 0);
	assert_int_equal(origin_idle(s), 1);
	ask(s);
	origin_says(s, "HTTP/1.1 2");
	scene_turns(s, 0);
	origin_closes(s);
	told(s, "HTTP/1.1 502 ", "weir-reason: upstream-reset");
	scene_free(s);
}

/* Heads. */

static void a_head_that_does_not_come_is_given_up(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->svc->settings.timeouts.first_byte = 30 * NS_PER_MS;
	ask(s);
	told(s, "HTTP/1.1 504 ", "weir-reason: head-timeout");
	origin_hears_the_end(s);
	assert_int_equal(origin_idle(s), 0);
	scene_free(s);
}

static void who_does_not_know_interim_answers_gets_none(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, "GET / HTTP/1.0\r\nhost: a\r\n\r\n");
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" OK);

	assert_true(str_starts(client_hears(s, "\r\n\r\nok"), STR("HTTP/1.1 200 ")));
	scene_free(s);
}

static void many_interim_answers_are_followed_by_one_that_counts(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	ask(s);
	origin_says(s, "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" OK);
	(void)client_hears(s, "\r\n\r\nok");
	scene_turns(s, 0);

	assert_int_equal(origin_idle(s), 1);
	scene_free(s);
}

/* Bodies. */

/* Nothing is wrong with the endpoint, but its connection has half a request on it. */
static void a_body_that_the_client_spoils_ends_the_attempt(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n");
	origin_accepts(s);
	(void)origin_hears(s, "3\r\nabc\r\n");
	client_says(s, "zz\r\n");
	told(s, "HTTP/1.1 400 ", "weir-reason: bad-chunk");

	origin_hears_the_end(s);
	assert_int_equal(origin_idle(s), 0);
	scene_free(s);
}

/* As long as the body is on its way, the head is not late. */
static void the_time_for_the_head_begins_where_the_body_ends(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->svc->settings.timeouts.first_byte = 40 * NS_PER_MS;
	client_says(s, "PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhello");
	origin_accepts(s);
	(void)origin_hears(s, "hello");
	scene_turns(s, 90 * NS_PER_MS);
	assert_int_equal(s->px->exchange_count, 1);
	client_says(s, "world");

	told(s, "HTTP/1.1 504 ", "weir-reason: head-timeout");
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_in_flight_until_its_answer_has_ended),
		cmocka_unit_test(an_upstream_that_closes_is_not_asked_on_that_connection_again),
		cmocka_unit_test(a_fresh_connection_that_ends_was_reset),
		cmocka_unit_test(a_kept_connection_that_ends_was_stale),
		cmocka_unit_test(a_kept_connection_that_ends_within_the_head_was_reset),
		cmocka_unit_test(a_head_that_does_not_come_is_given_up),
		cmocka_unit_test(who_does_not_know_interim_answers_gets_none),
		cmocka_unit_test(many_interim_answers_are_followed_by_one_that_counts),
		cmocka_unit_test(a_body_that_the_client_spoils_ends_the_attempt),
		cmocka_unit_test(the_time_for_the_head_begins_where_the_body_ends),
	};

	return cmocka_run_group_tests_name("attempt", tests, NULL, NULL);
}
