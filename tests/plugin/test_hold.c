/* test_hold.c - what an exchange holds is let go once, newest first. */
#include "core/base/mem.h"
#include "core/plugin/hold.h"
#include "tests/test.h"

static char order[8];

struct thing {
	struct hold hold;
	char letter;
};

static void dropped(struct hold *h)
{
	size_t len = strlen(order);

	order[len] = container_of(h, struct thing, hold)->letter;
	order[len + 1] = '\0';
}

static struct thing *hold(struct hold_list *list, struct arena *arena, char letter)
{
	struct thing *t = hold_new(list, arena, sizeof(*t), dropped);

	assert_non_null(t);
	t->letter = letter;
	return t;
}

static void newest_first_and_once(void **state)
{
	struct hold_list list = { NULL };
	struct arena arena;

	(void)state;
	order[0] = '\0';
	arena_init(&arena, NULL, 1 << 16);
	hold(&list, &arena, 'a');
	hold(&list, NULL, 'b');
	hold(&list, &arena, 'c');
	holds_drop(&list);
	holds_drop(&list);
	assert_string_equal(order, "cba");
	arena_reset(&arena);
}

static void what_is_forgotten_is_not_dropped(void **state)
{
	struct hold_list list = { NULL };
	struct thing *b;

	(void)state;
	order[0] = '\0';
	hold(&list, NULL, 'a');
	b = hold(&list, NULL, 'b');
	hold(&list, NULL, 'c');
	hold_forget(&list, &b->hold);
	holds_drop(&list);
	assert_string_equal(order, "ca");
}

static void a_full_arena_holds_nothing(void **state)
{
	struct hold_list list = { NULL };
	struct arena arena;

	(void)state;
	arena_init(&arena, NULL, 0);
	assert_null(hold_new(&list, &arena, sizeof(struct thing), dropped));
	assert_null(list.first);
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(newest_first_and_once),
		cmocka_unit_test(what_is_forgotten_is_not_dropped),
		cmocka_unit_test(a_full_arena_holds_nothing),
	};

	return cmocka_run_group_tests_name("hold", tests, NULL, NULL);
}
