/* query.c - one parameter of a query, one cookie of a Cookie header. */
#include "core/http/scan.h"
#include "core/http/target.h"

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

/* "%62eta" is beta: who matches on a name must not be passed by a spelling of it. */
static bool decodes_to(struct weir_str coded, struct weir_str name)
{
	while (coded.len > 0 && name.len > 0) {
		if (next_decoded(&coded) != name.data[0])
			return false;
		name = str_skip(name, 1);
	}
	return coded.len == 0 && name.len == 0;
}

static struct weir_str decoded(struct arena *arena, struct weir_str coded)
{
	char *text;
	size_t len = 0;

	if (str_find(coded, '%') == coded.len && str_find(coded, '+') == coded.len)
		return coded;
	text = arena_take(arena, coded.len);
	if (text == NULL)
		return STR("");
	while (coded.len > 0)
		text[len++] = next_decoded(&coded);
	return str_of(text, len);
}

struct weir_str query_get(struct arena *arena, struct weir_str query, struct weir_str name)
{
	while (query.len > 0) {
		struct weir_str pair = str_head(query, str_find(query, '&'));
		size_t equals = str_find(pair, '=');

		if (pair.len > 0 && decodes_to(str_head(pair, equals), name))
			return decoded(arena, str_skip(pair, equals + 1));
		query = str_skip(query, pair.len + 1);
	}
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
