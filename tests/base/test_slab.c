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
		cmocka_unit_test(giving_nothing_back_is_fine),
	};

	return cmocka_run_group_tests_name("slab", tests, NULL, NULL);
}
