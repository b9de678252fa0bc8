/* test_window_parts.c - what a plugin sees of an exchange, and what it may not change. */
#include "tests/proxy/lone.h"

#include <weir/exchange.h>

#include "core/net/tls_peer.h"
#include "core/proxy/window_exchange.h"

static struct weir_host window;

#define HEAD "GET /a/%62?x=1&y=%20z HTTP/1.1\r\nhost: A.example:8080\r\n" \
	     "cookie: k=v; l=w\r\nx-a: 1\r\nX-A: 2\r\nx-request-id: client-1\r\n\r\n"

static struct weir_str part_of(struct lone *l, enum weir_part which)
{
	return window.part(exchange_window(&l->ex), which);
}

static struct weir_exchange *asked(void **state)
{
	struct lone *l = *state;

	lone_asks(l, HEAD);
	return exchange_window(&l->ex);
}

static struct weir_exchange *answered(void **state)
{
	struct weir_exchange *ex = asked(state);

	lone_is_answered(*state, 200);
	return ex;
}

/* Parts. */

static void a_request_is_seen_as_it_will_be_sent(void **state)
{
	struct lone *l = *state;

	(void)asked(state);

	assert_str(part_of(l, WEIR_PART_METHOD), "GET");
	assert_str(part_of(l, WEIR_PART_SCHEME), "http");
	assert_str(part_of(l, WEIR_PART_HOST), "a.example");
	assert_str(part_of(l, WEIR_PART_PATH), "/a/b");
	assert_str(part_of(l, WEIR_PART_QUERY), "x=1&y=%20z");
	assert_str(part_of(l, WEIR_PART_TARGET), "/a/%62?x=1&y=%20z");
	assert_str(part_of(l, WEIR_PART_ID), "client-1");
	assert_str(part_of(l, WEIR_PART_ROUTE), "all");
	assert_str(part_of(l, WEIR_PART_LISTENER), "edge");
	assert_str(part_of(l, WEIR_PART_PROTOCOL), "HTTP/1.1");
}

static void what_is_not_known_yet_is_absent(void **state)
{
	struct lone *l = *state;

	lone_asks(l, "GET / HTTP/1.0\r\n\r\n");
	l->ex.plan = NULL;

	assert_null(part_of(l, WEIR_PART_HOST).data);
	assert_null(part_of(l, WEIR_PART_QUERY).data);
	assert_null(part_of(l, WEIR_PART_IDENTITY).data);
	assert_null(part_of(l, WEIR_PART_ROUTE).data);
	assert_null(part_of(l, WEIR_PART_SERVICE).data);
	assert_null(part_of(l, WEIR_PART_ENDPOINT).data);
	assert_null(part_of(l, WEIR_PART_REASON).data);
	assert_null(part_of(l, (enum weir_part)99).data);
	assert_str(part_of(l, WEIR_PART_PROTOCOL), "HTTP/1.0");
}

static void how_it_ended_is_a_word(void **state)
{
	struct lone *l = *state;

	(void)asked(state);
	l->ex.why = REASON_HEAD_TIMEOUT;

	assert_str(part_of(l, WEIR_PART_REASON), "head-timeout");
}

