/* test_h1_request.c - the client's side of a stream: requests in however they are cut, and answers out. */
#include "tests/codec/scene.h"

/* All of a request, and what its body must be. */
struct sample {
	const char *raw, *method, *body;
	unsigned trailers;
	const char *next;	/* the bytes of the next request that come with it */
};

static const struct sample samples[] = {
	{ "GET /x HTTP/1.1\r\nhost: a\r\n\r\n", "GET", "", 0, "" },
	{ "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello", "POST", "hello", 0, "" },
	{ "PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhelloGET /n", "PUT", "hello", 0,
	  "GET /n" },
	{ "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
	  "5\r\nhello\r\n1;x=y\r\n \r\n5\r\nworld\r\n0\r\n\r\n", "POST", "hello world", 0, "" },
	{ "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGE", "POST", "", 0,
	  "GE" },
	{ "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
	  "3\r\nabc\r\n3\r\ndef\r\n0\r\nx-sum: 1\r\nx-other: two words\r\n\r\nG", "POST", "abcdef", 2,
	  "G" },
};

static void matches(struct scene *s, const struct sample *want)
{
	assert_int_equal(s->why, REASON_NONE);
	assert_true(s->stream->in_ended);
	assert_str(s->req.method_text, want->method);
	assert_str(str_of(s->body_len > 0 ? s->body : "", s->body_len), want->body);
	assert_int_equal(s->stream->body_in, strlen(want->body));
	assert_int_equal(s->trailers.count, want->trailers);
	if (want->trailers > 0)
		assert_str(headers_get_at(&s->trailers, STR("x-sum"), 0), "1");
	assert_str(headers_get_id(&s->req.headers, HEADER_HOST), "a");
}

static void reads_all(struct scene *s)
{
	reads_request(s);
	if (s->why == REASON_NONE)
		reads_body(s);
}

static void plays(const struct sample *want, size_t cut)
{
	struct scene *s = scene_new();

	peer_says_bytes(s, want->raw, cut);
	scene_begins(s, reads_all);
	peer_says(s, want->raw + cut);
	scene_ends(s);
	matches(s, want);
	scene_goes_on(s);
	(void)inlet_fill_now(&s->in);
	assert_str(inlet_str(&s->in), want->next);
	scene_free(s);
}

static void a_request_may_be_cut_anywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		for (size_t cut = 0; cut <= strlen(samples[i].raw); cut++)
			plays(&samples[i], cut);
}

static void a_request_may_come_byte_by_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct scene *s = scene_new();

		scene_begins(s, reads_all);
		for (const char *p = samples[i].raw; *p != '\0'; p++) {
			peer_says_bytes(s, p, 1);
			loop_turn(&s->worker.loop, NS_PER_MS);
		}
		scene_ends(s);
		matches(s, &samples[i]);
		scene_free(s);
	}
}

static void small_chunks_that_come_together_are_given_together(void **state)
{
	struct scene *s = scene_new();
	char all[6100] = "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";

	(void)state;
	for (char *at = all + strlen(all); at < all + 6060; at += 6)
		memcpy(at, "1\r\nx\r\n", 7);
	memcpy(all + strlen(all), "0\r\n\r\n", 6);
	peer_says(s, all);
	scene_does(s, reads_all);

	assert_int_equal(s->why, REASON_NONE);
	assert_in_range(s->body_len, 900, 1010);
	assert_int_equal(s->pieces, 1);
	scene_free(s);
}

static void what_is_bad_behind_good_chunks_is_found_by_the_next_read(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	peer_says(s, "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
		     "3\r\nabc\r\n3\r\ndef\r\nzz\r\n");
	scene_does(s, reads_request);
	scene_does(s, reads_piece);
	assert_int_equal(s->why, REASON_NONE);
	assert_str(str_of(s->body, s->body_len), "abcdef");
	scene_does(s, reads_piece);

	assert_int_equal(s->why, REASON_BAD_CHUNK);
	assert_false(s->stream->in_ended);
	scene_free(s);
}

