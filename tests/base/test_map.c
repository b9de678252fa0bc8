/* test_map.c - text to pointer. */
#include "tests/test.h"

#include "core/base/map.h"

static void what_was_set_is_found(void **state)
{
	static int values[1000];
	struct map m;
	char key[16];

	(void)state;
	map_init(&m);
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(key, sizeof(key), "key%d", i);
		assert_true(map_set(&m, str_from(key), &values[i]));
	}

	for (int i = 0; i < 1000; i++) {
		(void)snprintf(key, sizeof(key), "key%d", i);
		assert_ptr_equal(map_get(&m, str_from(key)), &values[i]);
	}
	assert_null(map_get(&m, STR("key1000")));
	map_fini(&m);
}

static void entries_stand_in_the_order_of_their_first_setting(void **state)
{
	struct map m;
	char order[8] = "";

	(void)state;
	map_init(&m);
	map_set(&m, STR("b"), "1");
	map_set(&m, STR("a"), "2");
	map_set(&m, STR("b"), "3");

	map_for_each(entry, &m)
		strcat(strcat(order, entry->key.data), entry->value);

	assert_string_equal(order, "b3a2");
	map_fini(&m);
}

static void keys_are_copied(void **state)
{
	char key[] = "name";
	struct map m;

	(void)state;
	map_init(&m);
	map_set(&m, str_from(key), "v");
	key[0] = 'X';

	assert_string_equal(map_get(&m, STR("name")), "v");
	assert_null(map_get(&m, str_from(key)));
	map_fini(&m);
}

static void an_empty_map_has_nothing(void **state)
{
	struct map m;
	int seen = 0;

	(void)state;
	map_init(&m);
	assert_null(map_get(&m, STR("")));
	map_for_each(entry, &m)
		seen++;
	assert_int_equal(seen, 0);
	map_fini(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_set_is_found),
		cmocka_unit_test(entries_stand_in_the_order_of_their_first_setting),
		cmocka_unit_test(keys_are_copied),
		cmocka_unit_test(an_empty_map_has_nothing),
	};

	return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
