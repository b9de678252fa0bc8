/* test_proxy.c - a worker's part: it drains, it is cut, its sessions follow their listener. */
#include "core/proxy/session.h"
#include "tests/proxy/scene.h"

static unsigned told;

static void drained(struct proxy *px)
{
	(void)px;
	told++;
}

static void a_drain_with_nothing_left_is_told_at_once_and_once(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	told = 0;
	proxy_drain(s->px, drained);
	proxy_note_end(s->px);

	assert_int_equal(told, 1);
	scene_free(s);
}

static void a_drain_closes_who_is_idle_and_lets_requests_end(void **state)
{
	struct scene *s = scene_new();
	struct weir_str heard;

	(void)state;
	told = 0;
	client_says(s, GET);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	proxy_drain(s->px, drained);
	scene_turns(s, NS_PER_MS);
	assert_int_equal(told, 0);
	origin_says(s, OK);
	heard = client_hears(s, "\r\n\r\nok");

	assert_true(str_find_str(heard, STR("connection: close")) < heard.len);
	client_hears_the_end(s);
	scene_until(s, nobody_is_connected);
	assert_int_equal(told, 1);
	scene_free(s);
}

static void who_is_idle_is_closed_by_a_drain(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	told = 0;
	plain_exchange(s);
	scene_turns(s, 0);
	proxy_drain(s->px, drained);

	client_hears_the_end(s);
	scene_until(s, nobody_is_connected);
	assert_int_equal(told, 1);
	scene_free(s);
}

static void a_cut_ends_what_would_go_on(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	told = 0;
	client_says(s, GET);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	proxy_drain(s->px, drained);
	proxy_cut(s->px);
	scene_until(s, nobody_is_connected);

	assert_int_equal(told, 1);
	assert_int_equal(origin_idle(s), 0);
	scene_free(s);
}

static bool exchange_says_close(struct scene *s)
{
	struct weir_str heard;

	client_says(s, GET);
	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, OK);
	heard = client_hears(s, "\r\n\r\nok");
	return str_find_str(heard, STR("connection: close")) < heard.len;
}

/* A listener that is given up takes its own with it, each with its next exchange, and nobody else's. */
static void sessions_end_with_their_listener(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	plain_exchange(s);
	proxy_end_sessions(s->px, 7);
	assert_false(exchange_says_close(s));
	proxy_end_sessions(s->px, 0);
	assert_true(exchange_says_close(s));

	client_hears_the_end(s);
	scene_until(s, nobody_is_connected);
	scene_free(s);
}

static uint32_t becomes_nine(void *arg, uint32_t slot)
{
	return slot == *(uint32_t *)arg ? 9 : slot;
}

static void sessions_follow_a_listener_that_gets_another_slot(void **state)
{
	struct scene *s = scene_new();
	uint32_t other = 3, mine = 0;
	struct session *session;

	(void)state;
	plain_exchange(s);
	session = container_of(s->px->open.next, struct session, link);
	proxy_move_sessions(s->px, becomes_nine, &other);
	assert_int_equal(session->listener_slot, 0);
	proxy_move_sessions(s->px, becomes_nine, &mine);
	assert_int_equal(session->listener_slot, 9);

	client_closes(s);
	scene_until(s, nobody_is_connected);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_drain_with_nothing_left_is_told_at_once_and_once),
		cmocka_unit_test(a_drain_closes_who_is_idle_and_lets_requests_end),
		cmocka_unit_test(who_is_idle_is_closed_by_a_drain),
		cmocka_unit_test(a_cut_ends_what_would_go_on),
		cmocka_unit_test(sessions_end_with_their_listener),
		cmocka_unit_test(sessions_follow_a_listener_that_gets_another_slot),
	};

	return cmocka_run_group_tests_name("proxy", tests, NULL, NULL);
}
