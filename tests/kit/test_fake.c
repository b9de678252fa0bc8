/* test_fake.c - what a test can tell the fake world, and what plugins then see. */
#include <weir/fake.h>

#include "core/base/clock.h"
#include "tests/test.h"

struct world {
	struct weir_fake *f;
	struct weir_fake_use *use;
	struct weir_exchange *ex;
};

static int begin(void **state)
{
	static struct world w;

	w = (struct world){ .f = weir_fake_new() };
	w.ex = weir_fake_exchange(w.f, "POST", "/a/../tariff/./x?code=1");
	*state = &w;
	return 0;
}

static int end(void **state)
{
	struct world *w = *state;

	return weir_fake_free(w->f) ? 0 : -1;
}

static void use(struct world *w, const char *name, const char *options)
{
	struct weir_error error = { "" };
	const struct weir_plugin *plugin;
	char path[128];

	(void)snprintf(path, sizeof(path), "tests/plugins/%s.so", name);
	plugin = weir_fake_load(path, &error);
	w->use = plugin != NULL ? weir_fake_open(w->f, plugin, options, &error) : NULL;
	if (w->use == NULL)
		fail_msg("%s", error.text);
}

static struct weir_str header(const struct world *w, enum weir_side side, const char *name)
{
	return weir_fake_header(w->ex, side, name);
}

/* Options ---------------------------------------------------------------------- */

static const char *refuses(struct world *w, const char *options)
{
	static struct weir_error error;
	const struct weir_plugin *plugin = weir_fake_load("tests/plugins/stamp.so", &error);

	error.text[0] = '\0';
	assert_null(weir_fake_open(w->f, plugin, options, &error));
	return error.text;
}

static void options_are_checked_as_the_configuration_is(void **state)
{
	struct world *w = *state;

	assert_string_equal(refuses(w, "{name: x-a, valeu: b}"),
			    "options:1:13: unknown key \"valeu\"; did you mean \"value\"?");
	assert_non_null(strstr(refuses(w, "{}"), "\"name\""));
	assert_non_null(strstr(refuses(w, "{name: [}"), "options:1:"));
}

static void a_plugin_is_called_as_the_gateway_calls_it(void **state)
{
	struct world *w = *state;

	use(w, "stamp", "{name: x-a, value: b}");
	assert_int_equal(weir_fake_run(w->use, w->ex), 200);
	assert_str(header(w, WEIR_RESPONSE, "X-A"), "b");
}

static void a_plugin_of_the_first_day_still_runs(void **state)
{
	struct world *w = *state;

	use(w, "first", "{value: one}");
	(void)weir_fake_run(w->use, w->ex);
	assert_str(header(w, WEIR_RESPONSE, "x-first"), "one");
}

/* Exchanges --------------------------------------------------------------------- */

static void the_path_is_the_normalised_one(void **state)
{
	struct world *w = *state;

	assert_str(weir_fake_part(w->ex, WEIR_PART_PATH), "/tariff/x");
	assert_str(weir_fake_part(w->ex, WEIR_PART_QUERY), "code=1");
	assert_str(weir_fake_named(w->ex, WEIR_NAMED_QUERY, "code"), "1");
	weir_fake_add_header(w->ex, WEIR_REQUEST, "cookie", WEIR_STR("a=1; b=2"));
	assert_str(weir_fake_named(w->ex, WEIR_NAMED_COOKIE, "b"), "2");
}

static void claims_with_several_values_are_joined(void **state)
{
	struct world *w = *state;

	weir_fake_set_named(w->ex, WEIR_NAMED_CLAIM, "group", WEIR_STR("a"));
	weir_fake_set_named(w->ex, WEIR_NAMED_CLAIM, "group", WEIR_STR("b"));
	assert_str(weir_fake_named(w->ex, WEIR_NAMED_CLAIM, "group"), "a,b");
}

static void a_service_answers_what_it_was_told(void **state)
{
	const struct weir_field field = { WEIR_STR("x-from"), WEIR_STR("svc") };
	const struct weir_fake_answer answer = { .status = 404, .body = WEIR_STR("none"),
						 .headers = &field, .header_count = 1 };
	struct world *w = *state;

	use(w, "stamp", "{name: x-a, value: b}");
	weir_fake_set_part(w->ex, WEIR_PART_SERVICE, WEIR_STR("tariff-svc"));
	weir_fake_service(w->f, "tariff-svc", &answer);
	assert_int_equal(weir_fake_run(w->use, w->ex), 404);
	assert_str(weir_fake_body(w->ex, WEIR_RESPONSE), "none");
	assert_str(header(w, WEIR_RESPONSE, "x-from"), "svc");
}

