/* test_again.c - a policy has seen the answer and wants another one. */
#include "tests/proxy/scene.h"

#include "core/plugin/window.h"

/* A policy that wants no 503: so often, there, after a pause. */
static struct {
	unsigned times;
	const char *service;
	uint64_t after;
	bool reads;			/* the body, before it decides */
	unsigned asked, seen;
	int wish;			/* what came of the last time */
	int late;			/* and of asking when it was over */
	char went[32];			/* the service of the last attempt */
} again;

static enum weir_verdict on_response(const struct weir_here *here, struct weir_exchange *ex)
{
	struct weir_str body;

	(void)here;
	again.seen++;
	if (again.reads)
		assert_int_equal(window_table()->body_read(ex, WEIR_RESPONSE, 100, &body), WEIR_OK);
	if (window_table()->status(ex) != 503 || again.asked == again.times)
		return WEIR_NEXT;
	again.asked++;
	again.wish = window_table()->retry(ex, again.service != NULL ? str_from(again.service)
								     : WEIR_ABSENT, again.after);
	return WEIR_NEXT;
}

static void on_done(const struct weir_here *here, struct weir_exchange *ex)
{
	struct weir_str went = window_table()->part(ex, WEIR_PART_SERVICE);

	(void)here;
	again.late = window_table()->retry(ex, WEIR_ABSENT, 0);
	(void)snprintf(again.went, sizeof(again.went), "%.*s", STR_ARG(went));
}

static enum weir_verdict refuses(const struct weir_here *here, struct weir_exchange *ex)
{
	(void)here;
	window_table()->refuse(ex, 503, STR("not now"));
	return WEIR_REFUSED;
}

static const struct weir_policy policy = WEIR_POLICY(.on_response = on_response, .on_done = on_done);

static struct scene *wanting(unsigned times)
{
	struct scene *s = scene_new();

	memset(&again, 0, sizeof(again));
	again.times = times;
	again.wish = again.late = -1;
	(void)scene_policy(s, &policy);
	return s;
}

#define UNWANTED "HTTP/1.1 503 No\r\nx-from: first\r\ncontent-length: 4\r\n\r\nbusy"

static void origin_answers(struct scene *s, const char *heard, const char *answer)
{
	(void)origin_hears(s, heard);
	origin_says(s, answer);
}

/* On a connection of its own: one with half an answer on it is not kept. */
static void origin_is_asked(struct scene *s, const char *heard, const char *answer)
{
	origin_accepts(s);
	origin_answers(s, heard, answer);
}

static bool has(struct weir_str heard, const char *text)
{
	return str_find_str(heard, str_from(text)) < heard.len;
}

static void ends(struct scene *s)
{
	scene_until(s, nobody_is_served);
	scene_free(s);
}

static void the_client_sees_only_the_answer_that_was_wanted(void **state)
{
	struct scene *s = wanting(1);
	struct weir_str heard;

	(void)state;
	client_says(s, GET);
	origin_is_asked(s, "\r\n\r\n", UNWANTED);
	origin_is_asked(s, "GET /x HTTP/1.1\r\n", OK);
	heard = client_hears(s, "\r\n\r\nok");

	assert_true(str_starts(heard, STR("HTTP/1.1 200 ")));
	assert_false(has(heard, "x-from"));
	assert_int_equal(again.wish, WEIR_RETRY_FOLLOWS);
	assert_int_equal(again.seen, 2);	/* the hooks see the next one too */
	ends(s);
}

static void what_was_read_of_the_first_answer_is_forgotten(void **state)
{
	struct scene *s = wanting(1);

	(void)state;
	again.reads = true;
	client_says(s, GET);
	origin_is_asked(s, "\r\n\r\n", UNWANTED);
	origin_answers(s, "\r\n\r\n", OK);		/* it was read to its end: its connection is kept */

	assert_false(has(client_hears(s, "\r\n\r\nok"), "busy"));
	ends(s);
}

static void a_body_in_hand_is_sent_again(void **state)
{
	static const char request[] = "PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello";
	struct scene *s = wanting(1);

	(void)state;
	client_says(s, request);
	origin_is_asked(s, "\r\n\r\nhello", UNWANTED);
	origin_is_asked(s, "\r\n\r\nhello", OK);
	(void)client_hears(s, "\r\n\r\nok");
	ends(s);
}

