/* test_relay.c - what becomes of an upstream's answer on its way to the client. */
#include "tests/proxy/scene.h"

#include "core/plugin/window.h"

/* The client asks so, the origin answers so. */
static struct scene *answered_with(struct scene *s, const char *request, const char *answer)
{
	client_says(s, request);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, answer);
	return s;
}

static bool has(struct weir_str heard, const char *text)
{
	return str_find_str(heard, str_from(text)) < heard.len;
}

/* The head. */

static void those_who_passed_it_before_stay_in_via(void **state)
{
	struct scene *s = answered_with(scene_new(), GET, "HTTP/1.1 200 OK\r\nvia: 1.0 cache\r\n"
					"via: 1.1 other\r\ncontent-length: 2\r\n\r\nok");
	struct weir_str heard = client_hears(s, "\r\n\r\nok");

	(void)state;
	assert_true(has(heard, "via: 1.0 cache, 1.1 other, 1.1 weir\r\n"));
	scene_free(s);
}

static void an_upstream_cannot_speak_in_our_name(void **state)
{
	struct scene *s = answered_with(scene_new(), GET, "HTTP/1.1 200 OK\r\nweir-reason: no-route\r\n"
					"content-length: 2\r\n\r\nok");

	(void)state;
	assert_false(has(client_hears(s, "\r\n\r\nok"), "weir-reason"));
	scene_free(s);
}

static void both_sides_know_the_request_by_one_id(void **state)
{
	struct scene *s = scene_new();
	struct weir_str heard;

	(void)state;
	client_says(s, "GET / HTTP/1.1\r\nhost: a\r\nx-request-id: mine-1\r\n\r\n");
	origin_accepts(s);
	assert_true(has(origin_hears(s, "\r\n\r\n"), "x-request-id: mine-1\r\n"));
	origin_says(s, "HTTP/1.1 200 OK\r\nx-request-id: theirs\r\ncontent-length: 2\r\n\r\nok");
	heard = client_hears(s, "\r\n\r\nok");

	assert_true(has(heard, "x-request-id: mine-1\r\n"));
	assert_false(has(heard, "theirs"));
	scene_free(s);
}

static void the_edits_of_a_route_are_for_answers_of_upstreams_alone(void **state)
{
	static struct header_edit edits[] = {
		{ .kind = EDIT_SET, .name = { "x-edited", 8 }, .text = { "yes", 3 } },
		{ .kind = EDIT_REMOVE, .name = { "server", 6 } },
	};
	struct scene *s = scene_new();
	struct weir_str heard;

	(void)state;
	s->plan.response_headers = (struct header_edits){ .at = edits, .count = 2 };
	(void)answered_with(s, GET, "HTTP/1.1 200 OK\r\nserver: old\r\ncontent-length: 2\r\n\r\nok");
	heard = client_hears(s, "\r\n\r\nok");
	assert_true(has(heard, "x-edited: yes\r\n"));
	assert_false(has(heard, "server:"));
	client_says(s, GET);
	(void)origin_hears(s, "\r\n\r\n");
	origin_closes(s);

	heard = client_hears(s, "}\n");
	assert_true(str_starts(heard, STR("HTTP/1.1 502 ")));
	assert_false(has(heard, "x-edited"));
	scene_free(s);
}

/* How it is framed. */

static void who_knows_no_chunks_hears_the_end_of_the_connection(void **state)
{
	struct scene *s = answered_with(scene_new(), "GET / HTTP/1.0\r\nhost: a\r\n"
					"connection: keep-alive\r\n\r\n",
					"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
					"4\r\nsome\r\n0\r\n\r\n");
	struct weir_str heard = client_hears(s, "some");

	(void)state;
	assert_true(has(heard, "\r\n\r\nsome"));
	assert_false(has(heard, "transfer-encoding"));
	assert_true(has(heard, "connection: close\r\n"));
	client_hears_the_end(s);
	scene_free(s);
}

static void an_old_client_that_asks_for_it_keeps_its_connection(void **state)
{
	struct scene *s = answered_with(scene_new(), "GET / HTTP/1.0\r\nhost: a\r\n"
					"connection: keep-alive\r\n\r\n", OK);

	(void)state;
	assert_true(has(client_hears(s, "\r\n\r\nok"), "connection: keep-alive\r\n"));
	scene_turns(s, 0);
	assert_int_equal(s->px->idle_sessions, 1);
	scene_free(s);
}

