/* test_today.c - what a plugin of any age hands in, made into today's. */
#include <stddef.h>

#include "core/base/clock.h"
#include "core/base/str.h"
#include "core/plugin/today.h"
#include "tests/test.h"

static bool says(struct weir_str s, const char *text)
{
	return str_eq(s, str_from(text));
}

static void what_a_call_leaves_open_has_its_promised_value(void **state)
{
	const struct weir_call_request given = WEIR_CALL(.service = STR("app"));

	struct weir_call_request r = call_request_today(&given);

	(void)state;
	assert_true(says(r.service, "app"));
	assert_true(says(r.method, "GET"));
	assert_true(says(r.path, "/"));
	assert_true(r.timeout_ns == 5 * NS_PER_S);
	assert_int_equal(r.most, 1 << 20);
}

static void a_call_with_a_body_posts_it(void **state)
{
	const struct weir_call_request given = WEIR_CALL(.service = STR("app"), .body = STR("x"));

	(void)state;
	assert_true(says(call_request_today(&given).method, "POST"));
}

static void what_a_call_says_stays(void **state)
{
	const struct weir_call_request given = WEIR_CALL(.method = STR("PUT"), .path = STR("/p"),
							 .timeout_ns = 7, .most = 9);

	struct weir_call_request r = call_request_today(&given);

	(void)state;
	assert_true(says(r.method, "PUT"));
	assert_true(says(r.path, "/p"));
	assert_int_equal(r.timeout_ns, 7);
	assert_int_equal(r.most, 9);
}

static void what_an_older_plugin_does_not_know_is_absent(void **state)
{
	struct weir_call_request call = WEIR_CALL(.service = STR("app"), .ca = STR("/no/member/of/mine"));
	struct weir_reply reply = { .size = offsetof(struct weir_reply, headers), .status = 200,
				    .header_count = 3 };
	struct weir_refusal refusal = { .size = offsetof(struct weir_refusal, headers), .status = 403,
					.header_count = 3 };

	(void)state;
	call.size = offsetof(struct weir_call_request, ca);
	assert_null(call_request_today(&call).ca.data);
	assert_true(says(call_request_today(&call).service, "app"));
	assert_int_equal(reply_today(&reply).status, 200);
	assert_int_equal(reply_today(&reply).header_count, 0);
	assert_int_equal(refusal_today(&refusal).status, 403);
	assert_int_equal(refusal_today(&refusal).header_count, 0);
}

static void what_a_newer_plugin_knows_more_is_left_alone(void **state)
{
	struct {
		struct weir_reply reply;
		char more[64];
	} given = { .reply = { .size = sizeof(given), .status = 204 } };

	(void)state;
	assert_int_equal(reply_today(&given.reply).status, 204);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_call_leaves_open_has_its_promised_value),
		cmocka_unit_test(a_call_with_a_body_posts_it),
		cmocka_unit_test(what_a_call_says_stays),
		cmocka_unit_test(what_an_older_plugin_does_not_know_is_absent),
		cmocka_unit_test(what_a_newer_plugin_knows_more_is_left_alone),
	};

	return cmocka_run_group_tests_name("today", tests, NULL, NULL);
}
