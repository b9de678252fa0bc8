/* test_json.c - the door to jansson. */
#include "tests/test.h"

#include "core/base/json.h"

static void text_goes_in_and_comes_out(void **state)
{
	json_t *value = json_from_str(STR("gr\xc3\xbc\xc3\x9f"));

	(void)state;
	assert_str(json_str(value), "gr\xc3\xbc\xc3\x9f");
	json_decref(value);
}

static void bytes_that_are_no_text_are_replaced(void **state)
{
	json_t *value = json_from_str(STR("a\xff" "b\xe2\x82"));

	(void)state;
	assert_str(json_str(value), "a\xef\xbf\xbd" "b\xef\xbf\xbd");
	json_decref(value);
}

static void absent_is_null(void **state)
{
	json_t *object = json_object();

	(void)state;
	assert_true(json_set_str(object, "none", STR_ABSENT));
	assert_true(json_set_str(object, "empty", STR("")));

	assert_true(json_is_null(json_object_get(object, "none")));
	assert_null(json_str(json_object_get(object, "none")).data);
	assert_null(json_str(json_object_get(object, "missing")).data);
	assert_str(json_str(json_object_get(object, "empty")), "");
	json_decref(object);
}

static void a_mistake_is_named_with_its_place(void **state)
{
	struct weir_error error = { "" };

	(void)state;
	assert_null(json_read(STR("{\"a\": 1,\n  oops}"), 100, &error));
	assert_non_null(strstr(error.text, "line 2"));
}

static void refused(const char *text)
{
	struct weir_error error = { "" };

	assert_null(json_read(str_from(text), 100, &error));
	assert_true(error.text[0] != '\0');
}

static void two_documents_duplicates_and_long_ones_are_refused(void **state)
{
	(void)state;
	refused("");
	refused("{} {}");
	refused("{\"a\":1,\"a\":2}");
	refused("[\"more than the hundred bytes that it may have at most, for it goes on and on "
		"and does not come to its end before long\"]");
}

static void depth_is_bounded(void **state)
{
	static char deep[20000];
	struct weir_error error = { "" };

	(void)state;
	memset(deep, '[', sizeof(deep));
	assert_null(json_read(str_of(deep, sizeof(deep)), sizeof(deep), &error));
}

static void it_is_written_compact_or_for_people(void **state)
{
	json_t *object = json_pack("{s:i,s:[b]}", "n", 7, "list", 1);
	struct buffer out;

	(void)state;
	buffer_init(&out, 1000);
	assert_true(json_print(&out, object, 0));
	assert_str(buffer_str(&out), "{\"n\":7,\"list\":[true]}");
	buffer_drop(&out, buffer_len(&out));

	assert_true(json_print(&out, object, 2));
	assert_str(buffer_str(&out), "{\n  \"n\": 7,\n  \"list\": [\n    true\n  ]\n}");
	buffer_fini(&out);
	json_decref(object);
}

static void a_buffer_too_small_is_noticed(void **state)
{
	json_t *object = json_pack("{s:s}", "key", "a rather long value");
	struct buffer out;

	(void)state;
	buffer_init(&out, 10);
	assert_false(json_print(&out, object, 0));
	assert_false(json_print(&out, NULL, 0));
	buffer_fini(&out);
	json_decref(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_goes_in_and_comes_out),
		cmocka_unit_test(bytes_that_are_no_text_are_replaced),
		cmocka_unit_test(absent_is_null),
		cmocka_unit_test(a_mistake_is_named_with_its_place),
		cmocka_unit_test(two_documents_duplicates_and_long_ones_are_refused),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(it_is_written_compact_or_for_people),
		cmocka_unit_test(a_buffer_too_small_is_noticed),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
