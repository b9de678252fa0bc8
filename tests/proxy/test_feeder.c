/* test_feeder.c - the request's body on its way, on a fiber beside the one that waits for the answer. */
#include "tests/proxy/scene.h"

#include "core/codec/buffers.h"

#define UPLOAD "PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n"
#define CHUNKED "PUT / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"

static uint32_t fibers(struct scene *s)
{
	return fiber_count(&s->w->loop);
}

static bool one_fiber_is_left(struct scene *s)
{
	return fibers(s) == 1;
}

static void ends(struct scene *s)
{
	scene_until(s, nobody_is_served);
	scene_free(s);
}

static void is_answered(struct scene *s)
{
	origin_says(s, OK);
	(void)client_hears(s, "\r\n\r\nok");
	scene_until(s, nobody_is_served);
	assert_int_equal(origin_idle(s), 1);	/* both messages have ended exactly */
	scene_free(s);
}

static void each_piece_goes_up_when_it_comes(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, UPLOAD);
	origin_accepts(s);
	(void)origin_hears(s, "content-length: 10\r\n\r\n");
	client_says(s, "hello");
	(void)origin_hears(s, "hello");
	assert_int_equal(fibers(s), 2);
	client_says(s, "world");
	(void)origin_hears(s, "world");

	scene_until(s, one_fiber_is_left);
	is_answered(s);
}

static void the_last_piece_has_the_end_behind_it(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, CHUNKED "5\r\nhello\r\n");
	origin_accepts(s);
	(void)origin_hears(s, "5\r\nhello\r\n");
	client_says(s, "0\r\nx-sum: 7\r\n\r\n");
	(void)origin_hears(s, "0\r\nx-sum: 7\r\n\r\n");
	is_answered(s);
}

/* A trailer that the route edits is not the client's to send. */
static void trailers_go_up_as_far_as_they_may(void **state)
{
	struct header_edit edit = { .kind = EDIT_SET, .name = STR("x-user"), .text = STR("ann") };
	struct scene *s = scene_new();
	struct weir_str heard;

	(void)state;
	s->plan.request_headers = (struct header_edits){ &edit, 1 };
	client_says(s, CHUNKED "5\r\nhello\r\n0\r\nX_User: root\r\nx-sum: 7\r\n\r\n");
	origin_accepts(s);
	heard = origin_hears(s, "x-sum: 7\r\n\r\n");

	assert_true(str_find_str(heard, STR("x-user: ann\r\n")) < heard.len);
	assert_int_equal(str_find_str(heard, STR("root")), heard.len);
	is_answered(s);
}

/* The pieces of a slow client are few; the answer need not wait for the last. */
static void an_answer_in_the_middle_ends_it_with_the_exchange(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, UPLOAD "hello");
	origin_accepts(s);
	(void)origin_hears(s, "hello");
	origin_says(s, "HTTP/1.1 413 No\r\ncontent-length: 2\r\n\r\nno");
	(void)client_hears(s, "\r\n\r\nno");
	client_closes(s);
	scene_until(s, nobody_is_served);

	assert_int_equal(origin_idle(s), 0);	/* there is half a request on it */
	ends(s);
}

static void who_vanishes_in_the_middle_leaves_no_fiber(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	client_says(s, UPLOAD "hello");
	origin_accepts(s);
	(void)origin_hears(s, "hello");
	client_resets(s);
	origin_hears_the_end(s);
	ends(s);
}

/* Half a body and a FIN: nobody may take it for a whole one. */
static void a_body_that_ends_early_is_not_ended_for_the_upstream(void **state)
{
	struct scene *s = scene_new();
	struct weir_str heard;

	(void)state;
	client_says(s, CHUNKED "5\r\nhello\r\n");
	origin_accepts(s);
	(void)origin_hears(s, "5\r\nhello\r\n");
	client_half_closes(s);
	heard = origin_hears(s, "");

	assert_int_equal(str_find_str(heard, STR("0\r\n")), heard.len);
	origin_hears_the_end(s);
	ends(s);
}

static void a_client_that_stalls_is_told(void **state)
{
	struct scene *s = scene_new();
	struct weir_str heard;

	(void)state;
	s->lp.body_timeout = 50 * NS_PER_MS;
	client_says(s, UPLOAD "hello");
	origin_accepts(s);
	(void)origin_hears(s, "hello");
	heard = client_hears(s, "}\n");

	assert_true(str_find_str(heard, STR("weir-reason: body-slow")) < heard.len);
	origin_hears_the_end(s);
	ends(s);
}

/* What does not fit into sockets stays with the client: memory does not grow with the body. */
static void an_upstream_that_reads_nothing_holds_the_client_back(void **state)
{
	static char piece[65536];
	struct scene *s = scene_new();
	uint64_t until = clock_now() + 20 * NS_PER_S;
	size_t taken = 0;
	int quiet = 0;

	(void)state;
	memset(piece, 'x', sizeof(piece));
	client_says(s, "PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 1073741824\r\n\r\n");
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	while (quiet < 200 && taken < 1u << 30 && clock_now() < until) {
		ssize_t n = send(s->client, piece, sizeof(piece), MSG_DONTWAIT | MSG_NOSIGNAL);

		taken += n > 0 ? (size_t)n : 0;
		quiet = n > 0 ? 0 : quiet + 1;
		story_turn(&s->story);
	}

	assert_true(taken < 1u << 30);
	assert_true(buffers_lent(s->w) <= 2);
	client_resets(s);
	ends(s);
}

/* The patience for the head counts from the end of the body, and so does the route's time. */
static void while_a_body_comes_the_routes_time_stands_still(void **state)
{
	struct scene *s = scene_new();
	struct weir_str heard;

	(void)state;
	s->plan.head_timeout = 100 * NS_PER_MS;
	client_says(s, UPLOAD "hello");
	origin_accepts(s);
	(void)origin_hears(s, "hello");
	scene_turns(s, 200 * NS_PER_MS);
	assert_int_equal(s->px->exchange_count, 1);
	client_says(s, "world");
	heard = client_hears(s, "}\n");

	assert_true(str_find_str(heard, STR("weir-reason: timeout")) < heard.len);
	ends(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_piece_goes_up_when_it_comes),
		cmocka_unit_test(the_last_piece_has_the_end_behind_it),
		cmocka_unit_test(trailers_go_up_as_far_as_they_may),
		cmocka_unit_test(an_answer_in_the_middle_ends_it_with_the_exchange),
		cmocka_unit_test(who_vanishes_in_the_middle_leaves_no_fiber),
		cmocka_unit_test(a_body_that_ends_early_is_not_ended_for_the_upstream),
		cmocka_unit_test(a_client_that_stalls_is_told),
		cmocka_unit_test(an_upstream_that_reads_nothing_holds_the_client_back),
		cmocka_unit_test(while_a_body_comes_the_routes_time_stands_still),
	};

	return cmocka_run_group_tests_name("feeder", tests, NULL, NULL);
}
