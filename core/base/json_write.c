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

void json_write_bracket(struct json_write *w, char bracket, bool there)
{
	if (!there) {
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

/* Back to the mark, as if nothing had been begun, when it does not fit. */
void json_write_text_value(struct json_write *w, struct weir_str value, char *mark, bool comma)
{
	char *stop;

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

void json_write_u64_value(struct json_write *w, uint64_t n)
{
	w->at = str_put_u64(w->at, n);
}

static void put_six(char *at, uint32_t n)
{
	for (int i = 5; i >= 0; i--) {
		at[i] = (char)('0' + n % 10);
		n /= 10;
	}
}

char *str_put_seconds(char *at, uint64_t ns)
{
	uint64_t us = ns / NS_PER_US;

	at = str_put_u64(at, us / 1000000);
	*at++ = '.';
	put_six(at, (uint32_t)(us % 1000000));
	return at + 6;
}

void json_write_seconds_value(struct json_write *w, uint64_t ns)
{
	w->at = str_put_seconds(w->at, ns);
}
