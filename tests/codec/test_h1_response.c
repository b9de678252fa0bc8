/* test_h1_response.c - the upstream's side of a stream: answers in, however they are cut. */
#include "tests/codec/scene.h"

struct sample {
	const char *raw, *body;
	unsigned trailers;
	bool close;		/* the end of the connection is the end of the body */
};

static const struct sample samples[] = {
	{ "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", "hello", 0, false },
	{ "HTTP/1.1 204 No Content\r\n\r\n", "", 0, false },
	{ "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", "ok", 0, false },
	{ "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n", "abcdef",
	  0, false },
	{ "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx-sum: 1\r\n\r\n", "abc",
	  1, false },
	{ "HTTP/1.1 200 OK\r\n\r\nuntil the end", "until the end", 0, true },
};

static void reads_all(struct scene *s)
{
	reads_response(s);
	if (s->why == REASON_NONE)
		reads_body(s);
}

static void as_upstream(struct scene *s)
{
	s->stream->cut = REASON_UPSTREAM_RESET;
	s->stream->bad = REASON_UPSTREAM_INVALID;
	s->stream->read_slow = REASON_HEAD_TIMEOUT;
	s->stream->write_slow = REASON_UPSTREAM_STALLED;
}

static void plays(const struct sample *want, size_t cut)
{
	struct scene *s = scene_new();

	as_upstream(s);
	peer_says_bytes(s, want->raw, cut);
	scene_begins(s, reads_all);
	peer_says(s, want->raw + cut);
	if (want->close)
		peer_half_closes(s);
	scene_ends(s);
	assert_int_equal(s->why, REASON_NONE);
	assert_true(s->stream->in_ended);
	assert_str(str_of(s->body_len > 0 ? s->body : "", s->body_len), want->body);
	assert_int_equal(s->trailers.count, want->trailers);
	assert_int_equal(inlet_len(&s->in), 0);
	scene_free(s);
}

static void an_answer_may_be_cut_anywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		for (size_t cut = 0; cut <= strlen(samples[i].raw); cut++)
			plays(&samples[i], cut);
}

/* Heads. */

