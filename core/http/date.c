/* date.c - HTTP dates, RFC 9110 5.6.7. */
#include "core/http/date.h"

#include <time.h>

static const char days[] = "SunMonTueWedThuFriSat";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

static char *put_two(char *at, int n)
{
	at[0] = (char)('0' + n / 10 % 10);
	at[1] = (char)('0' + n % 10);
	return at + 2;
}

static char *put_name(char *at, const char *names, int n, char after)
{
	memcpy(at, names + 3 * n, 3);
	at[3] = after;
	return at + 4;
}

void http_date_write(char *at, uint64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	gmtime_r(&t, &tm);
	at = put_name(at, days, tm.tm_wday, ',');
	*at++ = ' ';
	at = put_two(at, tm.tm_mday);
	*at++ = ' ';
	at = put_name(at, months, tm.tm_mon, ' ');
	at = put_two(at, (tm.tm_year + 1900) / 100);
	at = put_two(at, tm.tm_year % 100);
	*at++ = ' ';
	at = put_two(at, tm.tm_hour);
	*at++ = ':';
	at = put_two(at, tm.tm_min);
	*at++ = ':';
	at = put_two(at, tm.tm_sec);
	memcpy(at, " GMT", 4);
}

static bool name_at(const char *names, const char *end, const char *at, int *out)
{
	for (const char *name = names; name < end; name += 3) {
		if (memcmp(name, at, 3) == 0) {
			*out = (int)(name - names) / 3;
			return true;
		}
	}
	return false;
}

static bool number_at(const char *at, size_t len, int *out)
{
	uint64_t n;

	if (!str_to_u64(str_of(at, len), &n))
		return false;
	*out = (int)n;
	return true;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT": what stands between the parts. */
static bool is_punctuated(const char *at)
{
	return memcmp(at + 3, ", ", 2) == 0 && at[7] == ' ' && at[11] == ' ' && at[16] == ' ' &&
	       at[19] == ':' && at[22] == ':' && memcmp(at + 25, " GMT", 4) == 0;
}

static bool read_parts(const char *at, struct tm *tm)
{
	return name_at(days, days + sizeof(days) - 1, at, &tm->tm_wday) &&
	       number_at(at + 5, 2, &tm->tm_mday) &&
	       name_at(months, months + sizeof(months) - 1, at + 8, &tm->tm_mon) &&
	       number_at(at + 12, 4, &tm->tm_year) && number_at(at + 17, 2, &tm->tm_hour) &&
	       number_at(at + 20, 2, &tm->tm_min) && number_at(at + 23, 2, &tm->tm_sec);
}

/* A leap second counts as the one after it; nothing else may run over: no 31st of June. */
bool http_date_parse(struct weir_str text, uint64_t *seconds)
{
	struct tm tm = { 0 }, again;
	time_t t;

	if (text.len != HTTP_DATE_BYTES || !is_punctuated(text.data) || !read_parts(text.data, &tm))
		return false;
	if (tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60)
		return false;
	tm.tm_year -= 1900;
	again = tm;
	again.tm_sec = 0;
	t = timegm(&again);
	if (t < 0 || again.tm_mday != tm.tm_mday)
		return false;
	*seconds = (uint64_t)t + (uint64_t)tm.tm_sec;
	return true;
}

static bool is_number(struct weir_str text)
{
	size_t i = 0;

	while (i < text.len && text.data[i] >= '0' && text.data[i] <= '9')
		i++;
	return i > 0 && i == text.len;
}

uint64_t retry_after_parse(struct weir_str text, uint64_t wall)
{
	uint64_t seconds, now = wall / NS_PER_S;

	if (is_number(text)) {
		if (!str_to_u64(text, &seconds))	/* it does not fit */
			return CLOCK_NEVER;
	} else if (http_date_parse(text, &seconds)) {
		seconds = seconds > now ? seconds - now : 0;
	} else {
		return 0;
	}
	return seconds < UINT32_MAX ? seconds * NS_PER_S : CLOCK_NEVER;
}
