/* test_standard.c - which attempts the retry plugin lets follow, and when. */
#include <weir/fake_roles.h>

#include "core/base/clock.h"
#include "tests/test.h"

static struct weir_fake *world;
static struct weir_fake_use *standard;

/* The dice always fall for the longest pause. */
static int start(void **state)
{
	static uint64_t longest[64];
	struct weir_error error = { "" };
	const struct weir_plugin *plugin = weir_fake_load("plugins/standard/standard.so", &error);

	(void)state;
	memset(longest, 0xff, sizeof(longest));
	world = weir_fake_new();
	weir_fake_dice(world, longest, 64);
	standard = plugin != NULL ? weir_fake_open(world, plugin, "{always: 0.1/s}", &error) : NULL;
	return standard != NULL ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	return weir_fake_free(world) ? 0 : -1;
}

/* An idempotent request whose connection was reset, at the first of three attempts. */
static struct weir_retry_question usual(void)
{
	return (struct weir_retry_question){
		.size = sizeof(struct weir_retry_question), .attempt = 1, .most = 3,
		.reason = WEIR_STR("upstream-reset"), .group = WEIR_STR("reset"),
		.listed = true, .safe = true, .idempotent = true, .replayable = true,
		.remaining_ns = 10 * NS_PER_S, .budget = 0.2,
	};
}

static struct weir_retry_judgement judge(struct weir_retry_question q)
{
	return weir_fake_judge(standard, &q);
}

static void requests(int count)
{
	for (int i = 0; i < count; i++)
		weir_fake_begin(standard);
}

static void refuses(struct weir_retry_question q, const char *why)
{
	struct weir_retry_judgement j = judge(q);

	assert_false(j.again);
	assert_str(j.why_not, why);
}

static void what_is_safe_and_listed_is_repeated(void **state)
{
	(void)state;
	assert_true(judge(usual()).again);
}

static void what_is_not_safe_is_not(void **state)
{
	struct weir_retry_question q = usual();

	(void)state;
	q.safe = false;
	refuses(q, "unsafe");
	q = usual();
	q.listed = false;
	refuses(q, "not-listed");
	q = usual();
	q.attempt = 3;
	refuses(q, "attempts");
}

static void pauses_grow_and_the_first_connect_retry_has_none(void **state)
{
	struct weir_retry_question q = usual();

	(void)state;
	requests(1000);
	assert_int_equal(judge(q).delay_ns, 25 * NS_PER_MS);
	q.attempt = 2;
	assert_int_equal(judge(q).delay_ns, 50 * NS_PER_MS);

	q = usual();
	q.reason = WEIR_STR("connect-refused");
	q.group = WEIR_STR("connect");
	assert_int_equal(judge(q).delay_ns, 0);
	q.attempt = 2;
	assert_int_equal(judge(q).delay_ns, 50 * NS_PER_MS);

	q = usual();
	q.reason = WEIR_STR("upstream-stale");
	assert_int_equal(judge(q).delay_ns, 0);
}

static void retry_after_is_honoured_within_reason(void **state)
{
	struct weir_retry_question q = usual();

	(void)state;
	requests(1000);
	q.group = WEIR_STR("status");
	q.status = 503;
	q.retry_after_ns = 900 * NS_PER_MS;
	assert_int_equal(judge(q).delay_ns, 900 * NS_PER_MS);
	q.retry_after_ns = 2 * NS_PER_S;
	refuses(q, "retry-after");
}

static void a_pause_that_does_not_fit_is_not_begun(void **state)
{
	struct weir_retry_question q = usual();

	(void)state;
	requests(1000);
	q.remaining_ns = 20 * NS_PER_MS;
	refuses(q, "time");
}

static void the_budget_is_a_share_of_the_requests(void **state)
{
	struct weir_retry_question q = usual();
	int granted = 0;

	(void)state;
	requests(100);
	while (granted < 1000 && judge(q).again)
		granted++;
	assert_int_equal(granted, 20);
	refuses(q, "budget");
	weir_fake_advance(world, 11 * NS_PER_S);
	assert_true(judge(q).again);	/* one in ten seconds is always there */
	refuses(q, "budget");
}

static void a_budget_of_nothing_leaves_the_few(void **state)
{
	struct weir_retry_question q = usual();

	(void)state;
	requests(100);
	q.budget = 0;
	assert_true(judge(q).again);
	refuses(q, "budget");
}

static void a_refusal_costs_no_budget(void **state)
{
	struct weir_retry_question q = usual();

	(void)state;
	q.safe = false;
	for (int i = 0; i < 10; i++)
		refuses(q, "unsafe");
	assert_true(judge(usual()).again);
}

static void options_that_contradict_are_refused(void **state)
{
	const struct weir_plugin *plugin = weir_fake_load("plugins/standard/standard.so", NULL);
	struct weir_error error = { "" };

	(void)state;
	assert_null(weir_fake_open(world, plugin, "{backoff: 2s, backoff_most: 1s}", &error));
	assert_string_equal(error.text, "`backoff` must not be longer than `backoff_most`");
}

#define opened(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		opened(what_is_safe_and_listed_is_repeated),
		opened(what_is_not_safe_is_not),
		opened(pauses_grow_and_the_first_connect_retry_has_none),
		opened(retry_after_is_honoured_within_reason),
		opened(a_pause_that_does_not_fit_is_not_begun),
		opened(the_budget_is_a_share_of_the_requests),
		opened(a_budget_of_nothing_leaves_the_few),
		opened(a_refusal_costs_no_budget),
		opened(options_that_contradict_are_refused),
	};

	return cmocka_run_group_tests_name("standard", tests, NULL, NULL);
}
