/* test_h1_out.c - what leaves: heads with the first of their body, chunks, ends; and what is said when it
 * does not leave. */
#include "tests/codec/scene.h"

enum { LOTS = 8 << 20 };

static char lots[LOTS];

static void answer(struct scene *s, unsigned status, struct framing framing)
{
	s->res = (struct response){ .status = (uint16_t)status, .framing = framing, .minor = 1 };
	headers_init(&s->res.headers, &s->arena, 100);
	(void)headers_add(&s->res.headers, STR("x"), STR("y"));
	assert_int_equal(s->stream->ops->write_response(s->stream, &s->res, STR_ABSENT), REASON_NONE);
}

static enum reason body(struct scene *s, const char *text, bool last)
{
	return s->stream->ops->write_body(s->stream, str_from(text), last);
}

static const struct framing none = { FRAMING_NONE, 0 }, chunked = { FRAMING_CHUNKED, 0 };

static void a_head_waits_for_the_first_of_its_body(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	answer(s, 200, (struct framing){ FRAMING_LENGTH, 5 });
	assert_int_equal(peer_hears(s).len, 0);
	assert_int_equal(body(s, "hello", true), REASON_NONE);

	assert_str(peer_hears(s), "HTTP/1.1 200 OK\r\nx: y\r\ncontent-length: 5\r\n\r\nhello");
	assert_true(s->stream->out_ended);
	assert_int_equal(s->stream->body_out, 5);
	scene_free(s);
}

static void a_message_without_a_body_ends_with_its_head(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	answer(s, 204, none);
	assert_false(s->stream->out_ended);
	assert_int_equal(s->stream->ops->write_end(s->stream, NULL), REASON_NONE);

	assert_str(peer_hears(s), "HTTP/1.1 204 No Content\r\nx: y\r\n\r\n");
	assert_true(s->stream->out_ended);
	scene_free(s);
}

static void a_flushed_head_is_not_the_end_of_a_body(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	answer(s, 200, chunked);
	assert_int_equal(s->stream->ops->flush(s->stream), REASON_NONE);
	assert_str(peer_hears(s), "HTTP/1.1 200 OK\r\nx: y\r\ntransfer-encoding: chunked\r\n\r\n");

	assert_false(s->stream->out_ended);
	scene_free(s);
}

static void chunks_have_sizes_and_the_last_one_none(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	answer(s, 200, chunked);
	assert_int_equal(body(s, "hello", false), REASON_NONE);
	assert_int_equal(body(s, "", false), REASON_NONE);	/* nothing: no chunk, for it would be the last */
	assert_int_equal(body(s, " world, there", true), REASON_NONE);

	assert_str(peer_hears(s), "HTTP/1.1 200 OK\r\nx: y\r\ntransfer-encoding: chunked\r\n\r\n"
				  "5\r\nhello\r\nd\r\n world, there\r\n0\r\n\r\n");
	assert_true(s->stream->out_ended);
	scene_free(s);
}

static void an_empty_last_piece_is_only_the_end(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	answer(s, 200, chunked);
	assert_int_equal(body(s, "x", false), REASON_NONE);
	assert_int_equal(body(s, "", true), REASON_NONE);

	assert_true(str_ends(peer_hears(s), STR("\r\n\r\n1\r\nx\r\n0\r\n\r\n")));
	scene_free(s);
}

static void trailers_follow_the_last_chunk(void **state)
{
	struct scene *s = scene_new();
	struct headers trailers;

	(void)state;
	headers_init(&trailers, &s->arena, 8);
	(void)headers_add(&trailers, STR("x-sum"), STR("12"));
	(void)headers_add(&trailers, STR("x-gone"), STR("z"));
	(void)headers_remove(&trailers, STR("x-gone"));
	(void)headers_add(&trailers, STR("x-more"), STR(""));
	answer(s, 200, chunked);
	assert_int_equal(body(s, "x", false), REASON_NONE);
	assert_int_equal(s->stream->ops->write_end(s->stream, &trailers), REASON_NONE);

	assert_true(str_ends(peer_hears(s), STR("1\r\nx\r\n0\r\nx-sum: 12\r\nx-more: \r\n\r\n")));
	assert_true(s->stream->out_ended);
	scene_free(s);
}

