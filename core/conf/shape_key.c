/* shape_key.c - the shape of keys and templates. */
#include "core/conf/shape_key.h"

#include "core/base/error.h"
#include "core/conf/option.h"
#include "core/conf/shape.h"

static const char *const whole_keys[] = {
	"client.ip", "client.identity", "host", "method", "route", "service", "listener", NULL
};
static const char *const named_keys[] = {
	"header.", "cookie.", "query.", "path.", "claim.", NULL
};

static bool is_one_of(struct weir_str text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (str_eq(text, str_from(*words)))
			return true;
	return false;
}

/* client.ip/64: the network of the client. */
static bool is_network(struct weir_str text)
{
	uint64_t bits;

	return str_starts(text, STR("client.ip/")) && str_to_u64(str_skip(text, 10), &bits) &&
	       bits <= 128;
}

static bool is_named(struct weir_str text)
{
	size_t dot = str_find(text, '.');
	struct weir_str name = str_skip(text, dot + 1);

	if (dot == text.len || name.len == 0 || !is_one_of(str_head(text, dot + 1), named_keys))
		return false;
	if (name.data[0] != '"')
		return str_find(name, ' ') == name.len && str_find(name, '"') == name.len;
	return name.len > 2 && str_find(str_skip(name, 1), '"') == name.len - 2;
}

bool check_key(struct weir_str text, struct weir_error *error)
{
	struct nearest near;

	if (is_one_of(text, whole_keys) || is_network(text) || is_named(text))
		return true;
	nearest_init(&near, text);
	for (const char *const *word = whole_keys; *word != NULL; word++)
		nearest_try(&near, *word);
	return fail(error, "\"%s\" is no key; expected client.ip, client.identity, header.NAME, "
		    "cookie.NAME, query.NAME, path.NAME, claim.NAME, host, method, route, service "
		    "or listener%s", shown(text).text, nearest_words(&near).text);
}

bool check_template(struct weir_str text, struct weir_error *error)
{
	struct weir_str rest = text;

	for (;;) {
		struct weir_str name;
		size_t open = str_find(rest, '{'), end;

		if (open == rest.len)
			return true;
		rest = str_skip(rest, open + 1);
		if (str_starts(rest, STR("{"))) {
			rest = str_skip(rest, 1);
			continue;
		}
		end = str_find(rest, '}');
		name = str_trim(str_head(rest, end));
		if (end == rest.len || str_find(name, '{') < name.len)
			return fail(error, "\"%s\" has a \"{\" without \"}\"; write {{ for a plain "
				    "brace", shown(text).text);
		if (name.len == 0)
			return fail(error, "\"%s\" has nothing between { and }", shown(text).text);
		rest = str_skip(rest, end + 1);
	}
}
