/* test_h1_write.c - heads on the wire, with their framing written anew. */
#include "tests/http/http.h"

static struct weir_str written(void **state, const char *head, const struct h1_write *how)
{
	struct parsed *p = *state;
	char *at = arena_take(&p->arena, 1024);

	assert_int_equal(parse_request(p, str_from(head)), H1_DONE);
	return str_of(at, h1_write_request(at, 1024, &p->request, p->request.target, how));
}

static void a_head_is_written_as_it_came(void **state)
{
	const char *head = "GET /a?b HTTP/1.1\r\nHost: h\r\nX-Case: v  w\r\nEmpty: \r\n\r\n";

	assert_str(written(state, head, &(struct h1_write){ 0 }), head);
}

static void framing_and_connection_are_ours(void **state)
{
	const char *head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0005\r\n"
			   "Connection: x\r\n\r\n";

	assert_str(written(state, head, &(struct h1_write){ .framing = { FRAMING_LENGTH, 5 } }),
		   "POST / HTTP/1.1\r\nHost: h\r\ncontent-length: 5\r\n\r\n");
	assert_str(written(state, head, &(struct h1_write){ .framing = { FRAMING_CHUNKED, 0 },
							    .connection = STR("close") }),
		   "POST / HTTP/1.1\r\nHost: h\r\ntransfer-encoding: chunked\r\n"
		   "connection: close\r\n\r\n");
	assert_str(written(state, head, &(struct h1_write){ .zero_length = true }),
		   "POST / HTTP/1.1\r\nHost: h\r\ncontent-length: 0\r\n\r\n");
}

static void what_is_gone_is_not_written(void **state)
{
	struct parsed *p = *state;
	char out[128];
	size_t n;

	assert_taken(p, "GET / HTTP/1.1\r\nHost: h\r\nA: 1\r\nB: 2\r\n\r\n");
	headers_remove(&p->request.headers, STR("a"));
	headers_set(&p->request.headers, STR("b"), STR("3"));
	n = h1_write_request(out, sizeof(out), &p->request, STR("/x"), &(struct h1_write){ 0 });

	assert_str(str_of(out, n), "GET /x HTTP/1.1\r\nHost: h\r\nB: 3\r\n\r\n");
}

static void http_1_0_goes_on_as_1_1(void **state)
{
	assert_str(written(state, "GET / HTTP/1.0\r\nHost: h\r\n\r\n", &(struct h1_write){ 0 }),
		   "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
}

static void too_little_room_gives_nothing_and_writes_nothing_behind_it(void **state)
{
	struct parsed *p = *state;
	const char *head = "GET /a?b HTTP/1.1\r\nHost: h\r\nX-Case: v  w\r\nEmpty: \r\n\r\n";
	struct h1_write how = { .connection = STR("close") };
	char whole[256];
	size_t n;

	parse_request(p, str_from(head));
	n = h1_write_request(whole, sizeof(whole), &p->request, STR("/"), &how);
	assert_true(n > 0);
	for (size_t room = 0; room < n; room++) {
		char *out = test_malloc(room + 1);

		assert_int_equal(h1_write_request(out, room, &p->request, STR("/"), &how), 0);
		test_free(out);
	}
	assert_int_equal(h1_write_request(whole, n, &p->request, STR("/"), &how), n);
}

static void a_response_gets_its_phrase_or_the_usual_one(void **state)
{
	struct parsed *p = *state;
	char out[128];
	size_t n;

	parse_response(p, STR("HTTP/1.0 200 Fine\r\nServer: x\r\n\r\n"), METHOD_GET);
	n = h1_write_response(out, sizeof(out), &p->response,
			      &(struct h1_write){ .framing = { FRAMING_STREAM, 0 } });
	assert_str(str_of(out, n),
		   "HTTP/1.1 200 Fine\r\nServer: x\r\ntransfer-encoding: chunked\r\n\r\n");

	p->response.phrase = STR_ABSENT;
	p->response.status = 503;
	n = h1_write_response(out, sizeof(out), &p->response, &(struct h1_write){ 0 });
	assert_str(str_of(out, n), "HTTP/1.1 503 Service Unavailable\r\nServer: x\r\n\r\n");
}

static void the_length_that_head_announces_is_written_anew(void **state)
{
	struct parsed *p = *state;
	char out[128];
	size_t n;

	parse_response(p, STR("HTTP/1.1 200 OK\r\nContent-Length: 0123\r\n\r\n"), METHOD_HEAD);
	n = h1_write_response(out, sizeof(out), &p->response,
			      &(struct h1_write){ .framing = p->response.framing });

	assert_str(str_of(out, n), "HTTP/1.1 200 OK\r\ncontent-length: 123\r\n\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		http_test(a_head_is_written_as_it_came),
		http_test(framing_and_connection_are_ours),
		http_test(what_is_gone_is_not_written),
		http_test(http_1_0_goes_on_as_1_1),
		http_test(too_little_room_gives_nothing_and_writes_nothing_behind_it),
		http_test(a_response_gets_its_phrase_or_the_usual_one),
		http_test(the_length_that_head_announces_is_written_anew),
	};

	return cmocka_run_group_tests_name("h1_write", tests, NULL, NULL);
}
