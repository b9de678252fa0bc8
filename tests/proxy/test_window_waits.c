/* test_window_waits.c - what a plugin waits for on behalf of an exchange, and whose time that takes. */
#include "tests/proxy/scene.h"

#include "core/plugin/window.h"

/* A policy that does what a test says, in each of its hooks. */
static struct {
	void (*request)(struct weir_exchange *ex);
	void (*response)(struct weir_exchange *ex);
	void (*done)(struct weir_exchange *ex);
	enum weir_wait got, second;
	bool set, ran;
	char text[64];
} does;

static enum weir_verdict on_request(const struct weir_here *here, struct weir_exchange *ex)
{
	(void)here;
	if (does.request != NULL)
		does.request(ex);
	return WEIR_NEXT;
}

static enum weir_verdict on_response(const struct weir_here *here, struct weir_exchange *ex)
{
	(void)here;
	if (does.response != NULL)
		does.response(ex);
	return WEIR_NEXT;
}

static void on_done(const struct weir_here *here, struct weir_exchange *ex)
{
	(void)here;
	if (does.done != NULL)
		does.done(ex);
	does.ran = true;
}

static const struct weir_policy policy = WEIR_POLICY(.on_request = on_request,
						     .on_response = on_response, .on_done = on_done);

static struct scene *doing(void)
{
	struct scene *s = scene_new();

	memset(&does, 0, sizeof(does));
	does.got = does.second = (enum weir_wait)-1;
	(void)scene_policy(s, &policy);
	return s;
}

static enum weir_wait reads(struct weir_exchange *ex, enum weir_side side, size_t most)
{
	struct weir_str body;
	enum weir_wait how = window_table()->body_read(ex, side, most, &body);

	(void)snprintf(does.text, sizeof(does.text), "%.*s", STR_ARG(body));
	if (how != WEIR_OK)
		assert_null(body.data);
	return how;
}

static void reads_request(struct weir_exchange *ex)
{
	does.got = reads(ex, WEIR_REQUEST, 10);
}

static void reads_response(struct weir_exchange *ex)
{
	does.got = reads(ex, WEIR_RESPONSE, 10);
}

static void ends(struct scene *s)
{
	scene_until(s, nobody_is_served);
	assert_true(does.ran);
	scene_free(s);
}

/* Who may wait. */

static void nobody_waits_outside_of_a_hook(void **state)
{
	struct scene *s = doing();
	struct weir_str body = STR("left");

	(void)state;
	assert_int_equal(window_table()->body_read(NULL, WEIR_REQUEST, 10, &body), WEIR_NOT_HERE);
	assert_null(body.data);
	scene_free(s);
}

static void a_request_that_was_sent_is_not_read(void **state)
{
	struct scene *s = doing();

	(void)state;
	does.response = reads_request;
	plain_exchange(s);

	assert_int_equal(does.got, WEIR_NOT_HERE);
	ends(s);
}

static void an_answer_that_is_not_there_or_has_left_is_not_read(void **state)
{
	struct scene *s = doing();

	(void)state;
	does.request = reads_response;
	plain_exchange(s);
	assert_int_equal(does.got, WEIR_NOT_HERE);
	scene_until(s, nobody_is_served);
	does.got = WEIR_OK;
	does.request = NULL;
	does.done = reads_response;
	plain_exchange(s);
	scene_until(s, nobody_is_served);

	assert_int_equal(does.got, WEIR_NOT_HERE);
	ends(s);
}

/* Limits. */

#define PUT "PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n"

static void reads_too_little_and_then_more(struct weir_exchange *ex)
{
	does.got = reads(ex, WEIR_REQUEST, 4);
	does.second = reads(ex, WEIR_REQUEST, 5);
}

