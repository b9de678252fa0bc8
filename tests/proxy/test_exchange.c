/* test_exchange.c - a request from its first byte to its end, and every way it may end early. */
#include "tests/proxy/scene.h"

static void a_request_goes_up_and_its_answer_comes_down(void **state)
{
	struct scene *s = scene_new();
	struct weir_str heard;

	(void)state;
	client_says(s, "GET /x?y=1 HTTP/1.1\r\nhost: a.example\r\nconnection: x-hop\r\nx-hop: 1\r\n"
		       "x-end: 2\r\n\r\n");
	origin_accepts(s);
	heard = origin_hears(s, "\r\n\r\n");
	assert_true(str_starts(heard, STR("GET /x?y=1 HTTP/1.1\r\n")));
	assert_true(str_find_str(heard, STR("x-end: 2")) < heard.len);
	assert_int_equal(str_find_str(heard, STR("x-hop")), heard.len);
	origin_says(s, "HTTP/1.1 200 Fine\r\nconnection: x-gone\r\nx-gone: 1\r\nx-stays: 2\r\n"
		       "content-length: 5\r\n\r\nhello");
	heard = client_hears(s, "\r\n\r\nhello");

	assert_true(str_starts(heard, STR("HTTP/1.1 200 Fine\r\n")));
	assert_true(str_find_str(heard, STR("x-stays: 2")) < heard.len);
	assert_true(str_find_str(heard, STR("via: 1.1 weir")) < heard.len);
	assert_int_equal(str_find_str(heard, STR("x-gone")), heard.len);
	scene_free(s);
}

static void both_connections_are_kept_after_exact_ends(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	for (int i = 0; i < 3; i++) {
		plain_exchange(s);
		scene_turns(s, 0);
		assert_int_equal(origin_idle(s), 1);
		assert_int_equal(s->px->idle_sessions, 1);
		assert_int_equal(fiber_count(&s->w->loop), 0);
		assert_int_equal(buffers_lent(s->w), 0);
	}
	scene_free(s);
}

static void bytes_behind_an_answer_end_the_upstream_connection(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, GET);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, OK "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil");
	(void)client_hears(s, "\r\n\r\nok");
	scene_turns(s, 0);
	assert_int_equal(origin_idle(s), 0);
	origin_hears_the_end(s);
	client_says(s, GET);
	origin_accepts(s);
	origin_says(s, OK);

	(void)client_hears(s, "\r\n\r\nok");
	scene_free(s);
}

static void requests_that_come_together_are_answered_in_their_order(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, "GET /1 HTTP/1.1\r\nhost: a\r\n\r\nPOST /2 HTTP/1.1\r\nhost: a\r\n"
		       "content-length: 3\r\n\r\nabcGET /3 HTTP/1.1\r\nhost: a\r\n\r\n");
	origin_accepts(s);
	assert_true(str_starts(origin_hears(s, "\r\n\r\n"), STR("GET /1 ")));
	origin_says(s, "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n1");
	assert_true(str_starts(origin_hears(s, "\r\n\r\nabc"), STR("POST /2 ")));
	origin_says(s, "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n2");
	assert_true(str_starts(origin_hears(s, "\r\n\r\n"), STR("GET /3 ")));
	origin_says(s, "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n3");

	(void)client_hears(s, "\r\n\r\n3");
	scene_free(s);
}

static void a_half_closed_client_gets_its_answer_and_no_more(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, GET);
	client_half_closes(s);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, OK);
	(void)client_hears(s, "\r\n\r\nok");

	client_hears_the_end(s);
	scene_until(s, nobody_is_connected);
	scene_free(s);
}

/* Ends. */

static void what_is_no_request_is_refused_and_closed(void **state)
{
	struct scene *s = scene_new();
	struct weir_str heard;

	(void)state;
	client_says(s, "GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\n"
		       "GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n");
	heard = client_hears(s, "}\n");
	assert_true(str_starts(heard, STR("HTTP/1.1 400 ")));
	assert_true(str_find_str(heard, STR("connection: close")) < heard.len);

	client_hears_the_end(s);
	assert_false(origin_is_asked_again(s));
	scene_free(s);
}

static void an_answer_without_length_ends_in_chunks(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, GET);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, "HTTP/1.1 200 OK\r\n\r\nsome");
	(void)client_hears(s, "4\r\nsome\r\n");
	origin_closes(s);
	(void)client_hears(s, "0\r\n\r\n");
	scene_turns(s, 0);

	assert_int_equal(s->px->idle_sessions, 1);
	scene_free(s);
}