static void a_request_without_an_id_gets_one_and_keeps_it(void **state)
{
	struct lone *l = *state;
	struct weir_str id;

	lone_asks(l, "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
	id = part_of(l, WEIR_PART_ID);

	assert_int_equal(id.len, 32);
	assert_ptr_equal(part_of(l, WEIR_PART_ID).data, id.data);
}

static void names_are_looked_up_decoded(void **state)
{
	struct weir_exchange *ex = asked(state);

	assert_str(window.named(ex, WEIR_NAMED_QUERY, STR("y")), " z");
	assert_null(window.named(ex, WEIR_NAMED_QUERY, STR("z")).data);
	assert_str(window.named(ex, WEIR_NAMED_COOKIE, STR("l")), "w");
	assert_null(window.named(ex, WEIR_NAMED_COOKIE, STR("L")).data);
	assert_null(window.named(ex, WEIR_NAMED_PARAM, STR("code")).data);
	assert_null(window.named(ex, (enum weir_named)99, STR("x")).data);
}

/* Rewriting. */

static void a_path_is_normalised_like_a_clients(void **state)
{
	struct weir_exchange *ex = asked(state);
	struct lone *l = *state;

	assert_true(window.part_set(ex, WEIR_PART_PATH, STR("/x//y/../%7Ez")));

	assert_str(part_of(l, WEIR_PART_PATH), "/x/~z");
	assert_true(l->ex.path_set);
}

static void what_is_no_path_changes_nothing(void **state)
{
	static const char *const bad[] = { "", "x", "/..", "/a/../../b", "/a b", "/a%00", "/a#b",
					   "/a\r\nx: 1", "/%zz" };
	struct weir_exchange *ex = asked(state);
	struct lone *l = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (window.part_set(ex, WEIR_PART_PATH, str_from(bad[i])))
			fail_msg("\"%s\" was taken for a path", bad[i]);

	assert_str(part_of(l, WEIR_PART_PATH), "/a/b");
	assert_false(l->ex.path_set);
}

static void a_query_has_no_blank_and_no_fragment(void **state)
{
	struct weir_exchange *ex = asked(state);
	struct lone *l = *state;

	assert_false(window.part_set(ex, WEIR_PART_QUERY, STR("a b")));
	assert_false(window.part_set(ex, WEIR_PART_QUERY, STR("a\r\nx: 1")));
	assert_false(window.part_set(ex, WEIR_PART_QUERY, STR("a#b")));
	assert_false(window.part_set(ex, WEIR_PART_QUERY, STR("a\x7f")));
	assert_str(part_of(l, WEIR_PART_QUERY), "x=1&y=%20z");

	assert_true(window.part_set(ex, WEIR_PART_QUERY, STR("a=?/")));
	assert_str(part_of(l, WEIR_PART_QUERY), "a=?/");
	assert_true(window.part_set(ex, WEIR_PART_QUERY, STR("")));
	assert_null(part_of(l, WEIR_PART_QUERY).data);
}

/* Clients send them unescaped, and what they send can be set again. */
static void a_query_may_have_letters_of_any_language(void **state)
{
	struct weir_exchange *ex = asked(state);

	assert_true(window.part_set(ex, WEIR_PART_QUERY, STR("town=Z\xc3\xbcrich")));
	assert_str(part_of(*state, WEIR_PART_QUERY), "town=Z\xc3\xbcrich");
}

/* Path and query together, as of the target that a client sends. */
static void what_a_client_may_not_send_cannot_be_made(void **state)
{
	struct weir_exchange *ex = asked(state);
	struct lone *l = *state;
	struct weir_error error = { "" };

	l->lp.limits.target.longest = 20;	/* "x=1&y=%20z" and its mark are 11 */

	assert_true(window.part_rewrite(ex, WEIR_PART_PATH, STR("/12345678"), &error));
	assert_false(window.part_rewrite(ex, WEIR_PART_PATH, STR("/123456789"), &error));
	assert_non_null(strstr(error.text, "limits.target"));
	assert_str(part_of(l, WEIR_PART_PATH), "/12345678");
}

static void a_new_host_goes_into_the_head(void **state)
{
	struct weir_exchange *ex = asked(state);

	assert_true(window.part_set(ex, WEIR_PART_HOST, STR("B.example:90")));
	assert_str(window.header(ex, WEIR_REQUEST, STR("host")), "b.example:90");

	assert_false(window.part_set(ex, WEIR_PART_HOST, STR("b example")));
	assert_false(window.part_set(ex, WEIR_PART_HOST, STR("me@b")));
	assert_str(window.header(ex, WEIR_REQUEST, STR("host")), "b.example:90");
}

static void a_method_is_not_a_plugins_to_change(void **state)
{
	struct weir_exchange *ex = asked(state);

	assert_false(window.part_set(ex, WEIR_PART_METHOD, STR("POST")));
	assert_str(part_of(*state, WEIR_PART_METHOD), "GET");
}

static void what_was_forwarded_is_not_rewritten(void **state)
{
	struct weir_exchange *ex = asked(state);
	struct lone *l = *state;

	l->ex.forwarded = true;

	assert_false(window.part_set(ex, WEIR_PART_PATH, STR("/y")));
	assert_false(window.part_set(ex, WEIR_PART_QUERY, STR("y")));
	assert_false(window.part_set(ex, WEIR_PART_HOST, STR("y")));
	assert_str(part_of(l, WEIR_PART_PATH), "/a/b");
}

/* Headers. */

static void lines_of_one_name_are_joined_or_taken_apart(void **state)
{
	struct weir_exchange *ex = asked(state);

	assert_str(window.header(ex, WEIR_REQUEST, STR("x-a")), "1, 2");
	assert_int_equal(window.header_count(ex, WEIR_REQUEST, STR("X-a")), 2);
	assert_str(window.header_at(ex, WEIR_REQUEST, STR("x-a"), 1), "2");
	assert_null(window.header_at(ex, WEIR_REQUEST, STR("x-a"), 2).data);
	assert_null(window.header(ex, WEIR_REQUEST, STR("x-b")).data);
}

/* RFC 9110 5.3: a comma may stand in one. */
static void cookies_that_are_set_are_never_joined(void **state)
{
	struct weir_exchange *ex = answered(state);

	assert_true(window.header_add(ex, WEIR_RESPONSE, STR("set-cookie"), STR("a=1")));
	assert_true(window.header_add(ex, WEIR_RESPONSE, STR("set-cookie"), STR("b=2")));

	assert_str(window.header(ex, WEIR_RESPONSE, STR("Set-Cookie")), "a=1");
	assert_str(window.header_at(ex, WEIR_RESPONSE, STR("set-cookie"), 1), "b=2");
}

static void a_walk_passes_over_what_was_removed(void **state)
{
	struct weir_exchange *ex = asked(state);
	struct weir_field field;
	uint32_t n = 0;

	assert_int_equal(window.header_remove(ex, WEIR_REQUEST, STR("cookie")), 1);

	assert_true(window.header_nth(ex, WEIR_REQUEST, 1, &field));
	assert_str(field.name, "x-a");
	while (window.header_nth(ex, WEIR_REQUEST, n, &field))
		n++;
	assert_int_equal(n, 4);
}

static void before_there_is_an_answer_it_has_no_headers(void **state)
{
	struct weir_exchange *ex = asked(state);
	struct weir_field field;

	assert_null(window.header(ex, WEIR_RESPONSE, STR("x")).data);
	assert_null(window.header_at(ex, WEIR_RESPONSE, STR("x"), 0).data);
	assert_int_equal(window.header_count(ex, WEIR_RESPONSE, STR("x")), 0);
	assert_false(window.header_nth(ex, WEIR_RESPONSE, 0, &field));
	assert_false(window.header_set(ex, WEIR_RESPONSE, STR("x"), STR("1")));
	assert_false(window.header_set(ex, WEIR_TRAILERS, STR("x"), STR("1")));
	assert_int_equal(window.header_remove(ex, WEIR_RESPONSE, STR("x")), 0);
}

static void what_frames_the_message_is_not_a_plugins_to_write(void **state)
{
	static const char *const names[] = { "connection", "Content-Length", "http2-settings",
		"keep-alive", "proxy-connection", "te", "trailer", "Transfer-Encoding", "upgrade" };
	struct weir_exchange *ex = answered(state);

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct weir_str name = str_from(names[i]);

		assert_false(window.header_set(ex, WEIR_REQUEST, name, STR("1")));
		assert_false(window.header_add(ex, WEIR_RESPONSE, name, STR("1")));
		assert_int_equal(window.header_remove(ex, WEIR_REQUEST, name), 0);
		assert_int_equal(window.header_count(ex, WEIR_REQUEST, name), 0);
	}
}

