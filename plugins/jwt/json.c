/* json.c - JSON from outside, read with a bound on how deep it is. */
#include "plugins/jwt/json.h"

static bool too_deep(struct weir_str text)
{
	bool quoted = false;
	size_t depth = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
		} else if (c == '"') {
			quoted = true;
		} else if (c == '{' || c == '[') {
			if (++depth > JSON_DEEP)
				return true;
		} else if ((c == '}' || c == ']') && depth > 0) {
			depth--;
		}
	}
	return false;
}

json_t *json_object_read(struct weir_str text)
{
	json_t *json;

	if (text.data == NULL || too_deep(text))
		return NULL;
	json = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(json))
		return json;
	json_decref(json);
	return NULL;
}

struct weir_str json_member_text(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	if (!json_is_string(value))
		return WEIR_ABSENT;
	return (struct weir_str){ json_string_value(value), json_string_length(value) };
}
