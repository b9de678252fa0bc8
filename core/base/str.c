/* str.c - slices of bytes: comparing, cutting and reading numbers from them. */
#include "core/base/str.h"

#include <errno.h>
#include <stdlib.h>

#include "core/base/mem.h"

static inline bool same_eight(const char *a, const char *b)
{
	uint64_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x == y;
}

bool str_eq_nocase(struct weir_str a, struct weir_str b)
{
	size_t i = 0;

	if (a.len != b.len)
		return false;
	while (a.len - i >= 8 && same_eight(a.data + i, b.data + i))
		i += 8;
	for (; i < a.len; i++)
		if (a.data[i] != b.data[i] && ascii_lower(a.data[i]) != ascii_lower(b.data[i]))
			return false;
	return true;
}

bool str_starts(struct weir_str s, struct weir_str prefix)
{
	return s.len >= prefix.len && str_eq(str_head(s, prefix.len), prefix);
}

bool str_starts_nocase(struct weir_str s, struct weir_str prefix)
{
	return s.len >= prefix.len && str_eq_nocase(str_head(s, prefix.len), prefix);
}

bool str_ends(struct weir_str s, struct weir_str suffix)
{
	return s.len >= suffix.len && str_eq(str_skip(s, s.len - suffix.len), suffix);
}

int str_compare(struct weir_str a, struct weir_str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int order = n > 0 ? memcmp(a.data, b.data, n) : 0;

	if (order != 0)
		return order;
	return a.len < b.len ? -1 : a.len > b.len;
}

size_t str_find(struct weir_str s, char c)
{
	const char *at = s.len > 0 ? memchr(s.data, c, s.len) : NULL;

	return at != NULL ? (size_t)(at - s.data) : s.len;
}

size_t str_find_str(struct weir_str s, struct weir_str needle)
{
	const char *at = s.len > 0 ? memmem(s.data, s.len, needle.data, needle.len) : NULL;

	return at != NULL ? (size_t)(at - s.data) : s.len;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

struct weir_str str_trim(struct weir_str s)
{
	while (s.len > 0 && blank(s.data[0]))
		s = str_skip(s, 1);
	while (s.len > 0 && blank(s.data[s.len - 1]))
		s.len--;
	return s;
}

bool str_next(struct weir_str *rest, char sep, struct weir_str *part)
{
	size_t cut;

	if (rest->data == NULL)
		return false;
	cut = str_find(*rest, sep);
	*part = str_trim(str_head(*rest, cut));
	*rest = cut < rest->len ? str_skip(*rest, cut + 1) : STR_ABSENT;
	return true;
}

bool str_to_u64(struct weir_str s, uint64_t *out)
{
	uint64_t n = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!ascii_digit(s.data[i]))
			return false;
		if (__builtin_mul_overflow(n, 10u, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(s.data[i] - '0'), &n))
			return false;
	}
	*out = n;
	return true;
}

static int hex_digit(char c)
{
	if (ascii_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool str_hex_to_u64(struct weir_str s, uint64_t *out)
{
	uint64_t n = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		int digit = hex_digit(s.data[i]);

		if (digit < 0 || n >> 60 != 0)
			return false;
		n = n << 4 | (uint64_t)digit;
	}
	*out = n;
	return true;
}

bool str_to_double(struct weir_str s, double *out)
{
	char text[64];
	char *end;

	if (s.len == 0 || s.len >= sizeof(text))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!ascii_digit(s.data[i]) && s.data[i] != '.' && !(i == 0 && s.data[i] == '-'))
			return false;
	memcpy(text, s.data, s.len);
	text[s.len] = '\0';
	errno = 0;
	*out = strtod(text, &end);
	return errno == 0 && *end == '\0';
}

char *str_put_u64(char *at, uint64_t n)
{
	char digits[20];
	size_t count = 0;

	do {
		digits[count++] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	while (count > 0)
		*at++ = digits[--count];
	return at;
}

char *str_dup(struct weir_str s)
{
	char *copy = mem_alloc(s.len + 1);

	if (copy != NULL && s.len > 0)
		memcpy(copy, s.data, s.len);
	return copy;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Optimal string alignment over three rows; names over 63 bytes are just "far". */
unsigned str_distance(struct weir_str a, struct weir_str b)
{
	enum { LONGEST = 63 };
	unsigned rows[3][LONGEST + 1];

	if (a.len > LONGEST || b.len > LONGEST)
		return LONGEST;
	for (unsigned j = 0; j <= b.len; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= a.len; i++) {
		unsigned *now = rows[i % 3];
		unsigned *before = rows[(i + 2) % 3], *older = rows[(i + 1) % 3];

		now[0] = i;
		for (unsigned j = 1; j <= b.len; j++) {
			unsigned cost = a.data[i - 1] != b.data[j - 1];

			now[j] = least(least(before[j], now[j - 1]) + 1, before[j - 1] + cost);
			if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] &&
			    a.data[i - 2] == b.data[j - 1])
				now[j] = least(now[j], older[j - 2] + 1);
		}
	}
	return rows[a.len % 3][b.len];
}
