/* test_guards.c - concurrency, fault, rate_limit and security_headers, and what headers has learnt: whole, in
 * the fake world that authors of plugins get. */
#include "tests/plugins/world.h"

static struct weir_exchange *asks(const char *header, const char *value)
{
	struct weir_exchange *ex = weir_fake_exchange(world, "GET", "/");

	if (header != NULL)
		weir_fake_add_header(ex, WEIR_REQUEST, header, weir_str_from(value));
	return ex;
}

static struct weir_str answer_header(struct weir_exchange *ex, const char *name)
{
	return weir_fake_header(ex, WEIR_RESPONSE, name);
}

/* rate_limit ------------------------------------------------------------------ */

static void a_limit_fills_up_again_with_time(void **state)
{
	struct weir_fake_use *limit = use("rate_limit", "{rate: 10/s, burst: 2}");
	struct weir_exchange *ex;

	(void)state;
	assert_int_equal(weir_fake_run(limit, asks(NULL, NULL)), 200);
	assert_int_equal(weir_fake_run(limit, asks(NULL, NULL)), 200);
	ex = asks(NULL, NULL);
	assert_int_equal(weir_fake_run(limit, ex), 429);
	assert_str(weir_fake_part(ex, WEIR_PART_REASON), "rate-limited");
	assert_str(answer_header(ex, "retry-after"), "1");

	weir_fake_advance(world, 100000000);
	assert_int_equal(weir_fake_run(limit, asks(NULL, NULL)), 200);
	assert_int_equal(weir_fake_run(limit, asks(NULL, NULL)), 429);
	assert_int_equal(weir_fake_counted(limit, "passed"), 3);
	assert_int_equal(weir_fake_counted(limit, "refused"), 2);
}

static void a_reload_with_another_rate_goes_on_from_there(void **state)
{
	struct weir_fake_use *before = use("rate_limit", "{rate: 1/h, burst: 2}"), *after;

	(void)state;
	assert_int_equal(weir_fake_run(before, asks(NULL, NULL)), 200);
	assert_int_equal(weir_fake_run(before, asks(NULL, NULL)), 200);
	after = weir_fake_open_after(before, "{rate: 1/h, burst: 3}", &error);
	assert_non_null(after);
	assert_int_equal(weir_fake_run(after, asks(NULL, NULL)), 200);
	assert_int_equal(weir_fake_run(after, asks(NULL, NULL)), 429);
}

/* concurrency ----------------------------------------------------------------- */

static void so_many_may_be_under_way(void **state)
{
	struct weir_fake_use *limit = use("concurrency", "{limit: 2, key: header.x-user}");
	struct weir_exchange *a = asks("x-user", "ada"), *b = asks("x-user", "ada");
	struct weir_exchange *c = asks("x-user", "ada"), *bob = asks("x-user", "bob");

	(void)state;
	assert_int_equal(weir_fake_on_request(limit, a), WEIR_NEXT);
	assert_int_equal(weir_fake_on_request(limit, b), WEIR_NEXT);
	assert_int_equal(weir_fake_on_request(limit, c), WEIR_REFUSED);
	assert_int_equal(weir_fake_status(c), 429);
	assert_str(weir_fake_part(c, WEIR_PART_REASON), "concurrency-limited");
	assert_int_equal(weir_fake_on_request(limit, bob), WEIR_NEXT);

	weir_fake_on_done(limit, c);	/* was not in: frees nobody's place */
	assert_int_equal(weir_fake_on_request(limit, asks("x-user", "ada")), WEIR_REFUSED);
	weir_fake_on_done(limit, a);
	c = asks("x-user", "ada");
	assert_int_equal(weir_fake_on_request(limit, c), WEIR_NEXT);
	weir_fake_on_done(limit, b);
	weir_fake_on_done(limit, c);
	weir_fake_on_done(limit, bob);
}