static void a_post_is_not_sent_twice(void **state)
{
	struct scene *s = wanting(1);

	(void)state;
	client_says(s, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello");
	origin_is_asked(s, "\r\n\r\nhello", UNWANTED);
	(void)client_hears(s, "\r\n\r\nbusy");

	assert_int_equal(again.wish, WEIR_RETRY_UNSAFE);
	ends(s);
}

/* It was not kept: the route tries nothing again. */
static void a_body_that_has_passed_is_gone(void **state)
{
	struct scene *s = wanting(1);

	(void)state;
	client_says(s, "PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhello");
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\nhello");
	client_says(s, "world");
	origin_answers(s, "world", UNWANTED);
	(void)client_hears(s, "\r\n\r\nbusy");

	assert_int_equal(again.wish, WEIR_RETRY_UNSAFE);
	ends(s);
}

static void four_times_are_the_most(void **state)
{
	struct scene *s = wanting(9);

	(void)state;
	client_says(s, GET);
	for (int i = 0; i < 5; i++)
		origin_is_asked(s, "\r\n\r\n", UNWANTED);
	(void)client_hears(s, "\r\n\r\nbusy");

	assert_int_equal(again.asked, 5);
	assert_int_equal(again.wish, WEIR_RETRY_TOO_OFTEN);
	ends(s);
}

/* Services. */

static void it_may_come_from_another_service(void **state)
{
	struct scene *s = wanting(1);
	struct service *risk = scene_other_service(s, "risk-svc");

	(void)state;
	again.service = "risk-svc";
	client_says(s, GET);
	origin_is_asked(s, "\r\n\r\n", UNWANTED);
	origin_accepts(s);
	(void)origin_hears(s, "GET /x HTTP/1.1\r\n");
	assert_int_equal(scene_in_flight(s->svc), 0);		/* what was left is settled */
	assert_int_equal(scene_in_flight(risk), 1);
	origin_says(s, OK);
	(void)client_hears(s, "\r\n\r\nok");
	scene_until(s, nobody_is_served);

	assert_string_equal(again.went, "risk-svc");
	assert_int_equal(scene_in_flight(risk), 0);
	scene_free(s);
}

static void the_answer_stands_when_nobody_knows_that_service(void **state)
{
	struct scene *s = wanting(1);

	(void)state;
	again.service = "nobody";
	client_says(s, GET);
	origin_is_asked(s, "\r\n\r\n", UNWANTED);
	(void)client_hears(s, "\r\n\r\nbusy");

	assert_int_equal(again.wish, WEIR_RETRY_UNKNOWN);
	ends(s);
}

/* Time. */

static void a_client_that_vanishes_in_the_pause_leaves_nothing(void **state)
{
	struct scene *s = wanting(1);

	(void)state;
	again.after = 60 * NS_PER_S;
	client_says(s, GET);
	origin_is_asked(s, "\r\n\r\n", UNWANTED);
	origin_hears_the_end(s);	/* nobody waits with a connection in his hand */
	client_resets(s);
	ends(s);
	assert_int_equal(again.wish, WEIR_RETRY_FOLLOWS);
}

static void the_routes_time_ends_the_pause(void **state)
{
	struct scene *s = wanting(1);

	(void)state;
	again.after = 60 * NS_PER_S;
	s->plan.head_timeout = NS_PER_S;
	client_says(s, GET);
	origin_is_asked(s, "\r\n\r\n", UNWANTED);

	assert_true(str_starts(client_hears(s, "}\n"), STR("HTTP/1.1 504 ")));
	ends(s);
}

/* Where there is nothing to ask for again. */

static void an_answer_of_our_own_is_not_asked_for_again(void **state)
{
	static const struct weir_policy refusing = WEIR_POLICY(.on_request = refuses);
	struct scene *s = wanting(1);

	(void)state;
	(void)scene_policy(s, &refusing);
	client_says(s, GET);
	(void)client_hears(s, "not now");

	assert_int_equal(again.seen, 1);
	assert_int_equal(again.wish, WEIR_RETRY_NOT_HERE);
	ends(s);
}

static void when_its_head_has_left_it_is_too_late(void **state)
{
	struct scene *s = wanting(0);

	(void)state;
	plain_exchange(s);
	scene_until(s, nobody_is_served);

	assert_int_equal(again.late, WEIR_RETRY_NOT_HERE);
	ends(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_client_sees_only_the_answer_that_was_wanted),
		cmocka_unit_test(what_was_read_of_the_first_answer_is_forgotten),
		cmocka_unit_test(a_body_in_hand_is_sent_again),
		cmocka_unit_test(a_post_is_not_sent_twice),
		cmocka_unit_test(a_body_that_has_passed_is_gone),
		cmocka_unit_test(four_times_are_the_most),
		cmocka_unit_test(it_may_come_from_another_service),
		cmocka_unit_test(the_answer_stands_when_nobody_knows_that_service),
		cmocka_unit_test(a_client_that_vanishes_in_the_pause_leaves_nothing),
		cmocka_unit_test(the_routes_time_ends_the_pause),
		cmocka_unit_test(an_answer_of_our_own_is_not_asked_for_again),
		cmocka_unit_test(when_its_head_has_left_it_is_too_late),
	};

	return cmocka_run_group_tests_name("again", tests, NULL, NULL);
}