/* Only a failure ends a request that is still being sent: any other answer may stream beside it. */
static void a_good_answer_waits_for_the_rest_of_the_request(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhello");
	origin_accepts(s);
	(void)origin_hears(s, "hello");
	origin_says(s, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
	assert_false(has(client_hears(s, "\r\n\r\n"), "connection: close"));
	client_says(s, "world");
	(void)origin_hears(s, "world");
	origin_says(s, "2\r\nok\r\n0\r\n\r\n");
	(void)client_hears(s, "2\r\nok\r\n0\r\n\r\n");
	scene_turns(s, 0);

	assert_int_equal(s->px->idle_sessions, 1);
	scene_free(s);
}

/* A body of many pieces, each of which is known again. */
static void a_long_body_arrives_whole_and_in_order(void **state)
{
	enum { PIECE = 65536, PIECES = 24 };
	static char piece[PIECE + 1];
	struct scene *s = answered_with(scene_new(), GET, "HTTP/1.1 200 OK\r\n"
					"content-length: 1572864\r\n\r\n");

	(void)state;
	(void)client_hears(s, "\r\n\r\n");
	for (int i = 0; i < PIECES; i++) {
		char sign[16];

		memset(piece, 'a' + i, PIECE);
		(void)snprintf(sign, sizeof(sign), "<%02d>", i);
		memcpy(piece + PIECE - 4, sign, 4);
		origin_says(s, piece);
		assert_true(str_eq(client_hears(s, sign), str_from(piece)));
	}
	scene_turns(s, 0);

	assert_int_equal(s->px->idle_sessions, 1);
	assert_int_equal(origin_idle(s), 1);
	scene_free(s);
}

/* What policies make of it on its way. */

static enum { TRAILS, ANSWERS } does;

static enum weir_verdict on_response(const struct weir_here *here, struct weir_exchange *ex)
{
	(void)here;
	if (does == ANSWERS) {
		window_table()->reply(ex, &(struct weir_reply)WEIR_REPLY(.status = 218,
									  .body = STR("mine")));
		return WEIR_ANSWERED;
	}
	assert_true(window_table()->header_set(ex, WEIR_TRAILERS, STR("x-sum"), STR("7")));
	return WEIR_NEXT;
}

static const struct weir_policy policy = WEIR_POLICY(.on_response = on_response);

static void a_trailer_of_a_policy_makes_chunks_of_a_length(void **state)
{
	struct scene *s = scene_new();
	struct weir_str heard;

	(void)state;
	does = TRAILS;
	(void)scene_policy(s, &policy);
	(void)answered_with(s, GET, OK);
	heard = client_hears(s, "2\r\nok\r\n0\r\nx-sum: 7\r\n\r\n");

	assert_true(has(heard, "transfer-encoding: chunked\r\n"));
	assert_false(has(heard, "content-length"));
	scene_free(s);
}

/* What the upstream still sends is nobody's: its connection is not used again. */
static void a_policy_that_answers_instead_ends_the_attempt(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	does = ANSWERS;
	(void)scene_policy(s, &policy);
	(void)answered_with(s, GET, "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
	assert_true(str_starts(client_hears(s, "\r\n\r\nmine"), STR("HTTP/1.1 218 ")));
	origin_hears_the_end(s);
	scene_turns(s, 0);

	assert_int_equal(origin_idle(s), 0);
	assert_int_equal(s->px->idle_sessions, 1);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_who_passed_it_before_stay_in_via),
		cmocka_unit_test(an_upstream_cannot_speak_in_our_name),
		cmocka_unit_test(both_sides_know_the_request_by_one_id),
		cmocka_unit_test(the_edits_of_a_route_are_for_answers_of_upstreams_alone),
		cmocka_unit_test(who_knows_no_chunks_hears_the_end_of_the_connection),
		cmocka_unit_test(an_old_client_that_asks_for_it_keeps_its_connection),
		cmocka_unit_test(a_good_answer_waits_for_the_rest_of_the_request),
		cmocka_unit_test(a_long_body_arrives_whole_and_in_order),
		cmocka_unit_test(a_trailer_of_a_policy_makes_chunks_of_a_length),
		cmocka_unit_test(a_policy_that_answers_instead_ends_the_attempt),
	};

	return cmocka_run_group_tests_name("relay", tests, NULL, NULL);
}
