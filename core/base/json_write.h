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

/* An object or array, '{' or '['. The key is absent in arrays and at the top. */
void json_write_open(struct json_write *w, struct weir_str key, char bracket);
void json_write_close(struct json_write *w);

/* null when absent. */
void json_write_str(struct json_write *w, struct weir_str key, struct weir_str value);
void json_write_u64(struct json_write *w, struct weir_str key, uint64_t n);
/* Nanoseconds as seconds with six decimals: 0.012345. */
void json_write_seconds(struct json_write *w, struct weir_str key, uint64_t ns);
void json_write_bool(struct json_write *w, struct weir_str key, bool value);
/* Already JSON. */
void json_write_raw(struct json_write *w, struct weir_str key, struct weir_str json);

static inline struct weir_str json_write_text(const struct json_write *w)
{
	return str_between(w->start, w->at);
}

/* "S.ffffff" at `at` (28 bytes are enough); gives the end. */
char *str_put_seconds(char *at, uint64_t ns);

#endif
