/* error.c - what went wrong, in words for the operator. */
#include "core/base/error.h"

#include <string.h>

bool fail(struct weir_error *error, const char *format, ...)
{
	va_list args;

	if (error == NULL || error->text[0] != '\0')
		return false;
	va_start(args, format);
	(void)vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return false;
}

bool fail_memory(struct weir_error *error)
{
	return fail(error, "out of memory");
}

bool fail_within(struct weir_error *error, const char *format, ...)
{
	struct weir_error inner;
	va_list args;
	size_t used;

	if (error == NULL)
		return false;
	inner = *error;
	va_start(args, format);
	(void)vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	used = strlen(error->text);
	(void)snprintf(error->text + used, sizeof(error->text) - used, ": %s", inner.text);
	return false;
}
