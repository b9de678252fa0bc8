/* test_keepalive.c - one connection, many requests, on both sides. */
#include "tests/e2e/story.h"

static void one_connection_carries_many_requests_on_both_sides(struct story *s)
{
	for (int i = 0; i < 20; i++) {
		client_gets(s->client, "/");
		client_saw(s->client, 200, "A");
	}

	assert_int_equal(origin_count(s->a, "GET /"), 20);
	assert_int_equal(origin_accepted(s->a), 1);
}

static void pipelined_answers_come_in_the_order_asked(struct story *s)
{
	origin_at(s->a, "/1", dripping(answers(200, "one"), 1));
	origin_at(s->a, "/2", answers(404, "two"));
	origin_at(s->a, "/3", gives_chunked(70000));

	client_sends(s->client, "GET /1 HTTP/1.1\r\nhost: x\r\n\r\n"
		     "POST /2 HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nbody"
		     "GET /3 HTTP/1.1\r\nhost: x\r\n\r\n"
		     "GET /4 HTTP/1.1\r\nhost: x\r\n\r\n");

	assert_true(client_reads(s->client));
	client_saw(s->client, 200, "one");
	assert_true(client_reads(s->client));
	client_saw(s->client, 404, "two");
	assert_true(client_reads(s->client));
	assert_int_equal(s->client->answer.body_len, 70000);
	assert_true(client_reads(s->client));
	client_saw(s->client, 200, "A");
	client_is_still_connected(s->client);
}

static void a_request_cut_anywhere_is_put_together_again(struct story *s)
{
	static const char whole[] = "POST /x HTTP/1.1\r\nhost: a.example\r\n"
		"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";

	for (size_t i = 0; i < sizeof(whole) - 1; i++) {
		assert_true(client_try_send(s->client, whole + i, 1));
		if (i % 7 == 0)
			usleep(1000);
	}

	assert_true(client_reads(s->client));
	client_saw(s->client, 200, "A");
	assert_string_equal(origin_last_body(s->a), "hello");
}

static void one_empty_line_before_a_request_is_skipped(struct story *s)
{
	client_sends(s->client, "\r\nGET / HTTP/1.1\r\nhost: x\r\n\r\n");

	assert_true(client_reads(s->client));
	client_saw(s->client, 200, "A");
}

static void who_asks_to_close_is_closed_after_the_answer(struct story *s)
{
	client_sends(s->client, "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");

	assert_true(client_reads(s->client));
	client_saw(s->client, 200, "A");
	client_saw_header(s->client, "connection", "close");
	client_saw_the_end(s->client);
}

static void http_1_0_is_closed_unless_it_asks_to_stay(struct story *s)
{
	client_sends(s->client, "GET / HTTP/1.0\r\nhost: x\r\nconnection: keep-alive\r\n\r\n");
	assert_true(client_reads(s->client));
	client_saw_header(s->client, "connection", "keep-alive");

	client_sends(s->client, "GET / HTTP/1.0\r\nhost: x\r\n\r\n");
	assert_true(client_reads(s->client));
	client_saw(s->client, 200, "A");
	client_saw_the_end(s->client);
}

static void http_1_0_gets_no_chunks(struct story *s)
{
	origin_always(s->a, gives_chunked(100000));

	client_sends(s->client, "GET / HTTP/1.0\r\nhost: x\r\n\r\n");

	assert_true(client_reads(s->client));
	assert_false(s->client->answer.chunked);
	assert_int_equal(s->client->answer.body_len, 100000);
}

static void a_client_that_half_closes_still_gets_its_answer(struct story *s)
{
	origin_always(s->a, gated(answers(200, "patience")));

	client_asks(s->client, "GET", "/");
	client_half_closes(s->client);
	assert_true(origin_sees(s->a, "GET /", 1));
	origin_lets_go(s->a, 1);

	assert_true(client_reads(s->client));
	client_saw(s->client, 200, "patience");
	client_saw_the_end(s->client);
}

static void an_upstream_that_says_close_is_not_used_again(struct story *s)
{
	origin_always(s->a, closing(answers_with(200, "connection: close\r\n", "bye")));

	for (int i = 0; i < 3; i++) {
		client_gets(s->client, "/");
		client_saw(s->client, 200, "bye");
		client_saw_header(s->client, "connection", NULL);
	}
	assert_int_equal(origin_accepted(s->a), 3);
}

static void a_kept_connection_that_died_unseen_costs_no_request(struct story *s)
{
	for (int i = 0; i < 20; i++) {
		origin_once(s->a, closing(answers(200, "not a word of closing")));
		client_gets(s->client, "/");
		client_saw(s->client, 200, NULL);
	}
}

static void a_post_on_a_dying_connection_is_not_sent_twice(struct story *s)
{
	client_gets(s->client, "/warm");
	origin_always(s->a, resetting(says("")));

	client_posts(s->client, "/pay", "100");

	client_saw(s->client, 502, NULL);
	assert_int_equal(origin_count(s->a, "POST /pay"), 1);
}

static void bytes_after_an_answer_poison_nobody(struct story *s)
{
	struct client *other;

	origin_once(s->a, says("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
			       "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison"));
	client_gets(s->client, "/");
	client_saw(s->client, 200, "ok");

	for (int i = 0; i < 4; i++) {
		other = story_client(s);
		client_gets(other, "/");
		client_saw(other, 200, "A");
		client_close(other);
	}
	client_gets(s->client, "/");
	client_saw(s->client, 200, "A");
}

static void bytes_on_an_idle_upstream_connection_end_it(struct story *s)
{
	origin_once(s->a, dripping(says("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
					"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison"), 1));
	client_gets(s->client, "/");
	client_saw(s->client, 200, "ok");
	assert_true(origin_becomes_idle(s->a));

	client_gets(s->client, "/");
	client_saw(s->client, 200, "A");
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(one_connection_carries_many_requests_on_both_sides, ONE_SERVICE),
		STORY(pipelined_answers_come_in_the_order_asked, ONE_SERVICE),
		STORY(a_request_cut_anywhere_is_put_together_again, ONE_SERVICE),
		STORY(one_empty_line_before_a_request_is_skipped, ONE_SERVICE),
		STORY(who_asks_to_close_is_closed_after_the_answer, ONE_SERVICE),
		STORY(http_1_0_is_closed_unless_it_asks_to_stay, ONE_SERVICE),
		STORY(http_1_0_gets_no_chunks, ONE_SERVICE),
		STORY(a_client_that_half_closes_still_gets_its_answer, ONE_SERVICE),
		STORY(an_upstream_that_says_close_is_not_used_again, ONE_SERVICE),
		STORY(a_kept_connection_that_died_unseen_costs_no_request, ONE_SERVICE),
		STORY(a_post_on_a_dying_connection_is_not_sent_twice, ONE_SERVICE),
		STORY(bytes_after_an_answer_poison_nobody, ONE_SERVICE),
		STORY(bytes_on_an_idle_upstream_connection_end_it, ONE_SERVICE),
	};

	return TELL("keepalive", stories);
}
