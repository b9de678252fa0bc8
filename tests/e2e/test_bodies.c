/* test_bodies.c - bodies of every framing and size, both ways. */
#include "tests/e2e/story.h"

#define MIB 1048576ull

static void a_body_with_a_length_arrives_whole(struct story *s)
{
	client_sends(s->client, "PUT /big HTTP/1.1\r\nhost: x\r\ncontent-length: 5000001\r\n\r\n");
	client_sends_pattern(s->client, 5000001);

	assert_true(client_reads(s->client));
	client_saw(s->client, 200, "A");
	assert_int_equal(origin_last_body_len(s->a), 5000001);
	assert_true(origin_last_body_hash(s->a) == pattern_hash(5000001));
	assert_str(origin_last_header(s->a, "content-length"), "5000001");
}

static void a_chunked_body_arrives_whole_with_its_trailers(struct story *s)
{
	client_sends(s->client, "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n"
		     "trailer: x-sum\r\n\r\n"
		     "4;name=value\r\nweir\r\n1\r\n!\r\n0\r\nx-sum: 42\r\n\r\n");

	assert_true(client_reads(s->client));
	client_saw(s->client, 200, "A");
	assert_string_equal(origin_last_body(s->a), "weir!");
	assert_str(origin_last_header(s->a, "transfer-encoding"), "chunked");
	assert_str(wire_header(origin_last_trailers(s->a), "x-sum", 0), "42");
}

static void a_chunked_answer_arrives_whole_with_its_trailers(struct story *s)
{
	origin_always(s->a, says("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
				 "3\r\none\r\n3\r\ntwo\r\n0\r\nx-sum: 42\r\n\r\n"));

	for (int i = 0; i < 3; i++) {
		client_gets(s->client, "/");
		client_saw(s->client, 200, "onetwo");
		assert_true(s->client->answer.chunked);
		assert_str(wire_header(s->client->answer.trailers, "x-sum", 0), "42");
	}
	assert_int_equal(origin_accepted(s->a), 1);
}

static void an_answer_without_a_length_ends_where_the_upstream_closes(struct story *s)
{
	origin_always(s->a, closing(says("HTTP/1.1 200 OK\r\n\r\nuntil the end")));

	for (int i = 0; i < 3; i++) {
		client_gets(s->client, "/");
		client_saw(s->client, 200, "until the end");
	}
}

static void the_head_of_a_get_is_what_head_says(struct story *s)
{
	client_asks(s->client, "HEAD", "/");
	assert_true(client_reads(s->client));
	client_saw(s->client, 200, "");
	client_saw_header(s->client, "content-length", "1");

	origin_always(s->a, gives_chunked(1000));
	client_asks(s->client, "HEAD", "/");
	assert_true(client_reads(s->client));
	client_saw(s->client, 200, "");

	client_gets(s->client, "/");
	assert_int_equal(s->client->answer.body_len, 1000);
}

static void answers_that_have_no_body_have_none(struct story *s)
{
	origin_at(s->a, "/204", answers(204, ""));
	origin_at(s->a, "/304", says("HTTP/1.1 304 Not Modified\r\netag: \"1\"\r\ncontent-length: 9\r\n\r\n"));

	for (int i = 0; i < 2; i++) {
		client_gets(s->client, "/204");
		client_saw(s->client, 204, "");
		client_gets(s->client, "/304");
		client_saw(s->client, 304, "");
	}
	client_gets(s->client, "/");
	client_saw(s->client, 200, "A");
}

static void who_expects_100_is_told_to_go_on(struct story *s)
{
	client_sends(s->client, "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n"
		     "expect: 100-continue\r\n\r\n");
	client_hears(s->client, "HTTP/1.1 100");
	client_sends(s->client, "hello");

	assert_true(client_reads(s->client));
	client_saw(s->client, 200, "A");
	assert_int_equal(s->client->interim, 1);
	assert_string_equal(origin_last_body(s->a), "hello");
}

static void who_expects_100_for_nothing_is_told_so_at_once(struct story *s)
{
	client_sends(s->client, "POST /nowhere HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n"
		     "expect: 100-continue\r\n\r\n");

	assert_true(client_reads(s->client));
	client_saw_reason(s->client, 404, "no-route");
	assert_int_equal(s->client->interim, 0);
}

