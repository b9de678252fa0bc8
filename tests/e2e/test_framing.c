/* test_framing.c - requests whose meaning two parsers could disagree on: refused, closed, never sent on. */
#include "tests/e2e/story.h"

struct sent {
	const char *raw;
	size_t len;
};

#define RAW(text) { text, sizeof(text) - 1 }
#define H "host: a.example\r\n"

/* Each on a connection of its own: the status, then the end, and the upstream saw nothing. */
static void are_refused(struct story *s, unsigned status, const struct sent *sent, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct client *c = story_client(s);

		assert_true(client_try_send(c, sent[i].raw, sent[i].len));
		if (!client_reads(c) || wire_status(&c->answer) != status)
			fail_msg("wanted %u, got \"%.40s\" for:\n%s", status, c->answer.head,
				 sent[i].raw);
		client_saw_the_end(c);
		client_close(c);
		if (origin_count(s->a, NULL) != 0)
			fail_msg("the upstream was given \"%s\" for:\n%s", origin_last_head(s->a),
				 sent[i].raw);
	}
}

#define ARE_REFUSED(status, sent) are_refused(s, status, sent, ARRAY_LEN(sent))

static void a_transfer_coding_other_than_chunked_is_refused(struct story *s)
{
	static const struct sent odd[] = {
		RAW("POST / HTTP/1.1\r\n" H "transfer-encoding: \x0b""chunked\r\n\r\n0\r\n\r\n"),
		RAW("POST / HTTP/1.1\r\n" H "transfer-encoding : chunked\r\n\r\n0\r\n\r\n"),
		RAW("POST / HTTP/1.1\r\n" H "transfer-encoding: chunked\r\n"
		    "transfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
		RAW("POST / HTTP/1.1\r\n" H "transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n"),
		RAW("POST / HTTP/1.1\r\n" H "transfer-encoding:\r\n\r\n0\r\n\r\n"),
	};
	static const struct sent unknown[] = {
		RAW("POST / HTTP/1.1\r\n" H "transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
		RAW("POST / HTTP/1.1\r\n" H "transfer-encoding: xchunked\r\n\r\n0\r\n\r\n"),
		RAW("POST / HTTP/1.1\r\n" H "transfer-encoding: identity\r\n\r\n"),
	};

	ARE_REFUSED(400, odd);
	ARE_REFUSED(501, unknown);
}

static void a_length_is_one_number_or_nothing(struct story *s)
{
	static const struct sent sent[] = {
		RAW("POST / HTTP/1.1\r\n" H "content-length:\r\n\r\n"),
		RAW("POST / HTTP/1.1\r\n" H "content-length: +1\r\n\r\na"),
		RAW("POST / HTTP/1.1\r\n" H "content-length: -1\r\n\r\na"),
		RAW("POST / HTTP/1.1\r\n" H "content-length: 0x1\r\n\r\na"),
		RAW("POST / HTTP/1.1\r\n" H "content-length: 1, 1\r\n\r\na"),
		RAW("POST / HTTP/1.1\r\n" H "content-length: 1 1\r\n\r\na"),
		RAW("POST / HTTP/1.1\r\n" H "content-length: 1\r\ncontent-length: 2\r\n\r\nab"),
		RAW("POST / HTTP/1.1\r\n" H "content-length: 1\r\ncontent-length: 1\r\n\r\na"),
		RAW("POST / HTTP/1.1\r\n" H "content-length: 9223372036854775808\r\n\r\na"),
		RAW("POST / HTTP/1.1\r\n" H "content-length: 18446744073709551617\r\n\r\na"),
		RAW("POST / HTTP/1.1\r\n" H "content-length: 1e1\r\n\r\na"),
	};

	ARE_REFUSED(400, sent);
}

static void two_framings_at_once_are_refused(struct story *s)
{
	static const struct sent sent[] = {
		RAW("POST / HTTP/1.1\r\n" H "content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n"
		    "0\r\n\r\n"),
		RAW("POST / HTTP/1.1\r\n" H "transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n"
		    "0\r\n\r\n"),
		RAW("POST / HTTP/1.0\r\n" H "transfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
	};

	ARE_REFUSED(400, sent);
}

static void a_header_that_is_not_one_is_refused(struct story *s)
{
	static const struct sent sent[] = {
		RAW("GET / HTTP/1.1\r\n" H ": empty name\r\n\r\n"),
		RAW("GET / HTTP/1.1\r\n" H "no colon\r\n\r\n"),
		RAW("GET / HTTP/1.1\r\n" H "x-a : space\r\n\r\n"),
		RAW("GET / HTTP/1.1\r\n" H " x-a: leading space\r\n\r\n"),
		RAW("GET / HTTP/1.1\r\n " H "x-a: 1\r\n\r\n"),
		RAW("GET / HTTP/1.1\r\n" H "x-a: folded\r\n value\r\n\r\n"),
		RAW("GET / HTTP/1.1\r\n" H "x-a: folded\r\n\tvalue\r\n\r\n"),
		RAW("GET / HTTP/1.1\r\n" H "x-a: nul\0here\r\n\r\n"),
		RAW("GET / HTTP/1.1\r\n" H "x-a: bell\ahere\r\n\r\n"),
		RAW("GET / HTTP/1.1\r\n" H "x-a: bare\rhere\r\n\r\n"),
		RAW("GET / HTTP/1.1\r\n" H "x(a): 1\r\n\r\n"),
		RAW("GET / HTTP/1.1\r\n" H "x-\xc3\xa4: 1\r\n\r\n"),
		RAW("GET / HTTP/1.1\n" H "\r\n"),
		RAW("GET / HTTP/1.1\r\n" "host: a.example\n\r\n"),
		RAW("GET / HTTP/1.1\r\n" "host: a.example\n\n"),
	};

	ARE_REFUSED(400, sent);
}

static void a_target_that_is_not_one_is_refused(struct story *s)
{
	static const struct sent sent[] = {
		RAW("GET /a#b HTTP/1.1\r\n" H "\r\n"),
		RAW("GET /a b HTTP/1.1\r\n" H "\r\n"),
		RAW("GET /a\tb HTTP/1.1\r\n" H "\r\n"),
		RAW("GET /a\x7f HTTP/1.1\r\n" H "\r\n"),
		RAW("GET /a\x01 HTTP/1.1\r\n" H "\r\n"),
		RAW("GET a HTTP/1.1\r\n" H "\r\n"),
		RAW("GET * HTTP/1.1\r\n" H "\r\n"),
		RAW("GET  / HTTP/1.1\r\n" H "\r\n"),
		RAW("GET /  HTTP/1.1\r\n" H "\r\n"),
		RAW(" GET / HTTP/1.1\r\n" H "\r\n"),
		RAW("GET / \r\n" H "\r\n"),
		RAW("GET /\r\n" H "\r\n"),
		RAW("GET / HTTP/1.1 \r\n" H "\r\n"),
		RAW("GET / HTTP/1.10\r\n" H "\r\n"),
		RAW("GET / http/1.1\r\n" H "\r\n"),
		RAW("G@T / HTTP/1.1\r\n" H "\r\n"),
		RAW("GET ftp://a.example/ HTTP/1.1\r\n" H "\r\n"),
		RAW("GET http://user@a.example/ HTTP/1.1\r\n" H "\r\n"),
	};

	ARE_REFUSED(400, sent);
}

static void a_path_on_which_servers_disagree_is_refused(struct story *s)
{
	static const struct sent sent[] = {
		RAW("GET /a%2fb HTTP/1.1\r\n" H "\r\n"),
		RAW("GET /a%2Fb HTTP/1.1\r\n" H "\r\n"),
		RAW("GET /a%5cb HTTP/1.1\r\n" H "\r\n"),
		RAW("GET /a\\b HTTP/1.1\r\n" H "\r\n"),
		RAW("GET /a%00b HTTP/1.1\r\n" H "\r\n"),
		RAW("GET /a%zzb HTTP/1.1\r\n" H "\r\n"),
		RAW("GET /a%2 HTTP/1.1\r\n" H "\r\n"),
		RAW("GET /.. HTTP/1.1\r\n" H "\r\n"),
		RAW("GET /a/../../b HTTP/1.1\r\n" H "\r\n"),
		RAW("GET /%2e%2e/b HTTP/1.1\r\n" H "\r\n"),
		RAW("GET /a/..;x/b HTTP/1.1\r\n" H "\r\n"),
	};

	ARE_REFUSED(400, sent);
}

static void a_host_is_one_host(struct story *s)
{
	static const struct sent sent[] = {
		RAW("GET / HTTP/1.1\r\n\r\n"),
		RAW("GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n"),
		RAW("GET / HTTP/1.1\r\nhost: a\r\nhost: a\r\n\r\n"),
		RAW("GET / HTTP/1.1\r\nhost: a b\r\n\r\n"),
		RAW("GET / HTTP/1.1\r\nhost: a/b\r\n\r\n"),
		RAW("GET / HTTP/1.1\r\nhost: user@a\r\n\r\n"),
		RAW("GET / HTTP/1.1\r\nhost: a:99999\r\n\r\n"),
		RAW("GET / HTTP/1.1\r\nhost: a, b\r\n\r\n"),
	};

	ARE_REFUSED(400, sent);
}

static void what_is_not_spoken_here_is_said_so(struct story *s)
{
	static const struct sent version[] = {
		RAW("GET / HTTP/3.0\r\n" H "\r\n"),
		RAW("GET / HTTP/0.9\r\n" H "\r\n"),
		RAW("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"),
	};
	static const struct sent expect[] = {
		RAW("POST / HTTP/1.1\r\n" H "expect: 200-ok\r\ncontent-length: 1\r\n\r\na"),
	};

	ARE_REFUSED(505, version);
	ARE_REFUSED(417, expect);
}

/* The head is good and has been sent on; the body turns out bad: no whole request reaches the upstream. */
static void a_badly_chunked_body_never_ends_well(struct story *s)
{
	static const struct sent sent[] = {
		RAW("5\nhello\r\n0\r\n\r\n"),
		RAW("5\r\nhello\n0\r\n\r\n"),
		RAW("5\r\nhelloX0\r\n\r\n"),
		RAW("5;ext=\nvalue\r\nhello\r\n0\r\n\r\n"),
		RAW("+5\r\nhello\r\n0\r\n\r\n"),
		RAW("0x5\r\nhello\r\n0\r\n\r\n"),
		RAW(" 5\r\nhello\r\n0\r\n\r\n"),
		RAW("10000000000000005\r\nhello\r\n0\r\n\r\n"),
		RAW("5\r\nhello\r\n0\r\ncontent-length: 3\r\n\r\n"),
		RAW("5\r\nhello\r\n0\r\nbad trailer\r\n\r\n"),
		RAW("5\r\nhello\r\n0\r\nx: y\n\r\n"),
		RAW("\r\n5\r\nhello\r\n0\r\n\r\n"),
	};

	for (size_t i = 0; i < ARRAY_LEN(sent); i++) {
		struct client *c = story_client(s);

		client_sends(c, "POST / HTTP/1.1\r\n" H "transfer-encoding: chunked\r\n\r\n");
		assert_true(client_try_send(c, sent[i].raw, sent[i].len));
		if (!client_reads(c) || wire_status(&c->answer) != 400)
			fail_msg("wanted 400, got \"%.40s\" for:\n%s", c->answer.head, sent[i].raw);
		client_saw_header(c, "weir-reason", "bad-chunk");
		client_saw_the_end(c);
		client_close(c);
		assert_true(origin_becomes_idle(s->a));
		if (origin_last_whole(s->a))
			fail_msg("the upstream got a whole request out of:\n%s", sent[i].raw);
	}
}

static void an_absolute_target_decides_which_host_it_is(struct story *s)
{
	client_sends(s->client, "GET http://b.example:8080/x?y HTTP/1.1\r\nhost: a.example\r\n\r\n");

	assert_true(client_reads(s->client));
	client_saw(s->client, 200, "A");
	assert_int_equal(origin_count(s->a, "GET /x?y"), 1);
	assert_str(origin_last_header(s->a, "host"), "b.example:8080");
	assert_true(wire_header(origin_last_head(s->a), "host", 1).data == NULL);
}

static void the_path_is_normalised_once_for_all(struct story *s)
{
	client_gets(s->client, "/%61//b/./c/../d%7e?q=%61//..");

	assert_int_equal(origin_count(s->a, "GET /a/b/d~?q=%61//.."), 1);
}

static void what_is_meant_for_one_hop_stays_on_it(struct story *s)
{
	client_sends(s->client, "GET / HTTP/1.1\r\n" H "connection: x-secret, host, content-length\r\n"
		     "x-secret: 1\r\nkeep-alive: 5\r\nproxy-connection: keep-alive\r\nte: trailers\r\n"
		     "upgrade: h2c\r\nhttp2-settings: AAA\r\nproxy-authorization: basic x\r\n"
		     "x-kept: 1\r\n\r\n");

	assert_true(client_reads(s->client));
	client_saw(s->client, 200, "A");
	assert_str(origin_last_header(s->a, "x-kept"), "1");
	assert_str(origin_last_header(s->a, "host"), "a.example");
	assert_null(origin_last_header(s->a, "x-secret").data);
	assert_null(origin_last_header(s->a, "keep-alive").data);
	assert_null(origin_last_header(s->a, "proxy-connection").data);
	assert_null(origin_last_header(s->a, "upgrade").data);
	assert_null(origin_last_header(s->a, "http2-settings").data);
	assert_null(origin_last_header(s->a, "proxy-authorization").data);
}

int main(void)
{
	const struct CMUnitTest stories[] = {
		STORY(a_transfer_coding_other_than_chunked_is_refused, ONE_SERVICE),
		STORY(a_length_is_one_number_or_nothing, ONE_SERVICE),
		STORY(two_framings_at_once_are_refused, ONE_SERVICE),
		STORY(a_header_that_is_not_one_is_refused, ONE_SERVICE),
		STORY(a_target_that_is_not_one_is_refused, ONE_SERVICE),
		STORY(a_path_on_which_servers_disagree_is_refused, ONE_SERVICE),
		STORY(a_host_is_one_host, ONE_SERVICE),
		STORY(what_is_not_spoken_here_is_said_so, ONE_SERVICE),
		STORY(a_badly_chunked_body_never_ends_well, ONE_SERVICE),
		STORY(an_absolute_target_decides_which_host_it_is, ONE_SERVICE),
		STORY(the_path_is_normalised_once_for_all, ONE_SERVICE),
		STORY(what_is_meant_for_one_hop_stays_on_it, ONE_SERVICE),
	};

	return TELL("framing", stories);
}
