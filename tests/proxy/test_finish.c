/* test_finish.c - what is on record of an exchange when it ends, however it ended. */
#include "tests/proxy/scene.h"

/* What the last hook sees: it runs when the record is whole. */
static struct {
	unsigned calls;
	struct record record;
	char texts[256];
} seen;

static void on_done(const struct weir_here *here, struct weir_exchange *wex)
{
	const struct record *r = &exchange_of(wex)->record;

	(void)here;
	seen.calls++;
	seen.record = *r;
	(void)snprintf(seen.texts, sizeof(seen.texts), "%.*s %.*s %.*s ? %.*s %.*s %.*s %.*s %.*s %.*s",
		       STR_ARG(r->method), STR_ARG(r->host), STR_ARG(r->path), STR_ARG(r->query),
		       STR_ARG(r->protocol), STR_ARG(r->client), STR_ARG(r->listener.name),
		       STR_ARG(r->route.name), STR_ARG(r->service.name));
}

static const struct weir_policy policy = WEIR_POLICY(.on_done = on_done);

static struct scene *recorded(void)
{
	struct scene *s = scene_new();

	memset(&seen, 0, sizeof(seen));
	(void)scene_policy(s, &policy);
	return s;
}

static void is_on_record(struct scene *s, unsigned status, enum reason why)
{
	scene_until(s, nobody_is_served);
	assert_int_equal(seen.calls, 1);
	assert_int_equal(seen.record.status, status);
	assert_int_equal(seen.record.why, why);
	scene_free(s);
}

static void it_says_who_asked_for_what_and_where_it_went(void **state)
{
	struct scene *s = recorded();

	(void)state;
	client_says(s, "GET /a/b?c=d HTTP/1.1\r\nhost: a.example:8080\r\n\r\n");
	origin_accepts(s);
	origin_says(s, OK);
	(void)client_hears(s, "\r\n\r\nok");
	scene_until(s, nobody_is_served);

	assert_string_equal(seen.texts, "GET a.example /a/b ? c=d HTTP/1.1 192.0.2.1 edge all tariff-svc");
	is_on_record(s, 200, REASON_NONE);
}

static void bodies_are_counted_as_the_client_sees_them(void **state)
{
	struct scene *s = recorded();

	(void)state;
	client_says(s, "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
		       "5\r\nhello\r\n0\r\n\r\n");
	origin_accepts(s);
	(void)origin_hears(s, "0\r\n\r\n");
	origin_says(s, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
	(void)client_hears(s, "0\r\n\r\n");
	scene_until(s, nobody_is_served);

	assert_int_equal(seen.record.bytes_in, 5);
	assert_int_equal(seen.record.bytes_out, 3);
	is_on_record(s, 200, REASON_NONE);
}

static void its_times_come_in_their_order(void **state)
{
	struct scene *s = recorded();
	const struct record *r = &seen.record;

	(void)state;
	plain_exchange(s);
	scene_until(s, nobody_is_served);

	assert_true(r->start > 0 && r->start <= r->head_read);
	assert_true(r->head_read <= r->policies_done && r->policies_done <= r->first_attempt);
	assert_true(r->first_attempt <= r->upstream_head && r->upstream_head <= r->answered);
	is_on_record(s, 200, REASON_NONE);
}

static void an_answer_of_our_own_has_its_reason(void **state)
{
	struct scene *s = recorded();

	(void)state;
	client_says(s, GET);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_closes(s);
	(void)client_hears(s, "}\n");
	scene_until(s, nobody_is_served);

	assert_int_equal(seen.record.attempts, 1);
	assert_int_equal(seen.record.attempt[0].why, REASON_UPSTREAM_RESET);
	is_on_record(s, 502, REASON_UPSTREAM_RESET);
}

/* The client has seen a good status: only the reason tells that it did not get everything. */
static void an_answer_that_was_cut_keeps_its_status_and_has_a_reason(void **state)
{
	struct scene *s = recorded();

	(void)state;
	client_says(s, GET);
	origin_accepts(s);
	origin_says(s, "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
	(void)client_hears(s, "half");
	origin_closes(s);
	client_is_reset(s);
	scene_until(s, nobody_is_served);

	assert_int_equal(seen.record.bytes_out, 4);
	is_on_record(s, 200, REASON_UPSTREAM_CUT);
}

static void to_a_client_that_vanished_nothing_was_sent(void **state)
{
	struct scene *s = recorded();

	(void)state;
	client_says(s, GET);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	client_resets(s);
	scene_until(s, nobody_is_served);

	assert_int_equal(seen.record.answered, 0);
	is_on_record(s, 0, REASON_CLIENT_GONE);
}

static void each_try_is_on_record(void **state)
{
	static const enum reason lost[] = { REASON_UPSTREAM_RESET };
	struct scene *s = recorded();

	(void)state;
	scene_retries(s, lost, 1, 0);
	client_says(s, GET);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_closes(s);
	origin_accepts(s);
	(void)origin_hears(s, "\r\n\r\n");
	origin_says(s, OK);
	(void)client_hears(s, "\r\n\r\nok");
	scene_until(s, nobody_is_served);

	assert_int_equal(seen.record.attempts, 2);
	assert_int_equal(seen.record.attempt[0].why, REASON_UPSTREAM_RESET);
	assert_int_equal(seen.record.attempt[0].status, 0);
	assert_int_equal(seen.record.attempt[1].why, REASON_NONE);
	assert_int_equal(seen.record.attempt[1].status, 200);
	is_on_record(s, 200, REASON_NONE);
}

static void a_connection_that_was_kept_is_on_record_as_such(void **state)
{
	struct scene *s = recorded();

	(void)state;
	plain_exchange(s);
	scene_until(s, nobody_is_served);
	assert_false(seen.record.attempt[0].reused);
	plain_exchange(s);
	scene_until(s, nobody_is_served);

	assert_true(seen.record.attempt[0].reused);
	assert_int_equal(seen.calls, 2);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_says_who_asked_for_what_and_where_it_went),
		cmocka_unit_test(bodies_are_counted_as_the_client_sees_them),
		cmocka_unit_test(its_times_come_in_their_order),
		cmocka_unit_test(an_answer_of_our_own_has_its_reason),
		cmocka_unit_test(an_answer_that_was_cut_keeps_its_status_and_has_a_reason),
		cmocka_unit_test(to_a_client_that_vanished_nothing_was_sent),
		cmocka_unit_test(each_try_is_on_record),
		cmocka_unit_test(a_connection_that_was_kept_is_on_record_as_such),
	};

	return cmocka_run_group_tests_name("finish", tests, NULL, NULL);
}