static void trailers_that_cannot_be_sent_are_dropped(void **state)
{
	struct scene *s = scene_new();
	struct headers trailers;

	(void)state;
	headers_init(&trailers, &s->arena, 8);
	(void)headers_add(&trailers, STR("x-sum"), STR("12"));
	answer(s, 200, (struct framing){ FRAMING_CLOSE, 0 });
	assert_int_equal(body(s, "x", false), REASON_NONE);
	assert_int_equal(s->stream->ops->write_end(s->stream, &trailers), REASON_NONE);

	assert_str(peer_hears(s), "HTTP/1.1 200 OK\r\nx: y\r\n\r\nx");
	scene_free(s);
}

static void a_body_is_as_long_as_it_was_said_to_be(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	answer(s, 200, (struct framing){ FRAMING_LENGTH, 5 });
	assert_int_equal(body(s, "hello!", true), REASON_BAD_CHUNK);
	assert_int_equal(body(s, "hell", true), REASON_BAD_CHUNK);

	assert_false(s->stream->out_ended);
	assert_int_equal(peer_hears(s).len, 0);
	scene_free(s);
}

static void a_head_that_has_not_left_can_be_taken_back(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	assert_false(h1_stream_unstage(&s->h1));
	answer(s, 200, chunked);
	assert_true(h1_stream_unstage(&s->h1));
	answer(s, 502, none);
	assert_int_equal(s->stream->ops->flush(s->stream), REASON_NONE);
	assert_false(h1_stream_unstage(&s->h1));

	assert_true(str_starts(peer_hears(s), STR("HTTP/1.1 502 Bad Gateway\r\n")));
	scene_free(s);
}

/* A length of zero says that there is nothing; for a HEAD nobody knows what there would be. */
static void an_answer_without_a_body_says_so_unless_it_is_to_a_head(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	answer(s, 200, none);
	assert_int_equal(s->stream->ops->flush(s->stream), REASON_NONE);
	assert_str(peer_hears(s), "HTTP/1.1 200 OK\r\nx: y\r\ncontent-length: 0\r\n\r\n");
	scene_next(s);
	s->h1.answers_head = true;
	answer(s, 200, none);
	assert_int_equal(s->stream->ops->flush(s->stream), REASON_NONE);
	assert_str(peer_hears(s), "HTTP/1.1 200 OK\r\nx: y\r\n\r\n");
	scene_next(s);
	s->h1.answers_head = true;
	answer(s, 200, (struct framing){ FRAMING_NONE, 500 });
	assert_int_equal(s->stream->ops->flush(s->stream), REASON_NONE);

	assert_str(peer_hears(s), "HTTP/1.1 200 OK\r\nx: y\r\ncontent-length: 500\r\n\r\n");
	scene_free(s);
}

static void interim_answers_have_no_length(void **state)
{
	struct scene *s = scene_new();
	struct headers hints;

	(void)state;
	headers_init(&hints, &s->arena, 8);
	(void)headers_add(&hints, STR("link"), STR("</a>"));
	assert_int_equal(h1_stream_write_interim(&s->h1, 100, NULL), REASON_NONE);
	assert_int_equal(h1_stream_write_interim(&s->h1, 103, &hints), REASON_NONE);

	assert_str(peer_hears(s), "HTTP/1.1 100 Continue\r\n\r\n"
				  "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n");
	assert_false(s->stream->out_ended);
	scene_free(s);
}

