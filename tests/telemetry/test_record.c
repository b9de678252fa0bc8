/* test_record.c - what one exchange was. */
#include "tests/test.h"

#include "tests/telemetry/example.h"

static void the_gateways_time_is_apart_from_the_upstreams(void **state)
{
	struct record r;

	(void)state;
	example_record(&r);

	assert_int_equal(record_total_ns(&r), 13115 * NS_PER_US);
	assert_int_equal(record_upstream_ns(&r), 11 * NS_PER_MS);
	assert_int_equal(record_gateway_ns(&r), 75 * NS_PER_US);
}

static void an_answer_of_our_own_has_no_upstream_time(void **state)
{
	struct record r;

	(void)state;
	record_init(&r);
	r.start = 1000;
	r.head_read = 1100;
	r.answered = 1300;
	r.end = 5000;

	assert_int_equal(record_upstream_ns(&r), 0);
	assert_int_equal(record_gateway_ns(&r), 200);
}

static void what_did_not_come_takes_no_time(void **state)
{
	struct record r;

	(void)state;
	record_init(&r);
	assert_int_equal(record_total_ns(&r), 0);
	assert_int_equal(record_gateway_ns(&r), 0);

	r.start = 1000;
	r.head_read = 1100;
	r.first_attempt = 1200;
	r.upstream_head = 9000;
	r.end = 9050;		/* nothing was answered: the client had gone */
	assert_int_equal(record_gateway_ns(&r), 150);
	assert_int_equal(record_upstream_ns(&r), 7800);
}

static void an_end_dated_before_the_answer_does_not_shorten_it(void **state)
{
	struct record r;

	(void)state;
	record_init(&r);
	r.start = 1000;
	r.answered = 1700;
	r.end = 1600;		/* the turn began so early */
	assert_int_equal(record_total_ns(&r), 700);
}

static void an_empty_one_names_nothing(void **state)
{
	struct record r;

	(void)state;
	memset(&r, 0xff, sizeof(r));
	record_init(&r);
	assert_null(r.path.data);
	assert_int_equal(r.route.slot, RECORD_NO_SLOT);
	assert_int_equal(r.service.slot, RECORD_NO_SLOT);
	assert_int_equal(r.listener.slot, RECORD_NO_SLOT);
	assert_int_equal(r.why, REASON_NONE);
	assert_int_equal(record_attempts_kept(&r), 0);
	assert_int_equal(r.extras, 0);
}

static void of_many_attempts_the_first_and_the_last_are_kept(void **state)
{
	struct record r;

	(void)state;
	record_init(&r);
	for (uint16_t i = 1; i <= 20; i++)
		record_add_attempt(&r, &(struct record_attempt){ .status = i });

	assert_int_equal(r.attempts, 20);
	assert_int_equal(record_attempts_kept(&r), RECORD_ATTEMPTS);
	assert_int_equal(r.attempt[0].status, 1);
	assert_int_equal(r.attempt[RECORD_ATTEMPTS - 2].status, RECORD_ATTEMPTS - 1);
	assert_int_equal(r.attempt[RECORD_ATTEMPTS - 1].status, 20);
}

static void extras_are_bounded(void **state)
{
	struct record r;

	(void)state;
	record_init(&r);
	for (int i = 0; i < RECORD_EXTRAS; i++)
		assert_true(record_add_extra(&r, str_of(&"0123456789abcdef"[i], 1), STR("v")));
	assert_false(record_add_extra(&r, STR("x"), STR("v")));
	assert_int_equal(r.extras, RECORD_EXTRAS);
}

static void keys_that_would_break_a_line_are_refused(void **state)
{
	static char longer[RECORD_KEY + 1];
	struct record r;

	(void)state;
	record_init(&r);
	memset(longer, 'k', sizeof(longer));
	assert_false(record_add_extra(&r, STR(""), STR("v")));
	assert_false(record_add_extra(&r, STR("a b"), STR("v")));
	assert_false(record_add_extra(&r, STR("a\"b"), STR("v")));
	assert_false(record_add_extra(&r, STR("\xc3\xbc"), STR("v")));
	assert_false(record_add_extra(&r, str_of(longer, RECORD_KEY + 1), STR("v")));
	assert_true(record_add_extra(&r, str_of(longer, RECORD_KEY), STR("v")));
	assert_true(record_add_extra(&r, STR("X-Tenant_id.2"), STR("v")));
	assert_int_equal(r.extras, 2);
}

static void an_extra_set_twice_has_the_last_value(void **state)
{
	struct record r;

	(void)state;
	record_init(&r);
	record_add_extra(&r, STR("tenant"), STR("a"));
	record_add_extra(&r, STR("tenant"), STR("b"));
	assert_int_equal(r.extras, 1);
	assert_str(r.extra[0].value, "b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_gateways_time_is_apart_from_the_upstreams),
		cmocka_unit_test(an_answer_of_our_own_has_no_upstream_time),
		cmocka_unit_test(what_did_not_come_takes_no_time),
		cmocka_unit_test(an_end_dated_before_the_answer_does_not_shorten_it),
		cmocka_unit_test(an_empty_one_names_nothing),
		cmocka_unit_test(of_many_attempts_the_first_and_the_last_are_kept),
		cmocka_unit_test(extras_are_bounded),
		cmocka_unit_test(keys_that_would_break_a_line_are_refused),
		cmocka_unit_test(an_extra_set_twice_has_the_last_value),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