static void who_waits_too_long_is_refused_and_out_of_the_queue(void **state)
{
	struct weir_fake_use *limit = use("concurrency", "{limit: 1, queue: 1, wait: 20ms}");
	struct weir_exchange *a = asks(NULL, NULL), *b = asks(NULL, NULL);

	(void)state;
	weir_fake_set_patience(world, 1000000);
	assert_int_equal(weir_fake_on_request(limit, a), WEIR_NEXT);
	assert_int_equal(weir_fake_on_request(limit, b), WEIR_REFUSED);
	weir_fake_on_done(limit, b);
	assert_int_equal(weir_fake_counted(limit, "waited"), 1);
	assert_int_equal(weir_fake_counted(limit, "gave_up"), 1);
	weir_fake_on_done(limit, a);
	b = asks(NULL, NULL);
	assert_int_equal(weir_fake_on_request(limit, b), WEIR_NEXT);
	weir_fake_on_done(limit, b);
}

static void who_leaves_while_waiting_is_out_of_the_queue(void **state)
{
	struct weir_fake_use *limit = use("concurrency", "{limit: 1, queue: 1, wait: 1s}");
	struct weir_exchange *a = asks(NULL, NULL), *b = asks(NULL, NULL);

	(void)state;
	assert_int_equal(weir_fake_on_request(limit, a), WEIR_NEXT);
	weir_fake_cancel_at(world, 1);
	assert_int_equal(weir_fake_on_request(limit, b), WEIR_FAILED);
	weir_fake_on_done(limit, b);
	weir_fake_cancel_at(world, 0);
	weir_fake_on_done(limit, a);
	b = asks(NULL, NULL);
	assert_int_equal(weir_fake_on_request(limit, b), WEIR_NEXT);
	weir_fake_on_done(limit, b);
}

static void a_reload_knows_who_is_under_way(void **state)
{
	struct weir_fake_use *before = use("concurrency", "{limit: 1}"), *after;
	struct weir_exchange *a = asks(NULL, NULL), *b = asks(NULL, NULL), *c = asks(NULL, NULL);

	(void)state;
	assert_int_equal(weir_fake_on_request(before, a), WEIR_NEXT);
	after = weir_fake_open_after(before, "{limit: 2}", &error);
	assert_non_null(after);
	assert_int_equal(weir_fake_on_request(after, b), WEIR_NEXT);
	assert_int_equal(weir_fake_on_request(after, c), WEIR_REFUSED);
	weir_fake_on_done(before, a);
	weir_fake_close(before);
	c = asks(NULL, NULL);
	assert_int_equal(weir_fake_on_request(after, c), WEIR_NEXT);
	weir_fake_on_done(after, b);
	weir_fake_on_done(after, c);
}

static void options_of_concurrency_must_go_together(void **state)
{
	(void)state;
	assert_null(use("concurrency", "{limit: 1, wait: 2s}"));
	assert_non_null(strstr(error.text, "`wait` is for those in a `queue`"));
	assert_null(use("concurrency", "{limit: 1, missing: pass}"));
	assert_non_null(strstr(error.text, "without a `key`"));
	assert_null(use("concurrency", "{}"));
}

/* security_headers ------------------------------------------------------------ */

static void a_site_is_kept_safe_without_options(void **state)
{
	struct weir_exchange *ex = asks(NULL, NULL);

	(void)state;
	weir_fake_set_part(ex, WEIR_PART_SCHEME, WEIR_STR("https"));
	assert_int_equal(weir_fake_run(use("security_headers", "{}"), ex), 200);
	assert_str(answer_header(ex, "strict-transport-security"), "max-age=31536000");
	assert_str(answer_header(ex, "x-content-type-options"), "nosniff");
	assert_str(answer_header(ex, "x-frame-options"), "SAMEORIGIN");
	assert_str(answer_header(ex, "referrer-policy"), "strict-origin-when-cross-origin");
	assert_str(answer_header(ex, "content-security-policy"),
		   "frame-ancestors 'self'; base-uri 'self'; object-src 'none'");
	assert_null(answer_header(ex, "permissions-policy").data);
}

