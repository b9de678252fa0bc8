/* test_call_window.c - a plugin's request to a URL: what goes out, what comes back, whose memory. */
#include "tests/proxy/scene.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "core/plugin/window.h"

/* A policy that fetches, and lets its request go on whatever came of it. */
static struct {
	struct weir_call_request ask;
	char url[64];
	bool for_nobody, keeps;
	enum weir_wait how;
	uint16_t status;
	char body[64], reason[64], detail[512], header[64];
	bool done;
} fetch;

/* Wrapped: the scene's workers have no threads of their own. */
static struct worker *self;
struct worker *__wrap_worker_self(void);

struct worker *__wrap_worker_self(void)
{
	return self;
}

static void note(const struct weir_call_reply *reply)
{
	fetch.status = reply->status;
	(void)snprintf(fetch.body, sizeof(fetch.body), "%.*s", STR_ARG(reply->body));
	(void)snprintf(fetch.reason, sizeof(fetch.reason), "%.*s", STR_ARG(reply->reason));
	(void)snprintf(fetch.detail, sizeof(fetch.detail), "%.*s", STR_ARG(reply->detail));
	for (size_t i = 0; i < reply->header_count; i++)
		if (str_eq_nocase(reply->headers[i].name, STR("x-a")))
			(void)snprintf(fetch.header, sizeof(fetch.header), "%.*s",
				       STR_ARG(reply->headers[i].value));
}

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *ex)
{
	struct weir_call_reply reply = { .size = sizeof(reply) };

	(void)here;
	fetch.how = window_table()->call(fetch.for_nobody ? NULL : ex, &fetch.ask, &reply);
	note(&reply);
	if (!fetch.keeps)
		window_table()->call_done(&reply);
	fetch.done = true;
	return WEIR_NEXT;
}

static const struct weir_policy policy = WEIR_POLICY(.on_request = on_request);

/* `where`: behind the origin's authority. */
static struct scene *fetching(const char *scheme, const char *where)
{
	struct scene *s = scene_new();
	struct sockaddr_in at;
	socklen_t len = sizeof(at);

	self = s->w;
	memset(&fetch, 0, sizeof(fetch));
	assert_int_equal(getsockname(s->listener, (struct sockaddr *)&at, &len), 0);
	(void)snprintf(fetch.url, sizeof(fetch.url), "%s://127.0.0.1:%u%s", scheme,
		       ntohs(at.sin_port), where);
	fetch.ask = (struct weir_call_request)WEIR_CALL(.url = str_from(fetch.url),
							.timeout_ns = 60 * NS_PER_S);
	(void)scene_policy(s, &policy);
	return s;
}

static bool has_fetched(struct scene *s)
{
	(void)s;
	return fetch.done;
}

static bool has(struct weir_str heard, const char *text)
{
	return str_find_str(heard, str_from(text)) < heard.len;
}

static struct weir_str the_fetch_comes(struct scene *s)
{
	client_says(s, GET);
	origin_accepts(s);
	return origin_hears(s, "\r\n\r\n");
}

/* The fetch is over; the client's own request follows, on a connection of its own. */
static void goes_on(struct scene *s)
{
	scene_until(s, has_fetched);
	origin_accepts(s);
	assert_true(str_starts(origin_hears(s, "\r\n\r\n"), STR("GET /x HTTP/1.1\r\n")));
	origin_says(s, OK);
	(void)client_hears(s, "\r\n\r\nok");
	scene_until(s, nobody_is_served);
	scene_free(s);
}

static void fails(struct scene *s, enum weir_wait how, const char *reason)
{
	goes_on(s);
	assert_string_equal(fetch.reason, reason);
	assert_int_equal(fetch.how, how);
	assert_int_equal(fetch.status, 0);
}

#define ANSWER "HTTP/1.1 404 No\r\nx-a: 1\r\ncontent-length: 4\r\n\r\nnone"

static void a_url_is_asked_as_it_is_written(void **state)
{
	struct scene *s = fetching("HTTP", "/p?q=1#here");
	struct weir_str heard = the_fetch_comes(s);
	char host[64];

	(void)state;
	(void)snprintf(host, sizeof(host), "host: %.*s\r\n",
		       (int)strcspn(fetch.url + 7, "/"), fetch.url + 7);
	assert_true(str_starts(heard, STR("GET /p?q=1 HTTP/1.1\r\n")));
	assert_true(has(heard, host));
	assert_true(has(heard, "via: 1.1 weir\r\n"));
	origin_says(s, ANSWER);
	goes_on(s);

	assert_int_equal(fetch.how, WEIR_OK);
	assert_int_equal(fetch.status, 404);
	assert_string_equal(fetch.body, "none");
	assert_string_equal(fetch.header, "1");
	assert_string_equal(fetch.reason, "");
}

/* Else two gateways could ask each other for ever. */
static void whoever_is_asked_sees_through_whom_it_came(void **state)
{
	struct scene *s = fetching("http", "");
	struct weir_str heard;

	(void)state;
	client_says(s, "GET /x HTTP/1.1\r\nhost: a\r\nvia: 1.0 other\r\n\r\n");
	origin_accepts(s);
	heard = origin_hears(s, "\r\n\r\n");
	assert_true(str_starts(heard, STR("GET / HTTP/1.1\r\n")));
	assert_true(has(heard, "via: 1.0 other, 1.1 weir\r\n"));
	origin_says(s, ANSWER);
	goes_on(s);
}

static void a_fetch_for_nobody_ends_when_it_is_done(void **state)
{
	struct scene *s = fetching("http", "/p");
	struct weir_str heard;

	(void)state;
	fetch.for_nobody = true;
	heard = the_fetch_comes(s);
	assert_true(has(heard, "via: 1.1 weir\r\n"));
	origin_says(s, ANSWER);
	goes_on(s);

	assert_string_equal(fetch.body, "none");
}

