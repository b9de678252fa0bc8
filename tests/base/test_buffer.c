/* test_buffer.c - bytes that come in at the end and leave at the front. */
#include "tests/test.h"

#include "core/base/buffer.h"

static void bytes_leave_in_the_order_they_came(void **state)
{
	struct buffer b;

	(void)state;
	buffer_init(&b, 1000);
	assert_true(buffer_add(&b, STR("hello ")));
	assert_true(buffer_print(&b, "%s %d", "world", 7));

	buffer_drop(&b, 6);

	assert_str(buffer_str(&b), "world 7");
	buffer_fini(&b);
}

static void an_empty_one_is_empty_and_not_absent(void **state)
{
	struct buffer b;

	(void)state;
	buffer_init(&b, 10);
	assert_non_null(buffer_str(&b).data);
	assert_int_equal(buffer_str(&b).len, 0);
	assert_true(buffer_add(&b, STR_ABSENT));
	buffer_fini(&b);
}

static void the_ceiling_can_be_reached_but_not_passed(void **state)
{
	struct buffer b;

	(void)state;
	buffer_init(&b, 10);

	assert_true(buffer_print(&b, "%s", "0123456789"));
	assert_false(buffer_add(&b, STR("x")));
	assert_false(buffer_print(&b, "x"));
	assert_false(buffer_reserve(&b, SIZE_MAX));

	assert_str(buffer_str(&b), "0123456789");
	buffer_fini(&b);
}

static void a_ceiling_of_everything_does_not_loop(void **state)
{
	struct buffer b;

	(void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	skip();	/* they end the program when so much is asked for */
#endif
	buffer_init(&b, SIZE_MAX - 1);
	assert_true(buffer_add(&b, STR("x")));
	assert_false(buffer_reserve(&b, SIZE_MAX / 2 + 100));	/* no such memory */
	assert_str(buffer_str(&b), "x");
	buffer_fini(&b);
}

static void room_at_the_front_is_used_before_growing(void **state)
{
	struct buffer b;
	size_t room;

	(void)state;
	buffer_init(&b, 1 << 20);
	for (int i = 0; i < 25; i++)
		assert_true(buffer_add(&b, STR("0123456789")));
	room = b.room;

	buffer_drop(&b, 240);
	for (int i = 0; i < 20; i++)
		assert_true(buffer_add(&b, STR("abcdefghij")));

	assert_int_equal(b.room, room);
	assert_int_equal(buffer_len(&b), 210);
	assert_true(str_starts(buffer_str(&b), STR("0123456789abcdefghij")));
	buffer_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_leave_in_the_order_they_came),
		cmocka_unit_test(an_empty_one_is_empty_and_not_absent),
		cmocka_unit_test(the_ceiling_can_be_reached_but_not_passed),
		cmocka_unit_test(a_ceiling_of_everything_does_not_loop),
		cmocka_unit_test(room_at_the_front_is_used_before_growing),
	};

	return cmocka_run_group_tests_name("buffer", tests, NULL, NULL);
}
