/* test_list.c - intrusive rings. */
#include "tests/test.h"

#include "core/base/list.h"

struct thing {
	char name;
	struct list link;
};

static const char *order(struct list *head)
{
	static char names[16];
	size_t n = 0;

	list_for_each(item, head)
		names[n++] = container_of(item, struct thing, link)->name;
	names[n] = '\0';
	return names;
}

static void both_ends_take_and_the_front_gives(void **state)
{
	struct thing a = { .name = 'a' }, b = { .name = 'b' }, c = { .name = 'c' };
	struct list head = LIST_INIT(head);

	(void)state;
	list_push_back(&head, &b.link);
	list_push_back(&head, &c.link);
	list_push_front(&head, &a.link);
	assert_string_equal(order(&head), "abc");

	assert_ptr_equal(list_pop_front(&head), &a.link);
	assert_string_equal(order(&head), "bc");
	assert_ptr_equal(list_pop_front(&head), &b.link);
	assert_ptr_equal(list_pop_front(&head), &c.link);
	assert_null(list_pop_front(&head));
	assert_true(list_empty(&head));
}

static void removing_twice_is_harmless(void **state)
{
	struct thing a = { .name = 'a' }, b = { .name = 'b' };
	struct list head = LIST_INIT(head);

	(void)state;
	list_push_back(&head, &a.link);
	list_push_back(&head, &b.link);

	list_remove(&a.link);
	list_remove(&a.link);

	assert_string_equal(order(&head), "b");
	assert_true(list_empty(&a.link));
}

static void items_may_go_while_one_walks(void **state)
{
	struct thing at[5];
	struct list head = LIST_INIT(head);

	(void)state;
	for (int i = 0; i < 5; i++) {
		at[i].name = (char)('a' + i);
		list_push_back(&head, &at[i].link);
	}

	list_for_each_safe(item, &head)
		if (container_of(item, struct thing, link)->name % 2 == 'a' % 2)
			list_remove(item);

	assert_string_equal(order(&head), "bd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends_take_and_the_front_gives),
		cmocka_unit_test(removing_twice_is_harmless),
		cmocka_unit_test(items_may_go_while_one_walks),
	};

	return cmocka_run_group_tests_name("list", tests, NULL, NULL);
}