static void over_plain_http_there_is_no_hsts(void **state)
{
	struct weir_exchange *ex = asks(NULL, NULL);

	(void)state;
	assert_int_equal(weir_fake_run(use("security_headers", "{hsts: max-age=5}"), ex), 200);
	assert_null(answer_header(ex, "strict-transport-security").data);
	assert_str(answer_header(ex, "x-content-type-options"), "nosniff");
}

static void each_of_them_can_be_off(void **state)
{
	struct weir_exchange *ex = asks(NULL, NULL);

	(void)state;
	weir_fake_set_part(ex, WEIR_PART_SCHEME, WEIR_STR("https"));
	assert_int_equal(weir_fake_run(use("security_headers", "{hsts: off, content_type_options: off, "
					   "frame_options: off, referrer_policy: off, "
					   "content_security_policy: off}"), ex), 200);
	assert_null(answer_header(ex, "strict-transport-security").data);
	assert_null(answer_header(ex, "x-content-type-options").data);
	assert_null(answer_header(ex, "x-frame-options").data);
	assert_null(answer_header(ex, "referrer-policy").data);
	assert_null(answer_header(ex, "content-security-policy").data);
}

static struct weir_exchange *answered_with_its_own(const char *options)
{
	const struct weir_field own[] = { { WEIR_STR("x-frame-options"), WEIR_STR("DENY") },
					  { WEIR_STR("server"), WEIR_STR("app/1.0") } };
	const struct weir_fake_answer answer = { .headers = own, .header_count = 2 };
	struct weir_exchange *ex = asks(NULL, NULL);

	weir_fake_service(world, "app", &answer);
	weir_fake_set_part(ex, WEIR_PART_SERVICE, WEIR_STR("app"));
	assert_int_equal(weir_fake_run(use("security_headers", options), ex), 200);
	return ex;
}

static void the_application_knows_better_unless_it_is_overridden(void **state)
{
	(void)state;
	assert_str(answer_header(answered_with_its_own("{}"), "x-frame-options"), "DENY");
	assert_str(answer_header(answered_with_its_own("{override: true}"), "x-frame-options"),
		   "SAMEORIGIN");
}

static void what_tells_too_much_is_removed(void **state)
{
	(void)state;
	assert_str(answer_header(answered_with_its_own("{}"), "server"), "app/1.0");
	assert_null(answer_header(answered_with_its_own("{remove: [server]}"), "server").data);
}

static void a_value_is_one_line(void **state)
{
	(void)state;
	assert_null(use("security_headers", "{hsts: \"a\\nset-cookie: b\"}"));
	assert_non_null(strstr(error.text, "`hsts` must be one line of text, or `off`"));
}

/* fault ----------------------------------------------------------------------- */