static void trailers_may_need_more_room_than_the_head_left(void **state)
{
	struct scene *s = scene_new();
	char field[1100];

	(void)state;
	peer_says(s, "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n");
	for (int i = 0; i < 13; i++) {
		(void)snprintf(field, sizeof(field), "x-%d: %01000d\r\n", i, i);
		peer_says(s, field);
	}
	peer_says(s, "\r\n1\r\nx\r\n0\r\n");
	for (int i = 0; i < 6; i++) {
		(void)snprintf(field, sizeof(field), "t-%d: %01000d\r\n", i, i);
		peer_says(s, field);
	}
	peer_says(s, "\r\n");
	scene_does(s, reads_all);

	assert_int_equal(s->why, REASON_NONE);
	assert_int_equal(s->trailers.count, 6);
	assert_int_equal(headers_get_at(&s->req.headers, STR("x-12"), 0).len, 1000);
	scene_free(s);
}

static void a_head_may_be_larger_than_a_small_buffer(void **state)
{
	struct scene *s = scene_new();
	char *field = test_malloc(25000);

	(void)state;
	memset(field, 'v', 25000);
	peer_says(s, "GET / HTTP/1.1\r\nhost: a\r\nx: ");
	scene_begins(s, reads_request);
	peer_says_bytes(s, field, 25000);
	peer_says(s, "\r\n\r\n");
	scene_ends(s);

	assert_int_equal(s->why, REASON_NONE);
	assert_int_equal(headers_get_at(&s->req.headers, STR("x"), 0).len, 25000);
	assert_int_equal(s->h1.head_bytes, 25000 + 32);
	test_free(field);
	scene_free(s);
}

static void a_head_over_its_limit_is_too_large(void **state)
{
	struct scene *s = scene_new();
	char *field = test_malloc(40000);

	(void)state;
	memset(field, 'v', 40000);
	peer_says(s, "GET / HTTP/1.1\r\nhost: a\r\nx: ");
	scene_begins(s, reads_request);
	peer_says_bytes(s, field, 40000);
	scene_ends(s);

	assert_int_equal(s->why, REASON_HEAD_TOO_LARGE);
	assert_false(s->stream->in_ended);
	test_free(field);
	scene_free(s);
}

/* Waiting, and how it ends. */

static void reads_request_in_time(struct scene *s)
{
	s->why = h1_stream_read_request(&s->h1, clock_after(loop_now(&s->worker.loop), SHORT_TIME),
					&s->req);
}

static void a_head_that_is_not_whole_in_time_is_slow(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	scene_begins(s, reads_request_in_time);
	for (int i = 0; i < 3; i++)
		peer_says(s, "G");
	scene_ends(s);

	assert_int_equal(s->why, REASON_HEAD_SLOW);
	assert_true(s->h1.head_began);
	scene_free(s);
}

static void an_end_before_a_head_is_told_from_one_within(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	peer_half_closes(s);
	scene_does(s, reads_request);
	assert_int_equal(s->why, REASON_CLIENT_GONE);
	assert_false(s->h1.head_began);
	scene_free(s);

	s = scene_new();
	peer_says(s, "GET");
	peer_half_closes(s);
	scene_does(s, reads_request);
	assert_int_equal(s->why, REASON_CLIENT_GONE);
	assert_true(s->h1.head_began);
	scene_free(s);
}

#define UPLOAD "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhell"

static void a_body_that_does_not_go_on_is_slow(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->stream->read_patience = SHORT_TIME;
	peer_says(s, UPLOAD);
	scene_does(s, reads_all);

	assert_int_equal(s->why, REASON_BODY_SLOW);
	assert_int_equal(s->body_len, 4);
	scene_free(s);
}

