/* test_slab.c - objects of one size, lent and taken back. */
#include "tests/test.h"

#include "core/base/slab.h"

static void the_warm_one_is_lent_again(void **state)
{
	struct slab s;
	void *one, *two;

	(void)state;
#if defined(__SANITIZE_ADDRESS__)
	skip();	/* there every object is its own */
#endif
	slab_init(&s, 64, 8);
	one = slab_take(&s);
	two = slab_take(&s);
	slab_give(&s, one);
	slab_give(&s, two);

	assert_ptr_equal(slab_take(&s), two);
	assert_ptr_equal(slab_take(&s), one);

	slab_give(&s, one);
	slab_give(&s, two);
	slab_fini(&s);
}

static void no_more_are_kept_than_asked(void **state)
{
	struct slab s;
	void *at[10];

	(void)state;
	slab_init(&s, 64, 3);
	for (int i = 0; i < 10; i++)
		at[i] = slab_take(&s);
	assert_int_equal(s.live, 10);
	for (int i = 0; i < 10; i++)
		slab_give(&s, at[i]);

	assert_int_equal(s.live, 0);
	assert_true(s.kept <= 3);
	slab_fini(&s);
	assert_int_equal(s.kept, 0);
}

static void the_cold_go_back_to_the_heap_and_the_warm_stay(void **state)
{
	struct slab s;
	void *at[10];

	(void)state;
#if defined(__SANITIZE_ADDRESS__)
	skip();	/* there none is kept */
#endif
	slab_init(&s, 64, 10);
	for (int i = 0; i < 10; i++)
		at[i] = slab_take(&s);
	for (int i = 0; i < 10; i++)
		slab_give(&s, at[i]);
	assert_int_equal(slab_cool(&s, 2), 0);	/* a moment ago all were lent */
	at[0] = slab_take(&s);
	at[1] = slab_take(&s);
	at[2] = slab_take(&s);
	for (int i = 0; i < 3; i++)
		slab_give(&s, at[i]);
	assert_int_equal(slab_cool(&s, 2), 5 * 64);	/* seven were not needed */
	assert_int_equal(s.kept, 5);
	assert_ptr_equal(slab_take(&s), at[2]);
	slab_give(&s, at[2]);
	assert_int_equal(slab_cool(&s, 9), 0);
	assert_int_equal(slab_cool(&s, 0), 5 * 64);
	assert_int_equal(s.kept, 0);
	slab_fini(&s);
}

static void giving_nothing_back_is_fine(void **state)
{
	struct slab s;

	(void)state;
	slab_init(&s, 64, 3);
	slab_give(&s, NULL);
	assert_int_equal(s.live, 0);
	slab_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_warm_one_is_lent_again),
		cmocka_unit_test(no_more_are_kept_than_asked),
		cmocka_unit_test(the_cold_go_back_to_the_heap_and_the_warm_stay),
		cmocka_unit_test(giving_nothing_back_is_fine),
	};

	return cmocka_run_group_tests_name("slab", tests, NULL, NULL);
}