/* What a plugin puts together of a client's words must not become a second header. */
static void what_would_break_the_head_is_refused(void **state)
{
	struct weir_exchange *ex = asked(state);

	assert_false(window.header_set(ex, WEIR_REQUEST, STR("x-b"), STR("1\r\nx-c: 2")));
	assert_false(window.header_add(ex, WEIR_REQUEST, STR("x-b: 1\r\nx-c"), STR("2")));
	assert_false(window.header_set(ex, WEIR_REQUEST, STR(""), STR("2")));
	assert_false(window.header_set(ex, WEIR_REQUEST, STR("x-a"), STR("3\n4")));

	assert_str(window.header(ex, WEIR_REQUEST, STR("x-a")), "1, 2");
	assert_null(window.header(ex, WEIR_REQUEST, STR("x-b")).data);
	assert_null(window.header(ex, WEIR_REQUEST, STR("x-c")).data);
}

static void names_and_values_are_copied_and_trimmed(void **state)
{
	struct weir_exchange *ex = asked(state);
	char name[] = "x-b", value[] = " 1 ";

	assert_true(window.header_set(ex, WEIR_REQUEST, str_from(name), str_from(value)));
	memset(name, '!', sizeof(name) - 1);
	memset(value, '!', sizeof(value) - 1);

	assert_str(window.header(ex, WEIR_REQUEST, STR("x-b")), "1");
}

static void a_head_that_was_sent_is_not_edited(void **state)
{
	struct weir_exchange *ex = answered(state);
	struct lone *l = *state;

	assert_true(window.header_set(ex, WEIR_RESPONSE, STR("x"), STR("1")));
	l->ex.head_sent = true;

	assert_false(window.header_set(ex, WEIR_RESPONSE, STR("x"), STR("2")));
	assert_int_equal(window.header_remove(ex, WEIR_RESPONSE, STR("x")), 0);
	assert_false(window.header_set(ex, WEIR_TRAILERS, STR("x"), STR("2")));
	assert_str(window.header(ex, WEIR_RESPONSE, STR("x")), "1");
}