static void a_share_is_aborted_by_lot(void **state)
{
	static const uint64_t dice[] = { 0, UINT64_MAX / 10 * 3 - 4096, UINT64_MAX / 10 * 3 + 4096,
					 UINT64_MAX };
	static const uint16_t wanted[] = { 418, 418, 200, 200 };
	struct weir_fake_use *fault = use("fault", "{abort: {status: 418, share: 30%}}");

	(void)state;
	weir_fake_dice(world, dice, 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(weir_fake_run(fault, asks(NULL, NULL)), wanted[i]);
	assert_int_equal(weir_fake_counted(fault, "aborted"), 2);
}

static void a_delay_is_a_wait_that_can_be_cancelled(void **state)
{
	struct weir_fake_use *fault = use("fault", "{delay: 200ms}");

	(void)state;
	assert_int_equal(weir_fake_run(fault, asks(NULL, NULL)), 200);
	assert_int_equal(weir_fake_waits(world), 1);
	weir_fake_cancel_at(world, 1);
	assert_int_equal(weir_fake_on_request(fault, asks(NULL, NULL)), WEIR_FAILED);
	assert_int_equal(weir_fake_counted(fault, "delayed"), 2);
}

static void a_request_may_ask_for_its_own_where_it_is_allowed(void **state)
{
	struct weir_fake_use *fault = use("fault", "{header: x-fault, most: 50ms, abort: 500}");
	struct weir_exchange *ex = asks("x-fault", "abort=503 delay=10s");

	(void)state;
	weir_fake_set_time_left(ex, 1000000000);	/* the delay is cut down to 50 ms */
	assert_int_equal(weir_fake_run(fault, ex), 503);
	assert_str(weir_fake_part(ex, WEIR_PART_REASON), "fault-injected");
	assert_int_equal(weir_fake_run(fault, asks("x-fault", "none")), 200);
	assert_int_equal(weir_fake_run(fault, asks("x-fault", "nonsense")), 500);
	assert_int_equal(weir_fake_run(fault, asks(NULL, NULL)), 500);
	assert_int_equal(weir_fake_run(use("fault", "{delay: 1ms}"), asks("x-fault", "abort=503")), 200);
}

static void a_fault_without_anything_to_do_is_refused(void **state)
{
	(void)state;
	assert_null(use("fault", "{}"));
	assert_non_null(strstr(error.text, "give `delay`, `abort` or `header`"));
	assert_null(use("fault", "{delay: 1s, most: 2s}"));
	assert_null(use("fault", "{abort: 200}"));
}

/* headers ---------------------------------------------------------------------- */

static void what_is_missing_is_filled_in(void **state)
{
	struct weir_fake_use *headers = use("headers", "{request: {fill: {x-tier: free}}}");
	struct weir_exchange *ex = asks("x-tier", "gold");

	(void)state;
	assert_int_equal(weir_fake_on_request(headers, ex), WEIR_NEXT);
	assert_str(weir_fake_header(ex, WEIR_REQUEST, "x-tier"), "gold");
	ex = asks(NULL, NULL);
	assert_int_equal(weir_fake_on_request(headers, ex), WEIR_NEXT);
	assert_str(weir_fake_header(ex, WEIR_REQUEST, "x-tier"), "free");
}

static void answers_are_edited_by_their_status(void **state)
{
	struct weir_fake_use *headers = use("headers", "{response: {status: [404, 5xx], set: {x-sorry: yes}}}");
	static const struct { uint16_t status; const char *sorry; } told[] = {
		{ 200, NULL }, { 403, NULL }, { 404, "yes" }, { 405, NULL }, { 500, "yes" }, { 599, "yes" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		struct weir_exchange *ex = asks(NULL, NULL);

		assert_int_equal(weir_fake_on_request(headers, ex), WEIR_NEXT);
		weir_fake_answered(ex, told[i].status, WEIR_ABSENT);
		assert_int_equal(weir_fake_on_response(headers, ex), WEIR_NEXT);
		assert_true(weir_str_eq(answer_header(ex, "x-sorry"), weir_str_from(told[i].sorry)));
	}
	assert_null(use("headers", "{response: {status: [6xx], set: {x-sorry: yes}}}"));
	assert_non_null(strstr(error.text, "`6xx` is no status"));
	assert_null(use("headers", "{request: {status: [404], set: {x-sorry: yes}}}"));
}

#define world_test(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(a_limit_fills_up_again_with_time),
		world_test(a_reload_with_another_rate_goes_on_from_there),
		world_test(so_many_may_be_under_way),
		world_test(who_waits_too_long_is_refused_and_out_of_the_queue),
		world_test(who_leaves_while_waiting_is_out_of_the_queue),
		world_test(a_reload_knows_who_is_under_way),
		world_test(options_of_concurrency_must_go_together),
		world_test(a_site_is_kept_safe_without_options),
		world_test(over_plain_http_there_is_no_hsts),
		world_test(each_of_them_can_be_off),
		world_test(the_application_knows_better_unless_it_is_overridden),
		world_test(what_tells_too_much_is_removed),
		world_test(a_value_is_one_line),
		world_test(a_share_is_aborted_by_lot),
		world_test(a_delay_is_a_wait_that_can_be_cancelled),
		world_test(a_request_may_ask_for_its_own_where_it_is_allowed),
		world_test(a_fault_without_anything_to_do_is_refused),
		world_test(what_is_missing_is_filled_in),
		world_test(answers_are_edited_by_their_status),
	};

	return cmocka_run_group_tests_name("guards", tests, NULL, NULL);
}
