/* test_call.c - requests that Weir makes itself, for a plugin that waits for the answer. */
#include "tests/proxy/scene.h"

#include <unistd.h>

#include "core/plugin/window.h"

/* A policy that asks the scene's own service, and lets its request go on whatever came of it. */
static struct {
	struct weir_call_request ask;
	struct weir_field field;
	enum weir_wait how;
	uint16_t status;
	size_t headers;
	char body[64], reason[64];
	bool done;
} call;

/* Wrapped: the scene's workers have no threads of their own. */
static struct worker *self;
struct worker *__wrap_worker_self(void);

struct worker *__wrap_worker_self(void)
{
	return self;
}

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *ex)
{
	struct weir_call_reply reply = { .size = sizeof(reply) };

	(void)here;
	call.how = window_table()->call(ex, &call.ask, &reply);
	call.status = reply.status;
	call.headers = reply.header_count;
	(void)snprintf(call.body, sizeof(call.body), "%.*s", STR_ARG(reply.body));
	(void)snprintf(call.reason, sizeof(call.reason), "%.*s", STR_ARG(reply.reason));
	window_table()->call_done(&reply);
	assert_null(reply.hold);
	call.done = true;
	return WEIR_NEXT;
}

static const struct weir_policy policy = WEIR_POLICY(.on_request = on_request);

static struct scene *calling(void)
{
	struct scene *s = scene_new();

	self = s->w;
	memset(&call, 0, sizeof(call));
	call.ask = (struct weir_call_request)WEIR_CALL(.service = STR("tariff-svc"),
						       .timeout_ns = 60 * NS_PER_S);
	(void)scene_policy(s, &policy);
	return s;
}

static struct weir_str the_call_comes(struct scene *s, const char *end)
{
	client_says(s, GET);
	origin_accepts(s);
	return origin_hears(s, end);
}

static bool has_called(struct scene *s)
{
	(void)s;
	return call.done;
}

/* The call is over; the client's own request follows: on its connection, or (it was not kept, or
 * there was none) on another. */
static void goes_on(struct scene *s, bool anew)
{
	scene_until(s, has_called);
	if (anew)
		origin_accepts(s);
	assert_true(str_starts(origin_hears(s, "\r\n\r\n"), STR("GET /x HTTP/1.1\r\n")));
	origin_says(s, OK);
	(void)client_hears(s, "\r\n\r\nok");
	scene_free(s);
}

static void fails(struct scene *s, enum weir_wait how, const char *reason)
{
	goes_on(s, true);
	assert_int_equal(call.how, how);
	assert_string_equal(call.reason, reason);
	assert_int_equal(call.status, 0);
}

static bool has(struct weir_str heard, const char *text)
{
	return str_find_str(heard, str_from(text)) < heard.len;
}

static void whatever_is_not_said_has_a_usual_value(void **state)
{
	struct scene *s = calling();
	struct weir_str heard = the_call_comes(s, "\r\n\r\n");

	(void)state;
	assert_true(str_starts(heard, STR("GET / HTTP/1.1\r\n")));
	assert_true(has(heard, "host: tariff-svc\r\n"));
	origin_says(s, "HTTP/1.1 404 No\r\nx-a: 1\r\nx-b: 2\r\ncontent-length: 4\r\n\r\nnone");
	goes_on(s, false);

	assert_int_equal(call.how, WEIR_OK);	/* an answer, whatever its status */
	assert_int_equal(call.status, 404);
	assert_string_equal(call.body, "none");
	assert_true(call.headers >= 2);
	assert_string_equal(call.reason, "");
}

static void a_body_is_posted(void **state)
{
	struct scene *s = calling();
	struct weir_str heard;

	(void)state;
	call.ask.body = STR("hello");
	call.ask.path = STR("/in?x=1");
	heard = the_call_comes(s, "\r\n\r\nhello");
	assert_true(str_starts(heard, STR("POST /in?x=1 HTTP/1.1\r\n")));
	assert_true(has(heard, "content-length: 5\r\n"));
	origin_says(s, OK);
	goes_on(s, false);
	assert_string_equal(call.body, "ok");
}

static void a_host_of_its_own_takes_the_place_of_the_services_name(void **state)
{
	struct scene *s = calling();
	struct weir_str heard;

	(void)state;
	call.field = (struct weir_field){ STR("Host"), STR("other.example") };
	call.ask.headers = &call.field;
	call.ask.header_count = 1;
	heard = the_call_comes(s, "\r\n\r\n");
	assert_true(has(heard, "host: other.example\r\n"));
	assert_false(has(heard, "tariff-svc"));
	origin_says(s, OK);
	goes_on(s, false);
}

static void a_service_that_is_not_there_is_unknown(void **state)
{
	struct scene *s = calling();

	(void)state;
	call.ask.service = STR("nobody");
	client_says(s, GET);
	fails(s, WEIR_UNKNOWN, "unknown-service");
}

/* What a plugin puts together of a client's words must not become a second request. */
static void what_would_break_the_head_is_not_sent(void **state)
{
	struct scene *s = calling();

	(void)state;
	call.field = (struct weir_field){ STR("x-a"), STR("1\r\nx-b: 2") };
	call.ask.headers = &call.field;
	call.ask.header_count = 1;
	client_says(s, GET);
	fails(s, WEIR_NO_ANSWER, "bad-request");
}

static void a_path_with_a_blank_is_not_sent(void **state)
{
	struct scene *s = calling();

	(void)state;
	call.ask.path = STR("/a HTTP/1.1\r\nx: ");
	client_says(s, GET);
	fails(s, WEIR_NO_ANSWER, "bad-request");
}

static void an_answer_that_is_too_long_is_not_given(void **state)
{
	struct scene *s = calling();

	(void)state;
	call.ask.most = 3;
	(void)the_call_comes(s, "\r\n\r\n");
	origin_says(s, "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nlong");
	scene_until(s, has_called);
	assert_int_equal(call.how, WEIR_TOO_LARGE);
	assert_string_equal(call.body, "");
	goes_on(s, true);
}

static void an_answer_that_does_not_come_is_waited_for_no_longer(void **state)
{
	struct scene *s = calling();

	(void)state;
	call.ask.timeout_ns = 30 * NS_PER_MS;
	client_says(s, GET);
	origin_accepts(s);
	fails(s, WEIR_TIMED_OUT, "timeout");
}

static void a_client_that_vanishes_ends_the_call(void **state)
{
	struct scene *s = calling();

	(void)state;
	(void)the_call_comes(s, "\r\n\r\n");
	client_resets(s);
	scene_until(s, nobody_is_served);

	assert_int_equal(call.how, WEIR_CANCELLED);
	assert_int_equal(origin_idle(s), 0);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_is_not_said_has_a_usual_value),
		cmocka_unit_test(a_body_is_posted),
		cmocka_unit_test(a_host_of_its_own_takes_the_place_of_the_services_name),
		cmocka_unit_test(a_service_that_is_not_there_is_unknown),
		cmocka_unit_test(what_would_break_the_head_is_not_sent),
		cmocka_unit_test(a_path_with_a_blank_is_not_sent),
		cmocka_unit_test(an_answer_that_is_too_long_is_not_given),
		cmocka_unit_test(an_answer_that_does_not_come_is_waited_for_no_longer),
		cmocka_unit_test(a_client_that_vanishes_ends_the_call),
	};

	return cmocka_run_group_tests_name("call", tests, NULL, NULL);
}
