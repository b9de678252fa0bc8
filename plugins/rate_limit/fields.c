/* fields.c - what clients are told. */
#include "plugins/rate_limit/fields.h"

#include <string.h>

#define SECOND UINT64_C(1000000000)

const char *span_word(uint64_t seconds)
{
	return seconds >= 86400 ? "day" : seconds >= 3600 ? "hour" : seconds >= 60 ? "minute" : "second";
}

uint64_t whole_seconds(uint64_t ns)
{
	uint64_t n = ns / SECOND + (ns % SECOND != 0);

	return n > 0 ? n : 1;
}

char *put_number(char *at, uint64_t n)
{
	unsigned len = 1;
	char *end;

	for (uint64_t rest = n; rest >= 10; rest /= 10)
		len++;
	end = at += len;
	do {
		*--at = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	return end;
}

static inline char *put_text(char *at, struct weir_str text)
{
	memcpy(at, text.data, text.len);
	return at + text.len;
}

/* Names come from the configuration and have neither quotes nor backslashes in them. */
static char *put_name(char *at, const struct shown_limit *limit)
{
	*at++ = '"';
	at = put_text(at, limit->name);
	*at++ = '"';
	return at;
}

char *put_policy(char *at, const struct shown_limit *limit)
{
	at = put_text(put_name(at, limit), WEIR_STR(";q="));
	at = put_text(put_number(at, limit->quota), WEIR_STR(";w="));
	at = put_number(at, limit->span);
	if (limit->burst == limit->quota)
		return at;
	return put_number(put_text(at, WEIR_STR(";weir-burst=")), limit->burst);
}

char *put_state(char *at, const struct shown_limit *limit, uint64_t left, uint64_t until_full_ns)
{
	at = put_text(put_name(at, limit), WEIR_STR(";r="));
	at = put_text(put_number(at, left), WEIR_STR(";t="));
	return put_number(at, until_full_ns / SECOND + (until_full_ns % SECOND != 0));
}
