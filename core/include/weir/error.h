/* error.h - one sentence that says what went wrong and what to do. */
#ifndef WEIR_ERROR_H
#define WEIR_ERROR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

enum { WEIR_ERROR_ROOM = 512 };

struct weir_error {
	char text[WEIR_ERROR_ROOM];	/* ends with NUL; empty: nothing went wrong */
};

/* Writes the sentence and returns false: `return weir_fail(error, "out of memory");`
 * The first sentence stays; `error` may be NULL. Any thread. */
static inline bool weir_fail(struct weir_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static inline bool weir_fail(struct weir_error *error, const char *format, ...)
{
	va_list args;

	if (error == NULL || error->text[0] != '\0')
		return false;
	va_start(args, format);
	(void)vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return false;
}

#endif
