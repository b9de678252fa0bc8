/* test_collect.c - policies that read bodies: what they get, and that nothing of it is lost. */
#include "tests/proxy/scene.h"

#include "core/plugin/window.h"

/* A policy that reads so much of the request's body. */
static struct {
	size_t most, second;
	enum weir_wait got;
	char text[128];
	bool answers;
} reader;

static enum weir_verdict reads(const struct weir_here *here, struct weir_exchange *ex)
{
	struct weir_str body;

	(void)here;
	reader.got = window_table()->body_read(ex, WEIR_REQUEST, reader.most, &body);
	if (reader.got == WEIR_TOO_LARGE && reader.second > 0)
		reader.got = window_table()->body_read(ex, WEIR_REQUEST, reader.second, &body);
	(void)snprintf(reader.text, sizeof(reader.text), "%.*s", STR_ARG(body));
	return reader.got == WEIR_OK || reader.got == WEIR_TOO_LARGE ? WEIR_NEXT : WEIR_FAILED;
}

static const struct weir_policy reading = WEIR_POLICY(.on_request = reads);

static struct scene *reading_up_to(size_t most)
{
	struct scene *s = scene_new();

	memset(&reader, 0, sizeof(reader));
	reader.most = most;
	(void)scene_policy(s, &reading);
	return s;
}

static void answered(struct scene *s)
{
	origin_says(s, OK);
	(void)client_hears(s, "\r\n\r\nok");
	scene_turns(s, 0);
	assert_int_equal(s->px->idle_sessions, 1);
	assert_int_equal(origin_idle(s), 1);
	scene_free(s);
}

#define LENGTH "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n"
#define CHUNKED "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"

static void a_body_within_the_limit_is_read_and_sent(void **state)
{
	struct scene *s = reading_up_to(10);

	(void)state;
	client_says(s, LENGTH "01234");
	scene_turns(s, 0);
	client_says(s, "56789");
	origin_accepts(s);
	(void)origin_hears(s, "content-length: 10\r\n\r\n0123456789");

	assert_int_equal(reader.got, WEIR_OK);
	assert_string_equal(reader.text, "0123456789");
	answered(s);
}

static void a_chunked_body_that_was_read_has_a_length(void **state)
{
	struct scene *s = reading_up_to(10);

	(void)state;
	client_says(s, CHUNKED "5\r\n01234\r\n");
	scene_turns(s, 0);
	client_says(s, "5\r\n56789\r\n0\r\n\r\n");
	origin_accepts(s);
	(void)origin_hears(s, "content-length: 10\r\n\r\n0123456789");

	assert_string_equal(reader.text, "0123456789");
	answered(s);
}

static void a_request_without_a_body_has_none_to_read(void **state)
{
	struct scene *s = reading_up_to(10);

	(void)state;
	client_says(s, GET);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");

	assert_int_equal(reader.got, WEIR_OK);
	assert_string_equal(reader.text, "");
	answered(s);
}

/* Over the limit. */

static void a_length_over_the_limit_is_not_read_at_all(void **state)
{
	struct scene *s = reading_up_to(9);

	(void)state;
	client_says(s, LENGTH "01234");
	origin_accepts(s);
	assert_int_equal(reader.got, WEIR_TOO_LARGE);
	client_says(s, "56789");
	(void)origin_hears(s, "content-length: 10\r\n\r\n0123456789");
	answered(s);
}

static void a_body_over_the_limit_that_has_come_whole_goes_up_whole(void **state)
{
	struct scene *s = reading_up_to(9);

	(void)state;
	client_says(s, CHUNKED "a\r\n0123456789\r\n0\r\n\r\n");
	origin_accepts(s);
	(void)origin_hears(s, "content-length: 10\r\n\r\n0123456789");

	assert_int_equal(reader.got, WEIR_TOO_LARGE);
	answered(s);
}

