/* test_json_write.c - JSON written straight into a piece of memory. */
#include "tests/test.h"

#include "core/base/clock.h"
#include "core/base/json.h"
#include "core/base/json_write.h"

static void write_example(struct json_write *w)
{
	json_write_open(w, STR_ABSENT, '{');
	json_write_str(w, STR("path"), STR("/a\"b\n"));
	json_write_str(w, STR("query"), STR_ABSENT);
	json_write_u64(w, STR("bytes"), UINT64_MAX);
	json_write_seconds(w, STR("total"), 12345678);
	json_write_bool(w, STR("reused"), true);
	json_write_open(w, STR("tries"), '[');
	json_write_open(w, STR_ABSENT, '{');
	json_write_str(w, STR("to"), STR("10.0.0.1:9000"));
	json_write_close(w);
	json_write_open(w, STR_ABSENT, '{');
	json_write_close(w);
	json_write_u64(w, STR_ABSENT, 7);
	json_write_close(w);
	json_write_raw(w, STR("raw"), STR("[1,2]"));
	json_write_close(w);
}

static void everything_stands_in_its_place(void **state)
{
	char room[512];
	struct json_write w;

	(void)state;
	json_write_init(&w, room, sizeof(room));
	write_example(&w);

	assert_false(w.cut);
	assert_str(json_write_text(&w),
		   "{\"path\":\"/a\\\"b\\n\",\"query\":null,\"bytes\":18446744073709551615,"
		   "\"total\":0.012345,\"reused\":true,"
		   "\"tries\":[{\"to\":\"10.0.0.1:9000\"},{},7],\"raw\":[1,2]}");
}

static void whatever_the_room_it_is_valid(void **state)
{
	char room[512];
	size_t whole = 0;

	(void)state;
	for (size_t size = JSON_WRITE_DEPTH + 6; size < sizeof(room); size++) {
		struct weir_error error = { "" };
		struct json_write w;
		json_t *value;

		memset(room, '#', sizeof(room));
		json_write_init(&w, room, size);
		write_example(&w);
		assert_true(w.at <= room + size);
		for (size_t i = size; i < sizeof(room); i++)
			assert_int_equal(room[i], '#');

		value = json_read(json_write_text(&w), sizeof(room), &error);
		if (value == NULL)	/* 2^64-1 is too much for jansson, not for us */
			assert_non_null(strstr(error.text, "too big integer"));
		json_decref(value);
		whole += !w.cut;
	}
	assert_true(whole > 0);
}

static void what_is_inside_of_what_does_not_fit_is_left_out_too(void **state)
{
	char room[40];
	struct json_write w;

	(void)state;
	json_write_init(&w, room, sizeof(room));
	json_write_open(&w, STR_ABSENT, '{');
	json_write_open(&w, STR("a key that is much too long for this"), '{');
	json_write_u64(&w, STR("x"), 1);
	json_write_close(&w);
	json_write_bool(&w, STR("y"), false);
	json_write_close(&w);

	assert_true(w.cut);
	assert_str(json_write_text(&w), "{\"y\":false}");
}

static void too_deep_is_left_out(void **state)
{
	char room[200];
	struct json_write w;

	(void)state;
	json_write_init(&w, room, sizeof(room));
	for (int i = 0; i < 20; i++)
		json_write_open(&w, STR_ABSENT, '[');
	json_write_u64(&w, STR_ABSENT, 1);
	for (int i = 0; i < 20; i++)
		json_write_close(&w);

	assert_true(w.cut);
	assert_str(json_write_text(&w), "[[[[[[[[]]]]]]]]");
}

static void seconds_have_six_decimals(void **state)
{
	char at[28];

	(void)state;
	assert_str(str_between(at, str_put_seconds(at, 0)), "0.000000");
	assert_str(str_between(at, str_put_seconds(at, 1999)), "0.000001");
	assert_str(str_between(at, str_put_seconds(at, 61 * NS_PER_S + 5 * NS_PER_MS)),
		   "61.005000");
	assert_str(str_between(at, str_put_seconds(at, UINT64_MAX)), "18446744073.709551");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_stands_in_its_place),
		cmocka_unit_test(whatever_the_room_it_is_valid),
		cmocka_unit_test(what_is_inside_of_what_does_not_fit_is_left_out_too),
		cmocka_unit_test(too_deep_is_left_out),
		cmocka_unit_test(seconds_have_six_decimals),
	};

	return cmocka_run_group_tests_name("json_write", tests, NULL, NULL);
}
