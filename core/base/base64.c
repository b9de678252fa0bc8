/* base64.c - bytes as letters. */
#include "core/base/base64.h"

static const char letters[2][65] = {
	[BASE64_PLAIN] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
	[BASE64_URL] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
};

static const char hex_letters[] = "0123456789abcdef";

size_t base64_encode(enum base64_form form, struct weir_str data, char *out)
{
	const uint8_t *in = (const uint8_t *)data.data;
	const char *letter = letters[form];
	char *at = out;

	for (size_t i = 0; i < data.len; i += 3) {
		size_t n = data.len - i < 3 ? data.len - i : 3;
		uint32_t bits = (uint32_t)in[i] << 16 | (n > 1 ? (uint32_t)in[i + 1] << 8 : 0) |
				(n > 2 ? in[i + 2] : 0u);

		*at++ = letter[bits >> 18];
		*at++ = letter[bits >> 12 & 63];
		if (n > 1)
			*at++ = letter[bits >> 6 & 63];
		if (n > 2)
			*at++ = letter[bits & 63];
		for (; n < 3 && form == BASE64_PLAIN; n++)
			*at++ = '=';
	}
	return (size_t)(at - out);
}

/* 0 .. 63, or -1. */
static int value_of(enum base64_form form, char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (ascii_digit(c))
		return c - '0' + 52;
	if (c == letters[form][62])
		return 62;
	return c == letters[form][63] ? 63 : -1;
}

/* Without the filling; false when there is too much, too little, or in the wrong place. */
static bool cut_filling(enum base64_form form, struct weir_str *text)
{
	size_t filling = 0, len = text->len;

	while (filling < 2 && filling < text->len && text->data[text->len - 1 - filling] == '=')
		filling++;
	text->len -= filling;
	if (text->len % 4 == 1)
		return false;
	return (filling == 0 && form == BASE64_URL) || len % 4 == 0;
}

bool base64_decode(enum base64_form form, struct weir_str text, char *out, size_t *len)
{
	uint32_t bits = 0, held = 0;
	char *at = out;

	if (!cut_filling(form, &text))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		int value = value_of(form, text.data[i]);

		if (value < 0)
			return false;
		bits = (bits << 6 | (uint32_t)value) & 0xffff;
		held += 6;
		if (held >= 8) {
			held -= 8;
			*at++ = (char)(bits >> held & 0xff);
		}
	}
	*len = (size_t)(at - out);
	return (bits & ((1u << held) - 1)) == 0;
}

void hex_encode(struct weir_str data, char *out)
{
	for (size_t i = 0; i < data.len; i++) {
		*out++ = hex_letters[(uint8_t)data.data[i] >> 4];
		*out++ = hex_letters[(uint8_t)data.data[i] & 15];
	}
}

static int hex_value(char c)
{
	if (ascii_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool hex_decode(struct weir_str text, char *out)
{
	for (size_t i = 0; i + 1 < text.len; i += 2) {
		int high = hex_value(text.data[i]), low = hex_value(text.data[i + 1]);

		if (high < 0 || low < 0)
			return false;
		*out++ = (char)(high << 4 | low);
	}
	return text.len % 2 == 0;
}
