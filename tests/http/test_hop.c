/* test_hop.c - what belongs to one hop only, and what only a trusted hop may say. */
#include "core/http/hop.h"
#include "tests/http/http.h"

static struct headers *with(void **state, const char *fields)
{
	struct parsed *p = *state;
	struct weir_str head = arena_print(&p->arena, "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n",
					   fields);

	if (parse_request(p, head) != H1_DONE)
		fail_msg("not taken: %s", fields);
	return &p->request.headers;
}

static bool has(const struct headers *h, const char *name)
{
	return headers_get_at(h, str_from(name), 0).data != NULL;
}

static void the_fields_of_one_hop_are_removed(void **state)
{
	struct headers *h = with(state, "Connection: x\r\nKeep-Alive: a\r\nProxy-Connection: a\r\n"
		"TE: trailers\r\nTrailer: a\r\nTransfer-Encoding: chunked\r\nUpgrade: a\r\n"
		"HTTP2-Settings: a\r\nProxy-Authenticate: a\r\nProxy-Authorization: a\r\n"
		"Accept: a\r\n");

	headers_strip_hop_by_hop(h);

	headers_for_each(field, h)
		assert_true(field->id == HEADER_HOST || field->id == HEADER_ACCEPT);
	assert_true(has(h, "accept"));
}

static void what_connection_names_is_removed_in_any_case_and_every_line(void **state)
{
	struct headers *h = with(state, "X-One: a\r\nConnection: close, x-ONE\r\nx-two: a\r\n"
		"X-Two: b\r\nConnection: , X-Two,\r\nX-Three: a\r\n");

	headers_strip_hop_by_hop(h);

	assert_false(has(h, "x-one"));
	assert_false(has(h, "x-two"));
	assert_true(has(h, "x-three"));
}

static void connection_cannot_remove_what_frames_routes_or_identifies(void **state)
{
	struct headers *h = with(state, "Connection: host, content-length, authorization, cookie, "
		"content-type, x-forwarded-for, forwarded, via, x-request-id, traceparent\r\n"
		"Content-Length: 3\r\nAuthorization: b\r\nCookie: c\r\nContent-Type: d\r\n"
		"X-Forwarded-For: e\r\nForwarded: f\r\nVia: g\r\nX-Request-Id: h\r\n"
		"Traceparent: i\r\n");

	headers_strip_hop_by_hop(h);

	assert_true(has(h, "host") && has(h, "content-length") && has(h, "authorization"));
	assert_true(has(h, "cookie") && has(h, "content-type") && has(h, "x-forwarded-for"));
	assert_true(has(h, "forwarded") && has(h, "via") && has(h, "x-request-id"));
	assert_true(has(h, "traceparent"));
	assert_false(has(h, "connection"));
}

static void a_connection_line_that_names_connection_hides_no_other(void **state)
{
	struct headers *h = with(state, "Connection: connection\r\nConnection: x-a\r\nX-A: 1\r\n");

	headers_strip_hop_by_hop(h);

	assert_false(has(h, "connection"));
	assert_false(has(h, "x-a"));
}

static void what_only_proxies_say_is_removed_in_both_spellings(void **state)
{
	struct headers *h = with(state, "X-Forwarded-For: a\r\nX_Forwarded_For: a\r\n"
		"x-forwarded_proto: a\r\nForwarded: a\r\nX-Real-IP: a\r\nx_real_ip: a\r\n"
		"X-Forwarded-Client-Cert: a\r\nX-Kept: a\r\n"
		"X-Kept-Forwarded: a\r\n");

	headers_strip_trusted(h);

	headers_for_each(field, h)
		if (field->id != HEADER_HOST)
			assert_true(str_starts(field->name, STR("X-Kept")));
	assert_true(has(h, "x-kept") && has(h, "x-kept-forwarded"));
}

static void a_name_is_removed_in_every_spelling(void **state)
{
	struct headers *h = with(state, "X-User: a\r\nX_User: b\r\nx_uSER: c\r\nX-Users: d\r\n");

	assert_int_equal(headers_remove_spellings(h, STR("x-user")), 3);

	assert_false(has(h, "x_user"));
	assert_true(has(h, "x-users"));
}

static void what_frames_or_manages_the_connection_is_nobodys_to_write(void **state)
{
	static const enum header_id ours[] = {
		HEADER_CONNECTION, HEADER_CONTENT_LENGTH, HEADER_HTTP2_SETTINGS, HEADER_KEEP_ALIVE,
		HEADER_PROXY_CONNECTION, HEADER_TE, HEADER_TRAILER, HEADER_TRANSFER_ENCODING,
		HEADER_UPGRADE,
	};
	unsigned found = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		assert_true(header_frames(ours[i]));
	for (unsigned id = 0; id < HEADER_IDS; id++)
		found += header_frames((enum header_id)id);
	assert_int_equal(found, sizeof(ours) / sizeof(ours[0]));
}

static void each_hop_adds_itself_behind_the_others(void **state)
{
	struct headers *h = with(state, "Via: 1.0 a\r\nX: y\r\nVia: 1.1 b\r\n");

	headers_add_via(h, STR("1.1 weir"));
	assert_str(headers_via(h), "1.0 a, 1.1 b, 1.1 weir");
	assert_int_equal(headers_count(h, STR("via")), 1);

	headers_remove_id(h, HEADER_VIA);
	assert_null(headers_via(h).data);
	headers_add_via(h, STR("1.1 weir"));
	assert_str(headers_via(h), "1.1 weir");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		http_test(the_fields_of_one_hop_are_removed),
		http_test(what_connection_names_is_removed_in_any_case_and_every_line),
		http_test(connection_cannot_remove_what_frames_routes_or_identifies),
		http_test(a_connection_line_that_names_connection_hides_no_other),
		http_test(what_only_proxies_say_is_removed_in_both_spellings),
		http_test(a_name_is_removed_in_every_spelling),
		http_test(what_frames_or_manages_the_connection_is_nobodys_to_write),
		http_test(each_hop_adds_itself_behind_the_others),
	};

	return cmocka_run_group_tests_name("hop", tests, NULL, NULL);
}
