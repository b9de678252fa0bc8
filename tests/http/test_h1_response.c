/* test_h1_response.c - response heads, read as strictly as requests. */
#include "tests/http/http.h"

#define OK_HEAD(fields) "HTTP/1.1 200 OK\r\n" fields "\r\n"

static struct response *taken(void **state, const char *text, enum method to)
{
	struct parsed *p = *state;

	if (parse_response(p, str_from(text), to) != H1_DONE)
		fail_msg("not taken: %s", text);
	assert_int_equal(p->consumed, strlen(text));
	return &p->response;
}

static void is_refused(void **state, const char *text, enum method to)
{
	struct parsed *p = *state;

	if (parse_response(p, str_from(text), to) != H1_BAD)
		fail_msg("not refused: %s", text);
	assert_int_equal(p->why, REASON_UPSTREAM_INVALID);
}

static void a_whole_head_is_read(void **state)
{
	struct response *r = taken(state, "HTTP/1.1 404 Not  Found!\r\nContent-Length: 12\r\n"
				   "X: y\r\n\r\n", METHOD_GET);

	assert_int_equal(r->status, 404);
	assert_str(r->phrase, "Not  Found!");
	assert_int_equal(r->framing.kind, FRAMING_LENGTH);
	assert_int_equal(r->framing.length, 12);
	assert_true(r->keep_alive);
	assert_int_equal(r->headers.count, 2);
}

static void every_cut_of_a_head_asks_for_more(void **state)
{
	static const char text[] = "HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\n";
	struct parsed *p = *state;
	size_t scanned = 0;

	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		struct weir_str in = exact(text, n);

		assert_int_equal(parse_response(p, in, METHOD_GET), H1_MORE);
		assert_int_equal(h1_parse_response(in, &usual_limits, &scanned, METHOD_GET,
						   &p->response, &p->consumed, &p->why), H1_MORE);
		exact_free(in);
	}
}

static void a_phrase_may_be_empty_or_forgotten(void **state)
{
	assert_str(taken(state, "HTTP/1.1 200 \r\n\r\n", METHOD_GET)->phrase, "");
	assert_str(taken(state, "HTTP/1.1 200\r\n\r\n", METHOD_GET)->phrase, "");
}

static void odd_status_lines_are_refused(void **state)
{
	is_refused(state, "HTTP/1.1 20 OK\r\n\r\n", METHOD_GET);
	is_refused(state, "HTTP/1.1 2000 OK\r\n\r\n", METHOD_GET);
	is_refused(state, "HTTP/1.1 099 OK\r\n\r\n", METHOD_GET);
	is_refused(state, "HTTP/1.1 600 OK\r\n\r\n", METHOD_GET);
	is_refused(state, "HTTP/1.1  200 OK\r\n\r\n", METHOD_GET);
	is_refused(state, "HTTP/2.0 200 OK\r\n\r\n", METHOD_GET);
	is_refused(state, "ICY 200 OK 1234\r\n\r\n", METHOD_GET);
	is_refused(state, "HTTP/1.1 200 a\x01\r\n\r\n", METHOD_GET);
	is_refused(state, "HTTP/1.1 200 OK\n\n", METHOD_GET);
	is_refused(state, "\r\nHTTP/1.1 200 OK\r\n\r\n", METHOD_GET);
}

static void odd_fields_are_refused(void **state)
{
	is_refused(state, OK_HEAD("X: a\r\n b\r\n"), METHOD_GET);
	is_refused(state, OK_HEAD("X : a\r\n"), METHOD_GET);
	is_refused(state, OK_HEAD(": a\r\n"), METHOD_GET);
	is_refused(state, OK_HEAD("X: a\nY: b\r\n"), METHOD_GET);
	is_refused(state, OK_HEAD("Connection: a b\r\n"), METHOD_GET);
}