static void heads_of_any_size_leave(void **state)
{
	static const size_t sizes[] = { 10, 3000, 8000, 9000, 100000 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct scene *s = scene_new();
		struct weir_str heard;

		(void)arena_take(&s->arena, 6000);
		memset(lots, 'v', sizes[i]);
		s->res = (struct response){ .status = 200, .minor = 1 };
		headers_init(&s->res.headers, &s->arena, 100);
		(void)headers_add(&s->res.headers, STR("x"), str_of(lots, sizes[i]));
		assert_int_equal(s->stream->ops->write_response(s->stream, &s->res, STR_ABSENT),
				 REASON_NONE);
		assert_int_equal(s->stream->ops->flush(s->stream), REASON_NONE);
		heard = peer_hears(s);
		assert_int_equal(heard.len, sizes[i] + strlen("HTTP/1.1 200 OK\r\nx: \r\n"
							      "content-length: 0\r\n\r\n"));
		scene_free(s);
	}
}

static void a_head_larger_than_the_arena_is_out_of_memory(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	memset(lots, 'v', 300000);
	s->res = (struct response){ .status = 200, .minor = 1 };
	headers_init(&s->res.headers, &s->arena, 100);
	(void)headers_add(&s->res.headers, STR("x"), str_of(lots, 300000));

	assert_int_equal(s->stream->ops->write_response(s->stream, &s->res, STR_ABSENT),
			 REASON_OUT_OF_MEMORY);
	scene_free(s);
}

/* Waiting. */

static void begin_lots(struct scene *s)
{
	for (size_t i = 0; i < LOTS; i++)
		lots[i] = (char)('a' + i % 23);
	s->why = s->stream->ops->write_body(s->stream, str_of(lots, LOTS), true);
}

static void a_slow_peer_gets_all_of_it(void **state)
{
	struct scene *s = scene_new();
	struct weir_str heard;

	(void)state;
	answer(s, 200, (struct framing){ FRAMING_LENGTH, LOTS });
	scene_begins(s, begin_lots);
	assert_false(s->over);
	heard = peer_hears(s);
	scene_ends(s);

	assert_int_equal(s->why, REASON_NONE);
	assert_true(s->stream->out_ended);
	assert_int_equal(heard.len, LOTS + str_find_str(heard, STR("\r\n\r\n")) + 4);
	assert_memory_equal(heard.data + heard.len - LOTS, lots, LOTS);
	scene_free(s);
}

static void who_takes_nothing_is_too_slow_and_the_message_has_not_ended(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->stream->write_patience = SHORT_TIME;
	answer(s, 200, (struct framing){ FRAMING_LENGTH, LOTS });
	scene_does(s, begin_lots);

	assert_int_equal(s->why, REASON_CLIENT_SLOW);
	assert_false(s->stream->out_ended);
	scene_free(s);
}

static void flushes(struct scene *s)
{
	s->why = s->stream->ops->flush(s->stream);
}

/* Else the connection would carry on in the middle of a head. */
static void a_head_that_did_not_leave_has_not_ended_the_message(void **state)
{
	struct scene *s = scene_new();
	size_t put;

	(void)state;
	while (transport_write_now(&s->t, &(struct iovec){ lots, LOTS }, 1, &put) == IO_OK)
		;
	s->stream->write_patience = SHORT_TIME;
	answer(s, 204, none);
	scene_does(s, flushes);

	assert_int_equal(s->why, REASON_CLIENT_SLOW);
	assert_false(s->stream->out_ended);
	assert_false(s->h1.wrote);
	scene_free(s);
}

static void what_leaves_after_a_wait_has_left_too(void **state)
{
	struct scene *s = scene_new();
	size_t put;

	(void)state;
	while (transport_write_now(&s->t, &(struct iovec){ lots, LOTS }, 1, &put) == IO_OK)
		;
	answer(s, 204, none);
	scene_begins(s, flushes);
	assert_false(s->h1.wrote);
	(void)peer_hears(s);
	scene_ends(s);

	assert_int_equal(s->why, REASON_NONE);
	assert_true(s->h1.wrote);
	assert_true(s->stream->out_ended);
	scene_free(s);
}

