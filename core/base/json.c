/* json.c - the door to jansson. */
#include "core/base/json.h"

#include "core/base/error.h"
#include "core/base/utf8.h"

/* Gives a JSON string of `s` with what is not UTF-8 replaced. */
static json_t *repaired(struct weir_str s)
{
	struct buffer text;
	json_t *value = NULL;
	bool ok = true;

	buffer_init(&text, s.len * (sizeof(UTF8_REPLACEMENT) - 1));
	while (ok && s.len > 0) {
		unsigned n = utf8_step(s), bad = n == 0 ? utf8_bad_step(s) : 0;

		ok = buffer_add(&text, n > 0 ? str_head(s, n) : STR(UTF8_REPLACEMENT));
		s = str_skip(s, n + bad);
	}
	if (ok)
		value = json_stringn_nocheck(text.data, buffer_len(&text));
	buffer_fini(&text);
	return value;
}

json_t *json_from_str(struct weir_str s)
{
	if (s.data == NULL)
		return json_null();
	if (utf8_valid(s))
		return json_stringn_nocheck(s.data, s.len);
	return repaired(s);
}

bool json_set_str(json_t *object, const char *key, struct weir_str s)
{
	return json_object_set_new(object, key, json_from_str(s)) == 0;
}

struct weir_str json_str(const json_t *value)
{
	if (!json_is_string(value))
		return STR_ABSENT;
	return str_of(json_string_value(value), json_string_length(value));
}

json_t *json_read(struct weir_str text, size_t longest, struct weir_error *error)
{
	json_error_t what;
	json_t *value;

	if (text.len > longest) {
		fail(error, "the JSON document is longer than %zu bytes", longest);
		return NULL;
	}
	if (text.len == 0) {
		fail(error, "the JSON document is empty");
		return NULL;
	}
	value = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &what);
	if (value == NULL)
		fail(error, "not valid JSON at line %d, column %d: %s", what.line, what.column,
		     what.text);
	return value;
}

struct printing {
	struct buffer *out;
	bool lost;	/* a piece that did not fit: jansson does not look at every answer (2.14: keys) */
};

static int take_piece(const char *data, size_t len, void *context)
{
	struct printing *p = context;

	p->lost = p->lost || !buffer_add(p->out, str_of(data, len));
	return p->lost ? -1 : 0;
}

bool json_print(struct buffer *out, const json_t *value, unsigned indent)
{
	size_t flags = indent > 0 ? JSON_INDENT(indent) : JSON_COMPACT;
	struct printing p = { .out = out };

	flags |= JSON_ENCODE_ANY | JSON_REAL_PRECISION(15);	/* 0.943, not 0.94299999999999995 */
	return json_dump_callback(value, take_piece, &p, flags) == 0 && !p.lost;
}
