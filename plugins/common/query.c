/* query.c - a query string without one of its parameters. */
#include "plugins/common/query.h"

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 32);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Is `text`, decoded, the name? */
static bool is_name(struct weir_str text, struct weir_str name)
{
	size_t at = 0;

	for (size_t i = 0; i < text.len; i++, at++) {
		char c = text.data[i] == '+' ? ' ' : text.data[i];

		if (c == '%' && i + 2 < text.len && hex(text.data[i + 1]) >= 0 && hex(text.data[i + 2]) >= 0) {
			c = (char)(hex(text.data[i + 1]) << 4 | hex(text.data[i + 2]));
			i += 2;
		}
		if (at >= name.len || name.data[at] != c)
			return false;
	}
	return at == name.len;
}

static struct weir_str next_part(struct weir_str rest)
{
	const char *end = rest.len > 0 ? memchr(rest.data, '&', rest.len) : NULL;

	return (struct weir_str){ rest.data, end != NULL ? (size_t)(end - rest.data) : rest.len };
}

size_t query_without(struct weir_str query, struct weir_str name, char *out)
{
	size_t at = 0, len = 0;

	while (at < query.len) {
		struct weir_str part = next_part((struct weir_str){ query.data + at, query.len - at });
		const char *equals = part.len > 0 ? memchr(part.data, '=', part.len) : NULL;
		struct weir_str key = { part.data, equals != NULL ? (size_t)(equals - part.data)
								     : part.len };

		at += part.len + 1;
		if (is_name(key, name))
			continue;
		if (len > 0)
			out[len++] = '&';
		memcpy(out + len, part.data, part.len);
		len += part.len;
	}
	return len;
}
