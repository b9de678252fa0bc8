/* test_session.c - one client connection: idle it costs little, served it has a fiber, and it ends. */
#include "tests/proxy/scene.h"

#include "core/proxy/session.h"

static bool nobody_is_idle(struct scene *s)
{
	return s->px->idle_sessions == 0;
}

static void an_idle_connection_has_no_fiber_and_no_buffer(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_connects(s);
	scene_turns(s, 0);
	assert_int_equal(s->px->idle_sessions, 1);
	assert_int_equal(fiber_count(&s->w->loop), 0);
	assert_int_equal(buffers_lent(s->w), 0);
	scene_free(s);
}

static void an_idle_connection_that_ends_or_resets_is_let_go(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_connects(s);
	scene_turns(s, 0);
	client_closes(s);
	scene_until(s, nobody_is_connected);
	client_connects(s);
	scene_turns(s, 0);
	client_resets(s);
	scene_until(s, nobody_is_connected);
	scene_free(s);
}

static void who_idles_too_long_is_let_go(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->lp.idle_timeout = 20 * NS_PER_MS;
	client_connects(s);
	client_hears_the_end(s);

	assert_int_equal(s->px->session_count, 0);
	scene_free(s);
}

static void the_idle_time_begins_anew_after_each_request(void **state)
{
	struct scene *s = scene_new();
	uint64_t began;

	(void)state;
	s->lp.idle_timeout = 600 * NS_PER_MS;
	client_connects(s);
	scene_turns(s, 300 * NS_PER_MS);
	began = clock_now();
	plain_exchange(s);
	client_hears_the_end(s);

	assert_true(clock_now() - began >= 500 * NS_PER_MS);
	scene_free(s);
}

static void a_listener_without_idle_time_keeps_them(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->lp.idle_timeout = CLOCK_NEVER;
	plain_exchange(s);
	scene_turns(s, 20 * NS_PER_MS);

	assert_int_equal(s->px->idle_sessions, 1);
	scene_free(s);
}

/* What is unread when a socket closes resets the connection, and the answer with it. */
static void an_answer_before_the_body_was_read_is_not_lost(void **state)
{
	struct scene *s = scene_new();
	char body[60000];

	(void)state;
	s->lp.body_limit = 10;
	memset(body, 'x', sizeof(body));
	client_says(s, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n");
	client_says_bytes(s, body, sizeof(body));
	assert_true(str_starts(client_hears(s, "}\n"), STR("HTTP/1.1 413 ")));
	client_says_bytes(s, body, sizeof(body));

	client_hears_the_end(s);
	client_closes(s);
	scene_until(s, nobody_is_connected);
	scene_free(s);
}

static void lingering_has_its_time(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->lp.body_limit = 10;
	client_says(s, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\nx");
	(void)client_hears(s, "}\n");
	scene_until(s, nobody_is_connected);	/* although the client neither sends nor closes */
	scene_free(s);
}

/* Ending. */

static void draining_lets_requests_finish(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, GET);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	proxy_drain(s->px, NULL);
	scene_turns(s, 10 * NS_PER_MS);
	assert_int_equal(s->px->exchange_count, 1);
	origin_says(s, OK);
	(void)client_hears(s, "connection: close\r\n\r\nok");

	client_hears_the_end(s);
	scene_free(s);
}

static unsigned drained;

static void note_drained(struct proxy *px)
{
	(void)px;
	drained++;
}

static void it_is_told_once_when_the_last_has_gone(void **state)
{
	struct scene *s = scene_new();
	int first;

	(void)state;
	drained = 0;
	client_connects(s);
	first = s->client;
	client_connects(s);
	scene_turns(s, 0);
	proxy_drain(s->px, note_drained);
	client_closes(s);
	scene_turns(s, 20 * NS_PER_MS);
	assert_int_equal(drained, 0);
	s->client = first;
	client_closes(s);
	scene_until(s, nobody_is_connected);

	assert_int_equal(drained, 1);
	scene_free(s);
}

static void with_nobody_there_it_is_told_at_once(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	drained = 0;
	proxy_drain(s->px, note_drained);
	assert_int_equal(drained, 1);
	scene_free(s);
}

/* Its request may be on its way already. */
static void who_idles_while_it_drains_has_a_moment_for_a_last_request(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	plain_exchange(s);
	proxy_drain(s->px, NULL);
	scene_turns(s, 10 * NS_PER_MS);
	client_says(s, GET);
	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, OK);
	(void)client_hears(s, "connection: close\r\n\r\nok");

	client_hears_the_end(s);
	scene_free(s);
}

