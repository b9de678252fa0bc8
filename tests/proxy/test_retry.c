/* test_retry.c - what is tried again, and what never is. */
#include "tests/proxy/scene.h"

#include <unistd.h>

static const enum reason lost[] = { REASON_UPSTREAM_RESET, REASON_UPSTREAM_STALE,
				    REASON_CONNECT_REFUSED, REASON_HEAD_TIMEOUT };

static struct scene *retrying(void)
{
	struct scene *s = scene_new();

	scene_retries(s, lost, ARRAY_LEN(lost), 503);
	return s;
}

/* The first connection dies after the request was read; the second answers. */
static void dies_once(struct scene *s, const char *heard)
{
	origin_accepts(s);
	(void)origin_hears(s, heard);
	origin_closes(s);
	origin_accepts(s);
	(void)origin_hears(s, heard);
	origin_says(s, OK);
	(void)client_hears(s, "\r\n\r\nok");
	scene_free(s);
}

static void a_get_is_tried_again(void **state)
{
	struct scene *s = retrying();

	(void)state;
	client_says(s, GET);
	dies_once(s, "\r\n\r\n");
}

static void a_body_in_hand_is_sent_again(void **state)
{
	struct scene *s = retrying();

	(void)state;
	client_says(s, "PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello");
	dies_once(s, "\r\n\r\nhello");
}

static void a_body_that_has_passed_is_sent_again(void **state)
{
	struct scene *s = retrying();

	(void)state;
	client_says(s, "PUT / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
		       "5\r\nhello\r\n0\r\n\r\n");
	dies_once(s, "5\r\nhello\r\n0\r\n\r\n");
}

static void an_empty_chunked_body_has_its_end_again(void **state)
{
	struct scene *s = retrying();

	(void)state;
	client_says(s, "PUT / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n");
	dies_once(s, "\r\n\r\n0\r\n\r\n");
}

static void trailers_are_sent_again(void **state)
{
	struct scene *s = retrying();

	(void)state;
	client_says(s, "PUT / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
		       "5\r\nhello\r\n0\r\nx-sum: 1\r\n\r\n");
	dies_once(s, "5\r\nhello\r\n0\r\nx-sum: 1\r\n\r\n");
}

static void what_has_passed_is_sent_again_and_the_rest_follows(void **state)
{
	struct scene *s = retrying();

	(void)state;
	client_says(s, "PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhello");
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\nhello");
	origin_resets(s);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\nhello");
	client_says(s, "world");
	(void)origin_hears(s, "world");
	origin_says(s, OK);

	(void)client_hears(s, "\r\n\r\nok");
	scene_free(s);
}

/* Never. */

static void is_not_tried_again(struct scene *s, const char *status)
{
	struct weir_str heard = client_hears(s, "}\n");

	if (!str_starts(heard, str_from(status)))
		fail_msg("wanted \"%s\", got \"%.*s\"", status, STR_ARG(heard));
	assert_false(origin_is_asked_again(s));
	scene_free(s);
}

static void a_post_that_was_sent_is_not_sent_twice(void **state)
{
	struct scene *s = retrying();

	(void)state;
	client_says(s, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello");
	origin_accepts(s);
	(void)origin_hears(s, "hello");
	origin_closes(s);
	is_not_tried_again(s, "HTTP/1.1 502 ");
}

static void a_post_may_be_sent_twice_where_the_route_says_so(void **state)
{
	struct scene *s = retrying();

	(void)state;
	s->plan.retry.repeatable = true;
	client_says(s, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello");
	dies_once(s, "\r\n\r\nhello");
}

static void after_the_first_byte_of_an_answer_there_is_no_other_try(void **state)
{
	struct scene *s = retrying();

	(void)state;
	client_says(s, GET);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, "H");
	scene_turns(s, 0);
	origin_closes(s);
	is_not_tried_again(s, "HTTP/1.1 502 ");
}

static void a_body_too_long_to_be_kept_is_not_sent_again(void **state)
{
	struct scene *s = retrying();

	(void)state;
	s->plan.retry.replay_bytes = 4;
	client_says(s, "PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhello");
	origin_accepts(s);
	(void)origin_hears(s, "hello");
	origin_closes(s);
	is_not_tried_again(s, "HTTP/1.1 502 ");
}

static void a_client_that_has_said_goodbye_gets_one_try(void **state)
{
	struct scene *s = retrying();

	(void)state;
	client_says(s, GET);
	client_half_closes(s);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_closes(s);
	is_not_tried_again(s, "HTTP/1.1 502 ");
}

static void what_is_not_listed_is_not_tried_again(void **state)
{
	struct scene *s = retrying();

	(void)state;
	client_says(s, GET);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, "SSH-2.0\r\n\r\n");
	is_not_tried_again(s, "HTTP/1.1 502 ");
}

