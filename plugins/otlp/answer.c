/* answer.c - what a collector says of a batch it took: perhaps not all of it. */
#include "plugins/otlp/encode.h"

#include <string.h>

enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };
enum { PARTIAL_SUCCESS = 1, REJECTED_SPANS = 1, ERROR_MESSAGE = 2 };

static struct weir_str skip(struct weir_str s, size_t n)
{
	return (struct weir_str){ s.data + n, s.len - n };
}

/* --- Protobuf. ----------------------------------------------------------------------------------- */

static bool take_varint(struct weir_str *s, uint64_t *out)
{
	*out = 0;
	for (unsigned i = 0; i < 10 && i < s->len; i++) {
		*out |= (uint64_t)(s->data[i] & 0x7f) << (7 * i);
		if ((s->data[i] & 0x80) == 0) {
			*s = skip(*s, i + 1);
			return true;
		}
	}
	return false;
}

struct field {
	uint64_t number;
	unsigned wire;
	uint64_t value;			/* VARINT */
	struct weir_str bytes;		/* BYTES */
};

static bool take_field(struct weir_str *s, struct field *f)
{
	uint64_t tag, len = 0;

	if (!take_varint(s, &tag))
		return false;
	f->number = tag >> 3;
	f->wire = tag & 7;
	if (f->wire == VARINT)
		return take_varint(s, &f->value);
	if (f->wire == BYTES ? !take_varint(s, &len) : f->wire != FIXED64 && f->wire != FIXED32)
		return false;
	len = f->wire == FIXED64 ? 8 : f->wire == FIXED32 ? 4 : len;
	if (len > s->len)
		return false;
	f->bytes = (struct weir_str){ s->data, (size_t)len };
	*s = skip(*s, (size_t)len);
	return true;
}

static uint32_t count_of(uint64_t n)
{
	return n > INT64_MAX ? 0 : n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

static bool read_partial(struct weir_str s, uint32_t *rejected, struct weir_str *why)
{
	struct field f;

	while (s.len > 0) {
		if (!take_field(&s, &f))
			return false;
		if (f.number == REJECTED_SPANS && f.wire == VARINT)
			*rejected = count_of(f.value);
		else if (f.number == ERROR_MESSAGE && f.wire == BYTES)
			*why = f.bytes;
	}
	return true;
}

bool otlp_answer_protobuf(struct weir_str body, uint32_t *rejected, struct weir_str *why)
{
	bool ok = true;

	*rejected = 0;
	*why = WEIR_ABSENT;
	while (ok && body.len > 0) {
		struct field f;

		ok = take_field(&body, &f);
		if (ok && f.number == PARTIAL_SUCCESS && f.wire == BYTES)
			ok = read_partial(f.bytes, rejected, why);
	}
	if (!ok) {
		*rejected = 0;
		*why = WEIR_ABSENT;
	}
	return ok;
}

/* --- JSON. --------------------------------------------------------------------------------------- */

/* What stands behind `"key":`; absent when it does not. The document has two keys that matter, and a
 * key cannot stand inside a text without a backslash before its quotes. */
static struct weir_str behind(struct weir_str body, const char *key)
{
	size_t len = strlen(key);

	for (size_t i = 0; i + len <= body.len; i++) {
		if (memcmp(body.data + i, key, len) != 0)
			continue;
		body = skip(body, i + len);
		while (body.len > 0 && strchr(" \t\r\n:", body.data[0]) != NULL)
			body = skip(body, 1);
		return body;
	}
	return WEIR_ABSENT;
}

static struct weir_str text_of(struct weir_str s)
{
	size_t end = 1;

	if (s.len < 2 || s.data[0] != '"')
		return WEIR_ABSENT;
	while (end < s.len && s.data[end] != '"')
		end += s.data[end] == '\\' ? 2 : 1;
	return end < s.len ? (struct weir_str){ s.data + 1, end - 1 } : WEIR_ABSENT;
}

bool otlp_answer_json(struct weir_str body, uint32_t *rejected, struct weir_str *why)
{
	struct weir_str number = behind(body, "\"rejectedSpans\"");
	uint64_t n = 0;

	*rejected = 0;
	*why = text_of(behind(body, "\"errorMessage\""));
	if (body.len == 0 || body.data[0] != '{')
		return false;
	if (number.len > 0 && number.data[0] == '"')
		number = skip(number, 1);
	for (; number.len > 0 && number.data[0] >= '0' && number.data[0] <= '9' && n < UINT32_MAX;
	     number = skip(number, 1))
		n = n * 10 + (uint64_t)(number.data[0] - '0');
	*rejected = count_of(n);
	return true;
}