static void a_service_that_is_away_has_a_reason(void **state)
{
	const struct weir_fake_answer away = { .reason = WEIR_STR("connect-refused") };
	struct world *w = *state;

	use(w, "stamp", "{name: x-a, value: b}");
	weir_fake_service(w->f, "service", &away);
	assert_int_equal(weir_fake_run(w->use, w->ex), 503);
	assert_str(weir_fake_part(w->ex, WEIR_PART_REASON), "connect-refused");
	assert_str(header(w, WEIR_RESPONSE, "x-a"), "b");
}

/* Waits --------------------------------------------------------------------------- */

static void calls_are_remembered(void **state)
{
	const struct weir_fake_answer first = { .status = 201, .body = WEIR_STR("one") };
	const struct weir_fake_answer then = { .status = 202, .body = WEIR_STR("two") };
	struct world *w = *state;

	use(w, "waiter", "{call: other}");
	weir_fake_service(w->f, "other", &first);
	weir_fake_service(w->f, "other", &then);
	(void)weir_fake_on_request(w->use, w->ex);
	assert_str(header(w, WEIR_REQUEST, "x-called-status"), "201");
	(void)weir_fake_on_request(w->use, w->ex);
	assert_str(header(w, WEIR_REQUEST, "x-called-body"), "two");
	assert_str(weir_fake_call(w->f, 1)->service, "other");
	assert_str(weir_fake_call(w->f, 1)->path, "/");
	assert_null(weir_fake_call(w->f, 2));
}

static void nobody_knows_a_service_that_was_not_told(void **state)
{
	struct world *w = *state;

	use(w, "waiter", "{call: nobody}");
	assert_int_equal(weir_fake_on_request(w->use, w->ex), WEIR_REFUSED);
	assert_int_equal(weir_fake_status(w->ex), 503);
	assert_str(weir_fake_why(w->ex), "somebody else could not be asked");
}

static void sleeping_moves_the_clock_and_takes_no_time(void **state)
{
	struct world *w = *state;
	uint64_t before = weir_fake_host()->now();

	use(w, "waiter", "{sleep: 7s}");
	assert_int_equal(weir_fake_on_request(w->use, w->ex), WEIR_NEXT);
	assert_int_equal(weir_fake_host()->now() - before, 7 * NS_PER_S);
	assert_int_equal(weir_fake_waits(w->f), 1);
}

static void no_wait_goes_beyond_the_deadline(void **state)
{
	struct world *w = *state;
	uint64_t before = weir_fake_host()->now();

	use(w, "waiter", "{sleep: 7s}");
	weir_fake_set_time_left(w->ex, 3 * NS_PER_S);
	assert_int_equal(weir_fake_on_request(w->use, w->ex), WEIR_REFUSED);
	assert_int_equal(weir_fake_host()->now() - before, 3 * NS_PER_S);
}

static void an_answer_that_takes_too_long_is_none(void **state)
{
	const struct weir_fake_answer slow = { .delay_ns = 6 * NS_PER_S };
	struct world *w = *state;

	use(w, "waiter", "{call: other}");
	weir_fake_service(w->f, "other", &slow);
	assert_int_equal(weir_fake_on_request(w->use, w->ex), WEIR_REFUSED);
}

/* It sleeps, reads the body, calls: whichever is cancelled, it cleans up and returns. */
static void each_wait_can_be_cancelled(void **state)
{
	const struct weir_fake_answer answer = { .status = 200 };
	struct world *w = *state;

	use(w, "waiter", "{sleep: 1ms, body: 1k, call: other}");
	weir_fake_service(w->f, "other", &answer);
	for (uint32_t n = 1; n <= 3; n++) {
		struct weir_exchange *ex = weir_fake_exchange(w->f, "POST", "/");
		uint32_t waits = weir_fake_waits(w->f);

		weir_fake_cancel_at(w->f, n);
		assert_int_equal(weir_fake_on_request(w->use, ex), WEIR_FAILED);
		assert_int_equal(weir_fake_waits(w->f) - waits, n);
		assert_int_equal(weir_fake_status(ex), 499);
	}
}