static void a_cancelled_write_ends(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	answer(s, 200, (struct framing){ FRAMING_LENGTH, LOTS });
	scene_begins(s, begin_lots);
	fiber_cancel(s->fiber);
	scene_ends(s);

	assert_int_equal(s->why, REASON_CLIENT_GONE);
	assert_false(s->stream->out_ended);
	scene_free(s);
}

static void who_resets_gets_no_more(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	answer(s, 200, (struct framing){ FRAMING_LENGTH, LOTS });
	scene_begins(s, begin_lots);
	peer_resets(s);
	scene_ends(s);

	assert_int_equal(s->why, REASON_CLIENT_GONE);
	assert_false(s->stream->out_ended);
	scene_free(s);
}

/* What is left may be moved by whoever lent it. */
static char shelter[LOTS];
static size_t left;
static unsigned asked;

static void moves(void *arg, struct iovec *parts, int count)
{
	struct scene *s = arg;

	assert_false(s->over);
	assert_int_equal(count, 1);
	memcpy(shelter, parts[0].iov_base, parts[0].iov_len);
	memset(parts[0].iov_base, 0, parts[0].iov_len);
	parts[0].iov_base = shelter;
	left = parts[0].iov_len;
	asked++;
}

static void what_is_left_may_be_moved_before_the_wait(void **state)
{
	struct scene *s = scene_new();
	struct weir_str heard;

	(void)state;
	s->stream->blocked = moves;
	s->stream->blocked_arg = s;
	asked = 0;
	answer(s, 200, (struct framing){ FRAMING_LENGTH, LOTS });
	scene_begins(s, begin_lots);
	assert_int_equal(asked, 1);
	assert_in_range(left, 1, LOTS - 1);
	s->stream->blocked = NULL;
	heard = peer_hears(s);
	scene_ends(s);

	assert_int_equal(s->why, REASON_NONE);
	for (size_t i = 0; i < LOTS; i++)
		if (heard.data[heard.len - LOTS + i] != (char)('a' + i % 23))
			fail_msg("byte %zu is another", i);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_waits_for_the_first_of_its_body),
		cmocka_unit_test(a_message_without_a_body_ends_with_its_head),
		cmocka_unit_test(a_flushed_head_is_not_the_end_of_a_body),
		cmocka_unit_test(chunks_have_sizes_and_the_last_one_none),
		cmocka_unit_test(an_empty_last_piece_is_only_the_end),
		cmocka_unit_test(trailers_follow_the_last_chunk),
		cmocka_unit_test(trailers_that_cannot_be_sent_are_dropped),
		cmocka_unit_test(a_body_is_as_long_as_it_was_said_to_be),
		cmocka_unit_test(a_head_that_has_not_left_can_be_taken_back),
		cmocka_unit_test(an_answer_without_a_body_says_so_unless_it_is_to_a_head),
		cmocka_unit_test(interim_answers_have_no_length),
		cmocka_unit_test(heads_of_any_size_leave),
		cmocka_unit_test(a_head_larger_than_the_arena_is_out_of_memory),
		cmocka_unit_test(a_slow_peer_gets_all_of_it),
		cmocka_unit_test(who_takes_nothing_is_too_slow_and_the_message_has_not_ended),
		cmocka_unit_test(a_head_that_did_not_leave_has_not_ended_the_message),
		cmocka_unit_test(what_leaves_after_a_wait_has_left_too),
		cmocka_unit_test(a_cancelled_write_ends),
		cmocka_unit_test(who_resets_gets_no_more),
		cmocka_unit_test(what_is_left_may_be_moved_before_the_wait),
	};

	return cmocka_run_group_tests_name("h1 out", tests, NULL, NULL);
}
