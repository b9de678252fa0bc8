/* percent.c - text of any kind made safe to stand in a path segment or a query. */
#include "core/http/scan.h"
#include "core/http/target.h"

struct weir_str percent_encode(struct arena *arena, struct weir_str text)
{
	static const char digits[] = "0123456789ABCDEF";
	char *start, *at;

	if (text.len == 0)
		return text;
	if (scan_class(text.data, text.data + text.len, BYTE_UNRESERVED) == text.data + text.len)
		return text;
	start = at = arena_take(arena, 3 * text.len);
	if (start == NULL)
		return STR("");
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (byte_is((char)c, BYTE_UNRESERVED)) {
			*at++ = (char)c;
			continue;
		}
		*at++ = '%';
		*at++ = digits[c >> 4];
		*at++ = digits[c & 15];
	}
	return str_between(start, at);
}
