/* test_base64.c - bytes as letters and back, and what is no such text. */
#include "core/base/base64.h"

#include "tests/test.h"

static void assert_both_ways(enum base64_form form, struct weir_str bytes, const char *text)
{
	char out[64];
	size_t len = base64_encode(form, bytes, out);

	assert_true(len <= base64_room(bytes.len));
	assert_str(str_of(out, len), text);
	assert_true(base64_decode(form, str_from(text), out, &len));
	assert_true(len <= base64_decoded_room(strlen(text)));
	assert_true(str_eq(str_of(out, len), bytes));
}

static void the_examples_of_the_standard(void **state)
{
	(void)state;
	assert_both_ways(BASE64_PLAIN, STR(""), "");
	assert_both_ways(BASE64_PLAIN, STR("f"), "Zg==");
	assert_both_ways(BASE64_PLAIN, STR("fo"), "Zm8=");
	assert_both_ways(BASE64_PLAIN, STR("foo"), "Zm9v");
	assert_both_ways(BASE64_PLAIN, STR("foobar"), "Zm9vYmFy");
	assert_both_ways(BASE64_PLAIN, STR("\xfb\xff\xfe\0"), "+//+AA==");
	assert_both_ways(BASE64_URL, STR("f"), "Zg");
	assert_both_ways(BASE64_URL, STR("\xfb\xff\xfe"), "-__-");
}

static void refuses(enum base64_form form, const char *text)
{
	char out[64];
	size_t len;

	if (base64_decode(form, str_from(text), out, &len))
		fail_msg("took \"%s\"", text);
}

static void what_is_no_such_text_is_refused(void **state)
{
	static const char *const wrong[] = { "Z", "Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zm9v\n",
					     "Zm 9", "Zh==", "Zm9=", "Zg==Zg==", "-__-", "Zm\xc3\xa4" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		refuses(BASE64_PLAIN, wrong[i]);
	refuses(BASE64_URL, "+//+");
	refuses(BASE64_URL, "Zh");
	refuses(BASE64_URL, "Zg=");
}

static void the_form_for_urls_may_be_filled_up(void **state)
{
	char out[8];
	size_t len;

	(void)state;
	assert_true(base64_decode(BASE64_URL, STR("Zg=="), out, &len));
	assert_str(str_of(out, len), "f");
}

static void hex_is_small_and_read_in_either_case(void **state)
{
	char out[8];

	(void)state;
	hex_encode(STR("\x01\xab\xff"), out);
	assert_str(str_of(out, 6), "01abff");
	assert_true(hex_decode(STR("01aBFf"), out));
	assert_memory_equal(out, "\x01\xab\xff", 3);
	assert_false(hex_decode(STR("01a"), out));
	assert_false(hex_decode(STR("0g"), out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_of_the_standard),
		cmocka_unit_test(what_is_no_such_text_is_refused),
		cmocka_unit_test(the_form_for_urls_may_be_filled_up),
		cmocka_unit_test(hex_is_small_and_read_in_either_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