static void unclear_lengths_are_refused(void **state)
{
	is_refused(state, OK_HEAD("Content-Length: 1\r\nContent-Length: 1\r\n"), METHOD_GET);
	is_refused(state, OK_HEAD("Content-Length: 1, 1\r\n"), METHOD_GET);
	is_refused(state, OK_HEAD("Content-Length: -1\r\n"), METHOD_GET);
	is_refused(state, OK_HEAD("Content-Length:\r\n"), METHOD_GET);
	is_refused(state, OK_HEAD("Content-Length: 9223372036854775808\r\n"), METHOD_GET);
	is_refused(state, OK_HEAD("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
		   METHOD_GET);
	is_refused(state, OK_HEAD("Transfer-Encoding: gzip, chunked\r\n"), METHOD_GET);
	is_refused(state, OK_HEAD("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
		   METHOD_GET);
	is_refused(state, "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", METHOD_GET);
}

static void an_unclear_length_is_refused_even_where_no_body_comes(void **state)
{
	is_refused(state, OK_HEAD("Content-Length: x\r\n"), METHOD_HEAD);
	is_refused(state,
		   "HTTP/1.1 304 x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
		   METHOD_GET);
}

static void a_body_is_framed_as_rfc_9112_says(void **state)
{
	assert_int_equal(taken(state, OK_HEAD("Content-Length: 0\r\n"), METHOD_GET)->framing.kind,
			 FRAMING_NONE);
	assert_int_equal(taken(state, OK_HEAD("Transfer-Encoding: CHUNKED\r\n"),
			       METHOD_GET)->framing.kind, FRAMING_CHUNKED);
	assert_int_equal(taken(state, OK_HEAD(""), METHOD_GET)->framing.kind, FRAMING_CLOSE);
}

static void a_body_until_the_end_uses_up_the_connection(void **state)
{
	assert_false(taken(state, OK_HEAD("Connection: keep-alive\r\n"), METHOD_GET)->keep_alive);
}

static void head_and_304_have_no_body_but_tell_its_length(void **state)
{
	struct response *r = taken(state, OK_HEAD("Content-Length: 5\r\n"), METHOD_HEAD);

	assert_int_equal(r->framing.kind, FRAMING_NONE);
	assert_int_equal(r->framing.length, 5);
	r = taken(state, "HTTP/1.1 304 x\r\nContent-Length: 7\r\n\r\n", METHOD_GET);
	assert_int_equal(r->framing.kind, FRAMING_NONE);
	assert_int_equal(r->framing.length, 7);
	r = taken(state, OK_HEAD("Transfer-Encoding: chunked\r\n"), METHOD_HEAD);
	assert_int_equal(r->framing.kind, FRAMING_NONE);
	assert_true(taken(state, OK_HEAD(""), METHOD_HEAD)->keep_alive);
}

static void interim_answers_and_204_have_no_body_at_all(void **state)
{
	assert_int_equal(taken(state, "HTTP/1.1 100 Continue\r\n\r\n", METHOD_POST)->framing.kind,
			 FRAMING_NONE);
	assert_int_equal(taken(state, "HTTP/1.1 204 x\r\nContent-Length: 0\r\n\r\n",
			       METHOD_GET)->framing.kind, FRAMING_NONE);
	is_refused(state, "HTTP/1.1 204 x\r\nContent-Length: 3\r\n\r\n", METHOD_GET);
	is_refused(state, "HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n\r\n", METHOD_GET);
	is_refused(state, "HTTP/1.1 103 x\r\nContent-Length: 3\r\n\r\n", METHOD_GET);
	is_refused(state, "HTTP/1.1 101 x\r\nTransfer-Encoding: chunked\r\n\r\n", METHOD_GET);
}

static void http_1_0_closes_unless_it_says_otherwise(void **state)
{
	assert_false(taken(state, "HTTP/1.0 200 x\r\nContent-Length: 1\r\n\r\n",
			   METHOD_GET)->keep_alive);
	assert_true(taken(state,
		    "HTTP/1.0 200 x\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\n",
		    METHOD_GET)->keep_alive);
}

static void a_head_over_its_limits_is_too_large(void **state)
{
	struct h1_limits limits = { .head_bytes = 40, .headers = 1 };
	struct parsed *p = *state;
	static const char *const heads[] = {
		OK_HEAD("A: b\r\nC: d\r\n"),
		OK_HEAD("A: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n"),
	};

	for (size_t i = 0; i < 2; i++) {
		p->scanned = 0;
		p->result = h1_parse_response(str_from(heads[i]), &limits, &p->scanned, METHOD_GET,
					      &p->response, &p->consumed, &p->why);
		assert_int_equal(p->result, H1_BAD);
		assert_int_equal(p->why, REASON_UPSTREAM_TOO_LARGE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		http_test(a_whole_head_is_read),
		http_test(every_cut_of_a_head_asks_for_more),
		http_test(a_phrase_may_be_empty_or_forgotten),
		http_test(odd_status_lines_are_refused),
		http_test(odd_fields_are_refused),
		http_test(unclear_lengths_are_refused),
		http_test(an_unclear_length_is_refused_even_where_no_body_comes),
		http_test(a_body_is_framed_as_rfc_9112_says),
		http_test(a_body_until_the_end_uses_up_the_connection),
		http_test(head_and_304_have_no_body_but_tell_its_length),
		http_test(interim_answers_and_204_have_no_body_at_all),
		http_test(http_1_0_closes_unless_it_says_otherwise),
		http_test(a_head_over_its_limits_is_too_large),
	};

	return cmocka_run_group_tests_name("h1_response", tests, NULL, NULL);
}
