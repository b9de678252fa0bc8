/* test_exposition.c - metrics as text. */
#include "tests/test.h"

#include <math.h>

#include "core/base/clock.h"
#include "core/telemetry/exposition.h"

static const struct family counter = { "x_total", "name", "Some help.", FAMILY_COUNTER };
static const struct family histogram = { "x_seconds", "name", "Spans.", FAMILY_HISTOGRAM };

static struct buffer out;
static struct exposition e;

static int begin(void **state)
{
	(void)state;
	buffer_init(&out, 100000);
	exposition_init(&e, &out);
	return 0;
}

static int end(void **state)
{
	(void)state;
	buffer_fini(&out);
	return 0;
}

static void a_family_has_help_type_and_samples(void **state)
{
	struct label label = { "name", STR("edge") };

	(void)state;
	exposition_begin(&e, &counter);
	exposition_u64(&e, &label, 1, UINT64_MAX);
	exposition_i64(&e, NULL, 0, INT64_MIN);
	exposition_double(&e, NULL, 0, 0.25);
	exposition_double(&e, NULL, 0, (double)INFINITY);

	assert_str(buffer_str(&out),
		   "# HELP x_total Some help.\n# TYPE x_total counter\n"
		   "x_total{name=\"edge\"} 18446744073709551615\n"
		   "x_total -9223372036854775808\nx_total 0.25\nx_total +Inf\n");
}

static void names_cannot_break_the_format(void **state)
{
	struct label labels[] = { { "a", STR("q\"b\\c\nd\x01\xff") }, { "b", STR_ABSENT } };

	(void)state;
	exposition_begin(&e, &counter);
	buffer_drop(&out, buffer_len(&out));
	exposition_u64(&e, labels, 2, 1);
	assert_str(buffer_str(&out),
		   "x_total{a=\"q\\\"b\\\\c\\nd\xef\xbf\xbd\xef\xbf\xbd\",b=\"\"} 1\n");
}

static void buckets_are_summed_up_and_in_seconds(void **state)
{
	static const uint64_t bounds[HISTOGRAM_BOUNDS] = {
		100 * NS_PER_US, NS_PER_MS, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17,
	};
	struct histogram_scale scale = { 0 };
	struct histogram_seen seen = { .sum = 2500 * NS_PER_MS };

	(void)state;
	memcpy(scale.bounds, bounds, sizeof(bounds));
	seen.buckets[0] = 3;
	seen.buckets[1] = 2;
	seen.buckets[HISTOGRAM_BOUNDS] = 1;
	exposition_begin(&e, &histogram);
	exposition_histogram(&e, NULL, 0, &seen, &scale);

	assert_true(str_find_str(buffer_str(&out), STR("x_seconds_bucket{le=\"0.0001\"} 3\n"
						       "x_seconds_bucket{le=\"0.001\"} 5\n")) <
		    buffer_len(&out));
	assert_true(str_ends(buffer_str(&out), STR("x_seconds_bucket{le=\"+Inf\"} 6\n"
						   "x_seconds_sum 2.500000000\n"
						   "x_seconds_count 6\n")));
}

static void a_full_buffer_is_remembered(void **state)
{
	struct buffer small;

	(void)state;
	buffer_init(&small, 20);
	exposition_init(&e, &small);
	exposition_begin(&e, &counter);
	exposition_u64(&e, NULL, 0, 1);
	assert_true(e.failed);
	buffer_fini(&small);
}

#define PRINTED(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PRINTED(a_family_has_help_type_and_samples),
		PRINTED(names_cannot_break_the_format),
		PRINTED(buckets_are_summed_up_and_in_seconds),
		PRINTED(a_full_buffer_is_remembered),
	};

	return cmocka_run_group_tests_name("exposition", tests, NULL, NULL);
}