static void a_body_over_the_limit_goes_up_with_what_was_read_first(void **state)
{
	struct scene *s = reading_up_to(3);

	(void)state;
	client_says(s, CHUNKED "5\r\n01234\r\n");
	origin_accepts(s);
	(void)origin_hears(s, "5\r\n01234\r\n");
	client_says(s, "5\r\n56789\r\n0\r\n\r\n");
	(void)origin_hears(s, "5\r\n56789\r\n0\r\n\r\n");
	assert_int_equal(reader.got, WEIR_TOO_LARGE);
	answered(s);
}

static void a_second_look_may_be_longer(void **state)
{
	struct scene *s = reading_up_to(3);

	(void)state;
	reader.second = 20;
	client_says(s, CHUNKED "5\r\n01234\r\n");
	scene_turns(s, 0);
	client_says(s, "5\r\n56789\r\n0\r\n\r\n");
	origin_accepts(s);
	(void)origin_hears(s, "content-length: 10\r\n\r\n0123456789");

	assert_int_equal(reader.got, WEIR_OK);
	assert_string_equal(reader.text, "0123456789");
	answered(s);
}

/* What cannot be read. */

static void a_body_that_could_not_be_read_goes_nowhere(void **state)
{
	struct scene *s = reading_up_to(100);

	(void)state;
	s->links[0].go_on = true;
	client_says(s, CHUNKED "5\r\n01234\r\nzz\r\n");
	assert_true(str_starts(client_hears(s, "}\n"), STR("HTTP/1.1 400 ")));

	client_hears_the_end(s);
	assert_false(origin_is_asked_again(s));
	scene_free(s);
}

static void a_client_that_vanishes_while_it_is_read_leaves_nothing(void **state)
{
	struct scene *s = reading_up_to(100);

	(void)state;
	client_says(s, LENGTH "01234");
	scene_turns(s, 0);
	client_resets(s);
	scene_until(s, nobody_is_connected);

	assert_int_equal(reader.got, WEIR_CANCELLED);
	scene_free(s);
}

static void a_client_that_sends_too_slowly_is_told(void **state)
{
	struct scene *s = reading_up_to(100);

	(void)state;
	s->lp.body_timeout = 30 * NS_PER_MS;
	client_says(s, LENGTH "01234");
	assert_int_equal(strncmp(client_hears(s, "}\n").data, "HTTP/1.1 408", 12), 0);

	assert_int_equal(reader.got, WEIR_TIMED_OUT);
	scene_free(s);
}