/* For an exchange, it goes with that. */
static void an_answer_that_is_kept_ends_with_the_exchange(void **state)
{
	struct scene *s = fetching("http", "/p");

	(void)state;
	fetch.keeps = true;
	(void)the_fetch_comes(s);
	origin_says(s, ANSWER);
	goes_on(s);

	assert_string_equal(fetch.body, "none");
}

static void an_older_plugin_asks_without_what_it_does_not_know(void **state)
{
	struct scene *s = fetching("http", "/p");

	(void)state;
	fetch.ask.size = offsetof(struct weir_call_request, ca);
	fetch.ask.ca = STR("garbage");
	(void)the_fetch_comes(s);
	origin_says(s, ANSWER);
	goes_on(s);

	assert_int_equal(fetch.how, WEIR_OK);
}

/* Failures. */

static void what_is_no_url_is_asked_nowhere(void **state)
{
	static const char *const bad[] = { "ftp://127.0.0.1/", "http://", "http://me:secret@127.0.0.1/" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct scene *s = fetching("http", "/");

		fetch.ask.url = str_from(bad[i]);
		client_says(s, GET);
		fails(s, WEIR_NO_ANSWER, "connect-failed");
		assert_non_null(strstr(fetch.detail, "no URL of http"));
		assert_null(strstr(fetch.detail, "secret"));
	}
}

static void what_would_break_the_head_is_not_sent(void **state)
{
	struct scene *s = fetching("http", "/a b");

	(void)state;
	client_says(s, GET);
	origin_accepts(s);
	fails(s, WEIR_NO_ANSWER, "bad-request");
}

static void a_header_cannot_become_two(void **state)
{
	const struct weir_field field = { STR("x-a"), STR("1\r\nx-b: 2") };
	struct scene *s = fetching("http", "/");

	(void)state;
	fetch.ask.headers = &field;
	fetch.ask.header_count = 1;
	client_says(s, GET);
	origin_accepts(s);
	fails(s, WEIR_NO_ANSWER, "bad-request");
}

static void an_answer_that_is_too_long_is_not_given(void **state)
{
	struct scene *s = fetching("http", "/");

	(void)state;
	fetch.ask.most = 3;
	(void)the_fetch_comes(s);
	origin_says(s, ANSWER);
	fails(s, WEIR_TOO_LARGE, "upstream-too-large");
	assert_string_equal(fetch.body, "");
}

static void an_answer_that_breaks_off_is_none(void **state)
{
	struct scene *s = fetching("http", "/");

	(void)state;
	(void)the_fetch_comes(s);
	origin_says(s, "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nno");
	origin_closes(s);
	fails(s, WEIR_NO_ANSWER, "upstream-reset");
}

static void an_answer_that_does_not_come_is_waited_for_no_longer(void **state)
{
	struct scene *s = fetching("http", "/");

	(void)state;
	fetch.ask.timeout_ns = 30 * NS_PER_MS;
	client_says(s, GET);
	origin_accepts(s);
	fails(s, WEIR_TIMED_OUT, "timeout");
}

static void a_client_that_vanishes_ends_the_fetch(void **state)
{
	struct scene *s = fetching("http", "/");

	(void)state;
	(void)the_fetch_comes(s);
	client_resets(s);
	scene_until(s, nobody_is_served);

	assert_int_equal(fetch.how, WEIR_CANCELLED);
	origin_hears_the_end(s);
	scene_free(s);
}

/* TLS. */

static void authorities_that_cannot_be_read_are_named(void **state)
{
	struct scene *s = fetching("https", "/");

	(void)state;
	fetch.ask.ca = STR("/no/such/ca.pem");
	client_says(s, GET);
	fails(s, WEIR_NO_ANSWER, "tls-verify");
	assert_non_null(strstr(fetch.detail, "/no/such/ca.pem"));
}

static void who_answers_plainly_is_not_asked_over_tls(void **state)
{
	struct scene *s = fetching("https", "/");

	(void)state;
	client_says(s, GET);
	origin_accepts(s);
	(void)origin_hears(s, "\x16\x03");	/* a handshake, and no request */
	origin_says(s, ANSWER);
	goes_on(s);

	assert_int_equal(fetch.how, WEIR_NO_ANSWER);
	assert_int_equal(strncmp(fetch.reason, "tls-", 4), 0);
	assert_int_equal(fetch.status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_url_is_asked_as_it_is_written),
		cmocka_unit_test(whoever_is_asked_sees_through_whom_it_came),
		cmocka_unit_test(a_fetch_for_nobody_ends_when_it_is_done),
		cmocka_unit_test(an_answer_that_is_kept_ends_with_the_exchange),
		cmocka_unit_test(an_older_plugin_asks_without_what_it_does_not_know),
		cmocka_unit_test(what_is_no_url_is_asked_nowhere),
		cmocka_unit_test(what_would_break_the_head_is_not_sent),
		cmocka_unit_test(a_header_cannot_become_two),
		cmocka_unit_test(an_answer_that_is_too_long_is_not_given),
		cmocka_unit_test(an_answer_that_breaks_off_is_none),
		cmocka_unit_test(an_answer_that_does_not_come_is_waited_for_no_longer),
		cmocka_unit_test(a_client_that_vanishes_ends_the_fetch),
		cmocka_unit_test(authorities_that_cannot_be_read_are_named),
		cmocka_unit_test(who_answers_plainly_is_not_asked_over_tls),
	};

	return cmocka_run_group_tests_name("call_window", tests, NULL, NULL);
}
