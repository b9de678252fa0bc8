/* part.c - one word of the language of keys and templates. */
#include "core/route/part.h"

#include "core/base/error.h"
#include "core/base/mem.h"
#include "core/http/header.h"
#include "core/route/network.h"

struct word {
	struct weir_str text;
	enum key_part what;
};

static const struct word whole_words[] = {
	{ { "client.ip", 9 }, KEY_CLIENT_IP },
	{ { "client.identity", 15 }, KEY_CLIENT_IDENTITY },
	{ { "host", 4 }, KEY_HOST },
	{ { "method", 6 }, KEY_METHOD },
	{ { "route", 5 }, KEY_ROUTE },
	{ { "service", 7 }, KEY_SERVICE },
	{ { "listener", 8 }, KEY_LISTENER },
};

static const struct word first_words[] = {
	{ { "header.", 7 }, KEY_HEADER },
	{ { "cookie.", 7 }, KEY_COOKIE },
	{ { "query.", 6 }, KEY_QUERY },
	{ { "path.", 5 }, KEY_PATH },
	{ { "claim.", 6 }, KEY_CLAIM },
};

static bool fail_key(struct weir_str text, struct weir_error *error)
{
	return fail(error, "\"%.*s\" is no key; expected client.ip, client.identity, header.NAME, "
		    "cookie.NAME, query.NAME, path.NAME, claim.NAME, host, method, route, service "
		    "or listener", STR_ARG(str_head(text, 80)));
}

static bool read_whole(struct part *part, struct weir_str text)
{
	for (size_t i = 0; i < ARRAY_LEN(whole_words); i++) {
		if (!str_eq(text, whole_words[i].text))
			continue;
		*part = (struct part){ .what = whole_words[i].what, .name = text };
		return true;
	}
	return false;
}

static bool read_network(struct part *part, struct weir_str text)
{
	uint64_t bits;

	if (!str_starts(text, STR("client.ip/")) || !str_to_u64(str_skip(text, 10), &bits) ||
	    bits > 128)
		return false;
	*part = (struct part){ .what = KEY_CLIENT_IP, .masked = true, .bits = (uint8_t)bits };
	return true;
}

/* claim."https://x/tier": quotes keep dots and whatever else together. */
static bool unquote(struct weir_str *name)
{
	bool quoted = name->len > 0 && name->data[0] == '"';

	if (!quoted)
		return name->len > 0 && str_find(*name, '"') == name->len;
	if (name->len < 3 || name->data[name->len - 1] != '"')
		return false;
	*name = str_of(name->data + 1, name->len - 2);
	return str_find(*name, '"') == name->len;
}

static bool read_named(struct part *part, struct weir_str text, struct weir_error *error)
{
	for (size_t i = 0; i < ARRAY_LEN(first_words); i++) {
		if (!str_starts(text, first_words[i].text))
			continue;
		*part = (struct part){ .what = first_words[i].what };
		part->name = str_skip(text, first_words[i].text.len);
		if (!unquote(&part->name))
			return fail_key(text, error);
		if (part->what == KEY_HEADER && !header_name_valid(part->name))
			return fail(error, "\"%.*s\" is no header name", STR_ARG(part->name));
		return true;
	}
	return fail_key(text, error);
}

bool part_read_key(struct part *part, struct weir_str text, struct weir_error *error)
{
	return read_whole(part, text) || read_network(part, text) || read_named(part, text, error);
}

static bool is_capture(struct weir_str text)
{
	if (str_eq(text, STR("*")))
		return true;
	for (size_t i = 0; i < text.len; i++) {
		char lower = ascii_lower(text.data[i]);

		if (!(lower >= 'a' && lower <= 'z') && !ascii_digit(lower) && lower != '_' &&
		    lower != '-')
			return false;
	}
	return text.len > 0;
}

bool part_read_brace(struct part *part, struct weir_str text, struct weir_error *error)
{
	if (!is_capture(text))
		return part_read_key(part, text, error);
	if (read_whole(part, text))
		part->or_capture = true;
	else
		*part = (struct part){ .what = KEY_CAPTURE, .name = text };
	return true;
}

struct weir_str part_value(const struct part *part, const struct key_asker *asker, void *arg,
			   struct arena *arena, bool *captured)
{
	struct weir_str value = STR_ABSENT;

	if (part->or_capture)
		value = asker->part(arg, KEY_CAPTURE, part->name);
	*captured = value.data != NULL || part->what == KEY_CAPTURE || part->what == KEY_PATH;
	if (value.data == NULL)
		value = asker->part(arg, part->what, part->name);
	if (part->masked && value.data != NULL)
		value = network_of(arena, value, part->bits);
	return value;
}
