/* test_rng.c - dice. */
#include "tests/test.h"

#include "core/base/rng.h"

static void the_same_seed_gives_the_same_numbers(void **state)
{
	struct rng a, b, c;
	int equal = 0;

	(void)state;
	rng_init_seed(&a, 42);
	rng_init_seed(&b, 42);
	rng_init_seed(&c, 43);
	for (int i = 0; i < 100; i++) {
		uint64_t n = rng_next(&a);

		assert_true(n == rng_next(&b));
		equal += n == rng_next(&c);
	}
	assert_int_equal(equal, 0);
}

static void two_from_the_kernel_differ(void **state)
{
	struct rng a, b;

	(void)state;
	rng_init(&a);
	rng_init(&b);
	assert_true(rng_next(&a) != rng_next(&b));
}

static void numbers_below_n_are_below_n_and_even(void **state)
{
	unsigned hits[7] = { 0 };
	struct rng r;

	(void)state;
	rng_init_seed(&r, 1);
	for (int i = 0; i < 70000; i++) {
		uint32_t n = rng_below(&r, 7);

		assert_true(n < 7);
		hits[n]++;
	}
	for (int i = 0; i < 7; i++)
		assert_in_range(hits[i], 9500, 10500);
	assert_int_equal(rng_below(&r, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_seed_gives_the_same_numbers),
		cmocka_unit_test(two_from_the_kernel_differ),
		cmocka_unit_test(numbers_below_n_are_below_n_and_even),
	};

	return cmocka_run_group_tests_name("rng", tests, NULL, NULL);
}
