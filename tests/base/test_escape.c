/* test_escape.c - text that strangers wrote, made safe for a log line. */
#include "tests/test.h"

#include "core/base/escape.h"
#include "core/base/json.h"
#include "core/base/rng.h"
#include "core/base/utf8.h"

static struct weir_str quoted(struct weir_str s)
{
	static char out[4096];
	char *stop = escape_put(out, out + sizeof(out), s, ESCAPE_QUOTED);

	return stop != NULL ? str_between(out, stop) : STR_ABSENT;
}

static void harmless_text_stays_as_it_is(void **state)
{
	(void)state;
	assert_str(quoted(STR("/tariff/0101?x=[1]&y=~ a long enough text")),
		   "/tariff/0101?x=[1]&y=~ a long enough text");
	assert_str(quoted(STR("gr\xc3\xbc\xc3\x9f \xe2\x82\xac")),
		   "gr\xc3\xbc\xc3\x9f \xe2\x82\xac");
	assert_str(quoted(STR("")), "");
	assert_str(quoted(STR_ABSENT), "");
}

static void a_line_cannot_be_broken_out_of(void **state)
{
	(void)state;
	assert_str(quoted(STR("a\r\nfake: line")), "a\\r\\nfake: line");
	assert_str(quoted(STR("\",\"admin\":\"")), "\\\",\\\"admin\\\":\\\"");
	assert_str(quoted(STR("\x1b[2J\x7f")), "\\u001b[2J\\u007f");
	assert_str(quoted(STR("\xc2\x9b" "2J")), "\\u009b2J");
	assert_str(quoted(str_of("a\0b", 3)), "a\\u0000b");
}

static void what_is_not_utf8_is_replaced(void **state)
{
	(void)state;
	assert_str(quoted(STR("a\xff\xfe" "b")), "a\xef\xbf\xbd\xef\xbf\xbd" "b");
	assert_str(quoted(STR("\xed\xa0\x80")), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

static void plain_text_keeps_its_quotes(void **state)
{
	char out[64];
	char *stop = escape_put(out, out + sizeof(out), STR("say \"C:\\x\"\n"), ESCAPE_PLAIN);

	(void)state;
	assert_str(str_between(out, stop), "say \"C:\\x\"\\n");
}

static void it_fits_exactly_or_not_at_all(void **state)
{
	char out[16];

	(void)state;
	for (size_t room = 0; room < 10; room++) {
		memset(out, '#', sizeof(out));
		assert_null(escape_put(out, out + room, STR("12345678\n"), ESCAPE_QUOTED));
		for (size_t i = room; i < sizeof(out); i++)
			assert_int_equal(out[i], '#');
	}
	assert_non_null(escape_put(out, out + 10, STR("12345678\n"), ESCAPE_QUOTED));
}

static void every_byte_at_every_place_reads_back(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++)
		for (size_t at = 0; at < 20; at++) {
			char text[20], doc[256];
			struct weir_error error = { "" };
			struct weir_str got;
			json_t *value;
			int n;

			memset(text, 'x', sizeof(text));
			text[at] = (char)c;
			got = quoted(str_of(text, sizeof(text)));
			n = snprintf(doc, sizeof(doc), "[\"%.*s\"]", STR_ARG(got));
			assert_null(memchr(got.data, '\n', got.len));
			if (c == 0)
				continue;	/* jansson reads none */
			value = json_read(str_of(doc, (size_t)n), 256, &error);
			assert_non_null(value);
			got = json_str(json_array_get(value, 0));
			if (c < 0x80)
				assert_true(str_eq(got, str_of(text, sizeof(text))));
			json_decref(value);
		}
}

static void any_bytes_give_valid_utf8_without_controls(void **state)
{
	struct rng r;

	(void)state;
	rng_init_seed(&r, 5);
	for (int i = 0; i < 20000; i++) {
		char text[48];
		struct weir_str got;

		for (size_t k = 0; k < sizeof(text); k++)
			text[k] = (char)rng_next(&r);
		got = quoted(str_of(text, rng_below(&r, sizeof(text))));
		assert_true(utf8_valid(got));
		for (size_t k = 0; k < got.len; k++)
			assert_true((unsigned char)got.data[k] >= 0x20 && got.data[k] != 0x7f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(harmless_text_stays_as_it_is),
		cmocka_unit_test(a_line_cannot_be_broken_out_of),
		cmocka_unit_test(what_is_not_utf8_is_replaced),
		cmocka_unit_test(plain_text_keeps_its_quotes),
		cmocka_unit_test(it_fits_exactly_or_not_at_all),
		cmocka_unit_test(every_byte_at_every_place_reads_back),
		cmocka_unit_test(any_bytes_give_valid_utf8_without_controls),
	};

	return cmocka_run_group_tests_name("escape", tests, NULL, NULL);
}
