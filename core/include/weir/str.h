/* str.h - strings as a plugin sees them: a pointer and a length, never counted on to end with
 * NUL. */
#ifndef WEIR_STR_H
#define WEIR_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* A view of bytes somebody else owns. `data` is NULL when the thing is absent,
 * which is not the same as present and empty. */
struct weir_str {
	const char *data;
	size_t len;
};

#define WEIR_STR(literal) ((struct weir_str){ (literal), sizeof(literal) - 1 })
#define WEIR_ABSENT ((struct weir_str){ NULL, 0 })

/* For printf: "%.*s", WEIR_ARG(s). */
#define WEIR_ARG(s) ((int)(s).len), ((s).data != NULL ? (s).data : "")

static inline struct weir_str weir_str_from(const char *text)
{
	return text != NULL ? (struct weir_str){ text, strlen(text) } : WEIR_ABSENT;
}

static inline struct weir_str weir_str_same(struct weir_str s)
{
	return s;
}

/* Takes a literal, a char pointer or a struct weir_str, and gives a struct weir_str. */
#define WEIR_TEXT_OF(x) _Generic((x), \
	struct weir_str: weir_str_same, \
	char *: weir_str_from, \
	const char *: weir_str_from)(x)

static inline bool weir_str_present(struct weir_str s)
{
	return s.data != NULL;
}

static inline bool weir_str_eq(struct weir_str a, struct weir_str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Compares in time that depends on the lengths only: for secrets. */
static inline bool weir_same_secret(struct weir_str a, struct weir_str b)
{
	unsigned char differs = a.len != b.len || a.data == NULL || b.data == NULL;
	size_t n = a.len < b.len ? a.len : b.len;

	for (size_t i = 0; i < n; i++)
		differs |= (unsigned char)(a.data[i] ^ b.data[i]);
	return differs == 0;
}

#endif