static void interim_answers_are_given_and_100_is_not(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	as_upstream(s);
	peer_says(s, "HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
		     "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
	scene_does(s, reads_response);
	assert_int_equal(s->res.status, 103);
	assert_str(headers_get_at(&s->res.headers, STR("link"), 0), "</a.css>");
	scene_does(s, reads_response);

	assert_int_equal(s->why, REASON_NONE);
	assert_int_equal(s->res.status, 200);
	assert_true(s->stream->in_ended);
	scene_free(s);
}

static void a_flood_of_interim_answers_is_refused(void **state)
{
	struct scene *s = scene_new();
	unsigned given = 0;

	(void)state;
	as_upstream(s);
	for (int i = 0; i < 20; i++)
		peer_says(s, "HTTP/1.1 103 Early Hints\r\n\r\n");
	do
		scene_does(s, reads_response);
	while (s->why == REASON_NONE && ++given < 100);

	assert_int_equal(s->why, REASON_UPSTREAM_INVALID);
	assert_int_equal(given, 8);
	scene_free(s);
}

static void nobody_asked_to_switch_protocols(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	as_upstream(s);
	peer_says(s, "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n");
	scene_does(s, reads_response);

	assert_int_equal(s->why, REASON_UPSTREAM_INVALID);
	scene_free(s);
}

static void large_interim_heads_and_a_large_head_need_no_more_than_they_are(void **state)
{
	struct scene *s = scene_new();
	char field[20001];

	(void)state;
	as_upstream(s);
	memset(field, 'v', sizeof(field));
	for (int i = 0; i < 5; i++) {
		peer_says(s, "HTTP/1.1 103 Early Hints\r\nx: ");
		peer_says_bytes(s, field, sizeof(field));
		peer_says(s, "\r\n\r\n");
	}
	peer_says(s, "HTTP/1.1 200 OK\r\ncontent-length: 20001\r\nx: ");
	peer_says_bytes(s, field, sizeof(field));
	peer_says(s, "\r\n\r\n");
	peer_says_bytes(s, field, sizeof(field));
	do
		scene_does(s, reads_response);
	while (s->why == REASON_NONE && s->res.status != 200);
	scene_does(s, reads_body);

	assert_int_equal(s->why, REASON_NONE);
	assert_int_equal(s->body_len, sizeof(field));
	assert_memory_equal(headers_get_at(&s->res.headers, STR("x"), 0).data, field, sizeof(field));
	assert_in_range(buffers_lent(&s->worker), 1, 2);
	scene_free(s);
}

static void a_head_over_its_limit_is_the_endpoints_fault(void **state)
{
	struct scene *s = scene_new();
	char *field = test_malloc(40000);

	(void)state;
	as_upstream(s);
	memset(field, 'v', 40000);
	peer_says(s, "HTTP/1.1 200 OK\r\nx: ");
	scene_begins(s, reads_response);
	peer_says_bytes(s, field, 40000);
	scene_ends(s);

	assert_int_equal(s->why, REASON_UPSTREAM_TOO_LARGE);
	test_free(field);
	scene_free(s);
}

static void a_head_drips_no_longer_than_its_patience(void **state)
{
	struct scene *s = scene_new();
	uint64_t began = clock_now();

	(void)state;
	as_upstream(s);
	s->stream->read_patience = 10 * SHORT_TIME;
	scene_begins(s, reads_response);
	peer_says(s, "HTTP/1.1 200 OK\r\nx: ");
	while (!s->over && clock_now() - began < 20 * NS_PER_S) {
		peer_says(s, "v");
		loop_turn(&s->worker.loop, SHORT_TIME / 4);
	}

	assert_true(s->over);
	assert_int_equal(s->why, REASON_HEAD_TIMEOUT);
	scene_free(s);
}

static void the_head_of_a_long_body_holds_no_buffer(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	as_upstream(s);
	peer_says(s, "HTTP/1.1 200 Fine\r\ncontent-type: text/event-stream\r\n"
		     "transfer-encoding: chunked\r\n\r\n");
	scene_does(s, reads_response);
	scene_begins(s, reads_piece);
	assert_false(s->over);

	assert_int_equal(buffers_lent(&s->worker), 0);
	assert_str(headers_get_id(&s->res.headers, HEADER_CONTENT_TYPE), "text/event-stream");
	assert_str(s->res.phrase, "Fine");
	peer_says(s, "1\r\nx\r\n");
	scene_ends(s);
	assert_str(str_of(s->body, s->body_len), "x");
	scene_free(s);
}

/* Ends. */

static void what_ends_too_early_is_cut(void **state)
{
	static const char *const raw[] = {
		"", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell",
		"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
		"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(raw) / sizeof(raw[0]); i++) {
		struct scene *s = scene_new();

		as_upstream(s);
		peer_says(s, raw[i]);
		peer_half_closes(s);
		scene_does(s, reads_all);
		assert_int_equal(s->why, REASON_UPSTREAM_RESET);
		assert_int_equal(s->h1.head_began, i > 0);
		scene_free(s);
	}
}

static void a_reset_is_no_end_of_a_body_without_length(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	as_upstream(s);
	peer_says(s, "HTTP/1.1 200 OK\r\n\r\nuntil the");
	scene_begins(s, reads_all);
	peer_resets(s);
	scene_ends(s);

	assert_int_equal(s->why, REASON_UPSTREAM_RESET);
	assert_false(s->stream->in_ended);
	scene_free(s);
}

static void bad_chunks_are_refused(void **state)
{
	static const char *const chunks[] = {
		"g\r\n", "5\nhello\r\n", "5\r\nhello!\r\n", "-1\r\n", "0x5\r\n", " 5\r\n",
		"ffffffffffffffff1\r\n", "0\r\ncontent-length: 5\r\n\r\n", "0\r\nbad name: x\r\n\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
		struct scene *s = scene_new();

		as_upstream(s);
		peer_says(s, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
		peer_says(s, chunks[i]);
		scene_does(s, reads_all);
		assert_int_equal(s->why, REASON_UPSTREAM_INVALID);
		scene_free(s);
	}
}

static void the_answer_to_a_head_request_has_no_body(struct scene *s)
{
	s->why = s->stream->ops->read_response(s->stream, METHOD_HEAD, &s->res);
}

static void a_length_in_the_answer_to_a_head_is_only_told(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	as_upstream(s);
	peer_says(s, "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n");
	scene_does(s, the_answer_to_a_head_request_has_no_body);

	assert_int_equal(s->why, REASON_NONE);
	assert_true(s->stream->in_ended);
	assert_int_equal(s->res.framing.kind, FRAMING_NONE);
	assert_int_equal(s->res.framing.length, 500);
	scene_free(s);
}

/* Keeping. */

static void sends_a_get(struct scene *s)
{
	struct request r = { .method = METHOD_GET, .method_text = STR("GET") };

	headers_init(&r.headers, &s->arena, 8);
	(void)headers_set_id(&r.headers, HEADER_HOST, STR("a"));
	s->why = s->stream->ops->write_request(s->stream, &r, STR("/"));
	if (s->why == REASON_NONE)
		s->why = s->stream->ops->write_end(s->stream, NULL);
	reads_all(s);
}

static bool clean_after(const char *answer, bool closes)
{
	struct scene *s = scene_new();
	bool clean;

	as_upstream(s);
	peer_says(s, answer);
	if (closes)
		peer_half_closes(s);
	scene_goes_on(s);
	scene_does(s, sends_a_get);
	assert_int_equal(s->why, REASON_NONE);
	clean = h1_stream_clean(&s->h1);
	scene_free(s);
	return clean;
}

static void only_exact_ends_leave_a_connection_clean(void **state)
{
	(void)state;
	assert_true(clean_after("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", false));
	assert_true(clean_after("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
				false));
	assert_false(clean_after("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok!", false));
	assert_false(clean_after("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n", false));
	assert_false(clean_after("HTTP/1.1 204 No Content\r\n\r\nx", false));
	assert_false(clean_after("HTTP/1.1 200 OK\r\n\r\nok", true));
}

static void a_request_that_has_not_left_leaves_it_unclean(void **state)
{
	struct scene *s = scene_new();
	struct request r = { .method = METHOD_GET, .method_text = STR("GET") };

	(void)state;
	as_upstream(s);
	headers_init(&r.headers, &s->arena, 8);
	assert_int_equal(s->stream->ops->write_request(s->stream, &r, STR("/")), REASON_NONE);
	peer_says(s, "HTTP/1.1 204 No Content\r\n\r\n");
	scene_does(s, reads_response);

	assert_true(s->stream->in_ended);
	assert_false(h1_stream_clean(&s->h1));
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_may_be_cut_anywhere),
		cmocka_unit_test(interim_answers_are_given_and_100_is_not),
		cmocka_unit_test(a_flood_of_interim_answers_is_refused),
		cmocka_unit_test(nobody_asked_to_switch_protocols),
		cmocka_unit_test(large_interim_heads_and_a_large_head_need_no_more_than_they_are),
		cmocka_unit_test(a_head_over_its_limit_is_the_endpoints_fault),
		cmocka_unit_test(a_head_drips_no_longer_than_its_patience),
		cmocka_unit_test(the_head_of_a_long_body_holds_no_buffer),
		cmocka_unit_test(what_ends_too_early_is_cut),
		cmocka_unit_test(a_reset_is_no_end_of_a_body_without_length),
		cmocka_unit_test(bad_chunks_are_refused),
		cmocka_unit_test(a_length_in_the_answer_to_a_head_is_only_told),
		cmocka_unit_test(only_exact_ends_leave_a_connection_clean),
		cmocka_unit_test(a_request_that_has_not_left_leaves_it_unclean),
	};

	return cmocka_run_group_tests_name("h1 responses", tests, NULL, NULL);
}