static void an_answer_that_breaks_off_is_cut_for_the_client_too(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, GET);
	origin_accepts(s);
	origin_says(s, "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
	(void)client_hears(s, "half");
	origin_closes(s);

	client_is_reset(s);
	scene_free(s);
}

/* Nothing of the head has left: the client can be told. */
static void an_answer_that_breaks_off_at_once_is_a_502(void **state)
{
	struct scene *s = scene_new();
	struct weir_str heard;

	(void)state;
	client_says(s, GET);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n");
	heard = client_hears(s, "}\n");

	assert_true(str_starts(heard, STR("HTTP/1.1 502 ")));
	assert_true(str_find_str(heard, STR("weir-reason: upstream-invalid")) < heard.len);
	scene_turns(s, 0);
	assert_int_equal(s->px->idle_sessions, 1);	/* nothing is wrong with the client's connection */
	scene_free(s);
}

static void a_head_with_no_body_yet_does_not_wait_for_it(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, GET);
	origin_accepts(s);
	origin_says(s, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
		       "transfer-encoding: chunked\r\n\r\n");
	(void)client_hears(s, "transfer-encoding: chunked\r\n\r\n");
	assert_int_equal(buffers_lent(s->w), 1);	/* the request's head alone */
	origin_says(s, "8\r\ndata: 1\n\r\n");

	(void)client_hears(s, "data: 1\n\r\n");
	origin_says(s, "0\r\n\r\n");
	(void)client_hears(s, "0\r\n\r\n");
	scene_free(s);
}

static void trailers_pass_both_ways(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
		       "3\r\nabc\r\n0\r\nx-up: 1\r\n\r\n");
	origin_accepts(s);
	(void)origin_hears(s, "3\r\nabc\r\n0\r\nx-up: 1\r\n\r\n");
	origin_says(s, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
		       "3\r\ndef\r\n0\r\nx-down: 2\r\n\r\n");

	(void)client_hears(s, "3\r\ndef\r\n0\r\nx-down: 2\r\n\r\n");
	scene_free(s);
}

static void the_answer_to_a_head_has_no_length_of_our_own(void **state)
{
	struct scene *s = scene_new();
	struct weir_str heard;

	(void)state;
	client_says(s, "HEAD / HTTP/1.1\r\nhost: a\r\n\r\n");
	origin_accepts(s);
	origin_says(s, "HTTP/1.1 200 OK\r\nx: 1\r\n\r\n");
	heard = client_hears(s, "\r\n\r\n");

	assert_int_equal(str_find_str(heard, STR("content-length")), heard.len);
	scene_turns(s, 0);
	assert_int_equal(s->px->idle_sessions, 1);
	scene_free(s);
}

static void interim_answers_reach_those_who_know_them(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, GET);
	origin_accepts(s);
	origin_says(s, "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n");
	(void)client_hears(s, "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n");
	origin_says(s, OK);

	(void)client_hears(s, "\r\n\r\nok");
	scene_free(s);
}

/* Times. */

