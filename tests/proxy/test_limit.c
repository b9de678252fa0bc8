/* test_limit.c - how large a request may be, and how many there may be at once. */
#include <stdlib.h>

#include "tests/proxy/scene.h"

#include "core/proxy/limit.h"
#include "core/proxy/shared_limit.h"

static void is_answered(struct scene *s, const char *status, const char *reason)
{
	struct weir_str heard = client_hears(s, "}\n");

	assert_true(str_starts(heard, str_from(status)));
	assert_true(str_find_str(heard, str_from(reason)) < heard.len);
	assert_false(origin_is_asked_again(s));
	scene_free(s);
}

static void a_body_that_declares_too_much_is_refused_unread(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->lp.body_limit = 10;
	client_says(s, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 11\r\n\r\n");
	is_answered(s, "HTTP/1.1 413 ", "body-too-large");
}

static void a_route_may_allow_more_than_its_listener(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->lp.body_limit = 4;
	s->plan.body_limited = true;
	s->plan.body_limit = 5;
	client_says(s, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello");
	origin_accepts(s);
	(void)origin_hears(s, "hello");
	origin_says(s, OK);

	(void)client_hears(s, "\r\n\r\nok");
	scene_free(s);
}

/* Nothing declares how long it becomes. */
static void a_chunked_body_is_stopped_where_it_becomes_too_long(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->lp.body_limit = 10;
	client_says(s, "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n");
	origin_accepts(s);
	(void)origin_hears(s, "hello");
	client_says(s, "6\r\n world\r\n");

	assert_true(str_starts(client_hears(s, "}\n"), STR("HTTP/1.1 413 ")));
	assert_int_equal(origin_idle(s), 0);
	scene_free(s);
}

static void a_head_over_the_bound_of_its_route_is_refused(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->plan.header_limit = 2;
	client_says(s, "GET / HTTP/1.1\r\nhost: a\r\nx: 1\r\ny: 2\r\n\r\n");
	is_answered(s, "HTTP/1.1 431 ", "head-too-large");
}

static void a_head_over_the_bytes_of_its_route_is_refused(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->plan.head_limit = 40;
	client_says(s, "GET / HTTP/1.1\r\nhost: a\r\nx-long: 12345678901234567890\r\n\r\n");
	is_answered(s, "HTTP/1.1 431 ", "head-too-large");
}

/* What policies and Weir itself add is not the client's. */
static void what_is_added_on_the_way_does_not_count(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	s->plan.header_limit = 1;
	client_says(s, "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
	origin_accepts(s);
	(void)origin_hears(s, "x-request-id");
	origin_says(s, OK);

	(void)client_hears(s, "\r\n\r\nok");
	scene_free(s);
}

static void over_the_limit_of_requests_the_answer_is_overloaded(void **state)
{
	struct scene *s = scene_new();
	struct shared_limit *l = shared_limit_new();

	(void)state;
	assert_non_null(l);
	atomic_store(&l->most, 1);
	s->px->requests = l;
	client_says(s, GET);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	client_connects(s);
	client_says(s, GET);

	assert_true(str_starts(client_hears(s, "overloaded"), STR("HTTP/1.1 503 ")));
	assert_int_equal(atomic_load(&l->now), 1);
	origin_says(s, OK);
	scene_until(s, nobody_is_served);
	assert_int_equal(atomic_load(&l->now), 0);
	scene_free(s);
	shared_limit_unref(l);
}

static struct shared_limit *limit(void)
{
	struct shared_limit *l = shared_limit_new();

	if (l == NULL)
		abort();
	return l;
}

static void one_too_many_is_counted_and_leaves_again(void **state)
{
	struct shared_limit *l = limit();

	(void)state;
	assert_true(shared_limit_has_room(l));
	atomic_store(&l->most, 1);
	assert_true(shared_limit_enter(l));
	assert_false(shared_limit_has_room(l));
	assert_false(shared_limit_enter(l));
	shared_limit_leave(l);
	shared_limit_leave(l);
	assert_true(shared_limit_has_room(l));
	assert_true(shared_limit_has_room(NULL));
	shared_limit_unref(l);
	shared_limit_unref(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_that_declares_too_much_is_refused_unread),
		cmocka_unit_test(a_route_may_allow_more_than_its_listener),
		cmocka_unit_test(a_chunked_body_is_stopped_where_it_becomes_too_long),
		cmocka_unit_test(a_head_over_the_bound_of_its_route_is_refused),
		cmocka_unit_test(a_head_over_the_bytes_of_its_route_is_refused),
		cmocka_unit_test(what_is_added_on_the_way_does_not_count),
		cmocka_unit_test(over_the_limit_of_requests_the_answer_is_overloaded),
		cmocka_unit_test(one_too_many_is_counted_and_leaves_again),
	};

	return cmocka_run_group_tests_name("limit", tests, NULL, NULL);
}
