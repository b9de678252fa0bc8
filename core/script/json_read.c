/* json_read.c - JSON becomes Lua values. */
#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "core/base/utf8.h"
#include "core/script/json.h"
#include "core/script/spend.h"

enum { NUMBER_MOST = 64 };	/* characters of a number */

struct json_reader {
	lua_State *L;
	const char *start, *at, *end;
	uint32_t depth, elements;	/* left */
	int mark;			/* on the stack: the metatable of arrays */
	struct weir_error *error;
};

static bool read_value(struct json_reader *r);

static bool refuse(struct json_reader *r, const char *what)
{
	return fail(r->error, "no JSON at byte %td: %s", r->at - r->start + 1, what);
}

static void skip_space(struct json_reader *r)
{
	while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r'))
		r->at++;
}

static bool is_next(struct json_reader *r, char c)
{
	skip_space(r);
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	return true;
}

/* Four hex digits. */
static bool read_unit(const char *at, const char *end, uint32_t *unit)
{
	uint64_t value;

	if (end - at < 4 || !str_hex_to_u64(str_of(at, 4), &value))
		return false;
	*unit = (uint32_t)value;
	return true;
}

/* What stands behind "\u"; two of them may make one character. NULL: neither. */
static const char *read_escaped_unit(const char *at, const char *end, luaL_Buffer *out)
{
	uint32_t code, low;
	char bytes[4];
	size_t n = 0;

	if (!read_unit(at, end, &code))
		return NULL;
	at += 4;
	if (code >= 0xd800 && code <= 0xdfff) {
		if (code >= 0xdc00 || end - at < 6 || at[0] != '\\' || at[1] != 'u' ||
		    !read_unit(at + 2, end, &low) || low < 0xdc00 || low > 0xdfff)
			return NULL;
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
		at += 6;
	}
	if (code < 0x80) {
		bytes[n++] = (char)code;
	} else {
		int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;

		bytes[n++] = (char)((0xff80u >> more & 0xff) | code >> 6 * more);
		while (more-- > 0)
			bytes[n++] = (char)(0x80 | (code >> 6 * more & 0x3f));
	}
	luaL_addlstring(out, bytes, n);
	return at;
}

static char escaped(char letter)
{
	switch (letter) {
	case '"': case '\\': case '/': return letter;
	case 'b': return '\b';
	case 'f': return '\f';
	case 'n': return '\n';
	case 'r': return '\r';
	case 't': return '\t';
	default: return 0;
	}
}

/* Between the quotes, which are not part of it. */
static bool push_unescaped(struct json_reader *r, const char *at, const char *end)
{
	luaL_Buffer out;

	luaL_buffinit(r->L, &out);
	while (at < end) {
		const char *slash = memchr(at, '\\', (size_t)(end - at));

		luaL_addlstring(&out, at, (size_t)((slash != NULL ? slash : end) - at));
		if (slash == NULL)
			break;
		if (slash[1] == 'u') {
			at = read_escaped_unit(slash + 2, end, &out);
		} else {
			luaL_addchar(&out, escaped(slash[1]));
			at = escaped(slash[1]) != 0 ? slash + 2 : NULL;
		}
		if (at == NULL) {
			luaL_pushresult(&out);
			lua_pop(r->L, 1);
			return refuse(r, "a backslash with something wrong behind it");
		}
	}
	luaL_pushresult(&out);
	return true;
}

/* r->at is behind the first quote. */
static bool read_string(struct json_reader *r)
{
	const char *from = r->at;
	bool plain = true, ascii = true;

	for (; r->at < r->end && *r->at != '"'; r->at++) {
		if ((unsigned char)*r->at < 0x20)
			return refuse(r, "a control character in a string");
		ascii = ascii && (signed char)*r->at >= 0;
		if (*r->at == '\\') {
			plain = false;
			if (++r->at == r->end)
				break;
		}
	}
	if (r->at >= r->end)
		return refuse(r, "a string that does not end");
	if (!ascii && !utf8_valid(str_between(from, r->at)))
		return refuse(r, "a string that is not UTF-8");
	if (plain)
		lua_pushlstring(r->L, from, (size_t)(r->at - from));
	else if (!push_unescaped(r, from, r->at))
		return false;
	r->at++;
	return true;
}

static size_t count_digits(const char *at, const char *end)
{
	const char *from = at;

	while (at < end && ascii_digit(*at))
		at++;
	return (size_t)(at - from);
}

/* The end of a number in JSON's own grammar, or NULL. */
static const char *number_end(const char *at, const char *end, bool *whole)
{
	size_t n;

	at += at < end && *at == '-';
	n = count_digits(at, end);
	if (n == 0 || (n > 1 && *at == '0'))
		return NULL;
	at += n;
	*whole = true;
	if (at < end && *at == '.') {
		n = count_digits(at + 1, end);
		if (n == 0)
			return NULL;
		at += 1 + n;
		*whole = false;
	}
	if (at < end && (*at == 'e' || *at == 'E')) {
		at++;
		at += at < end && (*at == '+' || *at == '-');
		n = count_digits(at, end);
		if (n == 0)
			return NULL;
		at += n;
		*whole = false;
	}
	return at;
}