static void the_time_for_all_ends_an_answer_that_goes_on(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->plan.all_timeout = 500 * NS_PER_MS;
	client_says(s, GET);
	origin_accepts(s);
	origin_says(s, "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
	(void)client_hears(s, "half");

	client_is_reset(s);
	scene_until(s, nobody_is_served);
	scene_free(s);
}

/* The scope that ended is past when the feeder is joined: the wait for it must be another one. */
static void the_time_for_all_ends_an_upload_that_goes_on(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->plan.all_timeout = 500 * NS_PER_MS;
	client_says(s, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhalf");
	origin_accepts(s);
	(void)origin_hears(s, "half");
	assert_true(str_starts(client_hears(s, "}\n"), STR("HTTP/1.1 504 ")));

	scene_until(s, nobody_is_served);
	scene_until(s, nobody_is_connected);
	scene_free(s);
}

static void an_upstream_that_stalls_is_given_up(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->svc->settings.timeouts.between_bytes = 300 * NS_PER_MS;
	client_says(s, GET);
	origin_accepts(s);
	origin_says(s, "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
	(void)client_hears(s, "half");

	client_is_reset(s);
	scene_free(s);
}

static void a_client_that_reads_nothing_is_given_up(void **state)
{
	struct scene *s = scene_new();
	static char lots[1 << 20];

	(void)state;
	s->lp.body_timeout = 50 * NS_PER_MS;
	memset(lots, 'x', sizeof(lots));
	client_says(s, GET);
	origin_accepts(s);
	origin_says(s, "HTTP/1.1 200 OK\r\n\r\n");
	for (int i = 0; i < 1000 && s->px->session_count > 0; i++) {
		ssize_t n = send(s->origin, lots, sizeof(lots), MSG_DONTWAIT | MSG_NOSIGNAL);

		(void)n;
		scene_turns(s, NS_PER_MS);
	}

	assert_int_equal(s->px->session_count, 0);
	scene_free(s);
}

/* Early answers. */

static void an_early_answer_reaches_a_client_that_still_sends(void **state)
{
	struct scene *s = scene_new();
	struct weir_str heard;

	(void)state;
	client_says(s, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\nhalf");
	origin_accepts(s);
	(void)origin_hears(s, "half");
	origin_says(s, "HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\nconnection: close\r\n\r\nbig");
	heard = client_hears(s, "\r\n\r\nbig");
	assert_true(str_find_str(heard, STR("connection: close")) < heard.len);

	client_hears_the_end(s);
	scene_until(s, nobody_is_served);
	assert_int_equal(origin_idle(s), 0);
	scene_free(s);
}

/* The write that fails comes before the answer is looked at. */
static void an_answer_is_found_although_the_upload_broke_off(void **state)
{
	struct scene *s = scene_new();
	static char lots[1 << 20];

	(void)state;
	memset(lots, 'x', sizeof(lots));
	client_says(s, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000000\r\n\r\n");
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, "HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\nconnection: close\r\n\r\nbig");
	origin_closes(s);
	(void)send(s->client, lots, sizeof(lots), MSG_DONTWAIT | MSG_NOSIGNAL);

	assert_true(str_starts(client_hears(s, "big"), STR("HTTP/1.1 413 ")));
	scene_free(s);
}

/* Some clients send nothing of the body before they have seen the head of the answer. */
static void a_head_goes_up_before_any_of_its_body(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n");
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
	(void)client_hears(s, "\r\n\r\n");
	client_says(s, "1\r\na\r\n0\r\n\r\n");
	(void)origin_hears(s, "1\r\na\r\n0\r\n\r\n");
	origin_says(s, "0\r\n\r\n");

	(void)client_hears(s, "0\r\n\r\n");
	scene_free(s);
}

static void both_directions_may_stream_at_once(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n");
	origin_accepts(s);
	(void)origin_hears(s, "1\r\na\r\n");
	origin_says(s, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nA\r\n");
	(void)client_hears(s, "1\r\nA\r\n");
	client_says(s, "1\r\nb\r\n");
	(void)origin_hears(s, "1\r\nb\r\n");
	origin_says(s, "1\r\nB\r\n");
	(void)client_hears(s, "1\r\nB\r\n");
	client_says(s, "0\r\n\r\n");
	(void)origin_hears(s, "0\r\n\r\n");
	origin_says(s, "0\r\n\r\n");
	(void)client_hears(s, "0\r\n\r\n");
	scene_turns(s, 0);

	assert_int_equal(s->px->idle_sessions, 1);
	assert_int_equal(origin_idle(s), 1);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_goes_up_and_its_answer_comes_down),
		cmocka_unit_test(both_connections_are_kept_after_exact_ends),
		cmocka_unit_test(bytes_behind_an_answer_end_the_upstream_connection),
		cmocka_unit_test(requests_that_come_together_are_answered_in_their_order),
		cmocka_unit_test(a_half_closed_client_gets_its_answer_and_no_more),
		cmocka_unit_test(what_is_no_request_is_refused_and_closed),
		cmocka_unit_test(an_answer_without_length_ends_in_chunks),
		cmocka_unit_test(an_answer_that_breaks_off_is_cut_for_the_client_too),
		cmocka_unit_test(an_answer_that_breaks_off_at_once_is_a_502),
		cmocka_unit_test(a_head_with_no_body_yet_does_not_wait_for_it),
		cmocka_unit_test(trailers_pass_both_ways),
		cmocka_unit_test(the_answer_to_a_head_has_no_length_of_our_own),
		cmocka_unit_test(interim_answers_reach_those_who_know_them),
		cmocka_unit_test(the_time_for_all_ends_an_answer_that_goes_on),
		cmocka_unit_test(the_time_for_all_ends_an_upload_that_goes_on),
		cmocka_unit_test(an_upstream_that_stalls_is_given_up),
		cmocka_unit_test(a_client_that_reads_nothing_is_given_up),
		cmocka_unit_test(an_early_answer_reaches_a_client_that_still_sends),
		cmocka_unit_test(an_answer_is_found_although_the_upload_broke_off),
		cmocka_unit_test(a_head_goes_up_before_any_of_its_body),
		cmocka_unit_test(both_directions_may_stream_at_once),
	};

	return cmocka_run_group_tests_name("exchange", tests, NULL, NULL);
}