/* The socket was read to the last byte by a read that it just filled: its latch says that there is more. */
static void patience_counts_although_the_latch_is_set(void **state)
{
	struct scene *s = scene_new();
	char *rest = test_malloc(WORKER_BUFFER);

	(void)state;
	s->stream->read_patience = SHORT_TIME;
	peer_says(s, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n");
	scene_does(s, reads_request);
	memset(rest, 'x', WORKER_BUFFER);
	peer_says_bytes(s, rest, WORKER_BUFFER - s->h1.head_bytes);
	scene_goes_on(s);
	scene_does(s, reads_piece);
	assert_int_equal(s->why, REASON_NONE);
	assert_true(transport_readable(&s->t));
	scene_does(s, reads_piece);

	assert_int_equal(s->why, REASON_BODY_SLOW);
	test_free(rest);
	scene_free(s);
}

static void a_body_that_breaks_off_is_no_body(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	peer_says(s, UPLOAD);
	peer_half_closes(s);
	scene_does(s, reads_all);
	assert_int_equal(s->why, REASON_CLIENT_GONE);
	assert_false(s->stream->in_ended);
	scene_free(s);

	s = scene_new();
	peer_says(s, UPLOAD);
	scene_begins(s, reads_all);
	peer_resets(s);
	scene_ends(s);
	assert_int_equal(s->why, REASON_CLIENT_GONE);
	scene_free(s);
}

static void a_cancelled_read_ends_wherever_it_waits(void **state)
{
	static const char *const beginnings[] = { "", "GET / HT", UPLOAD };

	(void)state;
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++) {
		struct scene *s = scene_new();

		peer_says(s, beginnings[i]);
		scene_begins(s, reads_all);
		assert_false(s->over);
		fiber_cancel(s->fiber);
		scene_ends(s);
		assert_int_equal(s->why, REASON_CLIENT_GONE);
		scene_free(s);
	}
}

static void a_body_that_came_with_its_head_is_taken_whole(void **state)
{
	struct scene *s = scene_new();
	struct weir_str body;

	(void)state;
	peer_says(s, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nbodyGET");
	scene_does(s, reads_request);
	assert_true(h1_stream_take_whole(&s->h1, &body));
	assert_str(body, "body");
	assert_true(s->stream->in_ended);
	assert_int_equal(s->stream->body_in, 4);
	assert_str(inlet_str(&s->in), "GET");
	scene_free(s);

	s = scene_new();
	peer_says(s, UPLOAD);
	scene_does(s, reads_request);
	assert_false(h1_stream_take_whole(&s->h1, &body));
	scene_free(s);
}

static void the_rest_of_a_body_is_not_taken_for_the_whole(void **state)
{
	struct scene *s = scene_new();
	struct weir_str body;

	(void)state;
	peer_says(s, UPLOAD);
	scene_does(s, reads_request);
	scene_does(s, reads_piece);
	peer_says(s, "o worl");
	scene_goes_on(s);
	(void)inlet_fill_now(&s->in);

	assert_false(h1_stream_take_whole(&s->h1, &body));
	scene_does(s, reads_body);
	assert_str(str_of(s->body, s->body_len), "hello worl");
	scene_free(s);
}

/* The next one. */

static void one_request_follows_another(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	peer_says(s, "GET /1 HTTP/1.1\r\nhost: a\r\n\r\nGET /2 HTTP/1.1\r\nhost: a\r\n\r\nGET /3");
	scene_does(s, reads_all);
	assert_str(s->req.path, "/1");
	scene_next(s);
	scene_does(s, reads_all);
	assert_str(s->req.path, "/2");
	scene_next(s);
	scene_begins(s, reads_all);
	peer_says(s, " HTTP/1.1\r\nhost: a\r\n\r\n");
	scene_ends(s);

	assert_str(s->req.path, "/3");
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_may_be_cut_anywhere),
		cmocka_unit_test(a_request_may_come_byte_by_byte),
		cmocka_unit_test(small_chunks_that_come_together_are_given_together),
		cmocka_unit_test(what_is_bad_behind_good_chunks_is_found_by_the_next_read),
		cmocka_unit_test(trailers_may_need_more_room_than_the_head_left),
		cmocka_unit_test(a_head_may_be_larger_than_a_small_buffer),
		cmocka_unit_test(a_head_over_its_limit_is_too_large),
		cmocka_unit_test(a_head_that_is_not_whole_in_time_is_slow),
		cmocka_unit_test(an_end_before_a_head_is_told_from_one_within),
		cmocka_unit_test(a_body_that_does_not_go_on_is_slow),
		cmocka_unit_test(patience_counts_although_the_latch_is_set),
		cmocka_unit_test(a_body_that_breaks_off_is_no_body),
		cmocka_unit_test(a_cancelled_read_ends_wherever_it_waits),
		cmocka_unit_test(a_body_that_came_with_its_head_is_taken_whole),
		cmocka_unit_test(the_rest_of_a_body_is_not_taken_for_the_whole),
		cmocka_unit_test(one_request_follows_another),
	};

	return cmocka_run_group_tests_name("h1 requests", tests, NULL, NULL);
}
