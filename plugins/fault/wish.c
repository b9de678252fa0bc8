/* wish.c - what a request asks to be done to it. */
#include "plugins/fault/wish.h"

static bool starts(struct weir_str s, struct weir_str with)
{
	return s.len >= with.len && memcmp(s.data, with.data, with.len) == 0;
}

static struct weir_str without(struct weir_str s, size_t front)
{
	return (struct weir_str){ s.data + front, s.len - front };
}

/* Digits at the front, at most nine; gives how many. */
static size_t read_number(struct weir_str s, uint64_t *n)
{
	size_t i = 0;

	*n = 0;
	for (; i < s.len && i < 9 && s.data[i] >= '0' && s.data[i] <= '9'; i++)
		*n = *n * 10 + (uint64_t)(s.data[i] - '0');
	return i;
}

static bool read_delay(struct weir_str text, uint64_t *delay)
{
	uint64_t n;
	size_t digits = read_number(text, &n);
	struct weir_str unit = without(text, digits);

	if (digits == 0)
		return false;
	if (weir_str_eq(unit, WEIR_STR("ms")))
		*delay = n * UINT64_C(1000000);
	else if (weir_str_eq(unit, WEIR_STR("s")))
		*delay = n * UINT64_C(1000000000);
	else
		return false;
	return true;
}

static bool read_abort(struct weir_str text, uint16_t *status)
{
	uint64_t n;

	if (read_number(text, &n) != text.len || n < 400 || n > 599)
		return false;
	*status = (uint16_t)n;
	return true;
}

static bool read_word(struct weir_str word, struct wish *wish)
{
	if (starts(word, WEIR_STR("delay=")))
		return read_delay(without(word, 6), &wish->delay);
	if (starts(word, WEIR_STR("abort=")))
		return read_abort(without(word, 6), &wish->abort);
	return weir_str_eq(word, WEIR_STR("none"));
}

static size_t word_len(struct weir_str s)
{
	size_t len = 0;

	while (len < s.len && strchr(" \t,;", s.data[len]) == NULL)
		len++;
	return len;
}

bool wish_read(struct weir_str text, struct wish *wish)
{
	struct wish read = { 0, 0 };
	unsigned words = 0;

	*wish = read;
	while (text.len > 0) {
		size_t len = word_len(text);

		if (len > 0 && !read_word((struct weir_str){ text.data, len }, &read))
			return false;
		words += len > 0;
		text = without(text, len < text.len ? len + 1 : len);
	}
	*wish = read;
	return words > 0;
}
