/* test_trailers.c - which trailers of a request reach the upstream. */
#include "tests/proxy/lone.h"

#include "core/proxy/trailers.h"

/* A request whose body may have these trailers. */
static struct lone *with_trailers(void **state, const char *const *names, size_t count)
{
	struct lone *l = *state;
	struct headers *h = &l->ex.req_trailers;

	lone_asks(l, "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n");
	headers_init(h, &l->ex.arena, 32);
	for (size_t i = 0; i < count; i++)
		assert_true(headers_add(h, str_from(names[i]), STR("1")));
	return l;
}

static void trailers_that_nobody_touches_are_sent_on(void **state)
{
	static const char *const names[] = { "x-sum", "x-other" };
	struct lone *l = with_trailers(state, names, 2);

	exchange_touch(&l->ex, STR("x-user"));
	exchange_clean_trailers(&l->ex);

	assert_int_equal(l->ex.req_trailers.count, 2);
}

/* CGI makes HTTP_X_USER of all of them. */
static void a_header_that_a_policy_set_has_no_trailer_in_any_spelling(void **state)
{
	static const char *const names[] = { "X-User", "x_user", "x-sum", "X_USER", "x-user-2" };
	struct lone *l = with_trailers(state, names, 5);
	struct headers *h = &l->ex.req_trailers;

	exchange_touch(&l->ex, STR("x-user"));
	exchange_clean_trailers(&l->ex);

	assert_int_equal(h->count, 2);
	assert_str(h->at[0].name, "x-sum");
	assert_str(h->at[1].name, "x-user-2");
}

static void what_the_route_edits_is_no_trailer_either(void **state)
{
	static const char *const names[] = { "x-sum", "X_Role" };
	struct header_edit edits[] = { { .kind = EDIT_REMOVE, .name = STR("x-role") } };
	struct lone *l = with_trailers(state, names, 2);

	l->plan.request_headers = (struct header_edits){ edits, 1 };
	exchange_clean_trailers(&l->ex);

	assert_int_equal(l->ex.req_trailers.count, 1);
	assert_str(l->ex.req_trailers.at[0].name, "x-sum");
}

static void without_a_route_those_of_policies_still_go(void **state)
{
	static const char *const names[] = { "x-a", "x-b" };
	struct lone *l = with_trailers(state, names, 2);

	l->ex.plan = NULL;
	exchange_touch(&l->ex, STR("x-b"));
	exchange_clean_trailers(&l->ex);

	assert_int_equal(l->ex.req_trailers.count, 1);
	assert_str(l->ex.req_trailers.at[0].name, "x-a");
}

static void a_name_is_noted_once_and_copied(void **state)
{
	static const char *const names[] = { "x-a" };
	struct lone *l = with_trailers(state, names, 1);
	char name[] = "x-a";

	exchange_touch(&l->ex, str_from(name));
	exchange_touch(&l->ex, STR("X-A"));
	exchange_touch(&l->ex, STR("x_a"));
	memset(name, '!', 3);
	exchange_clean_trailers(&l->ex);

	assert_int_equal(l->ex.touched_count, 1);
	assert_int_equal(l->ex.req_trailers.count, 0);
}

/* Its room is bounded: rather none than one that was forgotten. */
static void who_touches_very_many_headers_sends_no_trailers(void **state)
{
	static const char *const names[] = { "x-sum" };
	struct lone *l = with_trailers(state, names, 1);
	char name[16];

	for (int i = 0; i < 63; i++) {
		(void)snprintf(name, sizeof(name), "x-%d", i);
		exchange_touch(&l->ex, str_from(name));
	}
	exchange_clean_trailers(&l->ex);
	assert_int_equal(l->ex.req_trailers.count, 1);

	for (int i = 63; i < 100; i++) {
		(void)snprintf(name, sizeof(name), "x-%d", i);
		exchange_touch(&l->ex, str_from(name));
	}
	exchange_clean_trailers(&l->ex);
	assert_int_equal(l->ex.req_trailers.count, 0);
	assert_int_equal(l->ex.touched_count, 64);
}

/* Most requests: nothing is kept, and no memory taken. */
static void a_request_without_a_body_needs_no_memory_for_it(void **state)
{
	struct lone *l = *state;

	lone_asks(l, "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
	exchange_touch(&l->ex, STR("x-user"));

	assert_null(l->ex.touched);
	assert_int_equal(l->ex.touched_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LONE_TEST(trailers_that_nobody_touches_are_sent_on),
		LONE_TEST(a_header_that_a_policy_set_has_no_trailer_in_any_spelling),
		LONE_TEST(what_the_route_edits_is_no_trailer_either),
		LONE_TEST(without_a_route_those_of_policies_still_go),
		LONE_TEST(a_name_is_noted_once_and_copied),
		LONE_TEST(who_touches_very_many_headers_sends_no_trailers),
		LONE_TEST(a_request_without_a_body_needs_no_memory_for_it),
	};

	return cmocka_run_group_tests_name("trailers", tests, NULL, NULL);
}
