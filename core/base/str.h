/* str.h - slices of bytes: comparing, cutting and reading numbers from them. */
#ifndef CORE_BASE_STR_H
#define CORE_BASE_STR_H

#include <stdint.h>
#include <weir/str.h>

#define STR(literal) WEIR_STR(literal)
#define STR_ABSENT WEIR_ABSENT
#define STR_ARG(s) WEIR_ARG(s)

static inline struct weir_str str_of(const char *data, size_t len)
{
	return (struct weir_str){ data, len };
}

static inline struct weir_str str_between(const char *from, const char *to)
{
	return (struct weir_str){ from, (size_t)(to - from) };
}

static inline struct weir_str str_from(const char *text)
{
	return weir_str_from(text);
}

static inline bool str_eq(struct weir_str a, struct weir_str b)
{
	return weir_str_eq(a, b);
}

static inline struct weir_str str_skip(struct weir_str s, size_t n)
{
	if (n >= s.len)
		n = s.len;
	return n > 0 ? str_of(s.data + n, s.len - n) : s;
}

static inline struct weir_str str_head(struct weir_str s, size_t n)
{
	return str_of(s.data, n < s.len ? n : s.len);
}

static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static inline bool ascii_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* ASCII only: what HTTP calls case-insensitive. */
bool str_eq_nocase(struct weir_str a, struct weir_str b);
bool str_starts(struct weir_str s, struct weir_str prefix);
bool str_starts_nocase(struct weir_str s, struct weir_str prefix);
bool str_ends(struct weir_str s, struct weir_str suffix);
int str_compare(struct weir_str a, struct weir_str b);	/* as memcmp, shorter first */

/* Index of the first `c`, or s.len. */
size_t str_find(struct weir_str s, char c);
/* Index of the first `needle`, or s.len. */
size_t str_find_str(struct weir_str s, struct weir_str needle);

/* Without spaces and tabs at both ends. */
struct weir_str str_trim(struct weir_str s);

/* Takes the next part up to `sep` off the front of *rest, trimmed. False when nothing is left;
 * an empty part between two separators is given. *rest is absent after the last part. */
bool str_next(struct weir_str *rest, char sep, struct weir_str *part);

/* 1*DIGIT, whole and without overflow; nothing else. */
bool str_to_u64(struct weir_str s, uint64_t *out);
/* 1*HEXDIG, whole and without overflow; nothing else. */
bool str_hex_to_u64(struct weir_str s, uint64_t *out);
/* A decimal number with an optional minus and fraction. */
bool str_to_double(struct weir_str s, double *out);

/* Writes `n` in decimal at `at` (20 bytes are enough) and gives the end. No NUL. */
char *str_put_u64(char *at, uint64_t n);

/* Gives an own, NUL-terminated copy; NULL when out of memory. mem_free() it. */
char *str_dup(struct weir_str s);

/* How many edits (insert, delete, replace, swap) turn a into b; for "did you mean". */
unsigned str_distance(struct weir_str a, struct weir_str b);

#endif