static void a_body_in_hand_may_still_be_too_large(void **state)
{
	struct scene *s = doing();

	(void)state;
	does.request = reads_too_little_and_then_more;
	client_says(s, PUT "hello");
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\nhello");
	origin_says(s, OK);
	(void)client_hears(s, "\r\n\r\nok");

	assert_int_equal(does.got, WEIR_TOO_LARGE);
	assert_int_equal(does.second, WEIR_OK);
	assert_string_equal(does.text, "hello");
	ends(s);
}

/* Time. */

/* That a client is slow is not the route's doing; its own patience is for the gaps. */
static void a_slow_body_takes_none_of_the_routes_time(void **state)
{
	struct scene *s = doing();

	(void)state;
	does.request = reads_request;
	s->plan.head_timeout = 50 * NS_PER_MS;
	client_says(s, PUT "he");
	scene_turns(s, 100 * NS_PER_MS);
	assert_int_equal(s->px->exchange_count, 1);
	client_says(s, "llo");

	assert_true(str_starts(client_hears(s, "}\n"), STR("HTTP/1.1 504 ")));	/* the origin's is */
	assert_int_equal(does.got, WEIR_OK);
	assert_string_equal(does.text, "hello");
	ends(s);
}

static void the_time_for_all_bounds_it(void **state)
{
	struct scene *s = doing();
	struct weir_str heard;

	(void)state;
	does.request = reads_request;
	s->plan.all_timeout = 50 * NS_PER_MS;
	client_says(s, PUT "he");
	heard = client_hears(s, "}\n");

	assert_int_equal(does.got, WEIR_TIMED_OUT);
	assert_true(str_find_str(heard, STR("weir-reason: all-timeout")) < heard.len);
	ends(s);
}

static void a_client_that_stalls_has_its_own_patience(void **state)
{
	struct scene *s = doing();
	struct weir_str heard;

	(void)state;
	does.request = reads_request;
	s->lp.body_timeout = 50 * NS_PER_MS;
	client_says(s, PUT "he");
	heard = client_hears(s, "}\n");

	assert_int_equal(does.got, WEIR_TIMED_OUT);
	assert_true(str_find_str(heard, STR("weir-reason: body-slow")) < heard.len);
	ends(s);
}

static void an_upstream_that_breaks_off_gives_no_answer(void **state)
{
	struct scene *s = doing();

	(void)state;
	does.response = reads_response;
	client_says(s, GET);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe");
	origin_closes(s);
	(void)client_hears(s, "}\n");

	assert_int_equal(does.got, WEIR_NO_ANSWER);
	ends(s);
}

static void says_something_and_reads_less(struct weir_exchange *ex)
{
	window_table()->reply(ex, &(struct weir_reply)WEIR_REPLY(.status = 200,
								 .body = STR("hello")));
	does.got = reads(ex, WEIR_RESPONSE, 4);
	does.second = reads(ex, WEIR_RESPONSE, 5);
}

static void an_answer_of_our_own_is_read_within_the_limit_too(void **state)
{
	struct scene *s = doing();

	(void)state;
	does.response = says_something_and_reads_less;
	client_says(s, GET);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, OK);
	(void)client_hears(s, "\r\n\r\nhello");

	assert_int_equal(does.got, WEIR_TOO_LARGE);
	assert_int_equal(does.second, WEIR_OK);
	assert_string_equal(does.text, "hello");
	ends(s);
}

static bool reads_nothing;

static void reads_an_empty_one(struct weir_exchange *ex)
{
	struct weir_str body = STR("left");

	does.got = window_table()->body_read(ex, WEIR_RESPONSE, 4, &body);
	reads_nothing = body.data == NULL;
}

static void an_empty_body_is_absent(void **state)
{
	struct scene *s = doing();

	(void)state;
	does.response = reads_an_empty_one;
	client_says(s, GET);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
	(void)client_hears(s, "\r\n\r\n");

	assert_int_equal(does.got, WEIR_OK);
	assert_true(reads_nothing);
	ends(s);
}

/* Setting. */

