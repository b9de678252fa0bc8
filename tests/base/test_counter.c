/* test_counter.c - numbers that one thread writes and any may read. */
#include "tests/test.h"

#include <pthread.h>

#include "core/base/counter.h"

static const uint64_t bounds[HISTOGRAM_BOUNDS] = {
	1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000,
	500000,
};

static void a_value_falls_below_its_bound(void **state)
{
	struct histogram_scale s;

	(void)state;
	histogram_scale_init(&s, bounds);
	assert_int_equal(histogram_bucket(&s, 0), 0);
	assert_int_equal(histogram_bucket(&s, UINT64_MAX), HISTOGRAM_BOUNDS);
	for (unsigned i = 0; i < HISTOGRAM_BOUNDS; i++) {
		assert_int_equal(histogram_bucket(&s, bounds[i]), i);
		assert_int_equal(histogram_bucket(&s, bounds[i] + 1), i + 1);
	}
}

static void the_short_cut_agrees_with_looking_at_each(void **state)
{
	struct histogram_scale s;

	(void)state;
	histogram_scale_init(&s, bounds);
	for (uint64_t value = 0; value < 600000; value += 7) {
		unsigned at = 0;

		while (at < HISTOGRAM_BOUNDS && value > bounds[at])
			at++;
		assert_int_equal(histogram_bucket(&s, value), at);
	}
}

static void several_writers_are_summed_up(void **state)
{
	struct histogram one = { 0 }, two = { 0 };
	struct histogram_seen seen = { 0 };
	struct histogram_scale s;

	(void)state;
	histogram_scale_init(&s, bounds);
	histogram_add(&one, &s, 3);
	histogram_add(&one, &s, 1000000);
	histogram_add(&two, &s, 4);

	histogram_see(&seen, &one);
	histogram_see(&seen, &two);

	assert_int_equal(seen.buckets[2], 2);
	assert_int_equal(seen.buckets[HISTOGRAM_BOUNDS], 1);
	assert_int_equal(seen.sum, 1000007);
	assert_int_equal(histogram_count(&seen), 3);
}

static void gauges_go_up_and_down(void **state)
{
	struct gauge g = { 0 };

	(void)state;
	gauge_add(&g, 3);
	gauge_add(&g, -5);
	assert_int_equal(gauge_read(&g), -2);
	gauge_set(&g, 9);
	assert_int_equal(gauge_read(&g), 9);
}

static void *count_up(void *arg)
{
	for (int i = 0; i < 1000000; i++)
		counter_add(arg, 1);
	return NULL;
}

static void a_reader_never_sees_it_go_back(void **state)
{
	struct counter c = { 0 };
	uint64_t last = 0;
	pthread_t writer;

	(void)state;
	pthread_create(&writer, NULL, count_up, &c);
	for (int i = 0; i < 100000; i++) {
		uint64_t now = counter_read(&c);

		assert_true(now >= last);
		last = now;
	}
	pthread_join(writer, NULL);
	assert_int_equal(counter_read(&c), 1000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_falls_below_its_bound),
		cmocka_unit_test(the_short_cut_agrees_with_looking_at_each),
		cmocka_unit_test(several_writers_are_summed_up),
		cmocka_unit_test(gauges_go_up_and_down),
		cmocka_unit_test(a_reader_never_sees_it_go_back),
	};

	return cmocka_run_group_tests_name("counter", tests, NULL, NULL);
}
