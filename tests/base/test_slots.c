/* test_slots.c - names to small dense numbers, and arrays over them. */
#include "tests/test.h"

#include <pthread.h>

#include "core/base/counter.h"
#include "core/base/slots.h"

static uint32_t take(struct slots *s, const char *name)
{
	struct weir_error error = { "" };
	uint32_t number = UINT32_MAX;

	assert_true(slots_take(s, str_from(name), &number, &error));
	return number;
}

static void numbers_are_dense_and_stay_over_reloads(void **state)
{
	struct slots s;
	char room[32];

	(void)state;
	slots_init(&s);
	assert_int_equal(take(&s, "tariff"), 0);
	assert_int_equal(take(&s, "risk"), 1);

	/* The next snapshot has one more, then the first one goes. */
	assert_int_equal(take(&s, "document"), 2);
	assert_int_equal(take(&s, "risk"), 1);
	slots_give(&s, 0);
	slots_give(&s, 1);

	assert_null(slots_name(&s, 0, room, sizeof(room)).data);
	assert_str(slots_name(&s, 1, room, sizeof(room)), "risk");
	assert_str(slots_name(&s, 2, room, sizeof(room)), "document");
	assert_int_equal(slots_count(&s), 3);
	slots_fini(&s);
}

static void told(void *arg, uint32_t number)
{
	uint32_t *last = arg;

	*last = number;
}

static void a_number_is_used_again_only_when_nobody_holds_it(void **state)
{
	uint32_t reused = UINT32_MAX;
	struct slots s;

	(void)state;
	slots_init(&s);
	slots_on_reuse(&s, told, &reused);
	take(&s, "a");
	take(&s, "a");
	take(&s, "b");

	slots_give(&s, 0);
	assert_int_equal(take(&s, "c"), 2);	/* somebody still holds a */
	slots_give(&s, 0);
	assert_int_equal(reused, UINT32_MAX);

	assert_int_equal(take(&s, "d"), 0);
	assert_int_equal(reused, 0);
	slots_fini(&s);
}

static void a_name_that_comes_back_finds_its_number(void **state)
{
	uint32_t reused = UINT32_MAX;
	struct slots s;

	(void)state;
	slots_init(&s);
	slots_on_reuse(&s, told, &reused);
	take(&s, "a");
	slots_give(&s, 0);

	assert_int_equal(take(&s, "a"), 0);
	assert_int_equal(reused, UINT32_MAX);
	assert_int_equal(take(&s, "b"), 1);	/* a is held again, though it was free */
	slots_fini(&s);
}

static void ten_thousand_names_for_ever_new_do_not_grow_it(void **state)
{
	enum { NAMES = 10000 };
	static uint32_t held[2][NAMES];
	struct slots s;
	char name[32];

	(void)state;
	slots_init(&s);
	for (int reload = 0; reload < 6; reload++) {
		uint32_t *now = held[reload % 2], *before = held[(reload + 1) % 2];

		for (int i = 0; i < NAMES; i++) {
			(void)snprintf(name, sizeof(name), "route-%d-%d", reload, i);
			now[i] = take(&s, name);
		}
		for (int i = 0; reload > 0 && i < NAMES; i++)
			slots_give(&s, before[i]);
	}
	assert_int_equal(slots_count(&s), 2 * NAMES);
	slots_fini(&s);
}

static void too_many_names_are_refused_in_words(void **state)
{
	struct weir_error error = { "" };
	uint32_t number;
	struct slots s;
	char name[32];

	(void)state;
	slots_init(&s);
	for (int i = 0; i < SLOTS_MOST; i++) {
		(void)snprintf(name, sizeof(name), "%d", i);
		take(&s, name);
	}
	assert_false(slots_take(&s, STR("one more"), &number, &error));
	assert_non_null(strstr(error.text, "65536"));
	slots_give(&s, 77);
	assert_int_equal(take(&s, "one more"), 77);
	slots_fini(&s);
}

static void a_long_name_is_cut_for_those_who_print(void **state)
{
	struct slots s;
	char room[4];

	(void)state;
	slots_init(&s);
	take(&s, "notification");
	assert_str(slots_name(&s, 0, room, sizeof(room)), "noti");
	assert_null(slots_name(&s, 5, room, sizeof(room)).data);
	slots_fini(&s);
}

/* --- arrays ---------------------------------------------------------------------------------- */

static void an_item_comes_to_be_zeroed_and_never_moves(void **state)
{
	struct slot_array a;
	struct counter *seven;

	(void)state;
	slot_array_init(&a, sizeof(struct counter));
	assert_null(slot_array_peek(&a, 7));
	seven = slot_array_at(&a, 7);
	assert_int_equal(counter_read(seven), 0);
	counter_add(seven, 3);

	for (uint32_t i = 0; i < 10000; i++)
		assert_non_null(slot_array_at(&a, i));

	assert_ptr_equal(slot_array_at(&a, 7), seven);
	assert_ptr_equal(slot_array_peek(&a, 7), seven);
	assert_null(slot_array_at(&a, SLOTS_MOST));
	assert_null(slot_array_peek(&a, SLOTS_MOST));
	assert_null(slot_array_peek(&a, 20000));
	slot_array_fini(&a);
}

static void *fill(void *arg)
{
	for (int round = 0; round < 20; round++)
		for (uint32_t i = 0; i < 5000; i++)
			counter_add(slot_array_at(arg, i), 1);
	return NULL;
}

static uint64_t sum(const struct slot_array *a)
{
	uint64_t all = 0;

	for (uint32_t i = 0; i < 5000; i++) {
		const struct counter *c = slot_array_peek(a, i);

		all += c != NULL ? counter_read(c) : 0;
	}
	return all;
}

static void readers_see_it_grow_and_never_a_moving_array(void **state)
{
	struct slot_array a;
	uint64_t last = 0;
	pthread_t writer;

	(void)state;
	slot_array_init(&a, sizeof(struct counter));
	pthread_create(&writer, NULL, fill, &a);
	for (int i = 0; i < 50; i++) {
		uint64_t now = sum(&a);

		assert_true(now >= last);
		last = now;
	}
	pthread_join(writer, NULL);
	assert_int_equal(sum(&a), 100000);
	slot_array_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_dense_and_stay_over_reloads),
		cmocka_unit_test(a_number_is_used_again_only_when_nobody_holds_it),
		cmocka_unit_test(a_name_that_comes_back_finds_its_number),
		cmocka_unit_test(ten_thousand_names_for_ever_new_do_not_grow_it),
		cmocka_unit_test(too_many_names_are_refused_in_words),
		cmocka_unit_test(a_long_name_is_cut_for_those_who_print),
		cmocka_unit_test(an_item_comes_to_be_zeroed_and_never_moves),
		cmocka_unit_test(readers_see_it_grow_and_never_a_moving_array),
	};

	return cmocka_run_group_tests_name("slots", tests, NULL, NULL);
}
