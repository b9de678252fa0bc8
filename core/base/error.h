/* error.h - what went wrong, in words for the operator. Written once, where it is known. */
#ifndef CORE_BASE_ERROR_H
#define CORE_BASE_ERROR_H

#include <stdbool.h>
#include <weir/error.h>

/* Writes the sentence and gives false, so that a guard is one line:
 *     return fail(error, "key must have 16 bytes or more, got %zu", key.len);
 * `error` may be NULL. A second sentence does not overwrite the first. */
bool fail(struct weir_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for want of memory. */
bool fail_memory(struct weir_error *error);

/* Puts "what: " before the sentence that is there; gives false. */
bool fail_within(struct weir_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