static void cutting_ends_everybody(void **state)
{
	struct scene *s = scene_new();
	int idle;

	(void)state;
	client_connects(s);
	idle = s->client;
	client_connects(s);
	client_says(s, GET);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	proxy_cut(s->px);
	scene_until(s, nobody_is_connected);

	assert_int_equal(origin_idle(s), 0);
	client_closes(s);
	s->client = idle;
	scene_free(s);
}

/* Between the event that wakes it and its first line. */
static void who_was_woken_and_has_not_run_is_cut_as_well(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_connects(s);
	scene_turns(s, 0);
	client_says(s, GET);
	while (s->px->idle_sessions > 0)
		(void)poller_wait(&s->w->loop.poller, 10);
	proxy_cut(s->px);
	scene_until(s, nobody_is_connected);

	assert_false(origin_is_asked_again(s));
	scene_free(s);
}

/* Without. */

static void without_a_fiber_the_answer_is_503(void **state)
{
	struct scene *s = scene_new();
	uint32_t most = s->w->loop.limits.most;

	(void)state;
	s->w->loop.limits.most = 0;
	client_says(s, GET);
	assert_true(str_starts(client_hears(s, "\r\n\r\n"), STR("HTTP/1.1 503 ")));
	client_hears_the_end(s);
	s->w->loop.limits.most = most;

	assert_int_equal(s->px->session_count, 0);
	scene_free(s);
}

static void a_removed_listener_serves_nobody(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	plain_exchange(s);
	s->listeners[0] = NULL;
	client_says(s, GET);
	client_hears_the_end(s);
	client_closes(s);
	scene_until(s, nobody_is_idle);
	scene_free(s);
}

/* A reload that removes the listener lets those who are there ask once more. */
static void who_is_there_when_its_listener_goes_is_served_once_more(void **state)
{
	struct scene *s = scene_new();
	struct listener_plan *none[1] = { NULL };
	struct snapshot_reader readers[STORY_WORKERS + 1] = { { .pins = 0 } };
	struct snapshot next = s->snapshot;

	(void)state;
	next.listeners = none;
	next.readers = readers;
	readers[0].snapshot = &next;
	atomic_init(&next.unread_left, 1);
	plain_exchange(s);
	scene_turns(s, 0);
	proxy_end_sessions(s->px, 0);
	proxy_use(s->px, &next);
	client_says(s, GET);
	(void)origin_hears(s, "\r\n\r\n");
	assert_false(s->unread);
	origin_says(s, OK);
	(void)client_hears(s, "connection: close\r\n\r\nok");
	client_hears_the_end(s);
	scene_until(s, nobody_is_connected);
	scene_turns(s, 0);

	assert_true(s->unread);		/* and then the old world is let go */
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_idle_connection_has_no_fiber_and_no_buffer),
		cmocka_unit_test(an_idle_connection_that_ends_or_resets_is_let_go),
		cmocka_unit_test(who_idles_too_long_is_let_go),
		cmocka_unit_test(the_idle_time_begins_anew_after_each_request),
		cmocka_unit_test(a_listener_without_idle_time_keeps_them),
		cmocka_unit_test(an_answer_before_the_body_was_read_is_not_lost),
		cmocka_unit_test(lingering_has_its_time),
		cmocka_unit_test(draining_lets_requests_finish),
		cmocka_unit_test(it_is_told_once_when_the_last_has_gone),
		cmocka_unit_test(with_nobody_there_it_is_told_at_once),
		cmocka_unit_test(who_idles_while_it_drains_has_a_moment_for_a_last_request),
		cmocka_unit_test(cutting_ends_everybody),
		cmocka_unit_test(who_was_woken_and_has_not_run_is_cut_as_well),
		cmocka_unit_test(without_a_fiber_the_answer_is_503),
		cmocka_unit_test(a_removed_listener_serves_nobody),
		cmocka_unit_test(who_is_there_when_its_listener_goes_is_served_once_more),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