/* stuck.so waits in every way that there is; each is cancelled, and it returns. */
static void every_way_to_wait_can_be_cancelled(void **state)
{
	static const char *const ways[] = {
		"sleep", "body", "{in: call, service: other}", "{in: fetch, url: \"http://x/\"}", "fd",
		"offload", "ticket",
	};
	const struct weir_fake_answer answer = { .status = 200 };
	struct world *w = *state;

	weir_fake_service(w->f, "other", &answer);
	weir_fake_service(w->f, "http://x/", &answer);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct weir_exchange *ex = weir_fake_exchange(w->f, "POST", "/");

		use(w, "stuck", ways[i]);
		weir_fake_cancel_at(w->f, 1);
		assert_int_equal(weir_fake_on_request(w->use, ex), WEIR_FAILED);
		weir_fake_on_done(w->use, ex);
		assert_int_equal(weir_fake_counted(w->use, "cancelled"), 1);
		assert_int_equal(weir_fake_counted(w->use, "done"), 1);
		weir_fake_close(w->use);
	}
}

static void bodies_have_a_limit(void **state)
{
	struct world *w = *state;

	use(w, "waiter", "{body: 4b}");
	weir_fake_set_body(w->ex, WEIR_REQUEST, WEIR_STR("12345"));
	assert_int_equal(weir_fake_on_request(w->use, w->ex), WEIR_REFUSED);
	assert_int_equal(weir_fake_status(w->ex), 413);
}

static void a_thread_of_its_own_may_wake_it(void **state)
{
	struct world *w = *state;

	use(w, "alarm", "{}");
	assert_int_equal(weir_fake_on_request(w->use, w->ex), WEIR_NEXT);
	assert_str(header(w, WEIR_REQUEST, "x-alarm"), "rung");
}

/* Learning --------------------------------------------------------------------------- */

static void what_is_learnt_in_the_background_is_seen_later(void **state)
{
	struct world *w = *state;

	use(w, "learner", "{every: 1s}");
	weir_fake_background(w->use, 3);
	(void)weir_fake_on_response(w->use, w->ex);
	assert_str(header(w, WEIR_RESPONSE, "x-learnt"), "lesson 3");
}

static void errands_run_after_the_background_that_sent_them(void **state)
{
	struct world *w = *state;

	use(w, "learner", "{every: 1s, sends: 2}");
	weir_fake_background(w->use, 3);
	assert_int_equal(weir_fake_counted(w->use, "looks"), 6);	/* three times each */
}

static void dice_fall_as_told_and_then_the_same_each_time(void **state)
{
	const uint64_t told[] = { 6, 1 };
	struct weir_fake *other = weir_fake_new();
	struct world *w = *state;
	uint64_t third;

	weir_fake_dice(other, told, 2);
	assert_int_equal(weir_fake_host()->dice(), 6);
	assert_int_equal(weir_fake_host()->dice(), 1);
	third = weir_fake_host()->dice();
	assert_true(weir_fake_free(other));
	weir_fake_dice(w->f, told, 0);
	assert_int_equal(weir_fake_host()->dice(), third);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
		TEST(options_are_checked_as_the_configuration_is),
		TEST(a_plugin_is_called_as_the_gateway_calls_it),
		TEST(a_plugin_of_the_first_day_still_runs),
		TEST(the_path_is_the_normalised_one),
		TEST(claims_with_several_values_are_joined),
		TEST(a_service_answers_what_it_was_told),
		TEST(a_service_that_is_away_has_a_reason),
		TEST(calls_are_remembered),
		TEST(nobody_knows_a_service_that_was_not_told),
		TEST(sleeping_moves_the_clock_and_takes_no_time),
		TEST(no_wait_goes_beyond_the_deadline),
		TEST(an_answer_that_takes_too_long_is_none),
		TEST(each_wait_can_be_cancelled),
		TEST(every_way_to_wait_can_be_cancelled),
		TEST(bodies_have_a_limit),
		TEST(a_thread_of_its_own_may_wake_it),
		TEST(what_is_learnt_in_the_background_is_seen_later),
		TEST(errands_run_after_the_background_that_sent_them),
		TEST(dice_fall_as_told_and_then_the_same_each_time),
	};

	return cmocka_run_group_tests_name("fake", tests, NULL, NULL);
}