static void a_client_that_waits_is_told_to_go_on(void **state)
{
	struct scene *s = reading_up_to(100);

	(void)state;
	client_says(s, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\n");
	(void)client_hears(s, "HTTP/1.1 100 Continue\r\n\r\n");
	client_says(s, "01234");
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n01234");
	answered(s);
}

/* Answers. */

static struct {
	size_t most;
	enum weir_wait got, too_early;
	char text[128];
	const char *instead;
} look;

static enum weir_verdict too_early(const struct weir_here *here, struct weir_exchange *ex)
{
	struct weir_str body;

	(void)here;
	look.too_early = window_table()->body_read(ex, WEIR_RESPONSE, look.most, &body);
	return WEIR_NEXT;
}

static enum weir_verdict looks(const struct weir_here *here, struct weir_exchange *ex)
{
	struct weir_str body;

	(void)here;
	look.got = window_table()->body_read(ex, WEIR_RESPONSE, look.most, &body);
	(void)snprintf(look.text, sizeof(look.text), "%.*s", STR_ARG(body));
	if (look.instead != NULL)
		assert_true(window_table()->body_set(ex, WEIR_RESPONSE, str_from(look.instead)));
	return WEIR_NEXT;
}

static const struct weir_policy looking = WEIR_POLICY(.on_request = too_early, .on_response = looks);

static struct scene *looking_up_to(size_t most)
{
	struct scene *s = scene_new();

	memset(&look, 0, sizeof(look));
	look.most = most;
	(void)scene_policy(s, &looking);
	client_says(s, GET);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	return s;
}

static void an_answer_may_be_read_before_it_goes_down(void **state)
{
	struct scene *s = looking_up_to(10);

	(void)state;
	origin_says(s, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n01234\r\n");
	scene_turns(s, 0);
	origin_says(s, "5\r\n56789\r\n0\r\n\r\n");
	(void)client_hears(s, "content-length: 10\r\n\r\n0123456789");

	assert_int_equal(look.got, WEIR_OK);
	assert_string_equal(look.text, "0123456789");
	scene_free(s);
}

/* Asked too early, it must not come to stand for the answer. */
static void an_answer_cannot_be_read_before_it_is_there(void **state)
{
	struct scene *s = looking_up_to(10);

	(void)state;
	origin_says(s, OK);
	(void)client_hears(s, "\r\n\r\nok");

	assert_int_equal(look.too_early, WEIR_NOT_HERE);
	scene_free(s);
}

static void an_answer_over_the_limit_streams_on(void **state)
{
	struct scene *s = looking_up_to(3);

	(void)state;
	origin_says(s, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n01234\r\n");
	(void)client_hears(s, "5\r\n01234\r\n");
	origin_says(s, "5\r\n56789\r\n0\r\n\r\n");
	(void)client_hears(s, "5\r\n56789\r\n0\r\n\r\n");

	assert_int_equal(look.got, WEIR_TOO_LARGE);
	scene_free(s);
}

static void an_answer_may_be_replaced(void **state)
{
	struct scene *s = looking_up_to(100);

	(void)state;
	look.instead = "another";
	origin_says(s, "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123456789");
	(void)client_hears(s, "content-length: 7\r\n\r\nanother");
	scene_turns(s, 0);

	assert_int_equal(origin_idle(s), 1);
	scene_free(s);
}

static void an_answer_without_a_body_keeps_the_length_it_tells(void **state)
{
	struct scene *s = scene_new();
	struct weir_str heard;

	(void)state;
	memset(&look, 0, sizeof(look));
	look.most = 100;
	(void)scene_policy(s, &looking);
	client_says(s, "HEAD / HTTP/1.1\r\nhost: a\r\n\r\n");
	origin_accepts(s);
	origin_says(s, "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n");
	heard = client_hears(s, "\r\n\r\n");

	assert_int_equal(look.got, WEIR_OK);
	assert_true(str_find_str(heard, STR("content-length: 500")) < heard.len);
	scene_free(s);
}

static void an_answer_that_breaks_off_while_it_is_read_is_a_502(void **state)
{
	struct scene *s = looking_up_to(100);

	(void)state;
	origin_says(s, "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n01234");
	scene_turns(s, 0);
	origin_closes(s);
	assert_true(str_starts(client_hears(s, "}\n"), STR("HTTP/1.1 502 ")));

	assert_int_equal(look.got, WEIR_NO_ANSWER);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_within_the_limit_is_read_and_sent),
		cmocka_unit_test(a_chunked_body_that_was_read_has_a_length),
		cmocka_unit_test(a_request_without_a_body_has_none_to_read),
		cmocka_unit_test(a_length_over_the_limit_is_not_read_at_all),
		cmocka_unit_test(a_body_over_the_limit_that_has_come_whole_goes_up_whole),
		cmocka_unit_test(a_body_over_the_limit_goes_up_with_what_was_read_first),
		cmocka_unit_test(a_second_look_may_be_longer),
		cmocka_unit_test(a_body_that_could_not_be_read_goes_nowhere),
		cmocka_unit_test(a_client_that_vanishes_while_it_is_read_leaves_nothing),
		cmocka_unit_test(a_client_that_sends_too_slowly_is_told),
		cmocka_unit_test(a_client_that_waits_is_told_to_go_on),
		cmocka_unit_test(an_answer_may_be_read_before_it_goes_down),
		cmocka_unit_test(an_answer_cannot_be_read_before_it_is_there),
		cmocka_unit_test(an_answer_over_the_limit_streams_on),
		cmocka_unit_test(an_answer_may_be_replaced),
		cmocka_unit_test(an_answer_without_a_body_keeps_the_length_it_tells),
		cmocka_unit_test(an_answer_that_breaks_off_while_it_is_read_is_a_502),
	};

	return cmocka_run_group_tests_name("collect", tests, NULL, NULL);
}
