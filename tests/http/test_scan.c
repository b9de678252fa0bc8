/* test_scan.c - fast runs over bytes end where slow ones do, at every length, place and byte. */
#include "core/http/scan.h"
#include "tests/http/http.h"

enum { LONGEST = 50 };

static bool is_value(unsigned char c)
{
	return c == '\t' || (c >= ' ' && c != 0x7f);
}

static bool is_visible(unsigned char c)
{
	return c > ' ' && c != 0x7f;
}

static bool is_token(unsigned char c)
{
	return c > ' ' && c < 0x7f && strchr("\"(),/:;<=>?@[\\]{}", c) == NULL;
}

/* A run of `fill` with one byte `c` in it, in a heap block of exactly this size. */
static void compare(const char *(*scan)(const char *, const char *), bool (*is)(unsigned char),
		    char fill, size_t len, size_t at, unsigned char c)
{
	char text[LONGEST];
	struct weir_str s;
	size_t got;

	memset(text, fill, sizeof(text));
	text[at] = (char)c;
	s = exact(text, len);
	got = (size_t)(scan(s.data, s.data + len) - s.data);
	exact_free(s);
	if (got != (is(c) || at >= len ? len : at))
		fail_msg("byte %u at %zu of %zu ended the run at %zu", c, at, len, got);
}

static void all(const char *(*scan)(const char *, const char *), bool (*is)(unsigned char),
		const char *fills)
{
	for (; *fills != '\0'; fills++) {
		for (unsigned c = 0; c < 256; c++)
			for (size_t at = 0; at < 34; at++)
				compare(scan, is, *fills, 34, at, (unsigned char)c);
		for (size_t len = 0; len < LONGEST; len++)
			for (size_t at = 0; at < LONGEST; at++)
				compare(scan, is, *fills, len, at, at % 2 == 0 ? ':' : 0);
	}
}

static void a_value_ends_at_the_first_control(void **state)
{
	(void)state;
	all(scan_value, is_value, "a \t\xff");
}

static void a_target_ends_at_the_first_space_or_control(void **state)
{
	(void)state;
	all(scan_visible, is_visible, "a!\x80~");
}

static void a_token_ends_at_the_first_delimiter(void **state)
{
	(void)state;
	all(scan_token, is_token, "az09-_~");
}

static void the_classes_are_those_of_the_rfcs(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		bool alnum = c < 0x80 && (ascii_digit((char)c) ||
			     (ascii_lower((char)c) >= 'a' && ascii_lower((char)c) <= 'z'));
		bool mark = c > 0 && c < 0x80 && strchr("-._~", (int)c) != NULL;
		bool sub = c > 0 && c < 0x80 && strchr("!$&'()*+,;=:@", (int)c) != NULL;

		assert_int_equal(byte_is((char)c, BYTE_UNRESERVED), alnum || mark);
		assert_int_equal(byte_is((char)c, BYTE_PATH), alnum || mark || sub);
		assert_int_equal(byte_is((char)c, BYTE_VALUE), is_value((unsigned char)c));
		assert_int_equal(byte_is((char)c, BYTE_TOKEN), is_token((unsigned char)c));
		assert_int_equal(byte_is((char)c, BYTE_HOST),
				 (alnum || mark) && !(c >= 'A' && c <= 'Z'));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_ends_at_the_first_control),
		cmocka_unit_test(a_target_ends_at_the_first_space_or_control),
		cmocka_unit_test(a_token_ends_at_the_first_delimiter),
		cmocka_unit_test(the_classes_are_those_of_the_rfcs),
	};

	return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