static void sets_unread(struct weir_exchange *ex)
{
	does.set = window_table()->body_set(ex, WEIR_REQUEST, STR("mine"));
}

/* What was not read would follow it on the wire. */
static void a_body_on_its_way_is_not_replaced_unread(void **state)
{
	struct scene *s = doing();

	(void)state;
	does.request = sets_unread;
	client_says(s, PUT "he");
	origin_accepts(s);
	client_says(s, "llo");
	(void)origin_hears(s, "\r\n\r\nhello");
	origin_says(s, OK);
	(void)client_hears(s, "\r\n\r\nok");

	assert_false(does.set);
	ends(s);
}

static void reads_and_sets(struct weir_exchange *ex)
{
	does.got = reads(ex, WEIR_REQUEST, 10);
	does.set = window_table()->body_set(ex, WEIR_REQUEST, STR("mine!!"));
}

static void a_body_that_was_read_is_replaced_with_its_length(void **state)
{
	struct scene *s = doing();

	(void)state;
	does.request = reads_and_sets;
	client_says(s, "PUT / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
		       "5\r\nhello\r\n0\r\n\r\n");
	origin_accepts(s);
	(void)origin_hears(s, "content-length: 6\r\n\r\nmine!!");
	origin_says(s, OK);
	(void)client_hears(s, "\r\n\r\nok");

	assert_true(does.set);
	assert_string_equal(does.text, "hello");
	ends(s);
}

static void sets_both(struct weir_exchange *ex)
{
	does.set = window_table()->body_set(ex, WEIR_RESPONSE, STR("mine"));
	assert_false(window_table()->body_set(ex, WEIR_REQUEST, STR("late")));
}

static void an_answers_body_is_replaced_until_its_head_has_left(void **state)
{
	struct scene *s = doing();
	struct weir_str heard;

	(void)state;
	does.response = sets_both;
	client_says(s, GET);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, OK);
	heard = client_hears(s, "\r\n\r\nmine");
	assert_true(does.set);
	assert_true(str_find_str(heard, STR("content-length: 4\r\n")) < heard.len);
	scene_until(s, nobody_is_served);

	origin_closes(s);	/* what was replaced unread ends its connection */
	does.response = NULL;
	does.done = sets_both;
	plain_exchange(s);
	scene_until(s, nobody_is_served);
	assert_false(does.set);
	ends(s);
}

static void sets_before_there_is_one(struct weir_exchange *ex)
{
	does.set = window_table()->body_set(ex, WEIR_RESPONSE, STR("mine"));
}

static void an_answer_that_is_not_there_has_no_body_to_replace(void **state)
{
	struct scene *s = doing();

	(void)state;
	does.request = sets_before_there_is_one;
	plain_exchange(s);

	assert_false(does.set);
	ends(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_waits_outside_of_a_hook),
		cmocka_unit_test(a_request_that_was_sent_is_not_read),
		cmocka_unit_test(an_answer_that_is_not_there_or_has_left_is_not_read),
		cmocka_unit_test(a_body_in_hand_may_still_be_too_large),
		cmocka_unit_test(a_slow_body_takes_none_of_the_routes_time),
		cmocka_unit_test(the_time_for_all_bounds_it),
		cmocka_unit_test(a_client_that_stalls_has_its_own_patience),
		cmocka_unit_test(an_upstream_that_breaks_off_gives_no_answer),
		cmocka_unit_test(an_answer_of_our_own_is_read_within_the_limit_too),
		cmocka_unit_test(an_empty_body_is_absent),
		cmocka_unit_test(a_body_on_its_way_is_not_replaced_unread),
		cmocka_unit_test(a_body_that_was_read_is_replaced_with_its_length),
		cmocka_unit_test(an_answers_body_is_replaced_until_its_head_has_left),
		cmocka_unit_test(an_answer_that_is_not_there_has_no_body_to_replace),
	};

	return cmocka_run_group_tests_name("window_waits", tests, NULL, NULL);
}