/* An integer when it is written as one and fits. */
static bool push_number(struct json_reader *r, const char *text, bool whole)
{
	double number;

	if (whole && strcmp(text, "-0") != 0) {
		int64_t value;
		bool over = false;

		value = 0;
		for (const char *at = text + (*text == '-'); *at != '\0'; at++)
			over |= __builtin_mul_overflow(value, 10, &value) ||
				__builtin_sub_overflow(value, *at - '0', &value);
		if (*text != '-')
			over |= __builtin_sub_overflow(0, value, &value);
		if (!over) {
			lua_pushinteger(r->L, value);
			return true;
		}
	}
	number = strtod(text, NULL);
	if (isinf(number))
		return refuse(r, "a number too large");
	lua_pushnumber(r->L, number);
	return true;
}

static bool read_number(struct json_reader *r)
{
	char text[NUMBER_MOST + 1];
	bool whole;
	const char *end = number_end(r->at, r->end, &whole);
	size_t len = end != NULL ? (size_t)(end - r->at) : 0;

	if (end == NULL)
		return refuse(r, "neither a value nor a number");
	if (len > NUMBER_MOST)
		return refuse(r, "a number of more than 64 characters");
	memcpy(text, r->at, len);
	text[len] = '\0';
	if (!push_number(r, text, whole))
		return false;
	r->at = end;
	return true;
}

static bool read_array(struct json_reader *r)
{
	lua_Integer n = 0;

	lua_newtable(r->L);
	lua_pushvalue(r->L, r->mark);
	(void)lua_setmetatable(r->L, -2);
	if (is_next(r, ']'))
		return true;
	do {
		if (!read_value(r))
			return false;
		lua_rawseti(r->L, -2, ++n);
	} while (is_next(r, ','));
	return is_next(r, ']') || refuse(r, "wanted ',' or ']' here");
}

static bool read_pair(struct json_reader *r)
{
	if (!is_next(r, '"'))
		return refuse(r, "wanted a key in quotes here");
	if (!read_string(r))
		return false;
	lua_pushvalue(r->L, -1);
	if (lua_rawget(r->L, -3) != LUA_TNIL)
		return refuse(r, "a key that was there before");
	lua_pop(r->L, 1);
	if (!is_next(r, ':'))
		return refuse(r, "wanted ':' here");
	if (!read_value(r))
		return false;
	lua_rawset(r->L, -3);
	return true;
}

static bool read_object(struct json_reader *r)
{
	lua_newtable(r->L);
	if (is_next(r, '}'))
		return true;
	do {
		if (!read_pair(r))
			return false;
	} while (is_next(r, ','));
	return is_next(r, '}') || refuse(r, "wanted ',' or '}' here");
}

static bool read_word(struct json_reader *r)
{
	struct weir_str rest = str_between(r->at, r->end), word;

	if (str_starts(rest, word = STR("true")) || str_starts(rest, word = STR("false")))
		lua_pushboolean(r->L, word.len == 4);
	else if (str_starts(rest, word = STR("null")))
		lua_pushlightuserdata(r->L, NULL);
	else
		return refuse(r, "neither a value nor a number");
	r->at += word.len;
	return true;
}

static bool read_inner(struct json_reader *r, char bracket)
{
	bool good;

	if (r->depth == 0)
		return refuse(r, "nested too deep");
	luaL_checkstack(r->L, 8, "JSON nested too deep");
	r->depth--;
	r->at++;
	good = bracket == '[' ? read_array(r) : read_object(r);
	r->depth++;
	return good;
}

static bool read_value(struct json_reader *r)
{
	skip_space(r);
	if (r->at == r->end)
		return refuse(r, "it ends too early");
	if (r->elements-- == 0)
		return refuse(r, "more values than allowed");
	script_spend(r->L, 8);
	switch (*r->at) {
	case '{':
	case '[':
		return read_inner(r, *r->at);
	case '"':
		r->at++;
		return read_string(r);
	case 't':
	case 'f':
	case 'n':
		return read_word(r);
	default:
		return read_number(r);
	}
}

bool script_json_push(lua_State *L, struct weir_str text, const struct json_limits *limits,
		      struct weir_error *error)
{
	struct json_reader r = {
		.L = L, .start = text.data, .at = text.data, .end = text.data + text.len,
		.depth = limits->depth < JSON_DEPTH_MOST ? limits->depth : JSON_DEPTH_MOST,
		.elements = limits->elements, .error = error,
	};
	int top = lua_gettop(L);
	bool good;

	if (text.len > limits->bytes)
		return fail(error, "%zu bytes of JSON; at most %zu are allowed", text.len,
			    limits->bytes);
	luaL_checkstack(L, 8, NULL);
	script_json_push_mark(L);
	r.mark = lua_gettop(L);
	good = read_value(&r);
	skip_space(&r);
	if (good && r.at < r.end)
		good = refuse(&r, "something behind the end");
	if (!good) {
		lua_settop(L, top);
		return false;
	}
	lua_remove(L, r.mark);
	return true;
}
