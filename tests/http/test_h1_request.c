/* test_h1_request.c - request heads: what is taken, and what is refused and why. */
#include "tests/http/http.h"

#define HEAD(fields) "GET / HTTP/1.1\r\nHost: a\r\n" fields "\r\n"
#define POST(fields) "POST / HTTP/1.1\r\nHost: a\r\n" fields "\r\n"

static void a_whole_head_is_read(void **state)
{
	struct parsed *p = *state;

	assert_taken(p, "GET /tariff/8471?x=1 HTTP/1.1\r\nHost: Api.Example.com:8080\r\n"
			"Accept:*/*\r\nX-Two: \t a b \t\r\nEmpty:\r\n\r\nnext");

	assert_int_equal(p->request.method, METHOD_GET);
	assert_str(p->request.method_text, "GET");
	assert_str(p->request.target, "/tariff/8471?x=1");
	assert_str(p->request.path, "/tariff/8471");
	assert_str(p->request.query, "x=1");
	assert_str(p->request.authority, "api.example.com:8080");
	assert_str(p->request.host, "api.example.com");
	assert_int_equal(p->request.port, 8080);
	assert_int_equal(p->request.minor, 1);
	assert_true(p->request.keep_alive);
	assert_int_equal(p->request.framing.kind, FRAMING_NONE);
	assert_int_equal(p->request.headers.count, 4);
	assert_str(headers_get_at(&p->request.headers, STR("x-two"), 0), "a b");
	assert_str(headers_get_at(&p->request.headers, STR("empty"), 0), "");
	assert_str(headers_get_id(&p->request.headers, HEADER_ACCEPT), "*/*");
}

static void what_follows_the_head_is_not_consumed(void **state)
{
	struct parsed *p = *state;
	const char *text = HEAD("") "GET /second";

	parse_request(p, str_from(text));

	assert_int_equal(p->result, H1_DONE);
	assert_string_equal(text + p->consumed, "GET /second");
}

static void every_cut_of_a_head_asks_for_more(void **state)
{
	static const char text[] = "\r\nPOST /a/b?c HTTP/1.1\r\nHost: example.com\r\n"
				   "Content-Length: 12\r\nX:  y \r\n\r\n";
	struct parsed *p = *state;

	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		struct weir_str in = exact(text, n);

		if (parse_request(p, in) != H1_MORE)
			fail_msg("%zu bytes gave %d", n, p->result);
		exact_free(in);
	}
}

static void a_head_that_drips_in_is_read_at_its_last_byte(void **state)
{
	static const char text[] = "\r\nPOST /a/b?c HTTP/1.1\r\nHost: example.com\r\n"
				   "Content-Length: 12\r\nX:  y \r\n\r\n";
	struct parsed *p = *state;
	size_t scanned = 0;

	for (size_t n = 1; n < sizeof(text) - 1; n++)
		assert_int_equal(h1_parse_request(str_of(text, n), &usual_limits, &scanned,
				 &p->request, &p->consumed, &p->why), H1_MORE);
	assert_int_equal(h1_parse_request(str_of(text, sizeof(text) - 1), &usual_limits, &scanned,
					  &p->request, &p->consumed, &p->why), H1_DONE);

	assert_int_equal(p->consumed, sizeof(text) - 1);
	assert_int_equal(p->request.headers.count, 3);
	assert_str(headers_get_at(&p->request.headers, STR("x"), 0), "y");
}

static void a_bare_line_feed_is_refused_as_soon_as_it_drips_in(void **state)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: a\nX: b";
	struct parsed *p = *state;
	size_t scanned = 0, n = 1;

	while (n < sizeof(text) && h1_parse_request(str_of(text, n), &usual_limits, &scanned,
						    &p->request, &p->consumed, &p->why) == H1_MORE)
		n++;

	assert_int_equal(n, strlen("GET / HTTP/1.1\r\nHost: a\n"));
	assert_int_equal(p->why, REASON_BAD_REQUEST);
}

