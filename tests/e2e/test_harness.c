/* test_harness.c - the tools of the stories tell the truth: origin and client, with nothing in between. */
#include "tests/e2e/story.h"

#include <stdlib.h>

struct pair {
	struct origin *o;
	struct client *c;
};

static int open_pair(void **state)
{
	struct pair *p = calloc(1, sizeof(*p));

	p->o = origin_open("A");
	p->c = client_connect(origin_address(p->o));
	*state = p;
	return 0;
}

static int close_pair(void **state)
{
	struct pair *p = *state;

	client_close(p->c);
	origin_close(p->o);
	free(p);
	return 0;
}

static void it_answers_and_counts(void **state)
{
	struct pair *p = *state;

	client_gets(p->c, "/x");
	client_saw(p->c, 200, "A");
	client_posts(p->c, "/y", "hello");

	assert_int_equal(origin_count(p->o, "GET /x"), 1);
	assert_int_equal(origin_count(p->o, NULL), 2);
	assert_int_equal(origin_accepted(p->o), 1);
	assert_string_equal(origin_last_body(p->o), "hello");
	assert_str(origin_last_header(p->o, "host"), "a.example");
}

static void acts_are_done_in_order_then_the_usual(void **state)
{
	struct pair *p = *state;

	origin_once(p->o, answers(503, "first"));
	origin_once(p->o, echoes());
	origin_always(p->o, answers(200, "usual"));

	client_gets(p->c, "/");
	client_saw(p->c, 503, "first");
	client_posts(p->c, "/", "said");
	assert_non_null(strstr(p->c->answer.body, "POST / HTTP/1.1"));
	assert_non_null(strstr(p->c->answer.body, "said"));
	client_gets(p->c, "/");
	client_saw(p->c, 200, "usual");
}

static void who_refuses_can_listen_again(void **state)
{
	struct pair *p = *state;

	origin_refuses(p->o);
	assert_null(client_try_connect(origin_address(p->o)));

	origin_listens(p->o);
	assert_int_equal(get_once(origin_address(p->o), "/"), 200);
}

static void a_cut_body_is_noticed(void **state)
{
	struct pair *p = *state;

	origin_always(p->o, closing(says("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")));
	client_asks(p->c, "GET", "/");
	assert_false(client_reads(p->c));
	assert_string_equal(p->c->answer.trouble, "the body was cut");
}

static void a_reset_is_not_an_end(void **state)
{
	struct pair *p = *state;

	origin_always(p->o, resetting(says("")));
	client_asks(p->c, "GET", "/");
	assert_false(client_reads(p->c));
	assert_int_equal(p->c->wire.ended, WIRE_RESET);
}

static void chunks_and_patterns_arrive_whole(void **state)
{
	struct pair *p = *state;

	origin_always(p->o, gives_chunked(3000001));
	client_gets(p->c, "/");
	assert_true(p->c->answer.chunked);
	assert_int_equal(p->c->answer.body_len, 3000001);
	assert_true(p->c->answer.body_hash == pattern_hash(3000001));
}

static void a_request_body_is_hashed_as_it_comes(void **state)
{
	struct pair *p = *state;

	client_sends(p->c, "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2000000\r\n\r\n");
	client_sends_pattern(p->c, 2000000);
	assert_true(client_reads(p->c));
	assert_true(origin_last_body_hash(p->o) == pattern_hash(2000000));
	assert_int_equal(origin_body_bytes_read(p->o), 2000000);
}

static void events_wait_to_be_let_go(void **state)
{
	struct pair *p = *state;

	origin_always(p->o, sends_events(2));
	client_asks(p->c, "GET", "/events");
	assert_true(client_reads_head(p->c));
	client_is_still_connected(p->c);
	origin_lets_go(p->o, 2);
	assert_true(client_reads_body(p->c));
	assert_string_equal(p->c->answer.body, "data: 1\n\ndata: 2\n\n");
}

static void bad_chunks_are_not_swallowed(void **state)
{
	struct pair *p = *state;

	origin_always(p->o, says("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nabX"));
	client_asks(p->c, "GET", "/");
	assert_true(client_reads_head(p->c));
	origin_drops_connections(p->o);
	assert_false(client_reads_body(p->c));
}

int main(void)
{
#define with_pair(test) cmocka_unit_test_setup_teardown(test, open_pair, close_pair)
	const struct CMUnitTest tests[] = {
		with_pair(it_answers_and_counts),
		with_pair(acts_are_done_in_order_then_the_usual),
		with_pair(who_refuses_can_listen_again),
		with_pair(a_cut_body_is_noticed),
		with_pair(a_reset_is_not_an_end),
		with_pair(chunks_and_patterns_arrive_whole),
		with_pair(a_request_body_is_hashed_as_it_comes),
		with_pair(events_wait_to_be_let_go),
		with_pair(bad_chunks_are_not_swallowed),
	};

	return TELL("harness", tests);
}