/* By status. */

static void a_listed_status_is_tried_again(void **state)
{
	struct scene *s = retrying();

	(void)state;
	client_says(s, GET);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, "HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n");
	(void)origin_is_asked_again(s);		/* or on the same connection */
	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, OK);

	(void)client_hears(s, "\r\n\r\nok");
	scene_free(s);
}

static void the_last_answer_stands_when_no_try_is_left(void **state)
{
	struct scene *s = retrying();

	(void)state;
	client_says(s, GET);
	origin_accepts(s);
	for (int i = 0; i < 2; i++) {
		(void)origin_hears(s, "\r\n\r\n");
		origin_says(s, "HTTP/1.1 503 No\r\ncontent-length: 4\r\n\r\nbusy");
		if (i == 0)
			(void)origin_is_asked_again(s);
	}

	assert_true(str_starts(client_hears(s, "\r\n\r\nbusy"), STR("HTTP/1.1 503 No\r\n")));
	scene_free(s);
}

/* Of the answer that was given up nothing may be seen by whoever looks at the next one. */
static void when_the_second_try_fails_the_first_answer_is_gone(void **state)
{
	struct scene *s = retrying();
	struct weir_str heard;

	(void)state;
	client_says(s, GET);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	close(s->listener);
	s->listener = -1;
	origin_says(s, "HTTP/1.1 503 No\r\nx-first: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
	heard = client_hears(s, "}\n");

	assert_true(str_starts(heard, STR("HTTP/1.1 503 ")));
	assert_true(str_find_str(heard, STR("weir-reason: connect-refused")) < heard.len);
	assert_int_equal(str_find_str(heard, STR("x-first")), heard.len);
	scene_free(s);
}

/* Times. */

static void one_try_has_its_own_time(void **state)
{
	struct scene *s = retrying();

	(void)state;
	s->plan.retry.per_try = 500 * NS_PER_MS;
	s->plan.retry.reasons[REASON_TRY_TIMEOUT / 64] |= 1ull << (REASON_TRY_TIMEOUT % 64);
	client_says(s, GET);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, OK);

	(void)client_hears(s, "\r\n\r\nok");
	scene_free(s);
}

/* It counts from the end of the body, however long that took. */
static void one_try_has_its_own_time_after_a_body_that_streamed(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->plan.retry.per_try = 60 * NS_PER_MS;
	client_says(s, "PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhello");
	origin_accepts(s);
	(void)origin_hears(s, "hello");
	scene_turns(s, 100 * NS_PER_MS);
	assert_int_equal(s->px->exchange_count, 1);
	client_says(s, "world");

	assert_true(str_starts(client_hears(s, "}\n"), STR("HTTP/1.1 504 ")));
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_get_is_tried_again),
		cmocka_unit_test(a_body_in_hand_is_sent_again),
		cmocka_unit_test(a_body_that_has_passed_is_sent_again),
		cmocka_unit_test(an_empty_chunked_body_has_its_end_again),
		cmocka_unit_test(trailers_are_sent_again),
		cmocka_unit_test(what_has_passed_is_sent_again_and_the_rest_follows),
		cmocka_unit_test(a_post_that_was_sent_is_not_sent_twice),
		cmocka_unit_test(a_post_may_be_sent_twice_where_the_route_says_so),
		cmocka_unit_test(after_the_first_byte_of_an_answer_there_is_no_other_try),
		cmocka_unit_test(a_body_too_long_to_be_kept_is_not_sent_again),
		cmocka_unit_test(a_client_that_has_said_goodbye_gets_one_try),
		cmocka_unit_test(what_is_not_listed_is_not_tried_again),
		cmocka_unit_test(a_listed_status_is_tried_again),
		cmocka_unit_test(the_last_answer_stands_when_no_try_is_left),
		cmocka_unit_test(when_the_second_try_fails_the_first_answer_is_gone),
		cmocka_unit_test(one_try_has_its_own_time),
		cmocka_unit_test(one_try_has_its_own_time_after_a_body_that_streamed),
	};

	return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