/* RFC 9110 6.5.1: whoever reads them behind the body has decided already. */
static void a_trailer_is_no_header_that_somebody_waits_for(void **state)
{
	struct weir_exchange *ex = answered(state);

	assert_false(window.header_set(ex, WEIR_TRAILERS, STR("content-type"), STR("text/html")));
	assert_false(window.header_add(ex, WEIR_TRAILERS, STR("set-cookie"), STR("a=1")));
	assert_false(window.header_add(ex, WEIR_TRAILERS, STR("a b"), STR("1")));
	assert_true(window.header_set(ex, WEIR_TRAILERS, STR("x-sum"), STR("abc")));

	assert_str(window.header(ex, WEIR_TRAILERS, STR("x-sum")), "abc");
	assert_null(window.header(ex, WEIR_RESPONSE, STR("x-sum")).data);
}

/* The client's certificate. */

static void a_certificate_is_told_by_its_parts(void **state)
{
	struct tls_alternative names[] = {
		{ TLS_SAN_DNS, STR("a.example") }, { TLS_SAN_URI, STR("spiffe://x/web") },
		{ TLS_SAN_DNS, STR("b.example") }, { TLS_SAN_IP, STR("192.0.2.7") },
	};
	const struct tls_peer peer = { .subject = STR("CN=web"), .fingerprint = STR("f00d"),
				       .serial = STR("0a"), .spiffe = STR("spiffe://x/web"),
				       .names = names, .name_count = 4 };
	struct weir_exchange *ex = asked(state);
	struct lone *l = *state;

	l->ex.peer = &peer;

	assert_str(window.peer(ex, WEIR_PEER_SUBJECT, 0), "CN=web");
	assert_null(window.peer(ex, WEIR_PEER_SUBJECT, 1).data);
	assert_str(window.peer(ex, WEIR_PEER_FINGERPRINT, 0), "f00d");
	assert_str(window.peer(ex, WEIR_PEER_SERIAL, 0), "0a");
	assert_str(window.peer(ex, WEIR_PEER_SPIFFE, 0), "spiffe://x/web");
	assert_str(window.peer(ex, WEIR_PEER_URI, 0), "spiffe://x/web");
	assert_str(window.peer(ex, WEIR_PEER_DNS, 1), "b.example");
	assert_null(window.peer(ex, WEIR_PEER_DNS, 2).data);
	assert_str(window.peer(ex, WEIR_PEER_IP, 0), "192.0.2.7");
	assert_null(window.peer(ex, WEIR_PEER_EMAIL, 0).data);
	assert_null(window.peer(ex, (enum weir_peer)99, 0).data);
}

static void who_showed_no_certificate_has_no_parts(void **state)
{
	struct weir_exchange *ex = asked(state);

	assert_null(window.peer(ex, WEIR_PEER_SUBJECT, 0).data);
	assert_null(window.peer(ex, WEIR_PEER_DNS, 0).data);
}

static int fill_window(void **state)
{
	(void)state;
	window_fill_parts(&window);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LONE_TEST(a_request_is_seen_as_it_will_be_sent),
		LONE_TEST(what_is_not_known_yet_is_absent),
		LONE_TEST(how_it_ended_is_a_word),
		LONE_TEST(a_request_without_an_id_gets_one_and_keeps_it),
		LONE_TEST(names_are_looked_up_decoded),
		LONE_TEST(a_path_is_normalised_like_a_clients),
		LONE_TEST(what_is_no_path_changes_nothing),
		LONE_TEST(a_query_has_no_blank_and_no_fragment),
		LONE_TEST(a_query_may_have_letters_of_any_language),
		LONE_TEST(what_a_client_may_not_send_cannot_be_made),
		LONE_TEST(a_new_host_goes_into_the_head),
		LONE_TEST(a_method_is_not_a_plugins_to_change),
		LONE_TEST(what_was_forwarded_is_not_rewritten),
		LONE_TEST(lines_of_one_name_are_joined_or_taken_apart),
		LONE_TEST(cookies_that_are_set_are_never_joined),
		LONE_TEST(a_walk_passes_over_what_was_removed),
		LONE_TEST(before_there_is_an_answer_it_has_no_headers),
		LONE_TEST(what_frames_the_message_is_not_a_plugins_to_write),
		LONE_TEST(what_would_break_the_head_is_refused),
		LONE_TEST(names_and_values_are_copied_and_trimmed),
		LONE_TEST(a_head_that_was_sent_is_not_edited),
		LONE_TEST(a_trailer_is_no_header_that_somebody_waits_for),
		LONE_TEST(a_certificate_is_told_by_its_parts),
		LONE_TEST(who_showed_no_certificate_has_no_parts),
	};

	return cmocka_run_group_tests_name("window_parts", tests, fill_window, NULL);
}
