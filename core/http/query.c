/* query.c - one parameter of a query, one cookie of a Cookie header. */
#include "core/http/scan.h"
#include "core/http/target.h"

/* A '#' would end the query for some and not for others. */
bool query_valid(struct weir_str query)
{
	const char *end = query.data + query.len;

	return query.len == 0 ||
	       (scan_visible(query.data, end) == end && str_find(query, '#') == query.len);
}

/* Takes one decoded byte off the front. What is no escape stands for itself. */
static char next_decoded(struct weir_str *s)
{
	char c = s->data[0];

	if (c == '%' && is_escape(*s)) {
		c = (char)(hex_value(s->data[1]) << 4 | hex_value(s->data[2]));
		*s = str_skip(*s, 3);
		return c;
	}
	*s = str_skip(*s, 1);
	return c == '+' ? ' ' : c;
}

bool query_says(struct weir_str encoded, struct weir_str plain)
{
	while (encoded.len > 0 && plain.len > 0) {
		if (next_decoded(&encoded) != plain.data[0])
			return false;
		plain = str_skip(plain, 1);
	}
	return encoded.len == 0 && plain.len == 0;
}

struct weir_str query_decode(struct arena *arena, struct weir_str encoded)
{
	char *text;
	size_t len = 0;

	if (str_find(encoded, '%') == encoded.len && str_find(encoded, '+') == encoded.len)
		return encoded;
	text = arena_take(arena, encoded.len);
	if (text == NULL)
		return STR("");
	while (encoded.len > 0)
		text[len++] = next_decoded(&encoded);
	return str_of(text, len);
}

bool query_next(struct weir_str *rest, struct weir_str *name, struct weir_str *value)
{
	while (rest->len > 0) {
		struct weir_str pair = str_head(*rest, str_find(*rest, '&'));
		size_t equals = str_find(pair, '=');

		*rest = str_skip(*rest, pair.len + 1);
		*name = str_head(pair, equals);
		*value = str_skip(pair, equals + 1);
		if (pair.len > 0)
			return true;
	}
	return false;
}

/* "%62eta" is beta: who matches on a name must not be passed by a spelling of it. */
struct weir_str query_get(struct arena *arena, struct weir_str query, struct weir_str name)
{
	struct weir_str coded_name, value;

	while (query_next(&query, &coded_name, &value))
		if (query_says(coded_name, name))
			return query_decode(arena, value);
	return STR_ABSENT;
}

struct weir_str cookie_get(struct weir_str header, struct weir_str name)
{
	struct weir_str rest = header, pair;

	while (str_next(&rest, ';', &pair)) {
		size_t equals = str_find(pair, '=');

		if (equals < pair.len && str_eq(str_trim(str_head(pair, equals)), name))
			return str_trim(str_skip(pair, equals + 1));
	}
	return STR_ABSENT;
}