static void one_empty_line_may_come_first_and_two_may_not(void **state)
{
	struct parsed *p = *state;

	assert_taken(p, "\r\n" HEAD(""));
	assert_refused(p, "\r\n\r\n" HEAD(""), REASON_BAD_REQUEST);
	assert_refused(p, "\n" HEAD(""), REASON_BAD_REQUEST);
}

static void only_crlf_ends_a_line(void **state)
{
	struct parsed *p = *state;

	assert_refused(p, "GET / HTTP/1.1\nHost: a\n\n", REASON_BAD_REQUEST);
	assert_refused(p, "GET / HTTP/1.1\r\nHost: a\n\r\n", REASON_BAD_REQUEST);
	assert_refused(p, "GET / HTTP/1.1\rHost: a\r\n\r\n", REASON_BAD_REQUEST);
	assert_refused(p, HEAD("X: a\rY: b\r\n"), REASON_BAD_REQUEST);
	assert_refused(p, "GET / HTTP/1.1\r\nHost: a\r\n\n", REASON_BAD_REQUEST);
	assert_refused(p, "GET / HTTP/1.1\r\nHost: a\r\n\rx", REASON_BAD_REQUEST);
}

static void folds_and_spaces_around_names_are_refused(void **state)
{
	struct parsed *p = *state;

	assert_refused(p, HEAD("X: a\r\n b\r\n"), REASON_BAD_REQUEST);
	assert_refused(p, HEAD("X: a\r\n\tb\r\n"), REASON_BAD_REQUEST);
	assert_refused(p, HEAD("X : a\r\n"), REASON_BAD_REQUEST);
	assert_refused(p, HEAD("X\t: a\r\n"), REASON_BAD_REQUEST);
	assert_refused(p, "GET / HTTP/1.1\r\n Host: a\r\n\r\n", REASON_BAD_REQUEST);
	assert_refused(p, POST("Transfer-Encoding:\r\n chunked\r\n"), REASON_BAD_REQUEST);
}

static void an_empty_or_odd_field_name_is_refused(void **state)
{
	struct parsed *p = *state;

	assert_refused(p, HEAD(": a\r\n"), REASON_BAD_REQUEST);
	assert_refused(p, HEAD("X\r\n"), REASON_BAD_REQUEST);
	assert_refused(p, HEAD("X\x80: a\r\n"), REASON_BAD_REQUEST);
	assert_refused(p, HEAD("X(: a\r\n"), REASON_BAD_REQUEST);
	assert_refused(p, HEAD("X\0: a\r\n"), REASON_BAD_REQUEST);
}

static void controls_in_a_value_are_refused(void **state)
{
	struct parsed *p = *state;
	char text[] = HEAD("X: aaaaaaaaaaaaaaaaaaaa\r\n");

	for (int c = 0; c < 256; c++) {
		bool fine = c == '\t' || (c >= ' ' && c != 0x7f);

		text[strlen("GET / HTTP/1.1\r\nHost: a\r\nX: aaaaaaaaa")] = (char)c;
		parse_request(p, str_of(text, sizeof(text) - 1));
		if ((p->result == H1_DONE) != fine)
			fail_msg("byte %d gave %d", c, p->result);
	}
}

