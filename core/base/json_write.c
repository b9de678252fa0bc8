/* json_write.c - JSON written straight into a piece of memory. */
#include "core/base/json_write.h"

#include <assert.h>

#include "core/base/clock.h"
#include "core/base/escape.h"

void json_write_init(struct json_write *w, char *at, size_t room)
{
	assert(room > JSON_WRITE_DEPTH);
	*w = (struct json_write){ .start = at, .at = at, .end = at + room - JSON_WRITE_DEPTH };
}

static size_t room(const struct json_write *w)
{
	return w->at < w->end ? (size_t)(w->end - w->at) : 0;	/* brackets may stand behind it */
}

/* Writes the comma and the key. False, with nothing written, when they and `more` bytes do not
 * fit. */
static bool begin(struct json_write *w, struct weir_str key, size_t more)
{
	size_t need = key.len + more + 4;	/* ,"": */

	if (w->skipped > 0)
		return false;
	if (room(w) < need) {
		w->cut = true;
		return false;
	}
	if (w->comma)
		*w->at++ = ',';
	if (key.data != NULL) {
		*w->at++ = '"';
		memcpy(w->at, key.data, key.len);
		w->at += key.len;
		*w->at++ = '"';
		*w->at++ = ':';
	}
	w->comma = true;
	return true;
}

void json_write_open(struct json_write *w, struct weir_str key, char bracket)
{
	if (w->depth >= JSON_WRITE_DEPTH || !begin(w, key, 1)) {
		w->cut = true;
		w->skipped++;
		return;
	}
	*w->at++ = bracket;
	w->closing[w->depth++] = bracket == '{' ? '}' : ']';
	w->comma = false;
}

void json_write_close(struct json_write *w)
{
	if (w->skipped > 0) {
		w->skipped--;
		return;
	}
	assert(w->depth > 0);
	*w->at++ = w->closing[--w->depth];
	w->comma = true;
}

void json_write_raw(struct json_write *w, struct weir_str key, struct weir_str json)
{
	if (!begin(w, key, json.len))
		return;
	memcpy(w->at, json.data, json.len);
	w->at += json.len;
}

void json_write_str(struct json_write *w, struct weir_str key, struct weir_str value)
{
	char *mark = w->at, *stop;
	bool comma = w->comma;

	if (value.data == NULL) {
		json_write_raw(w, key, STR("null"));
		return;
	}
	if (!begin(w, key, value.len + 2))
		return;
	*w->at++ = '"';
	stop = escape_put(w->at, w->end - 1, value, ESCAPE_QUOTED);
	if (stop == NULL) {
		w->at = mark;
		w->comma = comma;
		w->cut = true;
		return;
	}
	*stop++ = '"';
	w->at = stop;
}

void json_write_u64(struct json_write *w, struct weir_str key, uint64_t n)
{
	if (begin(w, key, 20))
		w->at = str_put_u64(w->at, n);
}

char *str_put_seconds(char *at, uint64_t ns)
{
	uint64_t us = ns / NS_PER_US;
	uint32_t part = (uint32_t)(us % 1000000);

	at = str_put_u64(at, us / 1000000);
	*at = '.';
	for (int i = 6; i > 0; i--) {
		at[i] = (char)('0' + part % 10);
		part /= 10;
	}
	return at + 7;
}

void json_write_seconds(struct json_write *w, struct weir_str key, uint64_t ns)
{
	if (begin(w, key, 28))
		w->at = str_put_seconds(w->at, ns);
}

void json_write_bool(struct json_write *w, struct weir_str key, bool value)
{
	json_write_raw(w, key, value ? STR("true") : STR("false"));
}