static void large_answers_arrive_to_the_last_byte(struct story *s)
{
	origin_at(s->a, "/length", gives(64 * MIB + 1));
	origin_at(s->a, "/chunks", gives_chunked(64 * MIB + 1));

	client_gets(s->client, "/length");
	assert_true(s->client->answer.body_hash == pattern_hash(64 * MIB + 1));
	client_gets(s->client, "/chunks");
	assert_true(s->client->answer.body_hash == pattern_hash(64 * MIB + 1));
	assert_int_equal(origin_accepted(s->a), 1);
}

static void large_uploads_arrive_to_the_last_byte(struct story *s)
{
	client_sends(s->client, "PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 33554433\r\n\r\n");
	client_sends_pattern(s->client, 32 * MIB + 1);

	assert_true(client_reads(s->client));
	client_saw(s->client, 200, "A");
	assert_true(origin_last_body_hash(s->a) == pattern_hash(32 * MIB + 1));
}

static void an_answer_may_come_before_the_request_is_whole(struct story *s)
{
	origin_always(s->a, closing(early(answers_with(403, "connection: close\r\n", "not you"))));

	client_sends(s->client, "PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 60000000\r\n\r\n"
		     "the first of many");

	assert_true(client_reads(s->client));
	client_saw(s->client, 403, "not you");
}

static void a_body_over_the_limit_is_refused_before_it_is_sent_on(struct story *s)
{
	client_sends(s->client, "PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 67108865\r\n\r\n");

	assert_true(client_reads(s->client));
	client_saw_reason(s->client, 413, "body-too-large");
	assert_int_equal(origin_count(s->a, NULL), 0);
}

static void a_chunked_body_that_outgrows_the_limit_is_refused(struct story *s)
{
	client_sends(s->client, "PUT / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
		     "400\r\n");
	client_sends_pattern(s->client, 1024);
	client_sends(s->client, "\r\n1\r\n!\r\n0\r\n\r\n");

	assert_true(client_reads(s->client));
	client_saw_reason(s->client, 413, "body-too-large");
	assert_int_not_equal(origin_last_whole(s->a), true);
}

static void the_body_of_a_refused_request_is_not_the_next_request(struct story *s)
{
	client_sends(s->client, "POST /nowhere HTTP/1.1\r\nhost: x\r\ncontent-length: 31\r\n\r\n"
		     "GET /x HTTP/1.1\r\nhost: evil\r\n\r\n");

	assert_true(client_reads(s->client));
	client_saw(s->client, 404, NULL);
	assert_int_equal(origin_count(s->a, NULL), 0);
}

#define SOMEWHERE LISTEN \
	"services: {app: {endpoints: [\"${A}\"]}}\n" \
	"routes: [{match: {path: /somewhere}, to: app}]\n"
#define SMALL LISTEN \
	"limits: {body: 1k}\n" \
	"services: {app: {endpoints: [\"${A}\"]}}\n" \
	"routes: [{to: app}]\n"

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(a_body_with_a_length_arrives_whole, ONE_SERVICE),
		STORY(a_chunked_body_arrives_whole_with_its_trailers, ONE_SERVICE),
		STORY(a_chunked_answer_arrives_whole_with_its_trailers, ONE_SERVICE),
		STORY(an_answer_without_a_length_ends_where_the_upstream_closes, ONE_SERVICE),
		STORY(the_head_of_a_get_is_what_head_says, ONE_SERVICE),
		STORY(answers_that_have_no_body_have_none, ONE_SERVICE),
		STORY(who_expects_100_is_told_to_go_on, ONE_SERVICE),
		STORY(who_expects_100_for_nothing_is_told_so_at_once, SOMEWHERE),
		STORY(large_answers_arrive_to_the_last_byte, ONE_SERVICE),
		STORY(large_uploads_arrive_to_the_last_byte, ONE_SERVICE),
		STORY(an_answer_may_come_before_the_request_is_whole, ONE_SERVICE),
		STORY(a_body_over_the_limit_is_refused_before_it_is_sent_on, ONE_SERVICE),
		STORY(a_chunked_body_that_outgrows_the_limit_is_refused, SMALL),
		STORY(the_body_of_a_refused_request_is_not_the_next_request, SOMEWHERE),
	};

	return TELL("bodies", stories);
}
