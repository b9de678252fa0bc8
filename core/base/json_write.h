/* json_write.h - JSON written straight into a piece of memory, without allocating: for log lines.
 */
#ifndef CORE_BASE_JSON_WRITE_H
#define CORE_BASE_JSON_WRITE_H

#include "core/base/str.h"

/* The document is valid at every moment once all that was opened is closed: a pair or element
 * that does not fit is left out whole and sets `cut`; room for the closing brackets is kept back.
 * Text is escaped and made UTF-8. Keys are written as they are: they are ours, plain ASCII.
 *
 *     json_write_init(&w, room, sizeof(room));
 *     json_write_open(&w, STR_ABSENT, '{');
 *     json_write_str(&w, STR("host"), host);
 *     json_write_open(&w, STR("tries"), '[');
 *     json_write_u64(&w, STR_ABSENT, 7);
 *     json_write_close(&w);
 *     json_write_close(&w);
 */
struct json_write {
	char *start, *at, *end;		/* `end` leaves room for the closing brackets */
	bool comma;			/* something stands before the next element */
	bool cut;			/* something was left out */
	uint8_t depth, skipped;		/* open; opened inside what was left out */
	char closing[8];		/* bracket for each depth */
};

enum { JSON_WRITE_DEPTH = 8 };

void json_write_init(struct json_write *w, char *at, size_t room);

/* Writes the comma and the key, which is copied by constants here rather than by a call there.
 * False, with nothing written, when they and `more` bytes do not fit. For the functions below. */
static inline bool json_write_key(struct json_write *w, struct weir_str key, size_t more)
{
	char *at = w->at;

	if (w->skipped > 0 || at > w->end || (size_t)(w->end - at) < key.len + more + 4) {
		w->cut = true;
		return false;
	}
	*at = ',';
	at += w->comma;
	if (key.data != NULL) {
		*at++ = '"';
		memcpy(at, key.data, key.len);
		at += key.len;
		*at++ = '"';
		*at++ = ':';
	}
	w->at = at;
	w->comma = true;
	return true;
}

void json_write_bracket(struct json_write *w, char bracket, bool there);
void json_write_text_value(struct json_write *w, struct weir_str value, char *mark, bool comma);
void json_write_u64_value(struct json_write *w, uint64_t n);
void json_write_seconds_value(struct json_write *w, uint64_t ns);

/* An object or array, '{' or '['. The key is absent in arrays and at the top. */
static inline void json_write_open(struct json_write *w, struct weir_str key, char bracket)
{
	json_write_bracket(w, bracket, w->depth < JSON_WRITE_DEPTH && json_write_key(w, key, 1));
}

void json_write_close(struct json_write *w);

/* Already JSON. */
static inline void json_write_raw(struct json_write *w, struct weir_str key, struct weir_str json)
{
	if (json_write_key(w, key, json.len)) {
		memcpy(w->at, json.data, json.len);
		w->at += json.len;
	}
}

/* null when absent. */
static inline void json_write_str(struct json_write *w, struct weir_str key, struct weir_str value)
{
	char *mark = w->at;
	bool comma = w->comma;

	if (value.data == NULL)
		json_write_raw(w, key, STR("null"));
	else if (json_write_key(w, key, value.len + 2))
		json_write_text_value(w, value, mark, comma);
}

static inline void json_write_u64(struct json_write *w, struct weir_str key, uint64_t n)
{
	if (json_write_key(w, key, 20))
		json_write_u64_value(w, n);
}

/* Nanoseconds as seconds with six decimals: 0.012345. */
static inline void json_write_seconds(struct json_write *w, struct weir_str key, uint64_t ns)
{
	if (json_write_key(w, key, 28))
		json_write_seconds_value(w, ns);
}

static inline void json_write_bool(struct json_write *w, struct weir_str key, bool value)
{
	json_write_raw(w, key, value ? STR("true") : STR("false"));
}

static inline struct weir_str json_write_text(const struct json_write *w)
{
	return str_between(w->start, w->at);
}

/* "S.ffffff" at `at` (28 bytes are enough); gives the end. */
char *str_put_seconds(char *at, uint64_t ns);

#endif
