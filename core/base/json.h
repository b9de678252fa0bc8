/* json.h - the door to jansson: trees of JSON for the control side. For the hot path see
 * json_write.h. */
#ifndef CORE_BASE_JSON_H
#define CORE_BASE_JSON_H

#include <jansson.h>
#include <weir/error.h>

#include "core/base/buffer.h"

/* Gives a string; invalid UTF-8 becomes U+FFFD. JSON null for the absent str. NULL: out of
 * memory. */
json_t *json_from_str(struct weir_str s);

/* Sets `key` to that string; false when out of memory. */
bool json_set_str(json_t *object, const char *key, struct weir_str s);

/* Lends the text of a string, or the absent str when `value` is no string (or NULL). */
struct weir_str json_str(const json_t *value);

/* Reads one whole document: no duplicate keys, nothing behind it. At most `longest` bytes. Gives
 * NULL and a sentence with line and column. json_decref() it. */
json_t *json_read(struct weir_str text, size_t longest, struct weir_error *error);

/* Writes compactly, or with `indent` spaces for people. False when over the ceiling or out of
 * memory. */
bool json_print(struct buffer *out, const json_t *value, unsigned indent);

#endif
