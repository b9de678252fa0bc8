/* test_fetch.c - one request on one connection of its own, and every way it may go wrong. */
#include "core/codec/fetch.h"

#include <unistd.h>

#include "core/fiber/wait.h"
#include "tests/net/pair.h"

#define LONG_TIME (60 * NS_PER_S)

static struct {
	struct worker worker;
	struct arena arena;
	struct address to;
	int listener, server;
	struct fetch f;
	struct fetch_answer answer;
	uint64_t span;
	enum reason why;
	struct fiber *fiber;
	bool over;
} s;

static void listen_somewhere(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr = { .s_addr = htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(at);

	s.listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(s.listener, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(s.listener, 1), 0);
	assert_int_equal(getsockname(s.listener, (struct sockaddr *)&at, &len), 0);
	assert_true(address_from_sockaddr(&s.to, (struct sockaddr *)&at, len));
}

static int begin(void **state)
{
	struct weir_error error = { "" };

	(void)state;
	memset(&s, 0, sizeof(s));
	s.server = -1;
	assert_true(worker_init(&s.worker, 0, NULL, &error));
	assert_true(buffers_open(&s.worker, &error));
	arena_init(&s.arena, &s.worker.chunks, 4 << 20);
	listen_somewhere();
	s.span = LONG_TIME;
	s.f = (struct fetch){ .to = &s.to, .host = STR("upstream"), .method = STR("GET"),
			      .path = STR("/x?y=1"), .most = 1000 };
	return 0;
}

static int end(void **state)
{
	(void)state;
	while (fiber_count(&s.worker.loop) > 0)
		loop_turn(&s.worker.loop, LONG_TIME);
	assert_int_equal(buffers_lent(&s.worker), 0);
	arena_reset(&s.arena);
	buffers_close(&s.worker);
	worker_fini(&s.worker);
	close(s.listener);
	if (s.server >= 0)
		close(s.server);
	return 0;
}

static void fetches(void *arg)
{
	struct deadline d;

	(void)arg;
	deadline_enter(&d, clock_after(loop_now(&s.worker.loop), s.span), REASON_TIMEOUT);
	s.why = fetch_run(&s.worker, &s.f, &s.arena, &s.answer);
	deadline_leave(&d);
	s.over = true;
}

static void goes_on(void)
{
	for (int i = 0; i < 5; i++)
		loop_turn(&s.worker.loop, NS_PER_MS);
}

static void begins(void)
{
	s.fiber = fiber_start(&s.worker.loop, fetches, NULL);
	goes_on();
}

static void ends(void)
{
	for (int i = 0; i < 10000 && !s.over; i++)
		loop_turn(&s.worker.loop, 10 * NS_PER_MS);
	assert_true(s.over);
}

/* The server's side. */
static struct weir_str hears(void)
{
	static char heard[65536];
	ssize_t n;

	s.server = accept(s.listener, NULL, NULL);
	goes_on();
	n = recv(s.server, heard, sizeof(heard), 0);
	return str_of(heard, n > 0 ? (size_t)n : 0);
}

static void says(const char *text)
{
	assert_int_equal(send(s.server, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void a_request_is_sent_and_its_answer_given(void **state)
{
	const struct weir_field fields[] = { { STR("x-token"), STR("secret") } };

	(void)state;
	s.f.headers = fields;
	s.f.header_count = 1;
	begins();
	assert_str(hears(), "GET /x?y=1 HTTP/1.1\r\nhost: upstream\r\nuser-agent: weir\r\n"
			    "x-token: secret\r\n\r\n");
	says("HTTP/1.1 200 Fine\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nhello");
	ends();

	assert_int_equal(s.why, REASON_NONE);
	assert_int_equal(s.answer.head.status, 200);
	assert_str(s.answer.head.phrase, "Fine");
	assert_str(headers_get_id(&s.answer.head.headers, HEADER_CONTENT_TYPE), "text/plain");
	assert_str(s.answer.body, "hello");
}

static void a_body_goes_with_its_head(void **state)
{
	struct weir_str heard;

	(void)state;
	s.f.method = STR("POST");
	s.f.body = STR("{\"a\":1}");
	begins();
	heard = hears();
	assert_true(str_ends(heard, STR("content-length: 7\r\n\r\n{\"a\":1}")));
	says("HTTP/1.1 204 No Content\r\n\r\n");
	ends();

	assert_int_equal(s.why, REASON_NONE);
	assert_int_equal(s.answer.head.status, 204);
	assert_int_equal(s.answer.body.len, 0);
}

static void interim_answers_are_passed_over_and_chunks_joined(void **state)
{
	(void)state;
	begins();
	(void)hears();
	says("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\n"
	     "transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n");
	goes_on();
	says("3\r\ndef\r\n0\r\n\r\n");
	ends();

	assert_int_equal(s.why, REASON_NONE);
	assert_str(s.answer.body, "abcdef");
}

static void a_body_may_end_with_the_connection(void **state)
{
	(void)state;
	begins();
	(void)hears();
	says("HTTP/1.0 200 OK\r\n\r\nall of it");
	close(s.server);
	s.server = -1;
	ends();

	assert_int_equal(s.why, REASON_NONE);
	assert_str(s.answer.body, "all of it");
}

static void a_body_over_the_limit_is_too_large(void **state)
{
	(void)state;
	s.f.most = 4;
	begins();
	(void)hears();
	says("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
	ends();

	assert_int_equal(s.why, REASON_UPSTREAM_TOO_LARGE);
}

static void what_breaks_off_or_makes_no_sense_is_no_answer(void **state)
{
	static const struct {
		const char *raw;
		enum reason why;
	} cases[] = {
		{ "", REASON_UPSTREAM_RESET },
		{ "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell", REASON_UPSTREAM_RESET },
		{ "SSH-2.0-OpenSSH\r\n", REASON_UPSTREAM_INVALID },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begins();
		(void)hears();
		says(cases[i].raw);
		shutdown(s.server, SHUT_WR);
		ends();
		assert_int_equal(s.why, cases[i].why);
		end(state);
		begin(state);
	}
}

static void nobody_there_is_said(void **state)
{
	(void)state;
	close(s.listener);
	begins();
	ends();

	assert_int_equal(s.why, REASON_CONNECT_REFUSED);
	listen_somewhere();
}

static void the_deadline_of_the_caller_ends_it(void **state)
{
	(void)state;
	s.span = 20 * NS_PER_MS;
	begins();
	(void)hears();
	ends();

	assert_int_equal(s.why, REASON_TIMEOUT);
}

static void cancelling_ends_it(void **state)
{
	(void)state;
	begins();
	(void)hears();
	assert_false(s.over);
	fiber_cancel(s.fiber);
	ends();

	assert_int_equal(s.why, REASON_CLIENT_GONE);
}

/* What a plugin puts together must not become two requests. */
static void what_cannot_stand_in_a_request_line_is_not_sent(void **state)
{
	static const struct {
		const char *method, *path, *name, *value;
	} bad[] = {
		{ "GET /y HTTP/1.1\r\n\r\nGET", "/", "x", "y" },
		{ "", "/", "x", "y" },
		{ "CONNECT", "/", "x", "y" },
		{ "GET", "/a b", "x", "y" },
		{ "GET", "/a\r\nx: y", "x", "y" },
		{ "GET", "a", "x", "y" },
		{ "GET", "", "x", "y" },
		{ "GET", "/", "x y", "y" },
		{ "GET", "/", "x", "y\r\nz: 1" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct weir_field field = { str_from(bad[i].name), str_from(bad[i].value) };

		s.f.method = str_from(bad[i].method);
		s.f.path = str_from(bad[i].path);
		s.f.headers = &field;
		s.f.header_count = 1;
		begins();
		ends();
		if (s.why != REASON_BAD_REQUEST)
			fail_msg("%s %s was sent", bad[i].method, bad[i].path);
		end(state);
		begin(state);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_request_is_sent_and_its_answer_given),
		TEST(a_body_goes_with_its_head),
		TEST(interim_answers_are_passed_over_and_chunks_joined),
		TEST(a_body_may_end_with_the_connection),
		TEST(a_body_over_the_limit_is_too_large),
		TEST(what_breaks_off_or_makes_no_sense_is_no_answer),
		TEST(nobody_there_is_said),
		TEST(the_deadline_of_the_caller_ends_it),
		TEST(cancelling_ends_it),
		TEST(what_cannot_stand_in_a_request_line_is_not_sent),
	};

	return cmocka_run_group_tests_name("fetch", tests, NULL, NULL);
}