static void the_request_line_has_three_parts_and_two_spaces(void **state)
{
	struct parsed *p = *state;

	assert_refused(p, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", REASON_BAD_REQUEST);
	assert_refused(p, "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", REASON_BAD_REQUEST);
	assert_refused(p, "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", REASON_BAD_REQUEST);
	assert_refused(p, "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", REASON_BAD_REQUEST);
	assert_refused(p, " GET / HTTP/1.1\r\nHost: a\r\n\r\n", REASON_BAD_REQUEST);
	assert_refused(p, "GET /\r\n\r\n", REASON_BAD_REQUEST);
	assert_refused(p, "G@T / HTTP/1.1\r\nHost: a\r\n\r\n", REASON_BAD_REQUEST);
	assert_refused(p, "GET / http/1.1\r\nHost: a\r\n\r\n", REASON_BAD_REQUEST);
	assert_refused(p, "GET / HTTP/11\r\nHost: a\r\n\r\n", REASON_BAD_REQUEST);
	assert_refused(p, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA / HTTP/1.1\r\nHost: a\r\n\r\n",
		       REASON_BAD_REQUEST);
}

static void other_versions_are_not_spoken(void **state)
{
	struct parsed *p = *state;

	assert_refused(p, "GET / HTTP/2.0\r\nHost: a\r\n\r\n", REASON_BAD_VERSION);
	assert_refused(p, "GET / HTTP/1.2\r\nHost: a\r\n\r\n", REASON_BAD_VERSION);
	assert_refused(p, "GET / HTTP/0.9\r\nHost: a\r\n\r\n", REASON_BAD_VERSION);
}

static void raw_marks_in_a_target_are_refused(void **state)
{
	struct parsed *p = *state;

	assert_refused(p, "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", REASON_BAD_PATH);
	assert_refused(p, "GET /a?b#c HTTP/1.1\r\nHost: a\r\n\r\n", REASON_BAD_PATH);
	assert_refused(p, "GET /a\x01 HTTP/1.1\r\nHost: a\r\n\r\n", REASON_BAD_REQUEST);
	assert_refused(p, "GET /a\x7f HTTP/1.1\r\nHost: a\r\n\r\n", REASON_BAD_REQUEST);
	assert_refused(p, "GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n", REASON_BAD_REQUEST);
}

static void connect_is_refused(void **state)
{
	struct parsed *p = *state;

	assert_refused(p, "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", REASON_BAD_REQUEST);
}

static void two_different_lengths_are_refused(void **state)
{
	struct parsed *p = *state;

	assert_refused(p, POST("Content-Length: 1\r\nContent-Length: 2\r\n"), REASON_BAD_FRAMING);
	assert_refused(p, POST("Content-Length: 1, 2\r\n"), REASON_BAD_FRAMING);
}

static void two_equal_lengths_are_refused_alike(void **state)
{
	struct parsed *p = *state;

	assert_refused(p, POST("Content-Length: 1\r\nContent-Length: 1\r\n"), REASON_BAD_FRAMING);
	assert_refused(p, POST("Content-Length: 1, 1\r\n"), REASON_BAD_FRAMING);
}

static void a_length_is_digits_up_to_two_to_the_63(void **state)
{
	struct parsed *p = *state;

	assert_taken(p, POST("Content-Length: 9223372036854775807\r\n"));
	assert_true(p->request.framing.length == INT64_MAX);
	assert_int_equal(p->request.framing.kind, FRAMING_LENGTH);
	assert_taken(p, POST("Content-Length: 0\r\n"));
	assert_int_equal(p->request.framing.kind, FRAMING_NONE);
	assert_refused(p, POST("Content-Length: 9223372036854775808\r\n"), REASON_BAD_FRAMING);
	assert_refused(p, POST("Content-Length: 18446744073709551617\r\n"), REASON_BAD_FRAMING);
	assert_refused(p, POST("Content-Length:\r\n"), REASON_BAD_FRAMING);
	assert_refused(p, POST("Content-Length: +1\r\n"), REASON_BAD_FRAMING);
	assert_refused(p, POST("Content-Length: -1\r\n"), REASON_BAD_FRAMING);
	assert_refused(p, POST("Content-Length: 0x10\r\n"), REASON_BAD_FRAMING);
	assert_refused(p, POST("Content-Length: 1 2\r\n"), REASON_BAD_FRAMING);
	assert_refused(p, POST("Content-Length: 1\x0b\r\n"), REASON_BAD_REQUEST);
}

static void chunked_is_the_only_coding_and_stands_alone(void **state)
{
	struct parsed *p = *state;

	assert_taken(p, POST("Transfer-Encoding: Chunked\r\n"));
	assert_int_equal(p->request.framing.kind, FRAMING_CHUNKED);
	assert_refused(p, POST("Transfer-Encoding: gzip, chunked\r\n"), REASON_UNKNOWN_CODING);
	assert_refused(p, POST("Transfer-Encoding: identity\r\n"), REASON_UNKNOWN_CODING);
	assert_refused(p, POST("Transfer-Encoding: xchunked\r\n"), REASON_UNKNOWN_CODING);
	assert_refused(p, POST("Transfer-Encoding: chunked, chunked\r\n"), REASON_BAD_FRAMING);
	assert_refused(p, POST("Transfer-Encoding: chunked, identity\r\n"), REASON_BAD_FRAMING);
	assert_refused(p, POST("Transfer-Encoding: chunked,\r\n"), REASON_BAD_FRAMING);
	assert_refused(p, POST("Transfer-Encoding: \"chunked\"\r\n"), REASON_BAD_FRAMING);
	assert_refused(p, POST("Transfer-Encoding:\r\n"), REASON_BAD_FRAMING);
	assert_refused(p, POST("Transfer-Encoding: \x0b" "chunked\r\n"), REASON_BAD_REQUEST);
	assert_refused(p, POST("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
		       REASON_BAD_FRAMING);
	assert_refused(p, POST("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n"),
		       REASON_BAD_FRAMING);
}

static void a_length_beside_chunked_is_refused(void **state)
{
	struct parsed *p = *state;

	assert_refused(p, POST("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"),
		       REASON_BAD_FRAMING);
	assert_refused(p, POST("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n"),
		       REASON_BAD_FRAMING);
	assert_refused(p, POST("Transfer-Encoding: gzip\r\nContent-Length: 3\r\n"),
		       REASON_BAD_FRAMING);
}

static void http_1_0_may_not_be_chunked(void **state)
{
	struct parsed *p = *state;

	assert_refused(p, "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
		       REASON_BAD_FRAMING);
}

static void one_host_is_wanted_and_only_http_1_0_may_have_none(void **state)
{
	struct parsed *p = *state;

	assert_refused(p, "GET / HTTP/1.1\r\n\r\n", REASON_BAD_HOST);
	assert_refused(p, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", REASON_BAD_HOST);
	assert_refused(p, "GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", REASON_BAD_HOST);
	assert_taken(p, "GET / HTTP/1.0\r\n\r\n");
	assert_true(p->request.host.data == NULL);
}

static void two_authorizations_are_refused(void **state)
{
	struct parsed *p = *state;

	assert_refused(p, HEAD("Authorization: Bearer a\r\nauthorization: Bearer b\r\n"),
		       REASON_BAD_REQUEST);
}

static void only_100_continue_can_be_expected(void **state)
{
	struct parsed *p = *state;

	assert_taken(p, POST("Expect: 100-Continue\r\nContent-Length: 1\r\n"));
	assert_true(p->request.expects_continue);
	assert_refused(p, POST("Expect: 200-ok\r\n"), REASON_UNKNOWN_EXPECT);
	assert_refused(p, POST("Expect: 100-continue, x\r\n"), REASON_UNKNOWN_EXPECT);
	assert_refused(p, POST("Expect:\r\n"), REASON_UNKNOWN_EXPECT);
	assert_refused(p, POST("Expect: 100-continue\r\nExpect: 100-continue\r\n"),
		       REASON_BAD_REQUEST);
}

static void without_a_body_nothing_is_expected(void **state)
{
	struct parsed *p = *state;

	assert_taken(p, HEAD("Expect: 100-continue\r\n"));
	assert_false(p->request.expects_continue);
	assert_taken(p, "POST / HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\n"
			"Content-Length: 3\r\n\r\n");
	assert_false(p->request.expects_continue);
}

static void a_connection_is_kept_as_version_and_options_say(void **state)
{
	struct parsed *p = *state;

	assert_taken(p, HEAD("Connection: foo, Close\r\n"));
	assert_false(p->request.keep_alive);
	assert_taken(p, HEAD("Connection: keep-alive\r\nConnection: close\r\n"));
	assert_false(p->request.keep_alive);
	assert_taken(p, "GET / HTTP/1.0\r\nHost: a\r\n\r\n");
	assert_false(p->request.keep_alive);
	assert_taken(p, "GET / HTTP/1.0\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n");
	assert_true(p->request.keep_alive);
	assert_refused(p, HEAD("Connection: a b\r\n"), REASON_BAD_REQUEST);
}

static void thirty_three_connection_options_are_too_many(void **state)
{
	struct parsed *p = *state;

	assert_taken(p, HEAD("Connection: a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,"
			     "a,a,a,close\r\n"));
	assert_false(p->request.keep_alive);
	assert_refused(p, HEAD("Connection: a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,"
			       "a,a,a,a,a\r\nConnection: close\r\n"), REASON_BAD_REQUEST);
}

static void an_upgrade_counts_only_when_connection_names_it(void **state)
{
	struct parsed *p = *state;

	assert_taken(p, HEAD("Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"));
	assert_str(p->request.upgrade, "websocket");
	assert_taken(p, HEAD("Upgrade: websocket\r\n"));
	assert_true(p->request.upgrade.data == NULL);
	assert_taken(p, "GET / HTTP/1.0\r\nHost: a\r\nConnection: upgrade\r\n"
			"Upgrade: websocket\r\n\r\n");
	assert_true(p->request.upgrade.data == NULL);
}

static void an_upgrade_to_h2c_is_as_if_not_said(void **state)
{
	struct parsed *p = *state;

	assert_taken(p, HEAD("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
			     "HTTP2-Settings: AAMAAABkAAQAAP__\r\n"));
	assert_true(p->request.upgrade.data == NULL);
}

static void a_head_over_its_bytes_is_too_large_whole_or_not(void **state)
{
	struct parsed *p = *state;
	struct h1_limits limits = { .head_bytes = 64, .headers = 20 };
	char text[128] = "GET / HTTP/1.1\r\nHost: a\r\nX: ";

	memset(text + strlen(text), 'x', 60);
	assert_int_equal(h1_parse_request(str_of(text, 64), &limits, &p->scanned, &p->request,
					  &p->consumed, &p->why), H1_BAD);
	assert_int_equal(p->why, REASON_HEAD_TOO_LARGE);

	memcpy(text + 61, "\r\n\r\n", 4);
	p->scanned = 0;
	assert_int_equal(h1_parse_request(str_of(text, 65), &limits, &p->scanned, &p->request,
					  &p->consumed, &p->why), H1_BAD);
	assert_int_equal(p->why, REASON_HEAD_TOO_LARGE);

	memcpy(text + 60, "\r\n\r\n", 4);
	p->scanned = 0;
	assert_int_equal(h1_parse_request(str_of(text, 64), &limits, &p->scanned, &p->request,
					  &p->consumed, &p->why), H1_DONE);
}

static void one_field_too_many_is_too_large(void **state)
{
	struct parsed *p = *state;
	struct h1_limits limits = { .head_bytes = 4096, .headers = 2 };

	assert_int_equal(h1_parse_request(STR(HEAD("X: a\r\n")), &limits, &p->scanned, &p->request,
					  &p->consumed, &p->why), H1_DONE);
	p->scanned = 0;
	assert_int_equal(h1_parse_request(STR(HEAD("X: a\r\nY: b\r\n")), &limits, &p->scanned,
					  &p->request, &p->consumed, &p->why), H1_BAD);
	assert_int_equal(p->why, REASON_HEAD_TOO_LARGE);
}

static void a_long_target_is_named_as_such_before_it_ends(void **state)
{
	struct parsed *p = *state;
	char text[2048] = "GET /";

	memset(text + 5, 'a', sizeof(text) - 5);
	parse_request(p, str_of(text, sizeof(text)));
	assert_int_equal(p->result, H1_BAD);
	assert_int_equal(p->why, REASON_TARGET_TOO_LONG);
}

static void a_second_parse_forgets_the_first(void **state)
{
	struct parsed *p = *state;

	assert_taken(p, POST("Content-Length: 3\r\nConnection: close\r\n"));
	assert_taken(p, HEAD(""));

	assert_int_equal(p->request.headers.count, 1);
	assert_int_equal(p->request.framing.kind, FRAMING_NONE);
	assert_true(p->request.keep_alive);
	assert_false(headers_has_id(&p->request.headers, HEADER_CONTENT_LENGTH));
}

static void the_target_overrules_the_host(void **state)
{
	struct parsed *p = *state;

	assert_taken(p, "GET http://Real.example:81/x HTTP/1.1\r\nHost: other\r\n\r\n");

	assert_str(p->request.host, "real.example");
	assert_str(headers_get_id(&p->request.headers, HEADER_HOST), "real.example:81");
	assert_int_equal(headers_count(&p->request.headers, STR("host")), 1);
}

static void no_memory_for_the_fields_is_said_as_such(void **state)
{
	struct parsed *p = *state;
	struct arena none;

	arena_init(&none, NULL, 0);
	headers_init(&p->request.headers, &none, 64);
	assert_refused(p, HEAD(""), REASON_OUT_OF_MEMORY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		http_test(a_whole_head_is_read),
		http_test(what_follows_the_head_is_not_consumed),
		http_test(every_cut_of_a_head_asks_for_more),
		http_test(a_head_that_drips_in_is_read_at_its_last_byte),
		http_test(a_bare_line_feed_is_refused_as_soon_as_it_drips_in),
		http_test(one_empty_line_may_come_first_and_two_may_not),
		http_test(only_crlf_ends_a_line),
		http_test(folds_and_spaces_around_names_are_refused),
		http_test(an_empty_or_odd_field_name_is_refused),
		http_test(controls_in_a_value_are_refused),
		http_test(the_request_line_has_three_parts_and_two_spaces),
		http_test(other_versions_are_not_spoken),
		http_test(raw_marks_in_a_target_are_refused),
		http_test(connect_is_refused),
		http_test(two_different_lengths_are_refused),
		http_test(two_equal_lengths_are_refused_alike),
		http_test(a_length_is_digits_up_to_two_to_the_63),
		http_test(chunked_is_the_only_coding_and_stands_alone),
		http_test(a_length_beside_chunked_is_refused),
		http_test(http_1_0_may_not_be_chunked),
		http_test(one_host_is_wanted_and_only_http_1_0_may_have_none),
		http_test(two_authorizations_are_refused),
		http_test(only_100_continue_can_be_expected),
		http_test(without_a_body_nothing_is_expected),
		http_test(a_connection_is_kept_as_version_and_options_say),
		http_test(thirty_three_connection_options_are_too_many),
		http_test(an_upgrade_counts_only_when_connection_names_it),
		http_test(an_upgrade_to_h2c_is_as_if_not_said),
		http_test(a_head_over_its_bytes_is_too_large_whole_or_not),
		http_test(one_field_too_many_is_too_large),
		http_test(a_long_target_is_named_as_such_before_it_ends),
		http_test(a_second_parse_forgets_the_first),
		http_test(the_target_overrules_the_host),
		http_test(no_memory_for_the_fields_is_said_as_such),
	};

	return cmocka_run_group_tests_name("h1_request", tests, NULL, NULL);
}
