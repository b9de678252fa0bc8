/* test_fields.c - what rate_limit tells clients, and under which name it keeps a bucket. */
#include "tests/test.h"

#include "plugins/rate_limit/bucket.h"
#include "plugins/rate_limit/fields.h"

static char room[512];

static struct weir_str up_to(const char *end)
{
	return (struct weir_str){ room, (size_t)(end - room) };
}

static void a_policy_says_how_many_in_how_long(void **state)
{
	const struct shown_limit limit = { WEIR_STR("second"), 100, 1, 100 };
	const struct shown_limit burst = { WEIR_STR("api-minute"), 2000, 60, 50 };

	(void)state;
	assert_str(up_to(put_policy(room, &limit)), "\"second\";q=100;w=1");
	assert_str(up_to(put_policy(room, &burst)), "\"api-minute\";q=2000;w=60;weir-burst=50");
}

static void a_state_says_what_is_left_and_until_when(void **state)
{
	const struct shown_limit limit = { WEIR_STR("second"), 100, 1, 100 };

	(void)state;
	assert_str(up_to(put_state(room, &limit, 41, 590000000)), "\"second\";r=41;t=1");
	assert_str(up_to(put_state(room, &limit, 100, 0)), "\"second\";r=100;t=0");
	assert_str(up_to(put_state(room, &limit, 0, 60000000001)), "\"second\";r=0;t=61");
}

static void the_largest_numbers_have_room(void **state)
{
	char name[FIELD_NAME_ROOM];
	const struct shown_limit limit = { { name, sizeof(name) - 1 }, UINT64_MAX, UINT64_MAX, 1 };

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_true(put_policy(room, &limit) - room <= FIELD_ONE_ROOM);
	assert_true(put_state(room, &limit, UINT64_MAX, UINT64_MAX) - room <= FIELD_ONE_ROOM);
}

static void seconds_are_rounded_up_and_never_none(void **state)
{
	(void)state;
	assert_int_equal(whole_seconds(0), 1);
	assert_int_equal(whole_seconds(1), 1);
	assert_int_equal(whole_seconds(1000000000), 1);
	assert_int_equal(whole_seconds(1000000001), 2);
}

static void spans_have_their_words(void **state)
{
	(void)state;
	assert_string_equal(span_word(1), "second");
	assert_string_equal(span_word(60), "minute");
	assert_string_equal(span_word(3600), "hour");
	assert_string_equal(span_word(86400), "day");
}

static void another_owner_or_key_is_another_bucket(void **state)
{
	uint64_t one = bucket_owner(STR("route a, policy 1")), two = bucket_owner(STR("route b, policy 1"));
	char a[BUCKET_ROOM], b[BUCKET_ROOM];

	(void)state;
	assert_false(str_eq(bucket_name(a, one, STR("ada")), bucket_name(b, two, STR("ada"))));
	assert_false(str_eq(bucket_name(a, one, STR("ada")), bucket_name(b, one, STR("bob"))));
	assert_false(str_eq(bucket_name(a, one, STR("ada")), bucket_name(b, one, STR(""))));
	assert_true(str_eq(bucket_name(a, one, STR("ada")), bucket_name(b, one, STR("ada"))));
}

static void long_keys_are_told_apart_in_bounded_room(void **state)
{
	static char long_one[4000], long_two[4000];
	char a[BUCKET_ROOM], b[BUCKET_ROOM];
	struct weir_str one, two;

	(void)state;
	memset(long_one, 'k', sizeof(long_one));
	memcpy(long_two, long_one, sizeof(long_one));
	long_two[3999] = 'l';
	one = bucket_name(a, 1, str_of(long_one, sizeof(long_one)));
	two = bucket_name(b, 1, str_of(long_two, sizeof(long_two)));

	assert_int_equal(one.len, BUCKET_ROOM);
	assert_false(str_eq(one, two));
	two = bucket_name(b, 1, str_of(long_one, 3999));
	assert_false(str_eq(one, two));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_policy_says_how_many_in_how_long),
		cmocka_unit_test(a_state_says_what_is_left_and_until_when),
		cmocka_unit_test(the_largest_numbers_have_room),
		cmocka_unit_test(seconds_are_rounded_up_and_never_none),
		cmocka_unit_test(spans_have_their_words),
		cmocka_unit_test(another_owner_or_key_is_another_bucket),
		cmocka_unit_test(long_keys_are_told_apart_in_bounded_room),
	};

	return cmocka_run_group_tests_name("fields", tests, NULL, NULL);
}
