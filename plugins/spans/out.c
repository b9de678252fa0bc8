/* out.c - bytes that grow at the end; texts made UTF-8, and JSON. */
#include "plugins/spans/out.h"

#include <stdlib.h>
#include <string.h>

void out_free(struct out *o)
{
	free(o->data);
	*o = (struct out){ NULL, 0, 0, false };
}

void out_clear(struct out *o)
{
	o->len = 0;
	o->failed = false;
}

static bool grow(struct out *o, size_t need)
{
	size_t room = o->room > 0 ? o->room : 4096;
	char *grown;

	while (room < need && room < OUT_MOST)
		room *= 2;
	grown = room >= need ? realloc(o->data, room) : NULL;
	if (grown == NULL)
		return false;
	o->data = grown;
	o->room = room;
	return true;
}

char *out_take(struct out *o, size_t n)
{
	if (o->failed || n > OUT_MOST)
		return NULL;
	if (o->len + n > o->room && !grow(o, o->len + n)) {
		o->failed = true;
		return NULL;
	}
	o->len += n;
	return o->data + o->len - n;
}

void out_add(struct out *o, const void *data, size_t len)
{
	char *at = out_take(o, len);

	if (at != NULL && len > 0)
		memcpy(at, data, len);
}

void out_char(struct out *o, char c)
{
	out_add(o, &c, 1);
}

void out_text(struct out *o, const char *text)
{
	out_add(o, text, strlen(text));
}

void out_number(struct out *o, int64_t n)
{
	char digits[24], *at = digits + sizeof(digits);
	uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	do
		*--at = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (n < 0)
		*--at = '-';
	out_add(o, at, (size_t)(digits + sizeof(digits) - at));
}

void out_hex(struct out *o, const uint8_t *data, size_t len)
{
	char *at = out_take(o, 2 * len);

	for (size_t i = 0; at != NULL && i < len; i++) {
		*at++ = "0123456789abcdef"[data[i] >> 4];
		*at++ = "0123456789abcdef"[data[i] & 15];
	}
}

/* --- Texts. -------------------------------------------------------------------------------------- */

static bool follows(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* Bytes of the sequence at `s`; 0: it is none (RFC 3629: shortest form, no surrogates). */
static size_t sequence(const unsigned char *s, size_t left)
{
	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || left < 2 || !follows(s[1]))
		return 0;
	if (s[0] < 0xe0)
		return 2;
	if (left < 3 || !follows(s[2]))
		return 0;
	if (s[0] < 0xf0)
		return (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ? 0 : 3;
	if (left < 4 || !follows(s[3]) || s[0] > 0xf4 || (s[0] == 0xf0 && s[1] < 0x90) ||
	    (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return 4;
}

/* How many of them, by eights, are plain ASCII: nearly all, as a rule. */
static size_t plain(const char *data, size_t len)
{
	uint64_t eight;
	size_t i = 0;

	for (; i + sizeof(eight) <= len; i += sizeof(eight)) {
		memcpy(&eight, data + i, sizeof(eight));
		if (eight & UINT64_C(0x8080808080808080))
			break;
	}
	return i;
}

/* How many of these bytes are whole sequences. */
static size_t valid(const char *data, size_t len)
{
	size_t i = plain(data, len), n;

	while (i < len && (n = sequence((const unsigned char *)data + i, len - i)) > 0)
		i += n;
	return i;
}

void out_utf8(struct out *o, const char *data, size_t len)
{
	while (len > 0) {
		size_t n = valid(data, len);

		out_add(o, data, n);
		if (n < len)
			out_text(o, "\xef\xbf\xbd");
		n += n < len;
		data += n;
		len -= n;
	}
}

static void json_escape(struct out *o, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	char text[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };

	if (c == '"' || c == '\\') {
		text[1] = (char)c;
		out_add(o, text, 2);
	} else {
		out_add(o, text, 6);
	}
}

void out_json(struct out *o, const char *data, size_t len)
{
	size_t from = 0;

	out_char(o, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)data[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		out_utf8(o, data + from, i - from);
		json_escape(o, c);
		from = i + 1;
	}
	out_utf8(o, data + from, len - from);
	out_char(o, '"');
}
