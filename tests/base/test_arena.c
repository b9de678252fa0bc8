/* test_arena.c - memory that lives as long as one exchange. */
#include "tests/test.h"

#include "core/base/arena.h"
#include "core/base/slab.h"

static void what_is_taken_is_aligned_and_apart(void **state)
{
	struct arena a;
	char *one, *two;

	(void)state;
	arena_init(&a, NULL, 1 << 20);

	one = arena_take(&a, 3);
	two = arena_take(&a, 5);

	assert_int_equal((uintptr_t)one % 8, 0);
	assert_int_equal((uintptr_t)two % 8, 0);
	assert_true(two >= one + 3);
	arena_reset(&a);
}

static void nothing_can_be_taken_too(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, NULL, 1 << 20);

	assert_non_null(arena_take(&a, 0));
	assert_non_null(arena_take(&a, 0));

	assert_false(a.overflowed);
	assert_int_equal(a.taken, ARENA_CHUNK);
	arena_reset(&a);
}

static void over_the_ceiling_nothing_is_given(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, NULL, 2 * ARENA_CHUNK);
	assert_non_null(arena_take(&a, ARENA_CHUNK - 64));
	assert_non_null(arena_take(&a, ARENA_CHUNK - 64));

	assert_null(arena_take(&a, 64));

	assert_true(a.overflowed);
	arena_reset(&a);
	assert_false(a.overflowed);
	assert_non_null(arena_take(&a, 64));
	arena_reset(&a);
}

static void sizes_that_overflow_are_refused(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, NULL, 1 << 20);
	for (size_t less = 0; less < 40; less++)
		assert_null(arena_take(&a, SIZE_MAX - less));
	assert_true(a.overflowed);
	arena_reset(&a);
}

static void a_large_thing_leaves_the_current_chunk_in_use(void **state)
{
	struct arena a;
	char *before, *after;

	(void)state;
	arena_init(&a, NULL, 1 << 20);
	before = arena_take(&a, 8);

	memset(arena_take(&a, 3 * ARENA_CHUNK), 'x', 3 * ARENA_CHUNK);
	after = arena_take(&a, 8);

	assert_ptr_equal(after, before + 8);
	arena_reset(&a);
}

static void chunks_come_from_the_slab_and_go_back(void **state)
{
	struct slab chunks;
	struct arena a;

	(void)state;
	slab_init(&chunks, ARENA_CHUNK, 4);
	arena_init(&a, &chunks, 1 << 20);

	arena_take(&a, ARENA_CHUNK / 2);
	arena_take(&a, ARENA_CHUNK / 2);
	arena_take(&a, 2 * ARENA_CHUNK);	/* too large for the slab */
	assert_int_equal(chunks.live, 2);
	arena_reset(&a);

	assert_int_equal(chunks.live, 0);
	slab_fini(&chunks);
}

static void copies_joins_and_prints(void **state)
{
	const struct weir_str parts[] = { STR("a"), STR_ABSENT, STR("bc"), STR("") };
	struct arena a;
	char source[] = "first";
	struct weir_str copy;

	(void)state;
	arena_init(&a, NULL, 1 << 20);

	copy = arena_copy(&a, str_from(source));
	source[0] = 'X';

	assert_str(copy, "first");
	assert_str(arena_join(&a, parts, 4), "abc");
	assert_str(arena_print(&a, "%s=%d", "n", 7), "n=7");
	arena_reset(&a);
}

static void absent_stays_absent_and_empty_stays_empty(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, NULL, 1 << 20);
	assert_null(arena_copy(&a, STR_ABSENT).data);
	assert_non_null(arena_copy(&a, STR("")).data);
	arena_reset(&a);
}

static void zeroed_means_zeroed_after_a_reset_too(void **state)
{
	struct slab chunks;
	struct arena a;
	unsigned char *got;

	(void)state;
	slab_init(&chunks, ARENA_CHUNK, 4);
	arena_init(&a, &chunks, 1 << 20);
	memset(arena_take(&a, 1000), 0xff, 1000);
	arena_reset(&a);

	got = arena_zero(&a, 1000);

	for (int i = 0; i < 1000; i++)
		assert_int_equal(got[i], 0);
	arena_reset(&a);
	slab_fini(&chunks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_taken_is_aligned_and_apart),
		cmocka_unit_test(nothing_can_be_taken_too),
		cmocka_unit_test(over_the_ceiling_nothing_is_given),
		cmocka_unit_test(sizes_that_overflow_are_refused),
		cmocka_unit_test(a_large_thing_leaves_the_current_chunk_in_use),
		cmocka_unit_test(chunks_come_from_the_slab_and_go_back),
		cmocka_unit_test(copies_joins_and_prints),
		cmocka_unit_test(absent_stays_absent_and_empty_stays_empty),
		cmocka_unit_test(zeroed_means_zeroed_after_a_reset_too),
	};

	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
